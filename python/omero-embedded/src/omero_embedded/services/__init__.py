"""One module per OMERO service; every class here with an `interface` serves that Slice interface."""
