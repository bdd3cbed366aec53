"""IRoi: regions of interest of an image, and the pixel values in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import omero
import omero.all

from omero_embedded import errors
from omero_embedded.graphs.load import fetch_tree, load_objects
from omero_embedded.hql.run import rows
from omero_embedded.pixels.rows import one_pixels
from omero_embedded.pixels.shared import pixel_store
from omero_embedded.pixels.source import read_plane
from omero_embedded.services.shape_geometry import shape_pixels
from omero_embedded.updates.graph import id_of

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


class RoiService:
    """Finds ROIs with their shapes."""

    interface = "omero.api.IRoi"

    def __init__(self, server: Server) -> None:
        self._server = server

    def findByRoi(self, call: Call, roi_id: int, opts: Any) -> Any:
        """One ROI."""
        return _result(call, [roi_id], opts)

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
        """Count, minimum, maximum, sum, mean and standard deviation in each shape, for some channels.

        `z` and `t` are used for shapes that are on all planes.
        """
        return [self._statistics(call, shape_id, z, t, channels) for shape_id in shape_ids]

    def _statistics(self, call: Call, shape_id: int, z: int, t: int, channels: list[int]) -> Any:
        shape, info = self._shape(call, shape_id)
        size = info.dimensions
        wanted = list(channels) if channels else list(range(size.c))
        inside = shape_pixels(shape, size.x, size.y)
        store = pixel_store(self._server)
        source: PixelSource = store.open(info.id, info.dimensions, info.type)
        plane_z = z if shape.theZ is None else shape.theZ.val
        plane_t = t if shape.theT is None else shape.theT.val
        made = omero.api.ShapeStats(shape_id, wanted, [], [], [], [], [], [])
        for channel in wanted:
            values = read_plane(source, plane_z, channel, plane_t)[inside].astype(np.float64)
            count = int(values.size)
            made.pointsCount.append(count)
            made.min.append(float(values.min()) if count else 0.0)
            made.max.append(float(values.max()) if count else 0.0)
            made.sum.append(float(values.sum()))
            made.mean.append(float(values.mean()) if count else 0.0)
            made.stdDev.append(float(values.std(ddof=1)) if count > 1 else 0.0)
        return made

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
