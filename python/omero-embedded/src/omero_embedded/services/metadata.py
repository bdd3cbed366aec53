"""IMetadata: annotations by object, kind and namespace; instruments and how channels were acquired."""

# ruff: noqa: S608 - HQL from class names of the schema and fixed text; values go as parameters
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omero.rtypes import rlong

from omero_embedded import errors
from omero_embedded.graphs.load import fetch_tree, load_objects
from omero_embedded.hql.run import rows
from omero_embedded.model.schema import SCHEMA, ModelClass, UnknownClassError
from omero_embedded.services.options import ownership, read_wanted, where

if TYPE_CHECKING:
    from collections.abc import Iterable

    from omero_embedded.security.context import Call
    from omero_embedded.server import Server

_ANNOTATION = ("file.hasher",)
_LIGHT = ("type", "laserMedium", "pulse")
_FILTERS = ("transmittanceRange", "type")
_INSTRUMENT = (
    "microscope.type",
    "objective.immersion",
    "objective.correction",
    "detector.type",
    "filter.type",
    "filter.transmittanceRange",
    "filterSet.dichroic",
    "dichroic",
    "otf.pixelsType",
    "otf.objective.immersion",
    "otf.objective.correction",
    "otf.filterSet",
    *(f"lightSource.{name}" for name in _LIGHT),
)
_CHANNEL = (
    "mode",
    "illumination",
    "contrastMethod",
    "detectorSettings.detector.type",
    "detectorSettings.binning",
    "lightSourceSettings.microbeamManipulation",
    *(f"lightSourceSettings.lightSource.{name}" for name in _LIGHT),
    "lightSourceSettings.lightSource.instrument",
    "lightSourceSettings.lightSource.pump.type",
    "otf.pixelsType",
    "otf.objective.immersion",
    "otf.objective.correction",
    "otf.filterSet.dichroic",
    "filterSet.dichroic",
    *(f"filterSet.{way}FilterLink.child.{name}" for way in ("emission", "excitation") for name in _FILTERS),
    "lightPath.dichroic",
    *(f"lightPath.{way}FilterLink.child.{name}" for way in ("emission", "excitation") for name in _FILTERS),
)
_TAG_SET = "openmicroscopy.org/omero/insight/tagset"
_LOG_FILE = "application/omero-log-file"


class MetadataService:
    """Loads annotations and acquisition metadata."""

    interface = "omero.api.IMetadata"

    def __init__(self, server: Server) -> None:
        self._server = server

    def loadAnnotations(
        self,
        call: Call,
        root_type: str,
        ids: list[int],
        types: list[str],
        annotators: list[int],
        options: Any,
    ) -> dict[int, list[Any]]:
        """The annotations on each object, of these exact types and by these users if any are named."""
        link = _link_of(root_type)
        conditions = ["l.parent.id in (:ids)"]
        parameters: dict[str, Any] = {"ids": list(ids)}
        if annotators:
            conditions.append("l.details.owner.id in (:annotators)")
            parameters["annotators"] = list(annotators)
        found = _pairs(call, link, conditions, parameters) if ids else []
        exact = {_annotation_class(name).name for name in types or ()}
        return _by_parent(call, ids, found, lambda ann: not exact or SCHEMA.of(ann).name in exact)

    def loadSpecifiedAnnotations(
        self, call: Call, annotation_type: str, include: list[str], exclude: list[str], options: Any
    ) -> list[Any]:
        """All annotations of a type, with or without some namespaces."""
        found = self._specified(call, annotation_type, include, exclude, options)
        loaded = _annotations(call, found)
        if _annotation_class(annotation_type).name == "FileAnnotation":
            return [annotation for annotation in loaded if annotation.file is not None]
        return loaded

    def countSpecifiedAnnotations(
        self, call: Call, annotation_type: str, include: list[str], exclude: list[str], options: Any
    ) -> Any:
        """The number of them."""
        return rlong(len(self._specified(call, annotation_type, include, exclude, options)))

    def _specified(
        self, call: Call, annotation_type: str, include: list[str], exclude: list[str], options: Any
    ) -> list[int]:
        cls = _annotation_class(annotation_type)
        conditions, parameters = ownership(read_wanted(options), "a")
        _namespaces("a", include, exclude, conditions, parameters)
        return [
            row[0]
            for row in rows(
                call, f"select a.id from {cls.name} a{where(conditions)} order by a.id", parameters
            )
        ]

    def loadSpecifiedAnnotationsLinkedTo(
        self,
        call: Call,
        annotation_type: str,
        include: list[str],
        exclude: list[str],
        root_type: str,
        ids: list[int],
        options: Any,
    ) -> dict[int, list[Any]]:
        """The annotations of a type on each object, with or without some namespaces."""
        cls = _annotation_class(annotation_type)
        conditions, parameters = ownership(read_wanted(options), "a")
        if ids:
            conditions.append("l.parent.id in (:ids)")
            parameters["ids"] = list(ids)
        _namespaces("a", include, exclude, conditions, parameters)
        found = _pairs(call, _link_of(root_type), conditions, parameters)
        return _by_parent(call, (), found, lambda ann: SCHEMA.of(ann).is_a(cls.name))

    def loadAnnotation(self, call: Call, ids: list[int]) -> list[Any]:
        """The annotations with these ids."""
        return _annotations(call, ids)

    def loadAnnotationsUsedNotOwned(self, call: Call, annotation_type: str, user_id: int) -> list[Any]:
        """Other people's annotations that the user has linked to something."""
        return _annotations(call, self._used_not_owned(call, annotation_type, user_id))

    def countAnnotationsUsedNotOwned(self, call: Call, annotation_type: str, user_id: int) -> Any:
        """The number of them."""
        return rlong(len(self._used_not_owned(call, annotation_type, user_id)))

    def _used_not_owned(self, call: Call, annotation_type: str, user_id: int) -> list[int]:
        cls = _annotation_class(annotation_type)
        found: set[int] = set()
        for parent in (
            "Image",
            "Dataset",
            "Project",
            "Screen",
            "Plate",
            "PlateAcquisition",
            "Well",
            "Fileset",
        ):
            query = (
                f"select distinct a.id from {parent}AnnotationLink l, {cls.name} a "
                "where l.child = a and l.details.owner.id = :user and a.details.owner.id != :user"
            )
            found |= {row[0] for row in rows(call, query, {"user": user_id})}
        return sorted(found)

    def loadTagSets(self, call: Call, options: Any) -> list[Any]:
        """Tag sets with the tags in them and, if orphans are wished for, the tags in none."""
        wanted = read_wanted(options)
        conditions, parameters = ownership(wanted, "a")
        parameters["ns"] = _TAG_SET
        query = f"select a.id from TagAnnotation a{where([*conditions, 'a.ns = :ns'])} order by a.id"
        found = [row[0] for row in rows(call, query, parameters)]
        with call.db.read() as connection:
            sets = list(
                load_objects(
                    connection, call, "Annotation", found, fetch_tree("annotationLinks.child")
                ).values()
            )
        if not wanted.orphan:
            return sets
        loose = [
            *conditions,
            "(a.ns is null or a.ns != :ns)",
            "not exists (select l.id from AnnotationAnnotationLink l where l.child = a)",
        ]
        query = f"select a.id from TagAnnotation a{where(loose)} order by a.id"
        return sets + _annotations(call, [row[0] for row in rows(call, query, parameters)])

    def loadTagContent(self, call: Call, ids: list[int], options: Any) -> dict[int, list[Any]]:
        """Images, datasets, projects, screens and plates by tag."""
        content: dict[int, list[Any]] = {tag: [] for tag in ids}
        for parent in ("Image", "Dataset", "Project", "Screen", "Plate"):
            conditions, parameters = ownership(read_wanted(options), "l.parent")
            parameters["ids"] = list(ids)
            query = f"select l.child.id, l.parent.id from {parent}AnnotationLink l{where(['l.child.id in (:ids)', *conditions])}"
            pairs = rows(call, query, parameters) if ids else []
            with call.db.read() as connection:
                tree = fetch_tree("pixels.pixelsType") if parent == "Image" else {}
                loaded = load_objects(connection, call, parent, {row[1] for row in pairs}, tree)
            for tag, object_id in dict.fromkeys(pairs):
                if object_id in loaded:
                    content[tag].append(loaded[object_id])
        return content

    def getTaggedObjectsCount(self, call: Call, ids: list[int], options: Any) -> dict[int, int]:
        """Numbers of images, datasets, projects, screens and plates by tag."""
        counts = dict.fromkeys(ids, 0)
        for parent in ("Image", "Dataset", "Project", "Screen", "Plate"):
            query = (
                f"select l.child.id, count(distinct l.parent.id) from {parent}AnnotationLink l "
                "where l.child.id in (:ids) group by l.child.id"
            )
            for tag, count in rows(call, query, {"ids": list(ids)}) if ids else ():
                counts[tag] += count
        return counts

    def loadInstrument(self, call: Call, instrument_id: int) -> Any:
        """An instrument with all its parts, None if there is none."""
        with call.db.read() as connection:
            tree = fetch_tree(*_INSTRUMENT)
            return load_objects(connection, call, "Instrument", [instrument_id], tree).get(instrument_id)

    def loadChannelAcquisitionData(self, call: Call, ids: list[int]) -> list[Any]:
        """Logical channels with light source, detector, filters and objective."""
        with call.db.read() as connection:
            return list(load_objects(connection, call, "LogicalChannel", ids, fetch_tree(*_CHANNEL)).values())

    def loadLogFiles(self, call: Call, root_type: str, ids: list[int]) -> dict[int, list[Any]]:
        """The import logs of filesets or images."""
        cls = _class(root_type)
        if cls.name not in ("Image", "Fileset"):
            raise errors.api_usage(f"log files belong to Fileset or Image, not {cls.name}")
        filesets = {object_id: object_id for object_id in ids}
        if cls.name == "Image" and ids:
            query = "select i.id, i.fileset.id from Image i where i.fileset is not null and i.id in (:ids)"
            filesets = dict(rows(call, query, {"ids": list(ids)}))
        query = (
            "select f.parent.id, o.child.id from FilesetJobLink f, JobOriginalFileLink o "
            "where f.child = o.parent and f.parent.id in (:ids) and o.child.mimetype = :kind"
        )
        parameters = {"ids": sorted(set(filesets.values())), "kind": _LOG_FILE}
        pairs = rows(call, query, parameters) if filesets else []
        with call.db.read() as connection:
            files = load_objects(connection, call, "OriginalFile", {row[1] for row in pairs})
        logs: dict[int, list[Any]] = {}
        for object_id, fileset in filesets.items():
            logs[object_id] = [files[log] for owner, log in pairs if owner == fileset and log in files]
        return logs


def _class(spelling: str) -> ModelClass:
    try:
        return SCHEMA.resolve(spelling)
    except UnknownClassError as error:
        raise errors.api_usage(str(error)) from None


def _annotation_class(spelling: str) -> ModelClass:
    cls = _class(spelling)
    if not cls.is_a("Annotation"):
        raise errors.api_usage(f"{cls.name} is not a kind of annotation")
    return cls


def _link_of(root_type: str) -> str:
    cls = _class(root_type)
    if not cls.is_annotatable:
        raise errors.api_usage(f"{cls.name} cannot be annotated")
    return f"{cls.root}AnnotationLink"


def _namespaces(
    alias: str,
    include: Iterable[str],
    exclude: Iterable[str],
    conditions: list[str],
    parameters: dict[str, Any],
) -> None:
    if include:
        conditions.append(f"{alias}.ns in (:include)")
        parameters["include"] = list(include)
    if exclude:
        conditions.append(f"({alias}.ns is null or {alias}.ns not in (:exclude))")
        parameters["exclude"] = list(exclude)


def _pairs(call: Call, link: str, conditions: list[str], parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    """(annotated object, annotation) ids of links `l` to annotations `a`."""
    return rows(
        call,
        f"select l.parent.id, a.id from {link} l join l.child a{where(conditions)} order by l.id",
        parameters,
    )


def _annotations(call: Call, ids: Iterable[int]) -> list[Any]:
    with call.db.read() as connection:
        return list(load_objects(connection, call, "Annotation", ids, fetch_tree(*_ANNOTATION)).values())


def _by_parent(
    call: Call, ids: Iterable[int], pairs: list[tuple[Any, ...]], fits: Any
) -> dict[int, list[Any]]:
    with call.db.read() as connection:
        wanted = {row[1] for row in pairs}
        loaded = load_objects(connection, call, "Annotation", wanted, fetch_tree(*_ANNOTATION))
    found: dict[int, list[Any]] = {object_id: [] for object_id in ids}
    for parent, annotation_id in dict.fromkeys(pairs):
        annotation = loaded.get(annotation_id)
        if annotation is not None and fits(annotation):
            found.setdefault(parent, []).append(annotation)
    return found
