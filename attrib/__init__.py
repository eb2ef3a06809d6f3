"""Attrib: attribution and licence checks for generated code."""

__version__ = "0.1.0"
