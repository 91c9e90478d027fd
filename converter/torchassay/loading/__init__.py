"""Brings the user's model to life in this process."""
