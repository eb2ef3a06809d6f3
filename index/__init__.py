"""The reference code and how it is searched."""
