"""The rules of exporting; they know OMERO and the plugin database but no HTTP."""
