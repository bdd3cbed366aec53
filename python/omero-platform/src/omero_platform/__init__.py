"""The command line of the OMERO Platform: set up, run, watch and test the whole stack on one machine."""
