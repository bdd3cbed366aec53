"""Lengths and times of OMERO's model as plain numbers."""

from __future__ import annotations

import math
from typing import Any

import omero.model
from omero.model.enums import UnitsLength, UnitsTime

# What OMERO can't convert.
WITHOUT_SIZE = ("PIXEL", "REFERENCEFRAME")


def micrometres(length: Any) -> float | None:
    """The length in micrometres; None for none, for nonsense and for units without a size, such as pixels."""
    return _number(omero.model.LengthI, length, UnitsLength.MICROMETER)


def nanometres(length: Any) -> float | None:
    """The length in nanometres; None as above."""
    return _number(omero.model.LengthI, length, UnitsLength.NANOMETER)


def seconds(time: Any) -> float | None:
    """The time in seconds; None for none."""
    return _number(omero.model.TimeI, time, UnitsTime.SECOND, positive=False)


def voxel_size(x: float | None, y: float | None, z: float | None) -> tuple[float, float, float]:
    """A voxel's size in micrometres: unknown x is 1, unknown y and z are x."""
    width = x or 1.0
    return width, y or width, z or width


def _number(kind: Any, value: Any, unit: Any, *, positive: bool = True) -> float | None:
    if value is None or str(value.getUnit()) in WITHOUT_SIZE:
        return None
    number = float(kind(value, unit).getValue())
    if not math.isfinite(number) or (positive and number <= 0):
        return None
    return number
