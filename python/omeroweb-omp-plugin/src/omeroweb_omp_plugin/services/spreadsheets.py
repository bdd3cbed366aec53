"""Pairs of images and datasets as CSV and back."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from omero_plugin_common.omero_access.group_context import ALL_GROUPS, in_group
from omero_plugin_common.omero_access.images import chunks, container_names, project
from omeroweb_omp_plugin.csv_pairs import CsvRow, Level
from omeroweb_omp_plugin.merge.plan import plan_write
from omeroweb_omp_plugin.ownership import CLIENT_NAMESPACE, check_unique, without_mark
from omeroweb_omp_plugin.parsing.variables import MAX_NAME_CHARS
from omeroweb_omp_plugin.services.existing import annotations_of, standings
from omeroweb_omp_plugin.services.recipes import MAX_VALUE_CHARS, storable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from omeroweb_omp_plugin.merge.model import Policy
    from omeroweb_omp_plugin.ownership import Pairs, Signer
    from omeroweb_omp_plugin.services.sources import Source, Target
    from omeroweb_omp_plugin.services.starting import Entry

CLASSES: dict[Level, str] = {"image": "Image", "dataset": "Dataset"}
PROBLEMS_SHOWN = 50


def rows_of(conn: Any, targets: Sequence[Target], images: Sequence[Source], user: int) -> list[CsvRow]:
    """One row per dataset that was chosen (or is in a chosen project), then one per image."""
    with in_group(conn, ALL_GROUPS):
        datasets = chosen_datasets(conn, targets)
        names = container_names(conn, "Dataset", datasets)
        on_datasets = pairs_by_object(conn, "Dataset", datasets, user)
        on_images = pairs_by_object(conn, "Image", [image.id for image in images], user)
    rows = [CsvRow("dataset", number, names[number], on_datasets.get(number, ())) for number in names]
    return [*rows, *(CsvRow("image", image.id, image.name, on_images.get(image.id, ())) for image in images)]


def chosen_datasets(conn: Any, targets: Sequence[Target]) -> list[int]:
    """The datasets among the targets and in the projects among them."""
    query = "select link.child.id, link.parent.id from ProjectDatasetLink link where link.parent.id in (:ids)"
    projects = [target.id for target in targets if target.type == "Project"]
    found = [row[0] for chunk in chunks(projects) for row in project(conn, query, chunk)]
    return sorted({*found, *(target.id for target in targets if target.type == "Dataset")})


def pairs_by_object(conn: Any, object_type: str, ids: Iterable[int], user: int) -> dict[int, Pairs]:
    """All pairs in the client namespace on each object, without ownership marks."""
    existing = annotations_of(conn, object_type, ids, user, namespace=CLIENT_NAMESPACE)
    return {
        number: tuple(pair for annotation in found for pair in without_mark(annotation.pairs))
        for number, found in existing.items()
    }


def entries_of_rows(rows: Sequence[CsvRow]) -> list[Entry]:
    """The rows as jobs take them; a row that can't be written has a problem and no pairs."""
    entries: list[Entry] = []
    for row in rows:
        problem = problem_of(row.pairs)
        entries.append((CLASSES[row.level], row.id, row.name, () if problem else row.pairs, problem))
    return entries


def problem_of(pairs: Pairs) -> str:
    """Why these pairs can't be written; empty when they can."""
    try:
        check_unique([key for key, _ in pairs])
        for key, value in pairs:
            storable(key)
            storable(value)
            if len(key) > MAX_NAME_CHARS or len(value) > MAX_VALUE_CHARS:
                return (
                    f"{key[:40]!r} is too long: at most {MAX_NAME_CHARS} characters for a key, "
                    f"{MAX_VALUE_CHARS:,} for a value."
                )
    except ValueError as fault:
        return f"{fault}."
    return ""


def csv_preview(
    conn: Any, entries: Sequence[Entry], policy: Policy, mark: Signer, writer: int
) -> dict[str, Any]:
    """What writing the rows would do: counts of rows and of keys, and what is wrong with which rows."""
    counts: Counter[str] = Counter()
    problems: list[dict[str, Any]] = []
    for object_type in CLASSES.values():
        mine = [entry for entry in entries if entry[0] == object_type]
        numbers = [entry[1] for entry in mine]
        there = standings(conn, object_type, numbers)
        with in_group(conn, ALL_GROUPS):
            existing = annotations_of(conn, object_type, numbers, writer, namespace=CLIENT_NAMESPACE)
        for _, number, name, pairs, given in mine:
            standing = there.get(number)
            problem = given or ("" if standing else "It doesn't exist, or you may not see it.")
            if standing and not standing.annotatable:
                problem = "You may not annotate it."
            if problem:
                problems.append({"type": object_type, "id": number, "name": name, "message": problem})
                continue
            plan = plan_write(existing.get(number, ()), pairs, policy, mark, writer=writer)
            counts["changed"] += plan.changes
            counts.update(cell.state.value for cell in plan.cells)
    keys = ("changed", "add", "change", "same", "conflict", "delete")
    return {
        "rows": len(entries),
        "counts": {key: counts[key] for key in keys},
        "problems": problems[:PROBLEMS_SHOWN],
        "problem_count": len(problems),
    }
