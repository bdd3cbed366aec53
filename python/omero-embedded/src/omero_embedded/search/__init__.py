"""Full-text search with the operators of OMERO's search."""
