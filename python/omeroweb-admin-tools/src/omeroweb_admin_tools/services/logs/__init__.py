"""Searching logs, wherever they are kept."""
