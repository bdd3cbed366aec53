"""Keeping rendering settings for the caller: their own row, made or changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omero_embedded import errors
from omero_embedded.pixels.settings_rows import (
    insert_settings,
    load_settings,
    settings_with_id,
    update_settings,
)
from omero_embedded.pixels.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omero_embedded.pixels.rows import PixelsInfo
    from omero_embedded.pixels.settings import RenderSettings
    from omero_embedded.pixels.settings_rows import StoredSettings
    from omero_embedded.security.context import Call


def keep_settings(
    call: Call, wanted: Sequence[tuple[PixelsInfo, RenderSettings]], *, anew: bool = False
) -> dict[int, int]:
    """Store settings as the caller's own; ids of their rows by pixels id.

    The row that the caller has is changed, unless `anew` asks for another one. Raises SecurityViolation where the
    caller may not keep settings.
    """
    for info, _ in wanted:
        if not info.allows_settings(call):
            raise errors.security(
                f"{call.caller.user_name} may not keep rendering settings of Pixels:{info.id}"
            )
    with call.db.write() as connection:
        writer = Writer(connection, call)
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


def kept_settings(call: Call, settings_id: int) -> StoredSettings:
    """The settings with this id; ValidationException if the caller sees none."""
    with call.db.read() as connection:
        found = settings_with_id(connection, call, settings_id)
    if found is None:
        raise errors.validation(
            f"no RenderingDef:{settings_id} that {call.caller.user_name} can see in this group"
        )
    return found
