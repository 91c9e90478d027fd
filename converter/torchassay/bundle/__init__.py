"""Writes the folder that the validator reads."""
