"""OME-TIFF sets and companion files, by what their OME-XML refers to."""

from __future__ import annotations

import html
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from omeroweb_upload.filesets.model import FileSet, HeaderReader, Kind
from omeroweb_upload.paths import PathError, clean_path, folder_of, name_of

if TYPE_CHECKING:
    from omeroweb_upload.filesets.index import Remaining

_TIFF = re.compile(r".+\.(?:tiff?|tf2|tf8|btf)", re.IGNORECASE)
_COMPANION = re.compile(r".+\.(?:companion\.ome|ome\.xml|ome)", re.IGNORECASE)
_ATTRIBUTE = r"<(?:\w+:)?{tag}\b[^>]*?\s{name}\s*=\s*(?:\"([^\"]*)\"|'([^']*)')"
_FILE_NAME = re.compile(_ATTRIBUTE.format(tag="UUID", name="FileName"))
_METADATA_FILE = re.compile(_ATTRIBUTE.format(tag="BinaryOnly", name="MetadataFile"))
_IMAGE = re.compile(r"<(?:\w+:)?Image\s")
_PLATE = re.compile(r"<(?:\w+:)?Plate\s")
_PIXELS = re.compile(r"<(?:\w+:)?Pixels\s[^>]*>")
_SIZE = re.compile(r"\sSize([ZCT])\s*=\s*[\"'](\d+)[\"']")
_MAX_PLANES = 10**9


@dataclass(frozen=True, slots=True)
class OmeHeader:
    """What one OME-XML says; `references` are file names as they stand in it."""

    references: tuple[str, ...]
    images: int
    planes: int
    plate: bool


def read_ome_header(xml: str) -> OmeHeader:
    """Find references and sizes; looks for tags only, so no entity or DTD of a hostile file is ever expanded."""
    found = [
        html.unescape(a or b) for pattern in (_FILE_NAME, _METADATA_FILE) for a, b in pattern.findall(xml)
    ]
    planes = 0
    for pixels in _PIXELS.findall(xml):
        product = 1
        for _, size in _SIZE.findall(pixels):
            product *= min(int(size[:10]), _MAX_PLANES)
        planes += product
    return OmeHeader(
        tuple(dict.fromkeys(found)), len(_IMAGE.findall(xml)), planes, _PLATE.search(xml) is not None
    )


def take_ome_sets(remaining: Remaining, headers: HeaderReader) -> list[FileSet]:
    """Group files whose OME-XML refers to each other; a lone OME-TIFF without references is left for later."""
    known: dict[str, OmeHeader] = {}
    for path in remaining:
        if _TIFF.fullmatch(path) or _COMPANION.fullmatch(path):
            xml = headers.ome_xml(path)
            if xml is not None:
                known[path] = read_ome_header(xml)
    groups = _Groups()
    missing: dict[str, set[str]] = defaultdict(set)
    remarks: dict[str, list[str]] = defaultdict(list)
    for path, header in known.items():
        groups.add(path)
        for reference in header.references:
            target = _resolve(path, reference)
            if target is None:
                remarks[path].append(
                    f"{name_of(path)} refers to {reference[:80]!r}, which is outside its folder; ignored"
                )
            elif target in remaining:
                groups.join(path, target)
            else:
                missing[path].add(target)
    sets = []
    for members in groups.all():
        file_set = _file_set(members, known, missing, remarks)
        if file_set is not None:
            remaining.take(members)
            sets.append(file_set)
    return sets


def _resolve(path: str, reference: str) -> str | None:
    try:
        relative = clean_path(reference)
    except PathError:
        return None
    folder = folder_of(path)
    return f"{folder}/{relative}" if folder else relative


def _file_set(
    members: list[str],
    known: dict[str, OmeHeader],
    missing: dict[str, set[str]],
    remarks: dict[str, list[str]],
) -> FileSet | None:
    companions = [member for member in members if _COMPANION.fullmatch(member) and member in known]
    lost = sorted({path for member in members for path in missing[member]})
    if len(members) == 1 and not lost and not companions:
        return None
    # The file with the fullest description leads: a TIFF that only points to a companion describes no image.
    main = min(companions or [m for m in members if m in known], key=lambda m: (-known[m].images, m))
    header = known[main]
    return FileSet(
        kind=Kind.PLATE if header.plate else Kind.OME,
        format="OME-TIFF with companion" if companions else "OME-TIFF",
        main=main,
        members=tuple(members),
        missing=tuple(lost),
        remarks=tuple(remark for member in members for remark in remarks[member]),
        images=header.images or None,
        planes=header.planes or None,
    )


class _Groups:
    """Disjoint sets of paths."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}

    def add(self, path: str) -> None:
        self._parent.setdefault(path, path)

    def join(self, one: str, other: str) -> None:
        self.add(one)
        self.add(other)
        first, second = sorted((self._root(one), self._root(other)))
        self._parent[second] = first

    def _root(self, path: str) -> str:
        while self._parent[path] != path:
            self._parent[path] = self._parent[self._parent[path]]
            path = self._parent[path]
        return path

    def all(self) -> list[list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for path in sorted(self._parent):
            found[self._root(path)].append(path)
        return list(found.values())
