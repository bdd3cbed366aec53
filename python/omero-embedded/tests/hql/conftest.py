"""A store with known contents, written straight into its tables, and callers to query it as."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Connection, insert, select

from omero_embedded.model.schema import SCHEMA
from omero_embedded.security.permissions import perm_long
from omero_embedded.server import Server
from omero_embedded.store.tables import TABLES, map_table
from omero_embedded.wire.dispatch import make_call

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omero_embedded.security.context import Call

EVENT_MS = 1_700_000_000_000


class Filler:
    """Writes rows as the server would, with owner, group and event."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.people: dict[str, int] = {}
        self.groups: dict[str, int] = {}
        self._events: dict[int, int] = {}

    def group(self, name: str, permissions: str) -> int:
        """A group."""
        group_id = self._insert(
            "ExperimenterGroup", name=name, ldap=False, permissions=perm_long(permissions)
        )
        self.groups[name] = group_id
        return group_id

    def user(self, name: str, *groups: str, leads: tuple[str, ...] = (), email: str | None = None) -> int:
        """A user in these groups, and in the one all users are in."""
        names = {"omename": name, "firstname": name.capitalize(), "lastname": "Tester"}
        user_id = self._insert("Experimenter", **names, email=email, ldap=False)
        self.people[name] = user_id
        for place, group in enumerate((*groups, "user")):
            parent = (
                {"user": 1, "system": 0}.get(group) if group in ("user", "system") else self.groups[group]
            )
            self._insert(
                "GroupExperimenterMap", parent=parent, child=user_id, owner=group in leads, child_index=place
            )
        return user_id

    def add(self, class_name: str, owner: str = "alice", group: str = "lab", **values: Any) -> int:
        """An object; a value with unit is a pair, a map a list of pairs, a reference an id."""
        cls = SCHEMA[class_name]
        row: dict[str, Any] = {}
        maps = {}
        for name, value in values.items():
            if name.endswith("_index") or name == "details_external":
                row[name] = value
                continue
            field = cls.fields[name]
            if field.kind == "map":
                maps[name] = value
            elif field.kind == "unit":
                row[field.column], row[f"{field.column}_unit"] = value
            else:
                row[field.column] = value
        if cls.polymorphic:
            row["discriminator"] = class_name
        if not cls.is_global:
            user = self.people[owner]
            event = self.event(user, self.groups[group])
            row |= {"details_owner": user, "details_group": self.groups[group]}
            row |= {"details_creation": event, "details_update": event}
        object_id = self._insert(class_name, **row)
        for name, pairs in maps.items():
            table = map_table(class_name, name)
            for position, (key, value) in enumerate(pairs):
                self._connection.execute(
                    insert(table).values(owner_id=object_id, position=position, name=key, value=value)
                )
        return object_id

    def event(self, user: int, group: int) -> int:
        """The event of a user's changes."""
        if user not in self._events:
            self._events[user] = self._insert(
                "Event", time=EVENT_MS + user, experimenter=user, experimentergroup=group, session=0,
                type=self.enum("EventType", "User"),
            )  # fmt: skip
        return self._events[user]

    def enum(self, class_name: str, value: str) -> int:
        """The id of an enumeration's value."""
        table = TABLES[class_name]
        found = self._connection.scalar(select(table.c.id).where(table.c.value == value))
        assert found is not None, f"no {class_name} {value}"
        return int(found)

    def _insert(self, class_name: str, **row: Any) -> int:
        key = self._connection.execute(
            insert(TABLES[SCHEMA[class_name].root]).values(row)
        ).inserted_primary_key
        assert key is not None
        return int(key[0])


class World:
    """The filled store: ids of what is in it by name, and calls for its users."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.ids: dict[str, int] = {}
        self._sessions: dict[str, Any] = {}
        with server.db.write() as connection:
            filler = Filler(connection)
            _people(filler)
            self.people, self.groups = filler.people, filler.groups
            _containers(filler, self.ids)
            _pixels(filler, self.ids)
            _annotations(filler, self.ids)
            _screens(filler, self.ids)
            _rois(filler, self.ids)
            _files(filler, self.ids)
            _private(filler, self.ids)
        server.forget_directory()

    def call(self, name: str = "alice", group: str | int | None = None) -> Call:
        """A call by a user: in the default group, in a named one, or in all (-1)."""
        if name not in self._sessions:
            user = self.server.directory.user_named(name)
            assert user is not None
            self._sessions[name] = self.server.sessions.open(user, user.default_group or 0)
        context = {} if group is None else {"omero.group": str(self.groups.get(str(group), group))}
        return make_call(self.server, self._sessions[name], context)

    def add(self, class_name: str, **values: Any) -> int:
        """One more object; see Filler.add."""
        with self.server.db.write() as connection:
            filler = Filler(connection)
            filler.people, filler.groups = self.people, self.groups
            return filler.add(class_name, **values)

    def __getitem__(self, name: str) -> int:
        return self.ids[name]


def _people(fill: Filler) -> None:
    for name, permissions in (("lab", "rwra--"), ("private", "rw----"), ("elsewhere", "rwrw--")):
        fill.group(name, permissions)
    fill.user("alice", "lab", "private", email="alice@lab.org")
    fill.user("bob", "lab", "private")
    fill.user("carol", "system")
    fill.user("dora", "private", leads=("private",))
    fill.user("erin", "elsewhere")


def _containers(fill: Filler, ids: dict[str, int]) -> None:
    ids["project"] = fill.add("Project", name="Mitosis", description="2024")
    ids["bobs project"] = fill.add("Project", owner="bob", name="apoptosis")
    for name in ("fixed", "live", "Empty"):
        ids[name] = fill.add("Dataset", name=name)
    ids["orphan dataset"] = fill.add("Dataset", owner="bob", name="orphan dataset")
    for name in ("fixed", "live"):
        fill.add("ProjectDatasetLink", parent=ids["project"], child=ids[name])
    for name, dataset in (("b.tif", "fixed"), ("A.tif", "fixed"), ("c.tif", "fixed"), ("d.tif", "live")):
        ids[name] = fill.add("Image", name=name, archived=False, acquisitionDate=1000)
        fill.add("DatasetImageLink", parent=ids[dataset], child=ids[name])
    external = fill.add("ExternalInfo", entityId=7, entityType="com.example.Scan", lsid="urn:scan:7")
    ids["orphan.tif"] = fill.add("Image", owner="bob", name="orphan.tif", details_external=external)


def _pixels(fill: Filler, ids: dict[str, int]) -> None:
    kind = fill.enum("PixelsType", "uint16")
    for place, name in enumerate(("b.tif", "A.tif", "c.tif")):
        pixels = fill.add(
            "Pixels", image=ids[name], pixelsType=kind, sizeX=10 * (place + 1), sizeY=5, sizeZ=1, sizeC=2, sizeT=1,
            physicalSizeX=(0.5, "MICROMETER"), sha1="", dimensionOrder=fill.enum("DimensionOrder", "XYZCT"), image_index=0,
        )  # fmt: skip
        ids[f"pixels {name}"] = pixels
        for index, channel in enumerate(("DAPI", "GFP")):
            wave = (450.0 + index, "NANOMETER")
            logical = fill.add("LogicalChannel", name=channel, emissionWave=wave)
            fill.add("Channel", pixels=pixels, logicalChannel=logical, pixels_index=1 - index)
            ids[f"{channel} {name}"] = logical
    fill.add("Thumbnail", pixels=ids["pixels b.tif"], mimeType="jpeg", sizeX=96, sizeY=96, ref="")
    for the_t in range(2):
        fill.add(
            "PlaneInfo", pixels=ids["pixels b.tif"], theZ=0, theC=0, theT=the_t,
            deltaT=(1.5 * the_t, "SECOND"), exposureTime=(0.1, "SECOND"),
        )  # fmt: skip


def _annotations(fill: Filler, ids: dict[str, int]) -> None:
    ids["tag"] = fill.add("TagAnnotation", textValue="good", description="a tag")
    ids["tagset"] = fill.add("TagAnnotation", textValue="set", ns="openmicroscopy.org/omero/insight/tagset")
    ids["lone tag"] = fill.add("TagAnnotation", owner="bob", textValue="lone")
    fill.add("AnnotationAnnotationLink", parent=ids["tagset"], child=ids["tag"])
    ids["rating"] = fill.add("LongAnnotation", longValue=4, ns="openmicroscopy.org/omero/insight/rating")
    ids["comment"] = fill.add("CommentAnnotation", owner="bob", textValue="nice")
    ids["map"] = fill.add(
        "MapAnnotation", ns="client", mapValue=[("gene", "CDK1"), ("dose", "5"), ("gene", "TP53")]
    )
    ids["attachment"] = fill.add("OriginalFile", name="notes.txt", path="/", size=12, mimetype="text/plain")
    ids["file annotation"] = fill.add("FileAnnotation", file=ids["attachment"], ns="notes")
    for name in ("tag", "rating", "comment", "map", "file annotation"):
        fill.add("ImageAnnotationLink", parent=ids["b.tif"], child=ids[name])
    fill.add("ImageAnnotationLink", owner="bob", parent=ids["A.tif"], child=ids["tag"])
    fill.add("DatasetAnnotationLink", parent=ids["fixed"], child=ids["tag"])


def _screens(fill: Filler, ids: dict[str, int]) -> None:
    ids["screen"] = fill.add("Screen", name="Library")
    ids["plate"] = fill.add("Plate", name="P1")
    ids["loose plate"] = fill.add("Plate", owner="bob", name="P2")
    fill.add("ScreenPlateLink", parent=ids["screen"], child=ids["plate"])
    ids["run"] = fill.add("PlateAcquisition", plate=ids["plate"], name="run 1")
    for column in range(2):
        well = ids[f"well {column}"] = fill.add("Well", plate=ids["plate"], row=0, column=column)
        for field in range(2):
            name = f"w{column}f{field}"
            ids[name] = fill.add("Image", name=name)
            ids[f"sample {name}"] = fill.add(
                "WellSample", well=well, image=ids[name], plateAcquisition=ids["run"], well_index=1 - field
            )
    fill.add("WellAnnotationLink", parent=ids["well 0"], child=ids["map"])


def _rois(fill: Filler, ids: dict[str, int]) -> None:
    ids["roi"] = fill.add("Roi", image=ids["b.tif"], name="cell")
    ids["rectangle"] = fill.add(
        "Rectangle", roi=ids["roi"], x=1.0, y=2.0, width=3.0, height=4.0, theZ=1, roi_index=1
    )
    ids["point"] = fill.add("Point", roi=ids["roi"], x=5.0, y=6.0, textValue="here", roi_index=0)
    ids["bobs roi"] = fill.add("Roi", owner="bob", image=ids["A.tif"])


def _files(fill: Filler, ids: dict[str, int]) -> None:
    ids["fileset"] = fill.add("Fileset", templatePrefix="alice_2/2024-01/")
    for place in range(2):
        file = ids[f"file {place}"] = fill.add(
            "OriginalFile", name=f"{place}.tif", path="alice_2/", size=100 + place, mimetype="image/tiff"
        )
        fill.add(
            "FilesetEntry",
            fileset=ids["fileset"],
            originalFile=file,
            clientPath=f"/in/{place}.tif",
            fileset_index=place,
        )
    ids["imported.tif"] = fill.add("Image", name="imported.tif", fileset=ids["fileset"])


def _private(fill: Filler, ids: dict[str, int]) -> None:
    for owner in ("alice", "bob"):
        ids[f"{owner}s secret"] = fill.add("Image", owner=owner, group="private", name=f"{owner}s secret")
    ids["far away"] = fill.add("Image", owner="erin", group="elsewhere", name="far away")
    ids["wild tag"] = fill.add("TagAnnotation", owner="erin", group="elsewhere", textValue="wild")


@pytest.fixture(scope="package")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The filled store: SQLite, or the empty PostgreSQL database that OMERO_EMBEDDED_TEST_DATABASE names."""
    database = os.environ.get("OMERO_EMBEDDED_TEST_DATABASE")
    server = Server(tmp_path_factory.mktemp("hql"), root_password="root", database_url=database)
    yield World(server)
    server.stop()


@pytest.fixture(scope="package")
def alice(world: World) -> Call:
    """A call of alice's in her default group, the lab."""
    return world.call("alice")
