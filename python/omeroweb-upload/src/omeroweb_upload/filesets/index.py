"""The paths still to be assigned, by folder."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from typing import TYPE_CHECKING

from omeroweb_upload.paths import folder_of

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Iterator


class Remaining:
    """Paths no set has taken yet; looking below a folder costs only what is below it."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._paths = dict.fromkeys(sorted(paths))
        self._below: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for path in self._paths:
            folder = folder_of(path)
            while True:
                below = path[len(folder) + 1 :] if folder else path
                self._below[folder].append((below.casefold(), path))
                if not folder:
                    break
                folder = folder_of(folder)
        for entries in self._below.values():
            entries.sort()

    def __contains__(self, path: str) -> bool:
        return path in self._paths

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._paths))

    def matching(self, folder: str, pattern: re.Pattern[str], start: str = "") -> tuple[str, ...]:
        """Paths below a folder whose part after it matches as a whole; `start` is what it begins with, in any case."""
        entries = self._below.get(folder, [])
        skip = len(folder) + 1 if folder else 0
        wanted = start.casefold()
        found = []
        for place in range(bisect_left(entries, (wanted, "")), len(entries)):
            below, path = entries[place]
            if not below.startswith(wanted):
                break
            if path in self and pattern.fullmatch(path[skip:]):
                found.append(path)
        return tuple(found)

    def take(self, paths: Iterable[str]) -> None:
        """Mark paths as assigned."""
        for path in paths:
            del self._paths[path]
