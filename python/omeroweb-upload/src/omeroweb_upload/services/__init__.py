"""The rules of uploads: they take rows and OMERO connections, and know nothing of HTTP."""
