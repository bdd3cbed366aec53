"""TIFF series whose names count through z, channels and time."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from typing import TYPE_CHECKING

from omeroweb_upload.filesets.model import FileSet, Kind
from omeroweb_upload.paths import folder_of, stem_of

if TYPE_CHECKING:
    from omeroweb_upload.filesets.index import Remaining

_TIFF = re.compile(r".+\.(tiff?)", re.IGNORECASE)
# Only numbers that say what they count: plain numbers mostly number independent images.
_AXIS = re.compile(
    r"(?:(?<=[_\-. ])|^)(?P<axis>z|t|c|ch|w|slice|time|frame|channel|focus|plane)(?P<gap>[_\-]?)(?P<number>\d{1,6})"
    r"(?=[_\-. ]|$)",
    re.IGNORECASE,
)
_AXES = {
    "z": "Z", "slice": "Z", "focus": "Z", "plane": "Z",
    "t": "T", "time": "T", "frame": "T",
    "c": "C", "ch": "C", "w": "C", "channel": "C",
}  # fmt: skip


def take_series(remaining: Remaining) -> tuple[list[FileSet], dict[str, str]]:
    """Series that are complete; and for each file of one that has gaps, the reason why it is left alone."""
    families: dict[tuple[str, str, str, tuple[str, ...]], list[tuple[tuple[int, ...], str]]] = defaultdict(
        list
    )
    for path in remaining:
        tiff = _TIFF.fullmatch(path)
        if tiff is None:
            continue
        template, axes, numbers = _take_apart(stem_of(path))
        if axes:
            families[folder_of(path), template, tiff[1].lower(), axes].append((numbers, path))
    sets: list[FileSet] = []
    gaps: dict[str, str] = {}
    for (_, template, _, axes), files in sorted(families.items()):
        if len(files) < 2:
            continue
        members = tuple(path for _, path in sorted(files))
        gap = _gap(template, axes, [numbers for numbers, _ in files])
        if gap is not None:
            gaps.update(dict.fromkeys(members, gap))
            continue
        remaining.take(members)
        sets.append(FileSet(Kind.SERIES, "TIFF series", members[0], members, images=1, planes=len(members)))
    return sets, gaps


def _gap(template: str, axes: tuple[str, ...], places: list[tuple[int, ...]]) -> str | None:
    """What is wrong with a series whose files do not fill a grid of their axes, once each."""
    counts = [len({place[axis] for place in places}) for axis in range(len(axes))]
    if len(set(places)) == len(places) == math.prod(counts):
        return None
    grid = " × ".join(f"{count} {axis}" for count, axis in zip(counts, axes, strict=True))
    return (
        f"looks like a series, but {template} has {len(places)} files and {grid} would be {math.prod(counts)}"
    )


def _take_apart(stem: str) -> tuple[str, tuple[str, ...], tuple[int, ...]]:
    """A name with `#` for its counting numbers, what they count, and the numbers."""
    found = list(_AXIS.finditer(stem))
    axes = tuple(_AXES[match["axis"].lower()] for match in found)
    if len(set(axes)) != len(axes):
        return stem, (), ()
    template = _AXIS.sub(lambda match: f"{match['axis']}{match['gap']}#", stem)
    return template, axes, tuple(int(match["number"]) for match in found)
