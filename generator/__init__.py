"""Code models: one protocol, run locally, on any device."""
