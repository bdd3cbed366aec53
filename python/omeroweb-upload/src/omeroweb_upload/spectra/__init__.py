"""What is made of a spectrum: labels, candidates, figures, names; pure, without Django and OMERO."""
