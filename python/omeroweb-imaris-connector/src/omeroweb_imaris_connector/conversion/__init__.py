"""Turning an OMERO image into a .ims file; used by the OMERO script and by the plugin, and free of Django."""
