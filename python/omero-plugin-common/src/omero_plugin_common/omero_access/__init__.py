"""Reading and writing OMERO in few round trips."""
