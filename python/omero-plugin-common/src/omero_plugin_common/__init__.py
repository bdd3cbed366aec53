"""What the platform's OMERO.web plugins share."""
