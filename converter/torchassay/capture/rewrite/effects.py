"""Which generated statements change something beyond their own variables."""

from __future__ import annotations

import ast


def has_effects(body: list[ast.stmt]) -> bool:
    """Whether running them matters even when their result does not: they raise, store, or change a tensor in place."""
    for statement in body:
        for node in ast.walk(statement):
            if getattr(node, "effect", False):
                return True
            if isinstance(node, (ast.Raise, ast.Assert, ast.Expr)):
                return True
            if isinstance(node, (ast.Attribute, ast.Subscript)) and isinstance(node.ctx, (ast.Store, ast.Del)):
                return True
            if isinstance(node, ast.Attribute) and node.attr.endswith("_") and not node.attr.startswith("_"):
                return True
    return False
