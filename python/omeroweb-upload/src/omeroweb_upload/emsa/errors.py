"""What goes wrong while reading or writing a spectrum file."""

from __future__ import annotations


class EmsaError(Exception):
    """A spectrum file that cannot be read; says which file, which line, what is wrong and what would be right."""

    def __init__(self, message: str, *, source: str = "", line: int | None = None) -> None:
        self.message = message
        self.source = source
        self.line = line
        place = ", ".join(part for part in (source, f"line {line}" if line else "") if part)
        super().__init__(f"{place}: {message}" if place else message)


class EmsaWriteError(Exception):
    """A spectrum that cannot be written as asked; says why."""
