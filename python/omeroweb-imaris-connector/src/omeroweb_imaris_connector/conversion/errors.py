"""What can keep an image from being exported, told to the person who asked for it."""

from __future__ import annotations


class ExportError(Exception):
    """The export can't be made; the message says why and what would help."""


class ExportStoppedError(Exception):
    """Somebody cancelled the export; nothing was left behind."""
