"""Statistics of pixel data in their rows: StatsInfo of each channel, sha1 of the Pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omero_embedded.pixels.rows import one_pixels
from omero_embedded.pixels.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omero_embedded.pixels.rows import ChannelInfo, PixelsInfo
    from omero_embedded.security.context import Call


def save_statistics(call: Call, info: PixelsInfo, extremes: Sequence[tuple[float, float]], sha1: str) -> None:
    """Store each channel's smallest and largest value, and the digest."""
    with call.db.write() as connection:
        writer = Writer(connection, call)
        current = one_pixels(connection, call, info.id)
        for channel, pair in zip(current.channels, extremes, strict=False):
            save_extremes(writer, info, channel, pair)
        writer.update("Pixels", info.id, {"sha1": sha1})
        writer.finish()


def save_extremes(writer: Writer, info: PixelsInfo, channel: ChannelInfo, pair: tuple[float, float]) -> None:
    """Store a channel's smallest and largest value."""
    values = {"globalmin": pair[0], "globalmax": pair[1]}
    if channel.stats_id is not None:
        writer.update("StatsInfo", channel.stats_id, values)
        return
    (stats_id,) = writer.insert("StatsInfo", info.group_id, [values])
    writer.update("Channel", channel.id, {"statsinfo": stats_id})
