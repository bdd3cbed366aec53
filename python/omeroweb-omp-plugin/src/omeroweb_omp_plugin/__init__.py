"""File names become metadata: an OMERO.web plugin."""
