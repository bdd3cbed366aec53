"""People in two groups, data to run commands on, and a way to run them."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import omero
import omero.all
import omero.cmd
import pytest
from omero.rtypes import rint, rstring

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omero_embedded.testing import Site

PEOPLE = ("alice", "bob", "dora", "root")


@dataclass(frozen=True)
class World:
    """The site, its groups, and everybody's session; data is made in the group `lab` unless said otherwise."""

    site: Site
    lab: int
    private: int
    shared: int
    sessions: dict[str, Any]

    def save(self, who: str, obj: Any, group: int | None = None) -> Any:
        """The saved object."""
        context = {"omero.group": str(self.lab if group is None else group)}
        return self.sessions[who].sf.getUpdateService().saveAndReturnObject(obj, context)

    def container(self, kind: str, name: str = "box", who: str = "alice", group: int | None = None) -> int:
        """A new Project, Dataset, Screen, Plate, Folder or Fileset."""
        made = getattr(omero.model, f"{kind}I")()
        if kind == "Fileset":
            made.templatePrefix = rstring("alice/")
        else:
            made.name = rstring(name)
        found: int = self.save(who, made, group).id.val
        return found

    def image(
        self,
        dataset: int | None = None,
        who: str = "alice",
        group: int | None = None,
        fileset: int | None = None,
    ) -> int:
        """A new image with pixels and a channel, in a dataset and a fileset if they are given."""
        image = omero.model.ImageI()
        image.name = rstring("cells")
        if fileset is not None:
            image.fileset = omero.model.FilesetI(fileset, False)
        pixels = omero.model.PixelsI()
        pixels.sha1 = rstring("unknown")
        for axis in "XYZCT":
            setattr(pixels, f"size{axis}", rint(1))
        pixels.pixelsType = omero.model.PixelsTypeI()
        pixels.pixelsType.value = rstring("uint8")
        pixels.dimensionOrder = omero.model.DimensionOrderI()
        pixels.dimensionOrder.value = rstring("XYZCT")
        channel = omero.model.ChannelI()
        channel.logicalChannel = omero.model.LogicalChannelI()
        pixels.addChannel(channel)
        image.addPixels(pixels)
        image_id: int = self.save(who, image, group).id.val
        if dataset is not None:
            self.link("DatasetImage", dataset, image_id, who, group)
        return image_id

    def link(self, kind: str, parent: int, child: int, who: str = "alice", group: int | None = None) -> int:
        """A new link, e.g. link("DatasetImage", dataset, image)."""
        link = getattr(omero.model, f"{kind}LinkI")()
        ends = omero.model
        classes = {
            "ProjectDataset": (ends.ProjectI, ends.DatasetI),
            "DatasetImage": (ends.DatasetI, ends.ImageI),
            "ScreenPlate": (ends.ScreenI, ends.PlateI),
            "FolderImage": (ends.FolderI, ends.ImageI),
        }[kind]
        link.parent, link.child = classes[0](parent, False), classes[1](child, False)
        found: int = self.save(who, link, group).id.val
        return found

    def annotate(self, image: int, annotation: Any, who: str = "alice", group: int | None = None) -> int:
        """Put an annotation (new, or unloaded) on an image; its id."""
        link = omero.model.ImageAnnotationLinkI()
        link.parent, link.child = omero.model.ImageI(image, False), annotation
        found: int = self.save(who, link, group).child.id.val
        return found

    def tag(self, text: str = "tag") -> Any:
        """A new tag."""
        made = omero.model.TagAnnotationI()
        made.textValue = rstring(text)
        return made

    def comment(self, text: str = "comment") -> Any:
        """A new comment."""
        made = omero.model.CommentAnnotationI()
        made.textValue = rstring(text)
        return made

    def run(self, who: str, request: Any) -> Any:
        """The response to a request, an omero.cmd.ERR if it failed."""
        callback = self.sessions[who].submit(request, loops=400, ms=50, failonerror=False)
        try:
            return callback.getResponse()
        finally:
            callback.close(True)

    def delete(self, who: str, options: Any = None, *, dry_run: bool = False, **targets: Any) -> Any:
        """The response to a Delete2 of ids by class."""
        wanted = {name: ids if isinstance(ids, list) else [ids] for name, ids in targets.items()}
        return self.run(who, omero.cmd.Delete2(targetObjects=wanted, childOptions=options, dryRun=dry_run))

    def exists(self, kind: str, object_id: int) -> bool:
        """Whether an object is there, as an administrator sees it."""
        query = f"select o.id from {kind} o where o.id = {object_id}"
        return bool(self.sessions["root"].sf.getQueryService().projection(query, None, {"omero.group": "-1"}))

    def group_of(self, kind: str, object_id: int) -> int:
        """The group that an object is in."""
        return self._detail(kind, object_id, "group")

    def owner_of(self, kind: str, object_id: int) -> int:
        """Whose an object is."""
        return self._detail(kind, object_id, "owner")

    def _detail(self, kind: str, object_id: int, part: str) -> int:
        query = f"select o.details.{part}.id from {kind} o where o.id = {object_id}"
        rows = self.sessions["root"].sf.getQueryService().projection(query, None, {"omero.group": "-1"})
        found: int = rows[0][0].val
        return found


@pytest.fixture(scope="module")
def world(site: Site) -> Iterator[World]:
    lab = site.group("lab", "rwra--", "alice", "bob", owners=("dora",))
    private = site.group("private", "rw----", "alice", "bob")
    shared = site.group("shared", "rwrw--", "alice", "bob", owners=("dora",))
    with ExitStack() as stack:
        sessions = {name: stack.enter_context(site.client(name)) for name in PEOPLE}
        yield World(site, lab, private, shared, sessions)
