"""Keeping rendering settings for the caller: their own row, made or changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omero_embedded import errors
from omero_embedded.pixels.rows import load_pixels
from omero_embedded.pixels.settings_rows import (
    best_settings,
    insert_settings,
    load_settings,
    settings_with_id,
    update_settings,
)
from omero_embedded.pixels.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from omero_embedded.pixels.rows import PixelsInfo
    from omero_embedded.pixels.settings import RenderSettings
    from omero_embedded.pixels.settings_rows import StoredSettings
    from omero_embedded.security.context import Call


def keep_settings(
    call: Call, wanted: Sequence[tuple[PixelsInfo, RenderSettings]], *, anew: bool = False
) -> dict[int, int]:
    """Store settings as the caller's own; ids of their rows by pixels id.

    The row that the caller has is changed, unless `anew` asks for another one. Pixels that were deleted meanwhile are
    left out. Raises SecurityViolation where the caller may not keep settings.
    """
    for info, _ in wanted:
        if not info.allows_settings(call):
            raise errors.security(
                f"{call.caller.user_name} may not keep rendering settings of Pixels:{info.id}"
            )
    with call.db.write() as connection:
        writer = Writer(connection, call)
        wanted = _still_there(connection, call, wanted)
        existing = {} if anew else load_settings(connection, call, [info.id for info, _ in wanted])
        kept: dict[int, int] = {}
        fresh = []
        for info, settings in wanted:
            own = next((one for one in existing.get(info.id, ()) if one.owner_id == writer.owner), None)
            if own is None:
                fresh.append((info, settings))
            else:
                update_settings(writer, own, settings)
                kept[info.id] = own.id
        kept |= zip((info.id for info, _ in fresh), insert_settings(writer, fresh), strict=True)
        writer.finish()
    return kept


def keep_first_settings(
    writer: Writer, call: Call, wanted: Sequence[tuple[PixelsInfo, RenderSettings]]
) -> list[tuple[PixelsInfo, int]]:
    """Store settings for those that are still there and that nobody made any for meanwhile: pixels, id of the row."""
    there = _still_there(writer.connection, call, wanted)
    known = load_settings(writer.connection, call, [info.id for info, _ in there])
    user = call.caller.user_id
    fresh = [
        (info, settings)
        for info, settings in there
        if best_settings(known.get(info.id, ()), info, user) is None
    ]
    ids = insert_settings(writer, fresh)
    return [(info, settings_id) for (info, _), settings_id in zip(fresh, ids, strict=True)]


def _still_there(
    connection: Connection, call: Call, wanted: Sequence[tuple[PixelsInfo, RenderSettings]]
) -> list[tuple[PixelsInfo, RenderSettings]]:
    """Those that were not deleted since they were read, as they are now: they may be in another group."""
    now = load_pixels(connection, call, [info.id for info, _ in wanted])
    return [(now[info.id], settings) for info, settings in wanted if info.id in now]


def kept_of(kept: Mapping[int, int], info: PixelsInfo) -> int:
    """The id of the row that was kept for these pixels; ValidationException if they were deleted meanwhile."""
    if info.id not in kept:
        raise errors.validation(f"Pixels:{info.id} was deleted, so its settings cannot be saved")
    return kept[info.id]


def kept_settings(call: Call, settings_id: int) -> StoredSettings:
    """The settings with this id; ValidationException if the caller sees none."""
    with call.db.read() as connection:
        found = settings_with_id(connection, call, settings_id)
    if found is None:
        raise errors.validation(
            f"no RenderingDef:{settings_id} that {call.caller.user_name} can see in this group"
        )
    return found
