"""The stack as containers: the compose file and its env files, written from `stack.toml`."""
