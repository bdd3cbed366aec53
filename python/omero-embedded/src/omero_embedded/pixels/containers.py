"""The pixels below containers of every kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omero_embedded.hql.run import rows
from omero_embedded.model.schema import SCHEMA, UnknownClassError
from omero_embedded.pixels.types import PixelsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omero_embedded.security.context import Call

_FROM = "select distinct p.id from Pixels as p join p.image as i"
_QUERIES = {
    "Pixels": f"{_FROM} where p.id in (:ids)",
    "Image": f"{_FROM} where i.id in (:ids)",
    "Dataset": f"{_FROM} join i.datasetLinks as dil where dil.parent.id in (:ids)",
    "Project": f"{_FROM} join i.datasetLinks as dil join dil.parent as d join d.projectLinks as pdl "
    "where pdl.parent.id in (:ids)",
    "Plate": f"{_FROM} join i.wellSamples as ws join ws.well as w where w.plate.id in (:ids)",
    "PlateAcquisition": f"{_FROM} join i.wellSamples as ws where ws.plateAcquisition.id in (:ids)",
    "Screen": f"{_FROM} join i.wellSamples as ws join ws.well as w join w.plate as pl "
    "join pl.screenLinks as spl where spl.parent.id in (:ids)",
}


def pixels_below(call: Call, class_name: str, ids: Sequence[int]) -> list[int]:
    """Ids of all visible pixels in the containers, sorted; PixelsError for a class that holds none."""
    try:
        name = SCHEMA.resolve(class_name).name
    except UnknownClassError:
        name = class_name
    if name not in _QUERIES:
        raise PixelsError(f"rendering settings belong to {', '.join(_QUERIES)}, not to {class_name}")
    if not ids:
        return []
    return sorted(row[0] for row in rows(call, _QUERIES[name], {"ids": list(ids)}))
