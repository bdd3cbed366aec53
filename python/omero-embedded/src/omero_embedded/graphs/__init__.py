"""Graphs of omero.model objects: loading, walking, moving."""
