"""IRoi: regions of interest of an image, and the pixel values in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import omero
import omero.all

from omero_embedded import errors
from omero_embedded.graphs.load import fetch_tree, load_objects
from omero_embedded.hql.run import rows
from omero_embedded.pixels.faults import typed_faults
from omero_embedded.pixels.rows import one_pixels
from omero_embedded.pixels.shared import pixel_store
from omero_embedded.services.roi_masks import mask_rois
from omero_embedded.services.shape_geometry import shape_pixels
from omero_embedded.services.shape_stats import (
    Measured,
    channels_of,
    check_restriction,
    combined,
    measure,
    planes_of,
    stats_object,
)
from omero_embedded.updates.graph import id_of
from omero_embedded.updates.save import save

if TYPE_CHECKING:
    from omero_embedded.pixels.rows import PixelsInfo
    from omero_embedded.pixels.source import PixelSource
    from omero_embedded.security.context import Call
    from omero_embedded.server import Server

_MEASUREMENTS = (
    "select distinct a.id from FileAnnotation a where a.ns = :ns "
    "and exists (select r.id from RoiAnnotationLink r where r.child.id = a.id) "
    "and exists (select p.id from PlateAnnotationLink p join p.parent.wells w join w.wellSamples s "
    "where p.child.id = a.id and s.image.id = :id) order by a.id"
)
_MEASURED = "select distinct l.parent.id from RoiAnnotationLink l where l.child.id = :annotation and l.parent.image.id = :id"
_ROI = fetch_tree("shapes.transform", "folderLinks.parent")
_FILE = "select a.file.id from FileAnnotation a where a.id = :id"
_SHAPES = "select s.id from Shape s where s.roi.id = :id order by s.id"


@typed_faults
class RoiService:
    """Finds ROIs with their shapes, and the pixel values in them."""

    interface = "omero.api.IRoi"

    def __init__(self, server: Server) -> None:
        self._server = server

    def findByRoi(self, call: Call, roi_id: int, opts: Any) -> Any:
        """One ROI, unless the options ask for somebody else's."""
        return self._find(call, "select distinct r.id from Roi r where r.id = :id", {"id": roi_id}, opts)

    def findByImage(self, call: Call, image_id: int, opts: Any) -> Any:
        """The ROIs of an image."""
        query = "select distinct r.id from Roi r join r.shapes s where r.image.id = :id"
        return self._find(call, query, {"id": image_id}, opts)

    def findByPlane(self, call: Call, image_id: int, z: int, t: int, opts: Any) -> Any:
        """The ROIs of an image with a shape on this plane (or on all)."""
        query = (
            "select distinct r.id from Roi r join r.shapes s where r.image.id = :id "
            "and (s.theZ is null or s.theZ = :z) and (s.theT is null or s.theT = :t)"
        )
        return self._find(call, query, {"id": image_id, "z": z, "t": t}, opts)

    def _find(self, call: Call, query: str, parameters: dict[str, Any], opts: Any) -> Any:
        for name in ("userId", "groupId"):
            value = getattr(opts, name, None)
            if value is not None:
                query += f" and r.details.{'owner' if name == 'userId' else 'group'}.id = :{name}"
                parameters[name] = value.getValue()
        found = rows(
            call,
            f"{query} order by r.id",
            parameters,
            limit=_wish(opts, "limit"),
            offset=_wish(opts, "offset"),
        )
        return _result(call, [row[0] for row in found], opts)

    def getRoiMeasurements(self, call: Call, image_id: int, opts: Any) -> list[Any]:
        """Measurement files of the plate that the image is in, if they are attached to a ROI, too."""
        del opts
        found = rows(call, _MEASUREMENTS, {"ns": omero.constants.namespaces.NSMEASUREMENT, "id": image_id})
        with call.db.read() as connection:
            tree = fetch_tree("file")
            return list(
                load_objects(connection, call, "FileAnnotation", [row[0] for row in found], tree).values()
            )

    def getMeasuredRois(self, call: Call, image_id: int, annotation_id: int, opts: Any) -> Any:
        """The ROIs of an image that a measurement file is attached to."""
        return self._find_measured(call, image_id, annotation_id, opts)

    def getMeasuredRoisMap(
        self, call: Call, image_id: int, annotation_ids: list[int], opts: Any
    ) -> dict[int, Any]:
        """Like getMeasuredRois, for several measurement files."""
        return {one: self._find_measured(call, image_id, one, opts) for one in annotation_ids}

    def _find_measured(self, call: Call, image_id: int, annotation_id: int, opts: Any) -> Any:
        found = rows(call, _MEASURED, {"id": image_id, "annotation": annotation_id})
        return _result(call, sorted(row[0] for row in found), opts)

    def getPoints(self, call: Call, shape_id: int) -> Any:
        """The pixels of a shape, within its image."""
        shape, info = self._shape(call, shape_id)
        ys, xs = np.nonzero(shape_pixels(shape, info.dimensions.x, info.dimensions.y))
        return omero.api.ShapePoints(xs.tolist(), ys.tolist())

    def getShapeStatsRestricted(
        self, call: Call, shape_ids: list[int], z: int, t: int, channels: list[int]
    ) -> list[Any]:
        """Count, minimum, maximum, sum, mean and standard deviation in each shape, for some channels by number.

        `z` and `t` are used for shapes that are on all planes.
        """
        if not shape_ids or not channels:
            raise errors.api_usage("getShapeStatsRestricted takes at least one shape and one channel")
        wanted = sorted(set(channels))
        answers = []
        for shape, info in self._shapes_of_one_image(call, shape_ids):
            check_restriction(info, z, t, wanted)
            plane = (z if shape.theZ is None else shape.theZ.val, t if shape.theT is None else shape.theT.val)
            answers.append(stats_object(measure(self._source(info), shape, [plane], wanted), wanted))
        return answers

    def getShapeStats(self, call: Call, shape_id: int) -> Any:
        """Count, minimum, maximum, sum, mean and standard deviation in a shape.

        On all planes and for all channels that the shape is on, by the ids of their logical channels.
        """
        return self.getShapeStatsList(call, [shape_id])[0]

    def getShapeStatsList(self, call: Call, shape_ids: list[int]) -> list[Any]:
        """Like getShapeStats, for several shapes."""
        answers = []
        for shape_id in shape_ids:
            shape, info = self._shape(call, shape_id)
            answers.append(_named(call, self._measured(shape, info), info))
        return answers

    def getRoiStats(self, call: Call, roi_id: int) -> Any:
        """Like getShapeStats for each shape of a ROI, and for all of them together."""
        shape_ids = [row[0] for row in rows(call, _SHAPES, {"id": roi_id})]
        if not shape_ids:
            raise errors.api_usage(
                f"no Roi:{roi_id} with shapes that {call.caller.user_name} can see in this group"
            )
        found = self._shapes_of_one_image(call, shape_ids)
        info = found[0][1]
        measured = [self._measured(shape, info) for shape, _ in found]
        return omero.api.RoiStats(
            roi_id,
            info.image_id,
            info.id,
            _named(call, combined(measured), info),
            [_named(call, one, info) for one in measured],
        )

    def _measured(self, shape: Any, info: PixelsInfo) -> Measured:
        return measure(self._source(info), shape, planes_of(shape, info), channels_of(shape, info))

    def _source(self, info: PixelsInfo) -> PixelSource:
        store = pixel_store(self._server)
        if store.is_big(info.dimensions):
            raise errors.api_usage(
                f"Pixels:{info.id} has planes of {info.dimensions.x} x {info.dimensions.y} pixels, "
                "too many for statistics of shapes"
            )
        return store.open(info.id, info.dimensions, info.type)

    def _shapes_of_one_image(self, call: Call, shape_ids: list[int]) -> list[tuple[Any, PixelsInfo]]:
        found = [self._shape(call, shape_id) for shape_id in dict.fromkeys(shape_ids)]
        if len({info.image_id for _, info in found}) > 1:
            raise errors.api_usage("the shapes must be of one image")
        return found

    def getTable(self, call: Call, annotation_id: int) -> Any:
        """The table in the file that a FileAnnotation attaches."""
        found = rows(call, _FILE, {"id": annotation_id})
        if not found:
            raise errors.api_usage(
                f"no FileAnnotation:{annotation_id} that {call.caller.user_name} can see in this group"
            )
        resources: Any = self._server.service("omero.grid.SharedResources")
        return resources.openTable(call, omero.model.OriginalFileI(found[0][0], False))

    def uploadMask(self, call: Call, image_id: int, z: int, t: int, picture: bytes) -> None:
        """Make a ROI with a mask for each colour but black of a picture."""
        rois = mask_rois(bytes(picture or b""), image_id, z, t)
        if rois:
            save(call, rois)

    def _shape(self, call: Call, shape_id: int) -> tuple[Any, PixelsInfo]:
        with call.db.read() as connection:
            found = load_objects(
                connection, call, "Shape", [shape_id], fetch_tree("transform", "roi.image.pixels")
            )
            shape = found.get(shape_id)
            if shape is None:
                raise errors.validation(
                    f"no Shape:{shape_id} that {call.caller.user_name} can see in this group"
                )
            image = shape.roi.image if shape.roi is not None else None
            pixels = image.getPrimaryPixels() if image is not None and image.sizeOfPixels() > 0 else None
            pixels_id = id_of(pixels) if pixels is not None else None
            if pixels_id is None:
                raise errors.validation(f"Shape:{shape_id} is not on an image with pixels")
            return shape, one_pixels(connection, call, pixels_id)


def _named(call: Call, measured: Measured, info: PixelsInfo) -> Any:
    """Statistics with the ids of the logical channels."""
    query = "select index(c), c.logicalChannel.id from Pixels p join p.channels c where p.id = :id"
    ids = dict(rows(call, query, {"id": info.id}))
    return stats_object(measured, [ids[channel] for channel in measured.channels])


def _wish(opts: Any, name: str) -> int | None:
    value = getattr(opts, name, None)
    return None if value is None else int(value.getValue())


def _result(call: Call, ids: list[int], opts: Any) -> Any:
    """ROIs, and their shapes by plane; -1 stands for all planes."""
    with call.db.read() as connection:
        rois = list(load_objects(connection, call, "Roi", ids, _ROI).values())
    by_z: dict[int, list[Any]] = {}
    by_t: dict[int, list[Any]] = {}
    for roi in rois:
        for shape in roi.copyShapes():
            by_z.setdefault(-1 if shape.theZ is None else shape.theZ.val, []).append(shape)
            by_t.setdefault(-1 if shape.theT is None else shape.theT.val, []).append(shape)
    return omero.api.RoiResult(opts, rois, by_z, by_t)
