"""What the platform adds to OMERO.web's own pages."""
