"""Findings: what the converter says about a model, and how it is shown to people and to machines."""

from torchassay.findings.catalogue import Entry, catalogue, entry
from torchassay.findings.finding import Finding, FindingFrame

__all__ = ["Entry", "Finding", "FindingFrame", "catalogue", "entry"]
