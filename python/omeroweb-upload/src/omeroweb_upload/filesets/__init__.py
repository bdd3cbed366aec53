"""Which files belong together, found before import from names and small headers."""
