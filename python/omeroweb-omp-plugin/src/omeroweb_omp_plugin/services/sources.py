"""The images that a choice in OMERO stands for, whoever's they are, in the order people expect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, Field

from omero_plugin_common.omero_access.group_context import ALL_GROUPS, in_group
from omero_plugin_common.omero_access.images import (
    PATHS,
    ImageRow,
    chunks,
    container_names,
    images_of,
    paths_of,
    project,
)
from omero_plugin_common.omero_access.permissions import allowed
from omero_plugin_common.web.errors import UserError
from omeroweb_omp_plugin.parsing.natural import natural_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Kind = Literal["Project", "Dataset", "Screen", "Plate", "Acquisition", "Well", "Image", "Orphans"]

LARGEST_ID = 2**63 - 1
COLUMNS = "picture.id, picture.name, {box}, picture.details.owner.id, picture.details.group.id"
# What images_of doesn't know: wells, runs of a plate, and images in no container, which `ids` are users for.
FURTHER: dict[str, tuple[str, str]] = {
    "Well": (
        "well.plate.id",
        "join picture.wellSamples sample join sample.well well where well.id in (:ids)",
    ),
    "Acquisition": (
        "well.plate.id",
        "join picture.wellSamples sample join sample.well well where sample.plateAcquisition.id in (:ids)",
    ),
    "Orphans": (
        "picture.id",
        (
            "where picture.details.owner.id in (:ids) "
            "and not exists (select dil.id from DatasetImageLink dil where dil.child.id = picture.id) "
            "and not exists (select ws.id from WellSample ws where ws.image.id = picture.id)"
        ),
    ),
}


class Target(BaseModel):
    """One thing chosen in OMERO; of orphans the id is the user's."""

    type: Kind
    id: int = Field(ge=0, le=LARGEST_ID)


@dataclass(frozen=True, slots=True)
class Source:
    """An image to work on, with the name of its dataset or plate, its owner and group."""

    id: int
    name: str
    container: str
    owner_id: int
    group_id: int
    path: str = ""


def find_images(conn: Any, targets: Sequence[Target], *, most: int, with_paths: bool = False) -> list[Source]:
    """The images of the targets that the connection's user may see, each once, by container and name.

    Raises: UserError when nothing is chosen, or more than `most` images are.
    """
    if not targets:
        raise UserError("Choose at least one project, dataset, screen, plate, well or image.")
    by_kind: dict[str, list[int]] = {}
    for target in targets:
        by_kind.setdefault(target.type, []).append(target.id)
    found: dict[int, Source] = {}
    with in_group(conn, ALL_GROUPS):
        for kind, ids in by_kind.items():
            for source in further(conn, kind, ids) if kind in FURTHER else contained(conn, kind, ids):
                found.setdefault(source.id, source)
            if len(found) > most:
                raise UserError(
                    f"More than {most:,} images are chosen, which is the most for one run. Choose fewer."
                )
        paths = paths_of(conn, found) if with_paths else {}
    sources = (
        [with_path(source, paths.get(source.id, "")) for source in found.values()]
        if paths
        else [*found.values()]
    )
    keys: dict[str, Any] = {}
    for source in sources:
        if source.container not in keys:
            keys[source.container] = natural_key(source.container)
    return sorted(sources, key=lambda source: (keys[source.container], natural_key(source.name), source.id))


def contained(conn: Any, kind: str, ids: Sequence[int]) -> list[Source]:
    """The images of projects, datasets, plates and screens, or images by id.

    Most often all belong to one person and group. Each value in an answer takes time, so whose they are is asked per
    image only where it differs.
    """
    query = (
        "select distinct image.details.owner.id, image.details.group.id "  # noqa: S608 - from code
        f"from Image image {PATHS[kind][1]} in (:ids)"
    )
    owners = {(row[0], row[1]) for chunk in chunks(ids) for row in project(conn, query, chunk)}
    differing = len(owners) > 1
    owner, group = next(iter(owners), (0, 0))
    rows = images_of(conn, kind, ids, with_owners=differing)
    if differing:
        return [source_of(row) for row in rows]
    return [Source(row.id, row.name, row.container_name, owner, group) for row in rows]


def further(conn: Any, kind: str, ids: Iterable[int]) -> list[Source]:
    """The images of wells, of runs, or of users who left them in no container."""
    box, path = FURTHER[kind]
    query = f"select {COLUMNS.format(box=box)} from Image picture {path}"  # noqa: S608 - from code
    rows = [row for chunk in chunks(ids) for row in project(conn, query, chunk)]
    in_plates = kind != "Orphans"
    names = container_names(conn, "Plate", {row[2] for row in rows}) if in_plates else {}
    return [Source(row[0], row[1] or "", names.get(row[2], ""), row[3], row[4]) for row in rows]


def source_of(row: ImageRow) -> Source:
    """The image as this plugin sees it."""
    return Source(row.id, row.name, row.container_name, row.owner_id or 0, row.group_id or 0, row.path)


def with_path(source: Source, path: str) -> Source:
    """The same image with the path its file came from."""
    return Source(source.id, source.name, source.container, source.owner_id, source.group_id, path)


def not_annotatable(conn: Any, sources: Iterable[Source], writer_id: int) -> set[tuple[int, int]]:
    """The (owner, group) pairs whose images the user may not annotate.

    OMERO decides that by owner and group alone, so one image stands for all of a pair.
    """
    samples: dict[tuple[int, int], int] = {}
    for source in sources:
        if source.owner_id != writer_id:
            samples.setdefault((source.owner_id, source.group_id), source.id)
    if not samples:
        return set()
    with in_group(conn, ALL_GROUPS):
        may = allowed(conn, "Image", samples.values(), "canAnnotate")
    return {pair for pair, image_id in samples.items() if image_id not in may}
