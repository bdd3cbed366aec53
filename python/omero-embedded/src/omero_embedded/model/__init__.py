"""The OMERO model as data, read from the descriptors that omero-py ships."""
