"""Looks for a legal input on which a model and its converted artifact disagree."""
