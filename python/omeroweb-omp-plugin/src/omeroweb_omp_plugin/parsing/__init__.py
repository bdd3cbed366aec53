"""Names in, key-value pairs out: pure functions that know neither Django nor OMERO."""
