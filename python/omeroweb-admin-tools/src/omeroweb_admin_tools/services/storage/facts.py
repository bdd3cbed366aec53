"""What OMERO says about its data: a fixed number of questions, asked in pages so that any size fits."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE_ROWS = 20_000
EVERY_GROUP = "-1"
IN_PLACE_NAMESPACE = "openmicroscopy.org/omero/import/fileTransfer"
UPLOAD_TRANSFER = "UploadFileTransfer"

PIXEL_BITS = {
    "bit": 1,
    "int8": 8,
    "uint8": 8,
    "int16": 16,
    "uint16": 16,
    "int32": 32,
    "uint32": 32,
    "float": 32,
    "double": 64,
    "complex": 64,
    "double-complex": 128,
}
PERMISSIONS = {
    "rw----": "Private",
    "rwr---": "Read-only",
    "rwra--": "Read-annotate",
    "rwrw--": "Read-write",
}


@dataclass(frozen=True, slots=True)
class User:
    name: str
    full_name: str


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    permissions: str


@dataclass(frozen=True, slots=True)
class Files:
    """The files of one import."""

    user_id: int
    group_id: int
    folder: str
    bytes: int
    in_place: bool


@dataclass(slots=True)
class Facts:
    """Everything the figures are made from; sizes in bytes, keys are OMERO ids.

    An image that was not imported from files has its pixels on the server only; it counts as an import of its own,
    whose key is the image's id below zero.
    """

    users: dict[int, User] = field(default_factory=dict)
    groups: dict[int, Group] = field(default_factory=dict)
    members: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    totals: dict[tuple[int, int], int] = field(default_factory=dict)
    filesets: dict[int, Files] = field(default_factory=dict)
    images: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    image_counts: dict[tuple[int, int], int] = field(default_factory=lambda: defaultdict(int))
    first_image: dict[int, tuple[int, str]] = field(default_factory=dict)
    changed: dict[int, datetime] = field(default_factory=dict)
    projects: dict[int, tuple[str, int, int]] = field(default_factory=dict)
    project_filesets: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))


class Questions:
    """Asks OMERO in all groups."""

    def __init__(self, conn: Any) -> None:
        self._query = conn.getQueryService()
        self._context = {"omero.group": EVERY_GROUP}

    def rows(self, hql: str, **values: Any) -> list[list[Any]]:
        """Return plain values of a projection."""
        from omero.rtypes import unwrap  # noqa: PLC0415 - Ice is loaded by workers only when needed

        return [unwrap(row) for row in self._query.projection(hql, self._parameters(values), self._context)]

    def pages(self, hql: str) -> Iterator[list[Any]]:
        """Yield the rows of a projection whose first column is an id that `:after` and `order by` bound."""
        from omero.rtypes import unwrap  # noqa: PLC0415

        after = -1
        while True:
            parameters = self._parameters({"after": after}).page(0, PAGE_ROWS)
            found = [unwrap(row) for row in self._query.projection(hql, parameters, self._context)]
            yield from found
            if len(found) < PAGE_ROWS:
                return
            after = int(found[-1][0])

    def groups(self) -> list[Any]:
        return list(self._query.findAllByQuery("select g from ExperimenterGroup g", None, self._context))

    @staticmethod
    def _parameters(values: dict[str, Any]) -> Any:
        from omero.rtypes import rlong, rstring  # noqa: PLC0415
        from omero.sys import ParametersI  # noqa: PLC0415

        parameters = ParametersI()
        for name, value in values.items():
            parameters.add(name, rlong(value) if isinstance(value, int) else rstring(value))
        return parameters


def read_accounts(ask: Questions, facts: Facts) -> None:
    """Read users, groups and who is where."""
    for number, name, first, last in ask.rows(
        "select e.id, e.omeName, e.firstName, e.lastName from Experimenter e"
    ):
        facts.users[number] = User(name, f"{first} {last}".strip())
    for group in ask.groups():
        permissions = str(group.details.permissions)
        label = PERMISSIONS.get(permissions[:6], "Private")
        facts.groups[group.id.val] = Group(group.name.val, label)
    for group_id, user_id in ask.rows("select m.parent.id, m.child.id from GroupExperimenterMap m"):
        facts.members[group_id].append(user_id)


def read_files(ask: Questions, facts: Facts) -> None:
    """Read sizes: of all files by owner and group, and of every import."""
    for user_id, group_id, total in ask.rows(
        "select o.details.owner.id, o.details.group.id, sum(o.size) from OriginalFile o "
        "group by o.details.owner.id, o.details.group.id"
    ):
        facts.totals[user_id, group_id] = int(total or 0)
    transfers = ask.rows(
        "select l.parent.id, a.textValue from CommentAnnotation a, FilesetAnnotationLink l "
        "where l.child.id = a.id and a.ns = :ns",
        ns=IN_PLACE_NAMESPACE,
    )
    in_place = {fileset for fileset, transfer in transfers if not str(transfer).endswith(UPLOAD_TRANSFER)}
    for number, user_id, group_id, folder, total in ask.pages(
        "select f.id, f.details.owner.id, f.details.group.id, f.templatePrefix, sum(o.size) from Fileset f "
        "join f.usedFiles e join e.originalFile o where f.id > :after "
        "group by f.id, f.details.owner.id, f.details.group.id, f.templatePrefix order by f.id"
    ):
        facts.filesets[number] = Files(user_id, group_id, folder or "", int(total or 0), number in in_place)


def read_images(ask: Questions, facts: Facts) -> None:
    """Read how many images there are, which import each belongs to, and when it was last changed."""
    for number, name, fileset_id, user_id, group_id, millis in ask.pages(
        "select i.id, i.name, f.id, i.details.owner.id, i.details.group.id, i.details.updateEvent.time from Image i "
        "left outer join i.fileset f where i.id > :after order by i.id"
    ):
        facts.image_counts[user_id, group_id] += 1
        key = -number if fileset_id is None else fileset_id
        facts.images[key] += 1
        facts.first_image.setdefault(key, (number, name))
        changed = datetime.fromtimestamp(millis / 1000, UTC)
        facts.changed[key] = max(facts.changed.get(key, changed), changed)


def read_pixels(ask: Questions, facts: Facts) -> None:
    """Read the sizes of images that were not imported from files."""
    for _, image_id, user_id, group_id, x, y, z, c, t, kind in ask.pages(
        "select p.id, i.id, i.details.owner.id, i.details.group.id, p.sizeX, p.sizeY, p.sizeZ, p.sizeC, p.sizeT, "
        "pt.value from Pixels p join p.image i join p.pixelsType pt where p.id > :after and i.fileset is null "
        "order by p.id"
    ):
        size = x * y * z * c * t * PIXEL_BITS.get(kind, 8) // 8
        facts.filesets[-image_id] = Files(user_id, group_id, "", size, False)


def read_projects(ask: Questions, facts: Facts) -> None:
    """Read which imports each project holds."""
    for number, name, user_id, group_id in ask.pages(
        "select p.id, p.name, p.details.owner.id, p.details.group.id from Project p where p.id > :after order by p.id"
    ):
        facts.projects[number] = (name, user_id, group_id)
    of_dataset: dict[int, list[int]] = defaultdict(list)
    for _, project_id, dataset_id in ask.pages(
        "select l.id, l.parent.id, l.child.id from ProjectDatasetLink l where l.id > :after order by l.id"
    ):
        of_dataset[dataset_id].append(project_id)
    for _, dataset_id, fileset_id, image_id in ask.pages(
        "select l.id, l.parent.id, f.id, i.id from DatasetImageLink l join l.child i "
        "left outer join i.fileset f where l.id > :after order by l.id"
    ):
        for project_id in of_dataset.get(dataset_id, ()):
            facts.project_filesets[project_id].add(-image_id if fileset_id is None else fileset_id)
