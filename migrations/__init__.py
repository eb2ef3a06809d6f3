"""The history of the database's schema, run by `attrib db upgrade`."""
