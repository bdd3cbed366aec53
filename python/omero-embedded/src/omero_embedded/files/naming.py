"""Names and paths inside a repository: always relative, separated by `/`, without surprises.

A path is a tuple of its parts. OMERO stores an OriginalFile as `path` (the folder, ending in `/`) and `name`.
The rules are those of `omero.fs.repo.path_rules`; see "Legal file names" in OMERO's administrator documentation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from omero_embedded import errors

Parts = tuple[str, ...]
DEFAULT_RULES = "Windows required, UNIX required"
_WINDOWS_NAMES = frozenset(
    [
        "AUX",
        "CLOCK$",
        "CON",
        "NUL",
        "PRN",
        *(f"{kind}{number}" for kind in ("COM", "LPT") for number in range(1, 10)),
    ]
)
_SAFE = "_"


@dataclass(frozen=True, slots=True)
class NameRules:
    """What a part of a path may not contain, start with, end with, or be."""

    characters: frozenset[str]
    prefixes: tuple[str, ...]
    suffixes: tuple[str, ...]
    names: frozenset[str]

    def safe(self, part: str) -> str:
        """The nearest legal name: bad characters become `_`, reserved names get one in front of them."""
        part = "".join(_SAFE if char in self.characters or _is_control(char) else char for char in part)
        if self.prefixes and part.startswith(self.prefixes):
            part = _SAFE + part
        if self.suffixes and part.endswith(self.suffixes):
            part += _SAFE
        if part.partition(".")[0].upper() in self.names:
            part = _SAFE + part
        return _SAFE if part in ("", ".", "..") else part


_RULES = {
    "Windows required": NameRules(frozenset('"*/:<>?\\|'), ("$",), (), _WINDOWS_NAMES),
    "Windows optional": NameRules(frozenset(), (), (".", " "), frozenset()),
    "UNIX required": NameRules(frozenset("/"), (), (), frozenset()),
    "UNIX optional": NameRules(frozenset(), (".", "-"), (), frozenset()),
}


def name_rules(configured: str | None) -> NameRules:
    """The union of the named rule sets. Raises omero.ApiUsageException for an unknown name."""
    chosen = []
    for name in (configured or DEFAULT_RULES).split(","):
        if name.strip() not in _RULES:
            raise errors.api_usage(
                f"omero.fs.repo.path_rules: unknown {name.strip()!r}; known are {', '.join(_RULES)}"
            )
        chosen.append(_RULES[name.strip()])
    return NameRules(
        characters=frozenset().union(*(rules.characters for rules in chosen)),
        prefixes=tuple(prefix for rules in chosen for prefix in rules.prefixes),
        suffixes=tuple(suffix for rules in chosen for suffix in rules.suffixes),
        names=frozenset().union(*(rules.names for rules in chosen)),
    )


def _is_control(char: str) -> bool:
    return ord(char) < 32 or 127 <= ord(char) < 160


def parts_of(path: str) -> Parts:
    """The parts of a repository path. Raises omero.ValidationException for one that leaves the repository."""
    parts = tuple(part for part in path.split("/") if part not in ("", "."))
    if ".." in parts:
        raise errors.validation(
            f"the path {path!r} contains '..'; paths are relative to the repository's root"
        )
    if any(_is_control(char) for part in parts for char in part):
        raise errors.validation(f"the path {path!r} contains control characters")
    return parts


def folder_text(parts: Parts) -> str:
    """A folder as OMERO writes it: `/` for the root, else without a leading and with a trailing slash."""
    return "/".join(parts) + "/" if parts else "/"


def file_text(parts: Parts) -> str:
    """The whole path of a file: `alice_2/2026-11/image.tiff`."""
    return "/".join(parts)


def client_parts(path: str) -> Parts:
    """The parts of a path on the client's machine; `/`-separated, a drive letter and `..` are kept as names."""
    return tuple(part for part in re.split(r"/+", path) if part not in ("", "."))


def common_parent(paths: list[Parts]) -> Parts:
    """The longest folder that all files are in."""
    shared: list[str] = []
    for level in zip(*(path[:-1] for path in paths), strict=False):
        if len(set(level)) != 1:
            break
        shared.append(level[0])
    return tuple(shared)
