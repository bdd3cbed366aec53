"""From bytes to lines: encodings, line ends, and what is no text at all."""

from __future__ import annotations

import codecs
import re

from omeroweb_upload.emsa.errors import EmsaError

MAX_BYTES = 32 * 1024 * 1024
_LINE_END = re.compile(r"\r\n|\n|\r")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def lines_of(data: bytes, source: str) -> tuple[list[str], str]:
    """Split a file into lines and name the encoding it was read with.

    A byte order mark decides; else UTF-8; else Windows-1252, in which older software writes `µ` and `°`. Bytes that
    Windows-1252 leaves undefined become the replacement character. Raises `EmsaError` for what is not text.
    """
    if not data.strip():
        raise EmsaError("the file is empty", source=source)
    if len(data) > MAX_BYTES:
        size = f"{len(data) / 1024**2:.0f} MiB"
        raise EmsaError(
            f"the file has {size}; spectra have at most {MAX_BYTES // 1024**2} MiB", source=source
        )
    text, encoding = _decode(data, source)
    if "\0" in text:
        number = len(_LINE_END.findall(text[: text.index("\0")])) + 1
        raise EmsaError(
            "zero bytes: this is a binary file, not an EMSA/MAS text file", source=source, line=number
        )
    return _LINE_END.split(text), encoding


def _decode(data: bytes, source: str) -> tuple[str, str]:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            try:
                return data.decode(encoding), encoding
            except UnicodeDecodeError as error:
                raise EmsaError(
                    f"the file says it is {encoding} but is not: {error.reason}", source=source
                ) from error
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace"), "cp1252"
