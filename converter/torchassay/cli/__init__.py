"""The command line: a parent that speaks and a worker that runs the user's model."""
