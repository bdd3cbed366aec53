"""What the beginning of a file tells: whether it is a spectrum, and its title."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from omeroweb_upload.emsa.errors import EmsaError
from omeroweb_upload.emsa.text import lines_of

PEEK_BYTES: Final = 8192
_TITLE = re.compile(r"#+\s*TITLE\s*:(?P<title>.*)$", re.IGNORECASE)
_KEYWORD = re.compile(r"#+\s*(?:FORMAT\s*:.*EMSA|(?:XPERCHAN|NPOINTS|DATATYPE|SPECTRUM)\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Peek:
    """Whether a file looks like an EMSA/MAS spectrum, and the title it gives itself."""

    is_spectrum: bool
    title: str = ""


def peek(beginning: bytes) -> Peek:
    """Judge a file by its first bytes; a whole file may be given."""
    try:
        lines, _ = lines_of(_whole_characters(beginning[:PEEK_BYTES]), "")
    except EmsaError:
        return Peek(is_spectrum=False)
    if not any(_KEYWORD.match(line.strip()) for line in lines):
        return Peek(is_spectrum=False)
    titles = [match["title"].strip() for line in lines if (match := _TITLE.match(line.strip()))]
    return Peek(is_spectrum=True, title=" ".join(title for title in titles if title))


def _whole_characters(data: bytes) -> bytes:
    """Drop a last line that was cut off, and with it half a character; an even number of bytes stays, for UTF-16."""
    end = max(data.rfind(b"\n"), data.rfind(b"\r")) + 1
    if len(data) < PEEK_BYTES or not end:
        return data
    return data[: end + end % 2]
