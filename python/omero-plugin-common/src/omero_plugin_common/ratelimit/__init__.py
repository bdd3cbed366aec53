"""How often one user may start something big."""
