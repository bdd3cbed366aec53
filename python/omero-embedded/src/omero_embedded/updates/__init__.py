"""Saving object graphs as OMERO does: inserts, changes, links, events and the log of them."""
