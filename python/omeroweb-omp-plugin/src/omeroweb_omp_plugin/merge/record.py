"""Operations that were carried out, as plain data for the job's row in the database."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from omeroweb_omp_plugin.merge.model import Annotation, Create, Delete, Link, Operation, Unlink, Update
from omeroweb_omp_plugin.merge.undo import Done

if TYPE_CHECKING:
    from omeroweb_omp_plugin.ownership import Pairs

NAMES: dict[str, type[Delete | Unlink | Link]] = {"delete": Delete, "unlink": Unlink, "link": Link}


def to_json(done: Done) -> dict[str, Any]:
    """One operation as JSON-ready data: its name under `do`, the annotation's id under `id`, its fields."""
    name = type(done.operation).__name__.lower()
    return {"do": name, "id": done.id, "fields": asdict(done.operation)}


def from_json(data: dict[str, Any]) -> Done:
    """The operation that `to_json` wrote. Raises: ValueError on anything else."""
    try:
        return Done(operation(data["do"], data["fields"]), int(data["id"]))
    except (KeyError, TypeError) as fault:
        raise ValueError(f"This is not the record of an operation: {data!r}") from fault


def operation(name: str, fields: dict[str, Any]) -> Operation:
    """The operation of this name."""
    if name == "create":
        return Create(**{**fields, "pairs": pairs(fields["pairs"])})
    if name == "update":
        return Update(int(fields["id"]), pairs(fields["before"]), pairs(fields["after"]))
    annotation = fields["annotation"]
    return NAMES[name](Annotation(**{**annotation, "pairs": pairs(annotation["pairs"])}))


def pairs(data: list[list[str]]) -> Pairs:
    """Pairs from JSON's lists."""
    return tuple((key, value) for key, value in data)
