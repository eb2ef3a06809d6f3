"""The server under test, and a model server that is as slow as a test wants."""

from benchmarks.served import Answer, Served, SlowModel

__all__ = ["Answer", "Served", "SlowModel"]
