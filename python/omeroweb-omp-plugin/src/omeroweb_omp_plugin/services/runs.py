"""One batch of a job: look, plan, note the plan, act, note the outcome. Doing a batch again has no further effect."""

from __future__ import annotations

from collections import Counter, defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import DatabaseError, connections
from django.utils import timezone

from omero_plugin_common.database.alias import ALIAS
from omero_plugin_common.omero_access.group_context import in_group
from omeroweb_omp_plugin.merge.record import from_json, to_json
from omeroweb_omp_plugin.merge.undo import Done
from omeroweb_omp_plugin.services.executor import Executor
from omeroweb_omp_plugin.services.existing import annotations_of, standings
from omeroweb_omp_plugin.services.resume import settle
from omeroweb_omp_plugin.store.runs import ObjectState, WrittenObject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set

    from omero_plugin_common.jobs.context import JobContext
    from omeroweb_omp_plugin.merge.model import Annotation, Operation
    from omeroweb_omp_plugin.services.executor import Outcome

# The first numbers of PostgreSQL's advisory locks.
EVERYBODY, ONE_USER = 0x0E07, 0x0E08
WAIT_SECONDS = 0.05
# How long OMERO may go on saving a batch for a worker that is gone; it does not say when it has ended.
SAVING_SECONDS = 10.0
GONE = "It was deleted, or you may no longer see it."
NOT_YOURS = "You may no longer annotate it."
BEGUN = "What was written to it before can be taken back once you see it again."


@dataclass(frozen=True, slots=True)
class Item:
    """One object of a job; `problem` tells why it has no pairs."""

    id: int
    name: str
    pairs: tuple[tuple[str, str], ...] = ()
    problem: str = ""


@dataclass(slots=True)
class Batch:
    """Objects of one class that are worked on together.

    plan: the operations for one object, from what it carries now.
    """

    context: JobContext
    conn: Any
    object_type: str
    items: Sequence[Item]
    plan: Callable[[Item, Sequence[Annotation]], Sequence[Operation]]

    def run(self) -> Counter[str]:
        """Bring every object to its end; returns how many ended how."""
        rows = {row.object_id: row for row in self._rows()}
        let_saving_end(self.context, rows.values())
        open_items = [
            item for item in self.items if item.id not in rows or rows[item.id].state == ObjectState.PLANNED
        ]
        there = standings(self.conn, self.object_type, (item.id for item in open_items))
        by_group: dict[int, list[Item]] = defaultdict(list)
        ended: list[WrittenObject] = []
        for item in open_items:
            standing = there.get(item.id)
            if standing is None:
                ended.append(self._out_of_sight(item, rows.get(item.id)))
            elif standing.annotatable or item.id in rows:
                by_group[standing.group_id].append(item)
            else:
                ended.append(self._row(item, ObjectState.FAILED, NOT_YOURS))
        locked = {number for number, standing in there.items() if not standing.annotatable}
        for group_id, items in by_group.items():
            with in_group(self.conn, group_id):
                ended += self._in_one_group(items, rows, locked)
        save(ended)
        states = {number: row.state for number, row in rows.items()} | {
            row.object_id: row.state for row in ended
        }
        return Counter(counted(states[item.id]) for item in self.items)

    def _in_one_group(
        self, items: Sequence[Item], rows: Mapping[int, WrittenObject], locked: Set[int]
    ) -> list[WrittenObject]:
        """Plan and carry out what one group's objects need; of locked ones only note what was done before."""
        writer = self.context.owner.user_id
        present = annotations_of(self.conn, self.object_type, (item.id for item in items), writer)
        earlier: dict[int, list[Done]] = {}
        work: dict[int, Sequence[Operation]] = {}
        begun: list[WrittenObject] = []
        for item in items:
            row, now = rows.get(item.id), present.get(item.id, [])
            if row is not None:
                planned = [from_json(entry).operation for entry in row.operations]
                earlier[item.id], left = settle(planned, now, set(row.known_ids), writer)
                work[item.id] = () if item.id in locked else left
                continue
            work[item.id] = self.plan(item, now)
            if work[item.id]:
                begun.append(self._begun(item, work[item.id], now))
        WrittenObject.objects.bulk_create(begun)
        outcomes = Executor(self.conn, self.object_type, present).run(work)
        for number in locked & outcomes.keys():
            outcomes[number].problems.append(NOT_YOURS)
        return [self._ended(item, earlier.get(item.id, []), outcomes[item.id]) for item in items]

    def _out_of_sight(self, item: Item, begun: WrittenObject | None) -> WrittenObject:
        """An object that can't be looked at: what was begun on it stays noted, since it may have been written."""
        if begun is None:
            return self._row(item, ObjectState.FAILED, GONE)
        row = self._row(item, ObjectState.PLANNED, f"{GONE} {BEGUN}")
        row.operations, row.known_ids = begun.operations, begun.known_ids
        return row

    def _begun(self, item: Item, operations: Sequence[Operation], now: Sequence[Annotation]) -> WrittenObject:
        row = self._row(item, ObjectState.PLANNED)
        row.operations = [to_json(Done(operation, 0)) for operation in operations]
        row.known_ids = [annotation.id for annotation in now]
        return row

    def _ended(self, item: Item, earlier: list[Done], outcome: Outcome) -> WrittenObject:
        done = [*earlier, *outcome.done]
        if outcome.problems:
            state, message = ObjectState.FAILED, " ".join(outcome.problems)
        elif done:
            state, message = ObjectState.WRITTEN, item.problem
        elif item.problem and not item.pairs:
            state, message = ObjectState.SKIPPED, item.problem
        else:
            state, message = ObjectState.SAME, item.problem
        ended = self._row(item, state, message)
        ended.operations = [to_json(entry) for entry in done]
        return ended

    def _row(self, item: Item, state: ObjectState, message: str = "") -> WrittenObject:
        owner = self.context.owner
        return WrittenObject(
            job_id=self.context.job_id,
            username=owner.username,
            owner_id=owner.user_id,
            object_type=self.object_type,
            object_id=item.id,
            name=item.name,
            state=state,
            message=message,
            changed_at=timezone.now(),
        )

    def _rows(self) -> list[WrittenObject]:
        """What is known of these objects from an earlier try."""
        return list(
            WrittenObject.objects.filter(
                job_id=self.context.job_id,
                object_type=self.object_type,
                object_id__in=[item.id for item in self.items],
            )
        )


def counted(state: str) -> str:
    """As what an object counts: what was begun and can't be ended has failed."""
    return str(ObjectState.FAILED if state == ObjectState.PLANNED else state)


def let_saving_end(context: JobContext, rows: Iterable[WrittenObject]) -> None:
    """Wait until what was begun on these objects, by a worker that is gone, shows or never will."""
    begun = [row.changed_at for row in rows if row.state == ObjectState.PLANNED]
    if begun:
        passed = (timezone.now() - max(begun)).total_seconds()
        if passed < SAVING_SECONDS:
            context.wait(min(SAVING_SECONDS, SAVING_SECONDS - passed))


def save(rows: Sequence[WrittenObject]) -> None:
    """Write the rows' ends in one statement, whether they were begun or not."""
    if rows:
        WrittenObject.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["job_id", "object_type", "object_id"],
            update_fields=["state", "message", "operations", "changed_at"],
        )


@contextmanager
def writing_lock(context: JobContext, *, alone: bool) -> Iterator[None]:
    """Let one job of a user write at a time, and jobs that touch other people's annotations alone.

    Between looking and writing nothing else of this plugin changes the same annotations.
    """
    locks = [(EVERYBODY, 0, "" if alone else "_shared"), (ONE_USER, context.owner.user_id % 2**31, "")]
    held: list[tuple[int, int, str]] = []
    with connections[ALIAS].cursor() as cursor:
        try:
            for lock in locks:
                while not take(cursor, lock):
                    context.wait(WAIT_SECONDS)
                held.append(lock)
            yield
        finally:
            try:
                for kind, number, shared in reversed(held):
                    cursor.execute(f"SELECT pg_advisory_unlock{shared}(%s, %s)", [kind, number])
            except DatabaseError:
                # A connection that broke holds no locks; what broke it is already on its way up.
                connections[ALIAS].close()


def take(cursor: Any, lock: tuple[int, int, str]) -> bool:
    """Try to take an advisory lock."""
    kind, number, shared = lock
    cursor.execute(f"SELECT pg_try_advisory_lock{shared}(%s, %s)", [kind, number])
    return bool(cursor.fetchone()[0])
