"""What writing would do to each image, in a form that is small enough for ten thousand of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omero_plugin_common.omero_access.group_context import ALL_GROUPS, in_group
from omeroweb_omp_plugin.merge.model import CellState
from omeroweb_omp_plugin.merge.plan import plan_write
from omeroweb_omp_plugin.ownership import CLIENT_NAMESPACE
from omeroweb_omp_plugin.services.existing import annotations_of
from omeroweb_omp_plugin.services.sources import not_annotatable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omeroweb_omp_plugin.merge.model import Annotation, Plan, Policy
    from omeroweb_omp_plugin.ownership import Pairs, Signer
    from omeroweb_omp_plugin.services.sources import Source

# One letter per state keeps the answer small.
LETTERS = {
    CellState.ADD: "a",
    CellState.CHANGE: "c",
    CellState.SAME: "s",
    CellState.CONFLICT: "x",
    CellState.DELETE: "d",
}
# A conflict in which the wanted value comes beside the one that stays.
BESIDE = "b"
FORBIDDEN = "You may not annotate this image."


@dataclass(frozen=True, slots=True)
class Wanted:
    """The pairs one object shall carry, and what was wrong with reading them."""

    id: int
    name: str
    pairs: Pairs
    problems: tuple[str, ...] = ()


def preview(
    conn: Any,
    sources: Sequence[Source],
    wanted: Sequence[Wanted],
    policy: Policy,
    signer: Signer,
    writer: int,
) -> dict[str, Any]:
    """Rows and counts for the table.

    Each row is [id, name, container, values by column, states by column, {column: old value}, problems, may],
    with None for values the image doesn't get; `removed` are keys that go, as further columns.
    """
    forbidden = not_annotatable(conn, sources, writer)
    with in_group(conn, ALL_GROUPS):
        existing = annotations_of(
            conn, "Image", (source.id for source in sources), writer, namespace=CLIENT_NAMESPACE
        )
    plans = [plan_of(entry, existing, policy, signer, writer) for entry in wanted]
    columns = columns_of(wanted, plans)
    counts: Counter[str] = Counter()
    rows = []
    for source, entry, plan in zip(sources, wanted, plans, strict=True):
        may = (source.owner_id, source.group_id) not in forbidden
        problems = list(entry.problems) if may else [FORBIDDEN, *entry.problems]
        values, states, olds = cells_of(entry, plan, columns)
        count(counts, entry, plan, may=may)
        rows.append([entry.id, entry.name, source.container, values, states, olds, problems, may])
    return {
        "columns": list(columns),
        "rows": rows,
        "counts": dict(counts),
        "total": len(rows),
        "forgeable": signer.forgeable,
    }


def plan_of(
    entry: Wanted,
    existing: Mapping[int, Sequence[Annotation]],
    policy: Policy,
    signer: Signer,
    writer: int,
) -> Plan | None:
    """The plan for one image; None where nothing is there yet, so that every pair is simply added."""
    present = existing.get(entry.id)
    return None if present is None else plan_write(present, entry.pairs, policy, signer, writer=writer)


def columns_of(wanted: Sequence[Wanted], plans: Sequence[Plan | None]) -> dict[str, int]:
    """The keys of all images in order of appearance, with their places; keys that only go come last."""
    keys = dict.fromkeys(key for entry in wanted for key, _ in entry.pairs)
    keys.update(dict.fromkeys(cell.key for plan in plans if plan is not None for cell in plan.cells))
    return {key: place for place, key in enumerate(keys)}


def cells_of(
    entry: Wanted, plan: Plan | None, columns: Mapping[str, int]
) -> tuple[list[str | None], str, dict[int, str | None]]:
    """Values, one letter per state (a blank where there is nothing), and old values where they differ."""
    values: list[str | None] = [None] * len(columns)
    states = [" "] * len(columns)
    olds: dict[int, str | None] = {}
    for key, value in entry.pairs:
        values[columns[key]] = value
        states[columns[key]] = "a"
    for cell in plan.cells if plan is not None else ():
        place = columns[cell.key]
        beside = cell.state is CellState.CONFLICT and cell.written
        states[place] = BESIDE if beside else LETTERS[cell.state]
        if cell.old is not None and cell.old != cell.new:
            olds[place] = cell.old
    return values, "".join(states), olds


def count(counts: Counter[str], entry: Wanted, plan: Plan | None, *, may: bool) -> None:
    """Add one image to the totals."""
    if not may:
        counts["forbidden"] += 1
        return
    if not entry.pairs:
        counts["unmatched"] += 1
        return
    if plan is None:
        counts["changed"] += 1
        counts["add"] += len(entry.pairs)
        return
    counts["changed" if plan.changes else "unchanged"] += 1
    for cell in plan.cells:
        counts[cell.state.value] += 1
