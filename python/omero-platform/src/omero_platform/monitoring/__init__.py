"""The monitoring: shared data in the folder `monitoring/`, and what is derived from `stack.toml`."""
