"""Secrets at rest: the key file, the encrypted column, rotation."""
