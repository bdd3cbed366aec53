"""Exports OMERO images as Imaris files from OMERO.web."""
