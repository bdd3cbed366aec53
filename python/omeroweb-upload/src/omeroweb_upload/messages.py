"""Texts of the upload page; functions, so that the page can hand them to its script by name."""

from __future__ import annotations


def placeholder() -> str:
    return ""


ALL = (placeholder,)
