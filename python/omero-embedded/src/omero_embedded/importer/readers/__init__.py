"""Readers: from files to images with metadata and pixel data."""
