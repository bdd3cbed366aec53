"""OMERO.tables, through omero-py's own implementation."""
