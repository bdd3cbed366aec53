"""Is a file a valid .ims? `run.check_file` answers; `ims-check` prints the answer."""
