"""What every room stands on: errors, suggestions, atomic folders and forked children."""
