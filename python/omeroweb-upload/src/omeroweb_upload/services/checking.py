"""Looking at an upload that has arrived: which files are one set, what can't be imported, what is in OMERO already."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.db import transaction
from omero.rtypes import rlist, rstring
from omero.sys import ParametersI

from omero_plugin_common.database.alias import ALIAS
from omeroweb_upload.filesets.detect import detect
from omeroweb_upload.filesets.headers import StagedHeaders
from omeroweb_upload.filesets.model import FileSet, Kind
from omeroweb_upload.formats import Readable, extension_of, readable
from omeroweb_upload.models import FileState, SetState, UploadFile, UploadSession, UploadSet
from omeroweb_upload.services.running_hash import digests_of
from omeroweb_upload.services.targets import folder_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

CHUNK = 1000
SPECTRUM = "not an importable image, but a spectrum to attach to one"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a set is not imported, and whether its owner should be asked about that."""

    reason: str
    ask: bool


class StagedNames:
    """Headers of staged files, asked for by the files' own paths."""

    def __init__(self, root: Path, stored: Mapping[str, str]) -> None:
        self._headers = StagedHeaders(root)
        self._stored = stored

    def ome_xml(self, path: str) -> str | None:
        """The OME-XML of a file, None where there is none."""
        return self._headers.ome_xml(self._stored[path])


def verify_on_disk(row: UploadFile, path: Path) -> str:
    """Make sure a file is whole, and know its digests; returns what is wrong, "" if nothing."""
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        if row.size == 0:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.touch(mode=0o600)
            return ""
        return "The file is gone from the staging folder. Send it again."
    if size != row.size:
        return f"{size} bytes are staged, {row.size} were announced. Send the file again."
    if not row.sha256:
        row.sha256, row.sha1 = digests_of(path)
        row.save(update_fields=["sha256", "sha1"])
    return ""


def find_sets(rows: Iterable[UploadFile], root: Path) -> list[FileSet]:
    """File sets of what has arrived and is to be imported; series without OME-XML are taken file by file."""
    wanted = {
        row.path: row.source or row.stored_path
        for row in rows
        if row.state == FileState.UPLOADED and not row.import_skip
    }
    found: list[FileSet] = []
    for one in detect(wanted, StagedNames(root, wanted)).sets:
        if one.kind == Kind.SERIES:
            found.extend(_one_by_one(one))
        else:
            found.append(one)
    return found


def _one_by_one(series: FileSet) -> list[FileSet]:
    remark = (
        f"part of a series of {len(series.members)} files without a description of their order; "
        "imported as an image of its own"
    )
    return [
        replace(
            series,
            kind=Kind.SINGLE,
            main=member,
            members=(member,),
            planes=None,
            remarks=(*series.remarks, remark),
        )
        for member in series.members
    ]


def verdict(one: FileSet, *, compatibility: bool, skip_check: bool) -> Verdict | None:
    """Why a set can't be imported, None if it can or only OMERO can tell."""
    if not one.complete:
        return Verdict(f"incomplete: {', '.join(one.missing[:5])} missing", ask=True)
    if one.kind != Kind.SINGLE or skip_check:
        return None
    answer = readable(one.main)
    if answer is Readable.NO:
        return Verdict("not an image; it can be attached to one", ask=False)
    if answer is Readable.UNKNOWN and compatibility:
        extension = extension_of(one.main)
        shown = f"of type .{extension}" if extension else "without an extension"
        return Verdict(f"OMERO is not known to read files {shown}", ask=True)
    return None


def save_sets(session: UploadSession, found: list[FileSet]) -> bool:
    """Replace the sets of an upload; returns whether its owner should be asked before the import."""
    rows = {row.path: row for row in session.files.all()}
    rule = session.target.get("rule", "folders")
    compatibility = session.options.get("compatibility_enabled", True)
    ask = False
    sets: list[UploadSet] = []
    for position, one in enumerate(found):
        why = verdict(one, compatibility=compatibility, skip_check=rows[one.main].compatibility_skip)
        ask = ask or (why is not None and why.ask)
        sets.append(
            UploadSet(
                session=session,
                position=position,
                kind=str(one.kind),
                format=one.format,
                main=one.main,
                size=sum(rows[member].size for member in one.members),
                images=one.images,
                planes=one.planes,
                missing=list(one.missing),
                remarks=list(one.remarks),
                dataset_name=folder_name(one.main, one.kind, rule),
                state=SetState.SKIPPED if why else SetState.PENDING,
                reason=why.reason if why else "",
            )
        )
    with transaction.atomic(using=ALIAS):
        session.sets.all().delete()
        UploadSet.objects.bulk_create(sets, batch_size=1000)
        changed = [
            _assign(rows[member], made)
            for one, made in zip(found, sets, strict=True)
            for member in one.members
        ]
        UploadFile.objects.bulk_update(changed, ["file_set", "reason"], batch_size=1000)
        left_out = UploadFile.objects.filter(session=session, import_skip=True, state=FileState.UPLOADED)
        left_out.update(reason=SPECTRUM if session.special_upload else "not an importable image")
    return ask


def _assign(row: UploadFile, made: UploadSet) -> UploadFile:
    row.file_set = made
    row.reason = made.reason
    return row


def find_duplicates(conn: Any, session: UploadSession) -> int:
    """Note at each set which images in OMERO have the same files; returns how many sets have some."""
    files = session.files.filter(file_set__state=SetState.PENDING).exclude(sha1="")
    by_set: dict[int, set[str]] = {}
    for set_id, sha1 in files.values_list("file_set_id", "sha1"):
        by_set.setdefault(set_id, set()).add(sha1)
    filesets = _filesets_with(conn, sorted({sha1 for one in by_set.values() for sha1 in one}))
    same = {
        set_id: sorted(fileset for fileset, known in filesets.items() if hashes <= known)
        for set_id, hashes in by_set.items()
    }
    images = _images_of(conn, sorted({fileset for ids in same.values() for fileset in ids}))
    changed = []
    for row in session.sets.filter(pk__in=same):
        row.duplicates = [image for fileset in same[row.pk] for image in images.get(fileset, [])]
        if row.duplicates:
            changed.append(row)
    UploadSet.objects.bulk_update(changed, ["duplicates"], batch_size=1000)
    return len(changed)


def _filesets_with(conn: Any, hashes: list[str]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for start in range(0, len(hashes), CHUNK):
        parameters = ParametersI()
        parameters.add("hashes", rlist([rstring(one) for one in hashes[start : start + CHUNK]]))
        text = (
            "select e.fileset.id, f.hash from FilesetEntry e join e.originalFile f where f.hash in (:hashes)"
        )
        for fileset, sha1 in conn.getQueryService().projection(text, parameters, conn.SERVICE_OPTS):
            found.setdefault(int(fileset.val), set()).add(str(sha1.val))
    return found


def _images_of(conn: Any, filesets: list[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for start in range(0, len(filesets), CHUNK):
        parameters = ParametersI()
        parameters.addIds(filesets[start : start + CHUNK])
        text = "select i.fileset.id, i.id from Image i where i.fileset.id in (:ids) order by i.id"
        for fileset, image in conn.getQueryService().projection(text, parameters, conn.SERVICE_OPTS):
            found.setdefault(int(fileset.val), []).append(int(image.val))
    return found


def skip_duplicates(session: UploadSession) -> int:
    """Leave out the sets that are in OMERO already; returns how many."""
    count = 0
    for row in session.sets.filter(state=SetState.PENDING).exclude(duplicates=[]):
        shown = ", ".join(str(number) for number in row.duplicates[:3])
        row.state, row.reason = SetState.SKIPPED, f"in OMERO already as image {shown}"
        row.save(update_fields=["state", "reason"])
        row.files.update(reason=row.reason)
        count += 1
    return count
