"""One command a claim."""
