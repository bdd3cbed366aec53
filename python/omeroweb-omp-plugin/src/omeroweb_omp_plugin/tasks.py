"""The plugin's kinds of jobs: write pairs, remove them, take a job back."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field

from omero_plugin_common.jobs.errors import JobFailedError
from omero_plugin_common.jobs.kinds import Step, Steps, job_kind
from omeroweb_omp_plugin.config import omp_settings, signer
from omeroweb_omp_plugin.merge.model import Policy
from omeroweb_omp_plugin.merge.plan import plan_write
from omeroweb_omp_plugin.services.acquisition import acquisition_pairs
from omeroweb_omp_plugin.services.fitting import Fitted
from omeroweb_omp_plugin.services.metrics import count_objects
from omeroweb_omp_plugin.services.removal import removal_operations
from omeroweb_omp_plugin.services.runs import Batch, Item, let_saving_end, writing_lock
from omeroweb_omp_plugin.services.sessions import JobSession
from omeroweb_omp_plugin.services.undoing import UndoPlan
from omeroweb_omp_plugin.store.runs import JobInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from omero_plugin_common.jobs.context import JobContext
    from omeroweb_omp_plugin.merge.model import Annotation, Operation

    Work = Callable[[Any, str, Sequence[Item]], Counter[str]]

NOTHING_KNOWN = "Nothing is known of how it was taken."
Listed = tuple[str, Item]


class InputParameters(BaseModel):
    """Which objects, and how many at once."""

    input_id: str
    batch: int | None = Field(default=None, ge=1, le=1000)


class WriteParameters(InputParameters):
    """What happens to pairs that are there."""

    policy: Policy


class RemoveParameters(InputParameters):
    """Own annotations, or everybody's."""

    everybodys: bool


class UndoParameters(BaseModel):
    """The job to take back."""

    job_id: str


@job_kind("omp.write", title="Write metadata", parameters=WriteParameters, destructive=True)
def write(context: JobContext) -> Steps:
    """Give each object of the input its pairs."""
    wanted: WriteParameters = context.parameters
    mark, writer = signer(), context.owner.user_id

    def plan(item: Item, now: Sequence[Annotation]) -> Sequence[Operation]:
        return plan_write(now, item.pairs, wanted.policy, mark, writer=writer).operations

    def work(conn: Any, object_type: str, items: Sequence[Item]) -> Counter[str]:
        with writing_lock(context, alone=wanted.policy is Policy.REPLACE_ALL):
            return Batch(context, conn, object_type, items, plan).run()

    return (yield from in_batches("write", context, listed(wanted.input_id), work, wanted.batch))


@job_kind("omp.remove", title="Remove metadata", parameters=RemoveParameters, destructive=True)
def remove(context: JobContext) -> Steps:
    """Take own annotations, or everybody's, off each object of the input."""
    wanted: RemoveParameters = context.parameters
    mark, writer = signer(), context.owner.user_id

    def plan(_item: Item, now: Sequence[Annotation]) -> Sequence[Operation]:
        return removal_operations(now, mark, writer=writer, everybodys=wanted.everybodys)

    def work(conn: Any, object_type: str, items: Sequence[Item]) -> Counter[str]:
        with writing_lock(context, alone=wanted.everybodys):
            return Batch(context, conn, object_type, items, plan).run()

    return (yield from in_batches("remove", context, listed(wanted.input_id), work, wanted.batch))


@job_kind("omp.acquisition", title="Copy acquisition metadata", parameters=InputParameters, destructive=True)
def acquisition(context: JobContext) -> Steps:
    """Bring the acquisition metadata of each image into its pairs; doing it again changes nothing."""
    wanted: InputParameters = context.parameters
    mark, writer = signer(), context.owner.user_id

    def plan(item: Item, now: Sequence[Annotation]) -> Sequence[Operation]:
        return plan_write(now, item.pairs, Policy.MERGE, mark, writer=writer).operations

    def work(conn: Any, object_type: str, items: Sequence[Item]) -> Counter[str]:
        known = acquisition_pairs(conn, [item.id for item in items])
        filled = [with_acquisition(item, known.get(item.id, Fitted())) for item in items]
        with writing_lock(context, alone=False):
            return Batch(context, conn, object_type, filled, plan).run()

    return (yield from in_batches("acquisition", context, listed(wanted.input_id), work, wanted.batch))


def with_acquisition(item: Item, known: Fitted) -> Item:
    """The object with what is known of how it was taken, and what of that is left out."""
    return Item(item.id, item.name, known.pairs, known.problem or ("" if known.pairs else NOTHING_KNOWN))


@job_kind("omp.undo", title="Take back", parameters=UndoParameters, destructive=True)
def undo(context: JobContext) -> Steps:
    """Bring back what was there before a job, except where somebody has changed it since."""
    wanted: UndoParameters = context.parameters
    undoing = UndoPlan(wanted.job_id, context.owner.user_id, context.owner.username)

    def work(conn: Any, object_type: str, items: Sequence[Item]) -> Counter[str]:
        with writing_lock(context, alone=True):
            undoing.load(object_type, items)
            let_saving_end(context, undoing.rows.values())
            counts = Batch(context, conn, object_type, items, undoing.plan).run()
            undoing.note(context.job_id, object_type, items)
            return counts

    return (yield from in_batches("undo", context, undoing.listed(), work, None))


def listed(input_id: str) -> list[Listed]:
    """The objects of a job's input. Raises JobFailedError when it is gone."""
    found = JobInput.objects.filter(pk=input_id).first()
    if found is None:
        raise JobFailedError("What this job should write was deleted. Start again from the preview.")
    return [
        (object_type, Item(number, name, tuple((key, value) for key, value in pairs), problem))
        for object_type, number, name, pairs, problem in found.payload["objects"]
    ]


def in_batches(
    name: str, context: JobContext, objects: Sequence[Listed], work: Work, size: int | None
) -> Steps:
    """Work on the objects from where the job was, and report after each batch."""
    counts: Counter[str] = Counter(context.checkpoint.get("counts", {}))
    index, total = context.done, len(objects)
    with JobSession(context) as session:
        for object_type, items in batches(objects[index:], size or omp_settings().batch):
            context.check()

            def act(conn: Any, kind: str = object_type, part: Sequence[Item] = items) -> Counter[str]:
                return work(conn, kind, part)

            ended = session.run(act)
            count_objects(name, ended)
            counts += ended
            index += len(items)
            yield Step(index, total=total, message=summary(counts), checkpoint={"counts": dict(counts)})
    return {"counts": dict(counts), "total": total}


def batches(objects: Sequence[Listed], size: int) -> Iterator[tuple[str, list[Item]]]:
    """The objects in order, in lists of one class and at most `size`."""
    kind, items = "", list[Item]()
    for object_type, item in objects:
        if items and (object_type != kind or len(items) == size):
            yield kind, items
            items = []
        kind = object_type
        items.append(item)
    if items:
        yield kind, items


SHOWN = {
    "written": "changed",
    "same": "as they should be",
    "skipped": "left out",
    "failed": "failed",
}


def summary(counts: Counter[str]) -> str:
    """How the objects so far ended, in words."""
    return ", ".join(f"{counts[state]:,} {word}" for state, word in SHOWN.items() if counts[state])
