"""Python source as data: statements, branches, literals and probes, by AST alone; nothing here imports torch."""

from torchassay.source.statement import Position, Statement

__all__ = ["Position", "Statement"]
