"""What a removal takes away, of every namespace when it is everybody's."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from omero_plugin_common.omero_access.group_context import ALL_GROUPS, in_group
from omeroweb_omp_plugin.merge.plan import plan_removal
from omeroweb_omp_plugin.ownership import CLIENT_NAMESPACE, without_mark
from omeroweb_omp_plugin.services.existing import annotations_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from omeroweb_omp_plugin.merge.model import Annotation, Operation
    from omeroweb_omp_plugin.ownership import Signer

EXAMPLES = 20


def removal_operations(
    now: Sequence[Annotation], mark: Signer, *, writer: int, everybodys: bool
) -> list[Operation]:
    """The operations that take off the writer's own annotations, or all that the writer may remove."""
    if not everybodys:
        return list(plan_removal(now, mark, writer=writer).operations)
    namespaces = sorted({annotation.namespace for annotation in now})
    return [
        operation
        for namespace in namespaces
        for operation in plan_removal(
            now, mark, everybodys=True, writer=writer, namespace=namespace
        ).operations
    ]


def removal_preview(
    conn: Any, image_ids: Iterable[int], names: dict[int, str], mark: Signer, *, writer: int, everybodys: bool
) -> dict[str, Any]:
    """What would go: counts by namespace and by whose they are, what stays, and some examples."""
    with in_group(conn, ALL_GROUPS):
        existing = annotations_of(
            conn, "Image", image_ids, writer, namespace=None if everybodys else CLIENT_NAMESPACE
        )
    namespaces: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    examples: list[dict[str, Any]] = []
    for image_id, now in existing.items():
        operations = removal_operations(now, mark, writer=writer, everybodys=everybodys)
        going = {operation.annotation.id for operation in operations if hasattr(operation, "annotation")}
        counts["images"] += bool(going)
        for annotation in now:
            if annotation.id not in going:
                counts["staying"] += 1
                continue
            counts["annotations"] += 1
            counts["pairs"] += len(without_mark(annotation.pairs))
            counts["other_people"] += annotation.owner != writer
            namespaces[annotation.namespace] += 1
            if len(examples) < EXAMPLES:
                pairs = [list(pair) for pair in without_mark(annotation.pairs)]
                examples.append({"id": image_id, "name": names.get(image_id, ""), "pairs": pairs})
    keys = ("images", "annotations", "pairs", "other_people", "staying")
    return {key: counts[key] for key in keys} | {"namespaces": dict(namespaces), "examples": examples}
