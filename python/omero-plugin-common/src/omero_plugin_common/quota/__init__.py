"""How much each group of OMERO may use: the state that the admin tools write and that uploads ask."""
