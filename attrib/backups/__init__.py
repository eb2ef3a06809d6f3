"""Backups: everything that was decided and the index it was decided with, in one file, and back."""
