"""Which classes of objects go to other groups and owners by themselves; all others go along with one of them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from omero_embedded.model.schema import SCHEMA

if TYPE_CHECKING:
    from omero_embedded.security.permissions import Rights

MOVE_TARGETS = (
    "Annotation",
    "Dataset",
    "Experiment",
    "Fileset",
    "Folder",
    "Image",
    "Instrument",
    "Job",
    "Link",
    "OriginalFile",
    "Plate",
    "Project",
    "RenderingDef",
    "Roi",
    "Screen",
    "Thumbnail",
)
GIVE_TARGETS = (
    *MOVE_TARGETS,
    *sorted(cls.name for cls in SCHEMA.values() if cls.is_link and cls.name.endswith("AnnotationLink")),
    "DatasetImageLink",
    "FolderImageLink",
    "FolderRoiLink",
    "JobOriginalFileLink",
    "ProjectDatasetLink",
    "Reagent",
    "ScreenPlateLink",
    "WellReagentLink",
)


def told(granted: Rights, class_name: str) -> Rights:
    """The rights as clients are told them: objects that only go along with others count as not to be moved or given."""
    moves, goes = targets(class_name)
    return replace(granted, chgrp=granted.chgrp and moves, chown=granted.chown and goes)


@cache
def targets(class_name: str) -> tuple[bool, bool]:
    """Whether objects of a class can be moved, and whether they can be given."""
    cls = SCHEMA[class_name]
    return any(map(cls.is_a, MOVE_TARGETS)), any(map(cls.is_a, GIVE_TARGETS))
