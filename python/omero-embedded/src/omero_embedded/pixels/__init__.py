"""Pixels: raw data on disk, rendering, thumbnails, export."""
