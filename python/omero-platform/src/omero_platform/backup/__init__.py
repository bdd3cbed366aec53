"""Backups: made while the stack runs, restored into scratch to try them, kept for as long as stack.toml says."""
