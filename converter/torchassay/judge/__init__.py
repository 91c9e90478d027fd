"""Turns leaks and counterexamples into findings with a verdict."""
