"""OMERO scripts: the registry of scripts and the processor that runs them."""
