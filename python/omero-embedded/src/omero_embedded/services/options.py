"""What the options of IContainer, IMetadata and ITimeline calls ask for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Wanted:
    """The parts of omero.sys.Parameters that these services look at; times in ms, None for no limit."""

    owner: int | None = None
    group: int | None = None
    start: int | None = None
    end: int | None = None
    limit: int | None = None
    offset: int | None = None
    leaves: bool = False
    orphan: bool = False
    acquisition: bool = False


def read_wanted(parameters: Any) -> Wanted:
    """The wishes in the Parameters of a call, which may be None."""
    if parameters is None:
        return Wanted()
    chosen, options = parameters.theFilter, parameters.theOptions
    return Wanted(
        owner=_value(chosen, "ownerId"),
        group=_value(chosen, "groupId"),
        start=_value(chosen, "startTime"),
        end=_value(chosen, "endTime"),
        limit=_value(chosen, "limit"),
        offset=_value(chosen, "offset"),
        leaves=bool(_value(options, "leaves")),
        orphan=bool(_value(options, "orphan")),
        acquisition=bool(_value(options, "acquisitionData")),
    )


def ownership(wanted: Wanted, alias: str) -> tuple[list[str], dict[str, Any]]:
    """HQL conditions and their parameters for the wished owner and group."""
    conditions: list[str] = []
    parameters: dict[str, Any] = {}
    if wanted.owner is not None and wanted.owner >= 0:
        conditions.append(f"{alias}.details.owner.id = :wantedOwner")
        parameters["wantedOwner"] = wanted.owner
    if wanted.group is not None and wanted.group >= 0:
        conditions.append(f"{alias}.details.group.id = :wantedGroup")
        parameters["wantedGroup"] = wanted.group
    return conditions, parameters


def where(conditions: list[str]) -> str:
    """The where clause of these conditions, or nothing."""
    return " where " + " and ".join(conditions) if conditions else ""


def _value(holder: Any, name: str) -> Any:
    value = getattr(holder, name, None)
    return None if value is None else value.getValue()
