"""Names in the staging folder: like the files' own, with what some systems cannot store written as %XX."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import Final
from urllib.parse import unquote

from omeroweb_upload.paths import MAX_NAME_BYTES

_SPECIAL: Final = frozenset('<>:"|?*%')
# Windows opens devices under these names, with any extension.
_DEVICES: Final = frozenset(
    {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"}
    | {f"{device}{number}" for device in ("COM", "LPT") for number in "123456789\u00b9\u00b2\u00b3"}
)
_SHORTENED: Final = re.compile(r"(.*)%~[0-9a-f]{32}(.{0,16})", re.DOTALL)


def staged_path(path: str) -> str:
    """The path of a clean path in the staging folder, safe on any system; different paths give different ones."""
    return "/".join(staged_name(part) for part in path.split("/"))


def staged_name(name: str) -> str:
    """One name, with special, invisible and trailing characters and the first letter of devices written as %XX.

    Only a name that gets longer than a file system takes is cut, with a digest of the whole in its middle.
    """
    characters = [_escaped(one) if _is_special(one) else one for one in name]
    if name[-1] in ". ":
        characters[-1] = _escaped(name[-1])
    if name.split(".", maxsplit=1)[0].rstrip(" ").upper() in _DEVICES:
        characters[0] = _escaped(name[0])
    staged = "".join(characters)
    if len(staged.encode()) <= MAX_NAME_BYTES:
        return staged
    digest = hashlib.sha256(name.encode()).hexdigest()[:32]
    _, dot, extension = staged.rpartition(".")
    ending = f".{extension}" if dot and len(extension) <= 15 and "%" not in extension else ""
    room = MAX_NAME_BYTES - len(ending.encode()) - len(digest) - 2
    return f"{_cut(staged, room)}%~{digest}{ending}"


def original_name(staged: str) -> str | None:
    """The name that a staged name stands for; None for one that was cut."""
    return None if _SHORTENED.fullmatch(staged) else unquote(staged)


def _is_special(character: str) -> bool:
    return character in _SPECIAL or unicodedata.category(character) in {"Cc", "Cf", "Zl", "Zp"}


def _escaped(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode())


def _cut(text: str, room: int) -> str:
    """As much of the beginning as fits, without half a character or half an escape."""
    start = text.encode()[:room].decode(errors="ignore")
    return re.sub(r"%[0-9A-F]?$", "", start)
