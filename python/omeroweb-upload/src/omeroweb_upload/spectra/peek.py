"""What the beginning of a file tells: whether it is a spectrum, and its title."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

PEEK_BYTES: Final = 8192
_TITLE = re.compile(r"^#+\s*TITLE\s*:(?P<title>.*)$", re.IGNORECASE | re.MULTILINE)
_KEYWORD = re.compile(
    r"\s*#+\s*FORMAT\s*:.*EMSA|^#+\s*(?:XPERCHAN|NPOINTS|DATATYPE|SPECTRUM)\b", re.IGNORECASE | re.MULTILINE
)
_MARKS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))


@dataclass(frozen=True, slots=True)
class Peek:
    """Whether a file looks like an EMSA/MAS spectrum, and the title it gives itself."""

    is_spectrum: bool
    title: str = ""


def peek(beginning: bytes) -> Peek:
    """Judge a file by its first bytes; a whole file may be given."""
    encoding = next((name for mark, name in _MARKS if beginning.startswith(mark)), "utf-8")
    text = beginning[:PEEK_BYTES].decode(encoding, errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text or not _KEYWORD.search(text):
        return Peek(is_spectrum=False)
    titles = [match["title"].strip() for match in _TITLE.finditer(text)]
    return Peek(is_spectrum=True, title=" ".join(title for title in titles if title))
