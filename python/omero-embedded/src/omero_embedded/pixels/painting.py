"""Planes and projections as clients ask for them, rendered with the settings of their view."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omero_embedded import errors
from omero_embedded.pixels.overlays import draw
from omero_embedded.pixels.renderer import Renderer, Section
from omero_embedded.pixels.types import PixelsError, Region
from omero_embedded.pixels.uploaded import uploaded_luts

if TYPE_CHECKING:
    from omero_embedded.pixels.overlays import Overlay
    from omero_embedded.pixels.renderer import Bands
    from omero_embedded.pixels.view import View
    from omero_embedded.security.context import Call


def painted(call: Call, view: View, plane: Any, overlays: list[Overlay]) -> Bands:
    """The plane that an omero.romio.PlaneDef describes, with masks on it."""
    section = _section(view, plane)
    _check_size(view, section)
    bands = _renderer(call, view).render(section)
    return draw(bands, overlays, section, view.pixels.dimensions) if overlays else bands


def painted_projection(
    call: Call, view: View, algorithm: Any, timepoint: int, stepping: int, start: int, end: int
) -> Bands:
    """A projection of planes from Z `start` to `end`."""
    if view.store.is_big(view.pixels.dimensions):
        raise PixelsError("images with a pyramid cannot be projected as a whole")
    return _renderer(call, view).render_projected(algorithm.value, timepoint, stepping, start, end)


def _renderer(call: Call, view: View) -> Renderer:
    return Renderer(view.source(), view.pixels, view.settings(), uploaded_luts(call))


def _section(view: View, plane: Any) -> Section:
    if plane is None:
        raise PixelsError("a PlaneDef is needed to render")
    if getattr(plane, "shapeIds", None):
        raise errors.not_supported("rendering masks on top of a plane (PlaneDefWithMasks)")
    return Section(
        z=plane.z,
        t=plane.t,
        slice=plane.slice,
        x=plane.x,
        y=plane.y,
        region=None if plane.region is None else _region(view, plane.region),
        level=view.level,
        step=max(plane.stride, 0) + 1,
    )


def _region(view: View, asked: Any) -> Region:
    """Tiles of one size may reach over the right and lower edges, as OMERO.web asks for them."""
    region = Region(asked.x, asked.y, asked.width, asked.height)
    return region.clipped(*view.source().levels[view.level])


def _check_size(view: View, section: Section) -> None:
    width, height = view.source().levels[section.level]
    if section.region is not None:
        width, height = section.region.width, section.region.height
    most_x, most_y = view.store.max_plane
    if width > most_x or height > most_y:
        raise PixelsError(
            f"{width} x {height} pixels are too many for one picture (at most {most_x} x {most_y}); "
            "ask for a region or a lower resolution"
        )
