"""What is seen in a share, as SQL: the objects that were put into it and what an image is made of.

An image comes with its pixels, rendering settings, thumbnails and the description of how it was taken. Datasets, wells,
annotations, ROIs and files are only seen when they were put into the share themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, FromClause, Select, false, or_, select

from omero_embedded.store.tables import SHARE_ITEM, TABLES, root_of

if TYPE_CHECKING:
    from collections.abc import Mapping

# Seen with the object that they point to: class -> (field, class of that object).
_PARTS: Mapping[str, tuple[str, str]] = {
    "Pixels": ("image", "Image"),
    "Channel": ("pixels", "Pixels"),
    "PlaneInfo": ("pixels", "Pixels"),
    "Thumbnail": ("pixels", "Pixels"),
    "RenderingDef": ("pixels", "Pixels"),
    "ChannelBinding": ("renderingdef", "RenderingDef"),
    "ProjectionDef": ("renderingdef", "RenderingDef"),
    "CodomainMapContext": ("channelbinding", "ChannelBinding"),
    "Detector": ("instrument", "Instrument"),
    "Dichroic": ("instrument", "Instrument"),
    "Filter": ("instrument", "Instrument"),
    "FilterSet": ("instrument", "Instrument"),
    "LightSource": ("instrument", "Instrument"),
    "Objective": ("instrument", "Instrument"),
    "OTF": ("instrument", "Instrument"),
    "FilterSetEmissionFilterLink": ("parent", "FilterSet"),
    "FilterSetExcitationFilterLink": ("parent", "FilterSet"),
    "LightPathEmissionFilterLink": ("parent", "LightPath"),
    "LightPathExcitationFilterLink": ("parent", "LightPath"),
}
# Seen with the object that points to them: class -> (class of that object, field).
_USED: Mapping[str, tuple[str, str]] = {
    "Instrument": ("Image", "instrument"),
    "ImagingEnvironment": ("Image", "imagingenvironment"),
    "ObjectiveSettings": ("Image", "objectivesettings"),
    "StageLabel": ("Image", "stagelabel"),
    "LogicalChannel": ("Channel", "logicalchannel"),
    "StatsInfo": ("Channel", "statsinfo"),
    "QuantumDef": ("RenderingDef", "quantization"),
    "DetectorSettings": ("LogicalChannel", "detectorsettings"),
    "LightPath": ("LogicalChannel", "lightpath"),
    "LightSettings": ("LogicalChannel", "lightsourcesettings"),
    "MicrobeamManipulation": ("LightSettings", "microbeammanipulation"),
    "Microscope": ("Instrument", "microscope"),
    "TransmittanceRange": ("Filter", "transmittancerange"),
}
# Classes without an owner tell of the whole server; in a share these are of no concern.
_HIDDEN = frozenset({"EventLog", "Session", "ShareMember", "Node", "DBPatch"})


def shown(share_id: int, table: FromClause) -> ColumnElement[bool] | None:
    """The condition that a row of the table (or an alias of it) is seen in the share; None where nothing is hidden."""
    root = root_of(table)
    if "details_owner" not in table.c:
        return false() if root in _HIDDEN else None
    return or_(*_ways(share_id, root, table))


def _ways(share_id: int, root: str, table: FromClause) -> list[ColumnElement[bool]]:
    items = select(SHARE_ITEM.c.object_id)
    ways: list[ColumnElement[bool]] = [
        table.c.id.in_(items.where(SHARE_ITEM.c.share_id == share_id, SHARE_ITEM.c.root == root))
    ]
    if root in _PARTS:
        field, whole = _PARTS[root]
        ways.append(table.c[field].in_(_seen(share_id, whole, "id")))
    if root in _USED:
        ways.append(table.c.id.in_(_seen(share_id, *_USED[root])))
    return ways


def _seen(share_id: int, root: str, field: str) -> Select[tuple[int]]:
    table = TABLES[root].alias()
    return select(table.c[field]).where(or_(*_ways(share_id, root, table)))
