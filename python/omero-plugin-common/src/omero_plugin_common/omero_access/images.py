"""Images of containers, with what plugins show of them, in one query however many there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omero.sys import ParametersI

if TYPE_CHECKING:
    from collections.abc import Iterable

# How images lead to each kind of container, and the id of the container closest to the image.
PATHS = {
    "Project": (
        "dil.parent.id",
        "join image.datasetLinks dil join dil.parent.projectLinks up where up.parent.id",
    ),
    "Dataset": ("dil.parent.id", "join image.datasetLinks dil where dil.parent.id"),
    "Plate": ("well.plate.id", "join image.wellSamples sample join sample.well well where well.plate.id"),
    "Screen": (
        "well.plate.id",
        "join image.wellSamples sample join sample.well well join well.plate.screenLinks up where up.parent.id",
    ),
    "Image": ("dil.parent.id", "left outer join image.datasetLinks dil where image.id"),
}

CHUNK = 2000


@dataclass(frozen=True, slots=True)
class ImageRow:
    """One image as lists show it.

    Owner and group are None, and `path` (where its first file came from) empty, unless they were asked for.
    """

    id: int
    name: str
    container_id: int | None
    container_name: str = ""
    owner_id: int | None = None
    group_id: int | None = None
    path: str = ""


def images_of(
    conn: Any,
    container_type: str,
    ids: Iterable[int],
    *,
    with_owners: bool = False,
    with_paths: bool = False,
) -> list[ImageRow]:
    """Return the images of Projects, Datasets, Plates or Screens, or Images by id, ordered by name and id.

    One query per 2000 ids and one for the names of the containers; paths take two more. An image in several of
    the containers comes once for each. Raises ValueError for another type.
    """
    if container_type not in PATHS:
        raise ValueError(f"{container_type!r} has no images of its own; use one of {', '.join(PATHS)}")
    # What repeats in every row costs as much as what differs, so only what was asked for is sent.
    owners = ", image.details.owner.id, image.details.group.id" if with_owners else ""
    box, path = PATHS[container_type]
    query = f"select image.id, image.name, {box}{owners} from Image image {path} in (:ids)"  # noqa: S608 - from code
    rows = [row for chunk in chunks(ids) for row in project(conn, query, chunk)]
    box_class = "Plate" if container_type in ("Plate", "Screen") else "Dataset"
    names = container_names(conn, box_class, {row[2] for row in rows if row[2] is not None})
    paths = paths_of(conn, {row[0] for row in rows}) if with_paths else {}
    found = [
        ImageRow(
            id=row[0],
            name=row[1] or "",
            container_id=row[2],
            container_name=names.get(row[2], ""),
            owner_id=row[3] if with_owners else None,
            group_id=row[4] if with_owners else None,
            path=paths.get(row[0], ""),
        )
        for row in rows
    ]
    found.sort(key=lambda image: (image.name, image.id))
    return found


def container_names(conn: Any, container_type: str, ids: Iterable[int]) -> dict[int, str]:
    """Return the names of containers of one class by id."""
    query = f"select box.id, box.name from {container_type} box where box.id in (:ids)"  # noqa: S608 - class from code
    return {row[0]: row[1] or "" for chunk in chunks(ids) for row in project(conn, query, chunk)}


def paths_of(conn: Any, image_ids: Iterable[int]) -> dict[int, str]:
    """Return, per image that was imported, the path its first file had on the machine it came from."""
    query = "select image.id, image.fileset.id from Image image where image.id in (:ids) and image.fileset is not null"
    filesets = {row[0]: row[1] for chunk in chunks(image_ids) for row in project(conn, query, chunk)}
    paths = first_paths(conn, set(filesets.values()))
    return {image_id: paths[fileset] for image_id, fileset in filesets.items() if fileset in paths}


def first_paths(conn: Any, fileset_ids: Iterable[int]) -> dict[int, str]:
    """Return, per fileset, the path its first file had on the machine it was imported from."""
    query = (
        "select entry.fileset.id, entry.clientPath from FilesetEntry entry where entry.fileset.id in (:ids) "
        "order by entry.id"
    )
    paths: dict[int, str] = {}
    for chunk in chunks(fileset_ids):
        for fileset_id, path in project(conn, query, chunk):
            paths.setdefault(fileset_id, path or "")
    return paths


def project(conn: Any, query: str, ids: list[int], **texts: str) -> list[list[Any]]:
    """Run a projection with `:ids` and named texts in the connection's group context; returns plain values."""
    parameters = ParametersI()
    parameters.addIds(ids)
    for name, text in texts.items():
        parameters.addString(name, text)
    rows = conn.getQueryService().projection(query, parameters, conn.SERVICE_OPTS)
    # Five times as fast as omero.rtypes.unwrap, which looks for cycles.
    return [[None if cell is None else cell.getValue() for cell in row] for row in rows]


def chunks(ids: Iterable[int], size: int = CHUNK) -> list[list[int]]:
    """Split ids, without repeats and in order, into lists that a query can take."""
    unique = sorted({int(number) for number in ids})
    return [unique[start : start + size] for start in range(0, len(unique), size)]
