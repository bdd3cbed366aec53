"""One module per omero.cmd request; every class here with a `request` runs it."""
