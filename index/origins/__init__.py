"""Where reference code comes from, one adapter a file."""
