"""Original files: their bytes below the data folder, checksums, the managed repository."""
