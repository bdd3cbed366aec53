"""From a list of paths to file sets."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from omeroweb_upload.filesets.index import Remaining
from omeroweb_upload.filesets.model import Detection, FileSet, HeaderReader, Kind, NoHeaders, Skipped
from omeroweb_upload.filesets.ome import take_ome_sets
from omeroweb_upload.filesets.rules import RULES, Rule
from omeroweb_upload.filesets.series import take_series
from omeroweb_upload.junk import skip_reason
from omeroweb_upload.paths import folder_of, name_of, stem_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_EVERYTHING = re.compile(r".+")
_ZARR_MARKS = (".zgroup", ".zattrs", ".zarray", "zarr.json")


def detect(paths: Iterable[str], headers: HeaderReader | None = None) -> Detection:
    """Assign every clean path to a set, or skip it with a reason.

    In this order: junk; Zarr folders; OME-XML that names its files; formats and plates with a known layout; TIFF names
    that count through axes; every other file alone. The same paths give the same sets in any order.
    """
    everything = sorted(set(paths))
    skipped = [Skipped(path, reason) for path in everything if (reason := skip_reason(path)) is not None]
    remaining = Remaining(set(everything) - {item.path for item in skipped})
    sets = _take_zarr(remaining)
    sets += take_ome_sets(remaining, headers or NoHeaders())
    for rule in RULES:
        sets += _take_rule(rule, remaining)
    series, gaps = take_series(remaining)
    sets += series
    singles = [FileSet(Kind.SINGLE, "", path, (path,)) for path in remaining]
    sets += _with_remarks(singles, gaps)
    return Detection(tuple(sorted(sets, key=lambda item: item.main)), tuple(skipped))


def _zarr_folder(path: str) -> str | None:
    """The outermost folder of a path that is a Zarr store."""
    parts = path.split("/")
    for number, part in enumerate(parts[:-1], start=1):
        if part.lower().endswith(".zarr"):
            return "/".join(parts[:number])
    return None


def _take_zarr(remaining: Remaining) -> list[FileSet]:
    stores = {store for path in remaining if (store := _zarr_folder(path)) is not None}
    sets = []
    for store in sorted(stores):
        members = remaining.matching(store, _EVERYTHING)
        remaining.take(members)
        marks = [f"{store}/{mark}" for mark in _ZARR_MARKS if f"{store}/{mark}" in members]
        missing = () if marks else (f"{store}/.zgroup or zarr.json",)
        sets.append(FileSet(Kind.DIRECTORY, "Zarr", marks[0] if marks else members[0], members, missing))
    return sets


def _take_rule(rule: Rule, remaining: Remaining) -> list[FileSet]:
    sets = []
    for main in remaining:
        if main not in remaining or not rule.is_main(main):
            continue
        members = tuple(sorted({main, *_members(rule, main, remaining)}))
        missing: tuple[str, ...] = ()
        if len(members) == 1:
            if not rule.needs:
                continue
            missing = (rule.needs.replace("{stem}", stem_of(main)).replace("{name}", name_of(main)),)
        remaining.take(members)
        sets.append(FileSet(rule.kind, rule.format, main, members, missing))
    return sets


def _members(rule: Rule, main: str, remaining: Remaining) -> Iterator[str]:
    for start, pattern in rule.member_patterns(main):
        yield from remaining.matching(folder_of(main), pattern, start)


def _with_remarks(singles: list[FileSet], gaps: dict[str, str]) -> list[FileSet]:
    """Say at each file of an incomplete series why it stands alone."""
    return [replace(item, remarks=(gaps[item.main],)) if item.main in gaps else item for item in singles]
