"""Element symbols as they stand in an address."""

from __future__ import annotations

from omeroweb_upload.xray.elements import ATOMIC_NUMBERS


def read_symbols(text: str | None) -> list[str] | None:
    """`Fe,O` as a list of symbols; None stays None, which means the labels of the file.

    What is no element is left in, so that drawing refuses it by name.
    """
    if text is None:
        return None
    parts = [part.strip() for part in text.split(",") if part.strip()]
    return [part.capitalize() if part.capitalize() in ATOMIC_NUMBERS else part for part in parts]
