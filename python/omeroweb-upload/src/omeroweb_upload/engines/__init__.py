"""Ways of getting file sets into OMERO, behind one interface."""
