"""The tiny code model that Attrib ships, and what it was trained on."""
