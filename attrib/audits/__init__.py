"""Audits: what stands in a tree of code, what that asks for, what is done and decided about it."""
