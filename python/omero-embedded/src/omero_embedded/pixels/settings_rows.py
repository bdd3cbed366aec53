"""Rendering settings in the store: RenderingDef with its QuantumDef, ChannelBindings and codomain maps."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, literal, select, union_all

from omero_embedded.pixels.settings import ChannelSettings, RenderSettings
from omero_embedded.security.filters import visible
from omero_embedded.store.statements import chunks
from omero_embedded.store.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import CompoundSelect, Connection, Select

    from omero_embedded.pixels.rows import PixelsInfo
    from omero_embedded.pixels.writer import Writer
    from omero_embedded.security.context import Call

REVERSE = "ReverseIntensityContext"


@dataclass(frozen=True, slots=True)
class StoredSettings:
    """Settings with where they are kept; `version` counts changes, `bindings` are the ids of the channels' rows."""

    id: int
    version: int
    pixels_id: int
    owner_id: int
    group_id: int
    quantum_id: int
    bindings: tuple[int, ...]
    settings: RenderSettings


def load_settings(
    connection: Connection, call: Call, pixels_ids: Iterable[int]
) -> dict[int, list[StoredSettings]]:
    """All visible settings of the pixels, by pixels id, those changed last first."""
    definition = TABLES["RenderingDef"]
    statement = _definitions().order_by(definition.c.details_update.desc(), definition.c.id.desc())
    condition = visible(call, definition)
    if condition is not None:
        statement = statement.where(condition)
    rows = [
        row
        for chunk in chunks(pixels_ids)
        for row in connection.execute(statement.where(definition.c.pixels.in_(chunk))).mappings()
    ]
    return _grouped(_stored(connection, rows))


def settings_with_id(connection: Connection, call: Call, settings_id: int) -> StoredSettings | None:
    """The settings with this id, None if the caller sees none."""
    definition = TABLES["RenderingDef"]
    statement = _definitions().where(definition.c.id == settings_id)
    condition = visible(call, definition)
    if condition is not None:
        statement = statement.where(condition)
    found = _stored(connection, connection.execute(statement).mappings().all())
    return found[0] if found else None


def best_settings(found: Sequence[StoredSettings], info: PixelsInfo, user_id: int) -> StoredSettings | None:
    """The user's own settings, else those of the image's owner."""
    for owner in (user_id, info.owner_id):
        for stored in found:
            if stored.owner_id == owner:
                return stored
    return None


def _grouped(stored: Iterable[StoredSettings]) -> dict[int, list[StoredSettings]]:
    grouped: dict[int, list[StoredSettings]] = {}
    for one in stored:
        grouped.setdefault(one.pixels_id, []).append(one)
    return grouped


@functools.cache
def _definitions() -> Any:
    definition, quantum, model = TABLES["RenderingDef"], TABLES["QuantumDef"], TABLES["RenderingModel"]
    return (
        select(
            definition,
            quantum.c.cdstart,
            quantum.c.cdend,
            quantum.c.bitresolution,
            model.c.value.label("model_name"),
        )
        .join(quantum, quantum.c.id == definition.c.quantization)
        .join(model, model.c.id == definition.c.model)
    )


def _stored(connection: Connection, rows: Sequence[Mapping[Any, Any]]) -> list[StoredSettings]:
    bindings = _bindings(connection, [row["id"] for row in rows])
    return [_one(row, bindings.get(row["id"], [])) for row in rows]


def _one(row: Mapping[Any, Any], bindings: Sequence[Mapping[Any, Any]]) -> StoredSettings:
    settings = RenderSettings(
        model=row["model_name"],
        default_z=row["defaultz"],
        default_t=row["defaultt"],
        channels=tuple(_channel(binding) for binding in bindings),
        bit_resolution=row["bitresolution"],
        codomain=(min(row["cdstart"], row["cdend"]), max(row["cdstart"], row["cdend"])),
    )
    return StoredSettings(
        id=row["id"],
        version=row["version"],
        pixels_id=row["pixels"],
        owner_id=row["details_owner"],
        group_id=row["details_group"],
        quantum_id=row["quantization"],
        bindings=tuple(binding["id"] for binding in bindings),
        settings=settings,
    )


def _bindings(connection: Connection, ids: list[int]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for chunk in chunks(ids):
        rows = [dict(row) for row in connection.execute(_bindings_of(), {"ids": chunk}).mappings()]
        reversed_ids = set(connection.scalars(_reversed_bindings_of(), {"ids": chunk}))
        for row in rows:
            row["reverse"] = row["id"] in reversed_ids
            found.setdefault(row["renderingdef"], []).append(row)
    return found


@functools.cache
def _bindings_of() -> Select[Any]:
    binding, family = TABLES["ChannelBinding"], TABLES["Family"]
    return (
        select(binding, family.c.value.label("family_name"))
        .join(family, family.c.id == binding.c.family)
        .where(binding.c.renderingdef.in_(bindparam("ids", expanding=True)))
        .order_by(binding.c.renderingdef, binding.c.renderingdef_index, binding.c.id)
    )


@functools.cache
def _reversed_bindings_of() -> Select[Any]:
    binding, maps = TABLES["ChannelBinding"], TABLES["CodomainMapContext"]
    return (
        select(maps.c.channelbinding)
        .join(binding, binding.c.id == maps.c.channelbinding)
        .where(
            binding.c.renderingdef.in_(bindparam("ids", expanding=True)),
            maps.c.discriminator == REVERSE,
            maps.c[_reverse_column()],
        )
    )


def _channel(row: Mapping[str, Any]) -> ChannelSettings:
    return ChannelSettings(
        start=min(row["inputstart"], row["inputend"]),
        end=max(row["inputstart"], row["inputend"]),
        color=(row["red"], row["green"], row["blue"], row["alpha"]),
        active=bool(row["active"]),
        family=row["family_name"],
        coefficient=row["coefficient"],
        noise_reduction=bool(row["noisereduction"]),
        lookup_table=row["lookuptable"] or None,
        reverse=row["reverse"],
    )


# Writing


def insert_settings(writer: Writer, wanted: Sequence[tuple[PixelsInfo, RenderSettings]]) -> list[int]:
    """Store new settings of the writer's user for each of the pixels; their ids."""
    enums = _enumerations(writer.connection)
    groups = [info.group_id for info, _ in wanted]
    quanta = writer.insert_in(
        "QuantumDef", list(zip(groups, (_quantum(settings) for _, settings in wanted), strict=True))
    )
    definitions = [
        {"pixels": info.id, "quantization": quantum, **_definition(settings, enums)}
        for (info, settings), quantum in zip(wanted, quanta, strict=True)
    ]
    ids = writer.insert_in("RenderingDef", list(zip(groups, definitions, strict=True)))
    rows = [
        (info.group_id, _binding(channel, enums) | {"renderingdef": settings_id, "renderingdef_index": index})
        for (info, settings), settings_id in zip(wanted, ids, strict=True)
        for index, channel in enumerate(settings.channels)
    ]
    bindings = writer.insert_in("ChannelBinding", rows)
    channels = [(info.group_id, channel) for info, settings in wanted for channel in settings.channels]
    _insert_reverse(
        writer,
        [(group, at) for (group, channel), at in zip(channels, bindings, strict=True) if channel.reverse],
    )
    return ids


def update_settings(writer: Writer, stored: StoredSettings, settings: RenderSettings) -> None:
    """Change stored settings; RenderingDef's version goes up by one."""
    enums = _enumerations(writer.connection)
    writer.update("QuantumDef", stored.quantum_id, _quantum(settings))
    writer.update("RenderingDef", stored.id, _definition(settings, enums))
    for binding, old, channel in zip(
        stored.bindings, stored.settings.channels, settings.channels, strict=False
    ):
        if channel != old:
            writer.update("ChannelBinding", binding, _binding(channel, enums))
            if channel.reverse != old.reverse:
                _change_reverse(writer, stored.group_id, binding, reverse=channel.reverse)


def _definition(settings: RenderSettings, enums: Mapping[tuple[str, str], int]) -> dict[str, Any]:
    model = enums["RenderingModel", settings.model]
    return {"defaultz": settings.default_z, "defaultt": settings.default_t, "model": model}


def _quantum(settings: RenderSettings) -> dict[str, Any]:
    start, end = settings.codomain
    return {"cdstart": start, "cdend": end, "bitresolution": settings.bit_resolution}


def _binding(channel: ChannelSettings, enums: Mapping[tuple[str, str], int]) -> dict[str, Any]:
    red, green, blue, alpha = channel.color
    return {
        "family": enums["Family", channel.family],
        "coefficient": channel.coefficient,
        "inputstart": channel.start,
        "inputend": channel.end,
        "active": channel.active,
        "noisereduction": channel.noise_reduction,
        "red": red,
        "green": green,
        "blue": blue,
        "alpha": alpha,
        "lookuptable": channel.lookup_table,
    }


def _insert_reverse(writer: Writer, bindings: Sequence[tuple[int, int]]) -> None:
    column = _reverse_column()
    rows = [
        (group, {"channelbinding": at, "channelbinding_index": 0, column: True}) for group, at in bindings
    ]
    writer.insert_in(REVERSE, rows)


def _change_reverse(writer: Writer, group: int, binding: int, *, reverse: bool) -> None:
    maps = TABLES["CodomainMapContext"]
    existing = select(maps.c.id).where(maps.c.channelbinding == binding, maps.c.discriminator == REVERSE)
    writer.delete(REVERSE, list(writer.connection.scalars(existing)))
    if reverse:
        _insert_reverse(writer, [(group, binding)])


@functools.cache
def _reverse_column() -> str:
    return next(column.name for column in TABLES["CodomainMapContext"].c if column.name.endswith("_reverse"))


def _enumerations(connection: Connection) -> dict[tuple[str, str], int]:
    return {(name, value): row_id for name, value, row_id in connection.execute(_enumeration_values())}


@functools.cache
def _enumeration_values() -> CompoundSelect[Any]:
    tables = ((name, TABLES[name].c) for name in ("Family", "RenderingModel"))
    return union_all(*(select(literal(name), columns.value, columns.id) for name, columns in tables))
