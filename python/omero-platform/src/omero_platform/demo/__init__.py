"""A small scientific data set made by code: people, groups, images, a plate, annotations."""
