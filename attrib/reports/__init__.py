"""An audit report, computed once, written in one format a file."""
