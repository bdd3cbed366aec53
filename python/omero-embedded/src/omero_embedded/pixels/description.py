"""Pixels and rendering settings as omero.model objects, with everything that clients expect to be loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omero_embedded import errors
from omero_embedded.hql.run import objects

if TYPE_CHECKING:
    from omero_embedded.security.context import Call

# What OMERO's IPixels loads, as its API documentation lists it.
PIXELS_QUERY = """
select p from Pixels as p
left outer join fetch p.pixelsType as pt
left outer join fetch p.dimensionOrder
left outer join fetch p.channels as c
left outer join fetch c.logicalChannel as lc
left outer join fetch c.statsInfo
left outer join fetch lc.photometricInterpretation
left outer join fetch lc.illumination
left outer join fetch lc.mode
left outer join fetch lc.contrastMethod
where p.id = :id
"""
SETTINGS_QUERY = """
select rdef from RenderingDef as rdef
left outer join fetch rdef.details.owner
left outer join fetch rdef.quantization
left outer join fetch rdef.model
left outer join fetch rdef.waveRendering as cb
left outer join fetch cb.family
left outer join fetch cb.spatialDomainEnhancement
left outer join fetch rdef.projections as proj
left outer join fetch proj.axis
left outer join fetch proj.type
where
"""


def pixels_description(call: Call, pixels_id: int) -> Any:
    """The Pixels with type, channels, their names and statistics; ValidationException if there is none."""
    found = objects(call, PIXELS_QUERY, {"id": pixels_id})
    if not found:
        raise errors.validation(f"no Pixels:{pixels_id} that {call.caller.user_name} can see in this group")
    return found[0]


def settings_of_pixels(call: Call, pixels_id: int, owner_id: int | None = None) -> list[Any]:
    """All RenderingDefs of the pixels (of one owner), the one changed last first."""
    query = f"{SETTINGS_QUERY} rdef.pixels.id = :pixels"
    parameters: dict[str, Any] = {"pixels": pixels_id}
    if owner_id is not None:
        query += " and rdef.details.owner.id = :owner"
        parameters["owner"] = owner_id
    return list(
        objects(call, f"{query} order by rdef.details.updateEvent.time desc, rdef.id desc", parameters)
    )


def settings_by_id(call: Call, settings_id: int) -> Any:
    """One RenderingDef, None if the caller sees none with this id."""
    found = objects(call, f"{SETTINGS_QUERY} rdef.id = :id", {"id": settings_id})
    return found[0] if found else None
