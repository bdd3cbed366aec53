"""Import: files become filesets, readers make images of them."""
