"""IContainer: projects, datasets, screens, plates and the images in them."""

# ruff: noqa: S608 - HQL from class names of the schema and fixed text; values go as parameters
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omero_embedded import errors
from omero_embedded.graphs.load import fetch_tree, load_objects
from omero_embedded.hql.run import objects, rows
from omero_embedded.model.schema import SCHEMA, ModelClass, UnknownClassError
from omero_embedded.services.options import Wanted, ownership, read_wanted, where
from omero_embedded.updates.graph import required_id
from omero_embedded.updates.remove import delete_object
from omero_embedded.updates.save import save

if TYPE_CHECKING:
    from collections.abc import Iterable

    from omero_embedded.security.context import Call
    from omero_embedded.server import Server

_IMAGE = ("pixels.pixelsType", "format")
_ACQUISITION = (
    "stageLabel",
    "imagingEnvironment",
    "objectiveSettings.medium",
    "objectiveSettings.objective.immersion",
    "objectiveSettings.objective.correction",
)
# What a hierarchy loads below its roots, and where in it the images are.
_BELOW = {
    "Project": (("datasetLinks.child",), "datasetLinks.child.imageLinks.child"),
    "Dataset": ((), "imageLinks.child"),
    "Screen": (
        ("plateLinks.child.plateAcquisitions",),
        "plateLinks.child.plateAcquisitions.wellSample.image",
    ),
    "Plate": (("plateAcquisitions",), "plateAcquisitions.wellSample.image"),
}
_IN_CONTAINER = {
    "Image": "select i.id from Image i where i.id in (:ids)",
    "Dataset": "select l.child.id from DatasetImageLink l where l.parent.id in (:ids)",
    "Project": "select l.child.id from DatasetImageLink l, ProjectDatasetLink p "
    "where p.child = l.parent and p.parent.id in (:ids)",
}
_TO_IMAGES = _IN_CONTAINER | {
    "Fileset": "select i.id from Image i where i.fileset.id in (:ids)",
    "Screen": "select ws.image.id from WellSample ws, ScreenPlateLink l "
    "where l.child = ws.well.plate and l.parent.id in (:ids)",
    "Plate": "select ws.image.id from WellSample ws where ws.well.plate.id in (:ids)",
    "PlateAcquisition": "select ws.image.id from WellSample ws where ws.plateAcquisition.id in (:ids)",
    "Well": "select ws.image.id from WellSample ws where ws.well.id in (:ids)",
}


class ContainerService:
    """Loads hierarchies of containers."""

    interface = "omero.api.IContainer"

    def __init__(self, server: Server) -> None:
        self._server = server

    def loadContainerHierarchy(
        self, call: Call, root_type: str, ids: list[int] | None, options: Any
    ) -> list[Any]:
        """Containers with what is in them; without ids all, or those of the wished owner or group."""
        cls = _class(root_type, _BELOW)
        wanted = read_wanted(options)
        found = self._containers(call, cls.name, ids, wanted)
        if cls.name == "Project" and wanted.orphan and not ids:
            found += self._containers(call, "Dataset", None, wanted, unlinked=True)
        return found

    def _containers(
        self, call: Call, name: str, ids: list[int] | None, wanted: Wanted, *, unlinked: bool = False
    ) -> list[Any]:
        conditions, parameters = ownership(wanted, "o")
        if ids:
            conditions.append("o.id in (:ids)")
            parameters["ids"] = list(ids)
        if unlinked:
            conditions.append("not exists (select l.id from ProjectDatasetLink l where l.child = o)")
        found = [
            row[0]
            for row in rows(call, f"select o.id from {name} o{where(conditions)} order by o.id", parameters)
        ]
        below, images = _BELOW[name]
        paths = [*below]
        if wanted.leaves:
            paths += [f"{images}.{path}" for path in (*_IMAGE, *(_ACQUISITION if wanted.acquisition else ()))]
        return _load(call, name, found, paths)

    def findContainerHierarchies(
        self, call: Call, root_type: str, image_ids: list[int], options: Any
    ) -> list[Any]:
        """The projects or datasets that contain the images, down to the images; images without any stand for themselves."""
        cls = _class(root_type, ("Project", "Dataset"))
        in_project = cls.name == "Project"
        links = rows(
            call,
            "select l.parent.id, l.child.id from DatasetImageLink l where l.child.id in (:ids)",
            {"ids": image_ids},
        )
        datasets = {row[0] for row in links}
        projects: set[int] = set()
        loose: set[int] = set()
        if in_project and datasets:
            above = "select l.parent.id, l.child.id from ProjectDatasetLink l where l.child.id in (:ids)"
            pairs = rows(call, above, {"ids": sorted(datasets)})
            projects = {row[0] for row in pairs}
            loose = datasets - {row[1] for row in pairs}
        elif not in_project:
            loose = datasets
        image_paths = [f"imageLinks.child.{path}" for path in _IMAGE]
        found = _load(call, "Project", projects, [f"datasetLinks.child.{path}" for path in image_paths])
        found += _load(call, "Dataset", loose, image_paths)
        return found + _load(call, "Image", set(image_ids) - {row[1] for row in links}, _IMAGE)

    def getImages(self, call: Call, root_type: str, ids: list[int], options: Any) -> list[Any]:
        """The images in the containers (or with these ids), with their pixels."""
        cls = _class(root_type, _IN_CONTAINER)
        found = [row[0] for row in rows(call, _IN_CONTAINER[cls.name], {"ids": list(ids)})] if ids else []
        return self._images(call, found, read_wanted(options))

    def getUserImages(self, call: Call, options: Any) -> list[Any]:
        """The images of the wished owner or group."""
        wanted = read_wanted(options)
        if wanted.owner is None and wanted.group is None:
            raise errors.api_usage("getUserImages needs an owner or a group in its options")
        return self._images(call, None, wanted)

    def getImagesByOptions(self, call: Call, options: Any) -> list[Any]:
        """The images made in the wished time."""
        wanted = read_wanted(options)
        if wanted.start is None and wanted.end is None:
            raise errors.api_usage("getImagesByOptions needs a start or an end time in its options")
        return self._images(call, None, wanted)

    def _images(self, call: Call, ids: list[int] | None, wanted: Wanted) -> list[Any]:
        if ids is not None and not ids:
            return []
        conditions, parameters = ownership(wanted, "i")
        if ids is not None:
            conditions.append("i.id in (:ids)")
            parameters["ids"] = ids
        for name, sign in (("start", ">"), ("end", "<")):
            moment = getattr(wanted, name)
            if moment is not None:
                conditions.append(f"i.details.creationEvent.time {sign} :{name}")
                parameters[name] = moment
        query = f"select i.id from Image i{where(conditions)} order by i.id"
        found = [row[0] for row in rows(call, query, parameters, limit=wanted.limit, offset=wanted.offset)]
        return _load(call, "Image", found, [*_IMAGE, *(_ACQUISITION if wanted.acquisition else ())])

    def getImagesBySplitFilesets(
        self, call: Call, included: dict[str, list[int]], options: Any
    ) -> dict[Any, Any]:
        """Filesets that the objects cover only in part: their images by whether they are covered."""
        covered: set[int] = set()
        for spelling, ids in (included or {}).items():
            cls = _class(spelling, _TO_IMAGES)
            if ids:
                covered |= {
                    row[0]
                    for row in rows(call, _TO_IMAGES[cls.name], {"ids": list(ids)})
                    if row[0] is not None
                }
        if not covered:
            return {}
        filesets = "select distinct i.fileset.id from Image i where i.fileset is not null and i.id in (:ids)"
        touched = [row[0] for row in rows(call, filesets, {"ids": sorted(covered)})]
        split: dict[int, dict[bool, list[int]]] = {}
        if touched:
            images = "select i.fileset.id, i.id from Image i where i.fileset.id in (:ids) order by i.id"
            for fileset, image in rows(call, images, {"ids": touched}):
                split.setdefault(fileset, {True: [], False: []})[image in covered].append(image)
        return {fileset: parts for fileset, parts in split.items() if parts[True] and parts[False]}

    def getCollectionCount(
        self, call: Call, root_type: str, name: str, ids: list[int], options: Any
    ) -> dict[int, int]:
        """How many elements a collection of each object has, e.g. ("Dataset", "imageLinks")."""
        cls = _any_class(root_type)
        collection = cls.collections.get(name.rpartition("_")[2])
        if collection is None:
            raise errors.api_usage(
                f"{name} is not a collection of {cls.name}; it has {', '.join(sorted(cls.collections))}"
            )
        counts = dict.fromkeys(ids, 0)
        if ids:
            query = (
                f"select e.{collection.inverse}.id, count(e.id) from {collection.element} e "
                f"where e.{collection.inverse}.id in (:ids) group by e.{collection.inverse}.id"
            )
            counts |= dict(rows(call, query, {"ids": list(ids)}))
        return counts

    def retrieveCollection(self, call: Call, obj: Any, name: str, options: Any) -> list[Any]:
        """The elements of a collection of an object."""
        object_id = required_id(obj, "the object")
        cls = SCHEMA.of(obj)
        collection = cls.collections.get(name.rpartition("_")[2])
        if collection is None:
            raise errors.api_usage(
                f"{name} is not a collection of {cls.name}; it has {', '.join(sorted(cls.collections))}"
            )
        query = f"select e from {collection.element} e where e.{collection.inverse}.id = :id order by e.id"
        return objects(call, query, {"id": object_id})

    def createDataObject(self, call: Call, obj: Any, options: Any) -> Any:
        """Save a new object."""
        return save(call, [obj])[0]

    def createDataObjects(self, call: Call, objs: list[Any], options: Any) -> list[Any]:
        """Save new objects."""
        return save(call, objs)

    def updateDataObject(self, call: Call, obj: Any, options: Any) -> Any:
        """Save a changed object."""
        return save(call, [obj])[0]

    def updateDataObjects(self, call: Call, objs: list[Any], options: Any) -> list[Any]:
        """Save changed objects."""
        return save(call, objs)

    def link(self, call: Call, links: list[Any], options: Any) -> list[Any]:
        """Save links."""
        return save(call, links)

    def unlink(self, call: Call, links: list[Any], options: Any) -> None:
        """Delete links."""
        for link in links:
            object_id = required_id(link, "a link to delete")
            delete_object(call, SCHEMA.of(link).name, object_id)


def _load(call: Call, class_name: str, ids: Iterable[int], paths: Iterable[str]) -> list[Any]:
    with call.db.read() as connection:
        return list(load_objects(connection, call, class_name, ids, fetch_tree(*paths)).values())


def _any_class(spelling: str) -> ModelClass:
    try:
        return SCHEMA.resolve(spelling)
    except UnknownClassError as error:
        raise errors.api_usage(str(error)) from None


def _class(spelling: str, allowed: Iterable[str]) -> ModelClass:
    cls = _any_class(spelling)
    names = list(allowed)
    if cls.name not in names:
        raise errors.api_usage(f"{cls.name} is not a container here; use one of {', '.join(names)}")
    return cls
