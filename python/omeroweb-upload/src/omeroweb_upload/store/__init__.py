"""Rows and files of uploads."""
