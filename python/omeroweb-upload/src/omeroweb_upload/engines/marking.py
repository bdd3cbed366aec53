"""Finding again in OMERO what an interrupted import made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import omero
import omero.cmd
from omero.rtypes import rlist, rstring
from omero.sys import ParametersI

if TYPE_CHECKING:
    from collections.abc import Iterable

NAMESPACE: Final = "omeroweb_upload/set"
GIVEN_UP: Final = frozenset({"Error", "Cancelled"})
DELETE_WAIT_MS: Final = 250
DELETE_WAITS: Final = 240


@dataclass(frozen=True, slots=True)
class Found:
    """A fileset that carries a marker; `image_ids` is empty while OMERO has not read it.

    It is `reading` from when all files have arrived until OMERO says that it failed, or for ever if OMERO was killed
    over it.
    """

    fileset_id: int
    image_ids: tuple[int, ...]
    plate_ids: tuple[int, ...]
    reading: bool


def find_filesets(conn: Any, markers: Iterable[str]) -> dict[str, list[Found]]:
    """Filesets by marker, oldest first; one pass of queries however many markers."""
    wanted = sorted(set(markers))
    if not wanted:
        return {}
    query = conn.c.sf.getQueryService()
    parameters = ParametersI()
    parameters.addString("ns", NAMESPACE)
    parameters.add("markers", rlist([rstring(marker) for marker in wanted]))
    rows = _rows(
        query.projection(
            "select l.parent.id, a.textValue from FilesetAnnotationLink l, CommentAnnotation a "
            "where l.child.id = a.id and a.ns = :ns and a.textValue in (:markers) order by l.parent.id",
            parameters,
            conn.SERVICE_OPTS,
        )
    )
    return _described(conn, [(row[0], row[1]) for row in rows])


def find_by_paths(conn: Any, paths: Iterable[str]) -> dict[str, list[Found]]:
    """Filesets by the absolute path that one of their files was imported from."""
    wanted = {path.lstrip("/"): path for path in paths}
    if not wanted:
        return {}
    parameters = ParametersI()
    parameters.add("paths", rlist([rstring(path) for form in wanted for path in (form, f"/{form}")]))
    rows = _rows(
        conn.c.sf.getQueryService().projection(
            "select e.fileset.id, e.clientPath from FilesetEntry e where e.clientPath in (:paths) "
            "order by e.fileset.id",
            parameters,
            conn.SERVICE_OPTS,
        )
    )
    return _described(conn, [(row[0], wanted[row[1].lstrip("/")]) for row in rows])


def _described(conn: Any, rows: list[tuple[int, str]]) -> dict[str, list[Found]]:
    """What is known of filesets, by the keys they come with."""
    ids = sorted({fileset_id for fileset_id, _ in rows})
    images = _grouped(
        conn, "select i.fileset.id, i.id from Image i where i.fileset.id in (:ids) order by i.id", ids
    )
    plates = _grouped(
        conn,
        "select distinct i.fileset.id, w.plate.id from WellSample s join s.image i join s.well w "
        "where i.fileset.id in (:ids)",
        ids,
    )
    jobs = _grouped(
        conn,
        "select l.parent.id, s.value from FilesetJobLink l join l.child j join j.status s "
        "where l.parent.id in (:ids)",
        ids,
    )
    found: dict[str, list[Found]] = {}
    for fileset_id, key in rows:
        states = jobs.get(fileset_id, [])
        one = Found(
            fileset_id,
            tuple(images.get(fileset_id, ())),
            tuple(plates.get(fileset_id, ())),
            reading="Finished" in states and not GIVEN_UP.intersection(states),
        )
        found.setdefault(key, []).append(one)
    return found


def remove_fileset(conn: Any, fileset_id: int) -> None:
    """Delete a fileset that has no images; raises omero.ServerError if OMERO refuses."""
    command = omero.cmd.Delete2(targetObjects={"Fileset": [fileset_id]})
    handle = conn.c.sf.submit(command, conn.SERVICE_OPTS)
    callback = omero.callbacks.CmdCallbackI(conn.c, handle)
    try:
        callback.loop(DELETE_WAITS, DELETE_WAIT_MS)
        response = callback.getResponse()
        if isinstance(response, omero.cmd.ERR):
            raise omero.ServerError(
                None, "omero.ServerError", f"Fileset:{fileset_id} can't be deleted: {response.name}"
            )
    finally:
        callback.close(True)


def _grouped(conn: Any, text: str, ids: list[int]) -> dict[int, list[Any]]:
    if not ids:
        return {}
    parameters = ParametersI()
    parameters.addIds(ids)
    grouped: dict[int, list[Any]] = {}
    for key, value in _rows(conn.c.sf.getQueryService().projection(text, parameters, conn.SERVICE_OPTS)):
        grouped.setdefault(key, []).append(value)
    return grouped


def _rows(cells: list[list[Any]]) -> list[list[Any]]:
    return [[None if cell is None else cell.getValue() for cell in row] for row in cells]
