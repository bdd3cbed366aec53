"""The OMERO API in one Python process, speaking ZeroC Ice to unmodified OMERO clients."""
