"""What the store knows of pixels: sizes, type, channels with their statistics and wavelengths."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from omero_embedded import errors
from omero_embedded.pixels.types import PIXEL_TYPES, Dimensions, PixelType, pixel_type
from omero_embedded.security.filters import visible
from omero_embedded.security.permissions import GROUP_READ, WORLD_READ, rights
from omero_embedded.store.statements import chunks
from omero_embedded.store.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection, Select

    from omero_embedded.security.context import Call
    from omero_embedded.security.permissions import Rights

NANOMETRES = {"NANOMETER": 1.0, "MICROMETER": 1000.0, "ANGSTROM": 0.1, "MILLIMETER": 1e6, "METER": 1e9}


@dataclass(frozen=True, slots=True)
class ChannelInfo:
    """One channel; `color` (r, g, b, a) and `lookup_table` were imported, wavelengths are in nanometres."""

    id: int
    color: tuple[int, int, int, int] | None
    lookup_table: str | None
    stats_id: int | None
    extremes: tuple[float, float] | None
    name: str | None
    emission_nm: float | None
    excitation_nm: float | None


@dataclass(frozen=True, slots=True)
class PixelsInfo:
    """One Pixels row with its channels in order."""

    id: int
    version: int
    image_id: int
    owner_id: int
    group_id: int
    type: PixelType
    significant_bits: int | None
    dimensions: Dimensions
    channels: tuple[ChannelInfo, ...]

    def rights(self, call: Call) -> Rights:
        """What the caller may do with these pixels."""
        return rights(call.caller, self.owner_id, self.group_id)

    def allows_settings(self, call: Call) -> bool:
        """Whether the caller may keep own rendering settings and thumbnails of these pixels.

        In a private group only the owner may: others would leave rows there that the owner cannot see.
        """
        if call.caller.share is not None:
            return False
        shared = bool(call.caller.directory.permissions(self.group_id) & (GROUP_READ | WORLD_READ))
        return call.caller.user_id == self.owner_id or (shared and self.rights(call).see)


def one_pixels(connection: Connection, call: Call, pixels_id: int) -> PixelsInfo:
    """The pixels with this id; ValidationException if the caller sees none."""
    found = load_pixels(connection, call, [pixels_id]).get(pixels_id)
    if found is None:
        _check_type(connection, call, pixels_id)
        raise errors.validation(f"no Pixels:{pixels_id} that {call.caller.user_name} can see in this group")
    return found


def load_pixels(connection: Connection, call: Call, ids: Iterable[int]) -> dict[int, PixelsInfo]:
    """Those of the pixels that the caller can see and whose type can be stored, in few queries."""
    table = TABLES["Pixels"]
    statement = _pixels_with_type(call)
    rows = [
        row
        for chunk in chunks(ids)
        for row in connection.execute(statement.where(table.c.id.in_(chunk))).mappings()
        if row["type_name"] in PIXEL_TYPES
    ]
    channels = _channels(connection, [row["id"] for row in rows])
    return {row["id"]: _info(row, channels.get(row["id"], ())) for row in rows}


def _pixels_with_type(call: Call) -> Select[Any]:
    condition = visible(call, TABLES["Pixels"])
    return _every_pixels() if condition is None else _every_pixels().where(condition)


@cache
def _every_pixels() -> Select[Any]:
    """The statement without its conditions, built once."""
    table, types = TABLES["Pixels"], TABLES["PixelsType"]
    return select(table, types.c.value.label("type_name")).join(types, types.c.id == table.c.pixelstype)


def _check_type(connection: Connection, call: Call, pixels_id: int) -> None:
    """PixelsError if the pixels exist but are of a type that cannot be stored."""
    statement = _pixels_with_type(call).where(TABLES["Pixels"].c.id == pixels_id)
    for row in connection.execute(statement).mappings():
        pixel_type(row["type_name"])


def _info(row: Any, channels: Sequence[ChannelInfo]) -> PixelsInfo:
    return PixelsInfo(
        id=row["id"],
        version=row["version"],
        image_id=row["image"],
        owner_id=row["details_owner"],
        group_id=row["details_group"],
        type=pixel_type(row["type_name"]),
        significant_bits=row["significantbits"],
        dimensions=Dimensions(row["sizex"], row["sizey"], row["sizez"], row["sizec"], row["sizet"]),
        channels=tuple(channels),
    )


def _channels(connection: Connection, pixels_ids: list[int]) -> dict[int, list[ChannelInfo]]:
    found: dict[int, list[ChannelInfo]] = {}
    for chunk in chunks(pixels_ids):
        for row in connection.execute(_channels_of(), {"ids": chunk}).mappings():
            found.setdefault(row["pixels"], []).append(_channel(row))
    return found


@cache
def _channels_of() -> Select[Any]:
    """The statement, built once."""
    channel, logical, stats = TABLES["Channel"], TABLES["LogicalChannel"], TABLES["StatsInfo"]
    return (
        select(
            channel,
            stats.c.globalmin,
            stats.c.globalmax,
            *(logical.c[name] for name in ("name", "emissionwave", "emissionwave_unit")),
            *(logical.c[name] for name in ("excitationwave", "excitationwave_unit")),
        )
        .join(logical, logical.c.id == channel.c.logicalchannel, isouter=True)
        .join(stats, stats.c.id == channel.c.statsinfo, isouter=True)
        .where(channel.c.pixels.in_(bindparam("ids", expanding=True)))
        .order_by(channel.c.pixels, channel.c.pixels_index, channel.c.id)
    )


def _channel(row: Any) -> ChannelInfo:
    color = (row["red"], row["green"], row["blue"], row["alpha"])
    low, high = row["globalmin"], row["globalmax"]
    return ChannelInfo(
        id=row["id"],
        color=None if None in color else color,
        lookup_table=row["lookuptable"],
        stats_id=row["statsinfo"],
        extremes=None if low is None or high is None else (low, high),
        name=row["name"],
        emission_nm=_nanometres(row["emissionwave"], row["emissionwave_unit"]),
        excitation_nm=_nanometres(row["excitationwave"], row["excitationwave_unit"]),
    )


def _nanometres(value: float | None, unit: str | None) -> float | None:
    if value is None:
        return None
    return value * NANOMETRES.get(unit or "NANOMETER", 1.0)
