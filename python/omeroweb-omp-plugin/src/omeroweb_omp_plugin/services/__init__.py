"""The rules: they take an OMERO connection or a store and know nothing of HTTP."""
