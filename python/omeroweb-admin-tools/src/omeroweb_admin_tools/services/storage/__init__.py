"""Who uses how much space, measured by a job and read back quickly."""
