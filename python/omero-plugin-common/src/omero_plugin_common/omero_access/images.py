"""Images of containers, with what plugins show of them, in one query however many there are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from omero.rtypes import unwrap
from omero.sys import ParametersI

if TYPE_CHECKING:
    from collections.abc import Iterable

# How each kind of container leads to its images; `box` is the container closest to the image.
PATHS = {
    "Project": (
        "from ProjectDatasetLink pdl join pdl.child box join box.imageLinks dil join dil.child image "
        "where pdl.parent.id in (:ids)"
    ),
    "Dataset": "from DatasetImageLink dil join dil.parent box join dil.child image where box.id in (:ids)",
    "Plate": (
        "from Well well join well.plate box join well.wellSamples sample join sample.image image "
        "where box.id in (:ids)"
    ),
    "Screen": (
        "from ScreenPlateLink spl join spl.child box join box.wells well join well.wellSamples sample "
        "join sample.image image where spl.parent.id in (:ids)"
    ),
    "Image": (
        "from Image image left outer join image.datasetLinks dil left outer join dil.parent box "
        "where image.id in (:ids)"
    ),
}

CHUNK = 2000


@dataclass(frozen=True, slots=True)
class ImageRow:
    """One image as lists show it; `path` is where its first file came from, empty when unknown."""

    id: int
    name: str
    container_id: int | None
    container_name: str
    owner_id: int
    group_id: int
    fileset_id: int | None
    path: str = ""


def images_of(
    conn: Any, container_type: str, ids: Iterable[int], *, with_paths: bool = False
) -> list[ImageRow]:
    """Return the images of Projects, Datasets, Plates or Screens, or Images by id, ordered by name and id.

    One query per 2000 ids, one more for all paths. An image in several of the containers comes once for each.
    Raises ValueError for another type.
    """
    if container_type not in PATHS:
        raise ValueError(f"{container_type!r} has no images of its own; use one of {', '.join(PATHS)}")
    query = (
        "select image.id, image.name, box.id, box.name, image.details.owner.id, image.details.group.id, "
        f"image.fileset.id {PATHS[container_type]}"
    )
    found = [
        ImageRow(row[0], row[1] or "", row[2], row[3] or "", row[4], row[5], row[6])
        for chunk in chunks(ids)
        for row in project(conn, query, chunk)
    ]
    found.sort(key=lambda image: (image.name, image.id))
    return _with_paths(conn, found) if with_paths else found


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


def _with_paths(conn: Any, images: list[ImageRow]) -> list[ImageRow]:
    paths = first_paths(conn, {image.fileset_id for image in images if image.fileset_id is not None})
    return [replace(image, path=paths.get(image.fileset_id or -1, "")) for image in images]


def project(conn: Any, query: str, ids: list[int], **texts: str) -> list[list[Any]]:
    """Run a projection with `:ids` and named texts in the connection's group context; returns plain values."""
    parameters = ParametersI()
    parameters.addIds(ids)
    for name, text in texts.items():
        parameters.addString(name, text)
    rows: list[list[Any]] = unwrap(conn.getQueryService().projection(query, parameters, conn.SERVICE_OPTS))
    return rows


def chunks(ids: Iterable[int], size: int = CHUNK) -> list[list[int]]:
    """Split ids, without repeats and in order, into lists that a query can take."""
    unique = sorted({int(number) for number in ids})
    return [unique[start : start + size] for start in range(0, len(unique), size)]
