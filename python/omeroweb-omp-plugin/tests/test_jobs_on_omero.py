"""Properties of writing, removing and taking back on a real embedded OMERO, with the jobs' own code."""

from __future__ import annotations

from collections import Counter
from functools import partial

import omero.model
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from omero_plugin_common.database.owned import Owner
from omero_plugin_common.jobs.context import JobContext
from omero_plugin_common.models import new_job_id
from omero_plugin_common.omero_access.group_context import in_group
from omeroweb_omp_plugin.config import signer
from omeroweb_omp_plugin.merge.model import Policy
from omeroweb_omp_plugin.merge.plan import plan_write
from omeroweb_omp_plugin.ownership import CLIENT_NAMESPACE, HASH_KEY
from omeroweb_omp_plugin.services.existing import annotations_of
from omeroweb_omp_plugin.services.removal import removal_operations
from omeroweb_omp_plugin.services.runs import Batch, Item
from omeroweb_omp_plugin.services.undoing import UndoPlan
from omeroweb_omp_plugin.store.runs import WrittenObject

from .helpers import annotate, dataset_with_images

KEYS = st.sampled_from(["Dose", "Day", "Cell line", "Größe", "🔬", "مفتاح"])
VALUES = st.text(
    st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=8
)
PAIRS = st.dictionaries(KEYS, VALUES, min_size=1, max_size=4).map(lambda found: tuple(found.items()))
OTHER = "example.org/other"


def context_of(conn, job_id=None):
    owner = Owner(conn.getUserId(), conn.getUser().getName())
    return JobContext(job_id or new_job_id(), owner, None, None, 0, 0, {})


def write(conn, wanted, policy):
    """What a job does to the images, {id: pairs}; returns the job's id."""
    context = context_of(conn)

    def plan(item, now):
        return plan_write(now, item.pairs, policy, signer(), writer=context.owner.user_id).operations

    items = [Item(number, "", pairs) for number, pairs in wanted.items()]
    return context.job_id, Batch(context, conn, "Image", items, plan).run()


def remove(conn, ids, *, everybodys):
    context = context_of(conn)

    def plan(_item, now):
        return removal_operations(now, signer(), writer=context.owner.user_id, everybodys=everybodys)

    return context.job_id, Batch(context, conn, "Image", [Item(number, "") for number in ids], plan).run()


def undo(conn, job_id):
    context = context_of(conn)
    undoing = UndoPlan(job_id, context.owner.user_id, context.owner.username)
    items = [item for _, item in undoing.listed()]
    undoing.load("Image", items)
    counts = Batch(context, conn, "Image", items, undoing.plan).run()
    undoing.note(context.job_id, "Image", items)
    return counts


def content(conn, ids):
    """What is on the images, without annotations' ids: those deleted come back under new ones."""
    with in_group(conn, -1):
        found = annotations_of(conn, "Image", ids, conn.getUserId())
    return {
        number: Counter(
            (entry.pairs, entry.namespace, entry.description, entry.links) for entry in found.get(number, [])
        )
        for number in ids
    }


BEFORE = st.lists(
    st.tuples(PAIRS, st.sampled_from([CLIENT_NAMESPACE, OTHER]), st.sampled_from(["", "noted by hand"])),
    max_size=3,
)
SLOW = settings(
    max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@SLOW
@given(before=BEFORE, own=st.none() | PAIRS, wanted=PAIRS, policy=st.sampled_from(Policy))
def test_taking_a_job_back_restores_whatever_was_there(alice, plugin_database, before, own, wanted, policy):
    _, ids = dataset_with_images(alice, ["a.tif", "b.tif"])
    for pairs, namespace, description in before:
        annotate(alice, ids[0], pairs, namespace, description)
    if own is not None:
        write(alice, {ids[0]: own}, Policy.MERGE)
    was = content(alice, ids)
    job_id, _ = write(alice, dict.fromkeys(ids, wanted), policy)
    undo(alice, job_id)
    assert content(alice, ids) == was


@SLOW
@given(before=BEFORE, wanted=PAIRS, everybodys=st.booleans())
def test_taking_a_removal_back_restores_whatever_was_there(
    alice, plugin_database, before, wanted, everybodys
):
    _, ids = dataset_with_images(alice, ["a.tif"])
    for pairs, namespace, description in before:
        annotate(alice, ids[0], pairs, namespace, description)
    write(alice, {ids[0]: wanted}, Policy.REPLACE_OWN)
    was = content(alice, ids)
    job_id, _ = remove(alice, ids, everybodys=everybodys)
    if everybodys:
        assert content(alice, ids) == {ids[0]: Counter()}
    undo(alice, job_id)
    assert content(alice, ids) == was


@SLOW
@given(before=BEFORE, wanted=PAIRS, more=PAIRS)
def test_annotations_without_a_fitting_mark_are_never_touched(alice, plugin_database, before, wanted, more):
    _, ids = dataset_with_images(alice, ["a.tif"])
    for pairs, namespace, description in before:
        annotate(alice, ids[0], pairs, namespace, description)
    edited = (*wanted, (HASH_KEY, "omphash_v1:" + "0" * 64))
    annotate(alice, ids[0], edited)
    was = content(alice, ids)
    write(alice, {ids[0]: wanted}, Policy.REPLACE_OWN)
    write(alice, {ids[0]: more}, Policy.REPLACE_OWN)
    remove(alice, ids, everybodys=False)
    assert content(alice, ids) == was


def test_an_own_annotation_that_somebody_edited_is_foreign_from_then_on(alice, plugin_database):
    _, ids = dataset_with_images(alice, ["a.tif"])
    write(alice, {ids[0]: (("Dose", "5"),)}, Policy.REPLACE_OWN)
    (entry,) = annotations_of(alice, "Image", ids, alice.getUserId())[ids[0]]
    annotation = alice.getQueryService().findByQuery(
        f"select a from MapAnnotation a join fetch a.mapValue where a.id = {entry.id}", None
    )
    annotation.setMapValue([omero.model.NamedValue("Dose", "6 really"), annotation.getMapValue()[-1]])
    alice.getUpdateService().saveObject(annotation)
    _, counts = remove(alice, ids, everybodys=False)
    assert counts == {"same": 1}
    assert ("Dose", "6 really") in annotations_of(alice, "Image", ids, alice.getUserId())[ids[0]][0].pairs


def test_undo_leaves_what_was_edited_since_and_says_so(alice, plugin_database):
    _, ids = dataset_with_images(alice, ["a.tif", "b.tif"])
    job_id, _ = write(alice, dict.fromkeys(ids, (("Dose", "5"),)), Policy.MERGE)
    write(alice, {ids[0]: (("Dose", "7"),)}, Policy.MERGE)
    assert undo(alice, job_id) == {"failed": 1, "written": 1}
    assert ("Dose", "7") in annotations_of(alice, "Image", ids, alice.getUserId())[ids[0]][0].pairs
    row = WrittenObject.objects.get(object_id=ids[0], state="failed")
    assert "was changed since; it is left as it is" in row.message


def test_an_undo_that_failed_in_part_brings_nothing_back_twice_when_it_is_tried_again(alice, plugin_database):
    _, ids = dataset_with_images(alice, ["a.tif"])
    annotate(alice, ids[0], [("Dose", "by hand")])
    write(alice, {ids[0]: (("Day", "1"),)}, Policy.MERGE)
    job_id, _ = write(alice, {ids[0]: (("Dose", "2"), ("Day", "2"))}, Policy.REPLACE_ALL)
    write(alice, {ids[0]: (("Day", "3"),)}, Policy.MERGE)
    assert undo(alice, job_id) == {"failed": 1}
    was = content(alice, ids)
    assert was[ids[0]][(("Dose", "by hand"),), CLIENT_NAMESPACE, "", 1] == 1
    assert undo(alice, job_id) == {"failed": 1}
    assert content(alice, ids) == was


def test_older_jobs_can_be_taken_back_after_younger_ones(alice, plugin_database):
    _, ids = dataset_with_images(alice, ["a.tif"])
    first, _ = write(alice, {ids[0]: (("Dose", "5"),)}, Policy.MERGE)
    second, _ = remove(alice, ids, everybodys=True)
    assert undo(alice, second) == {"written": 1}
    assert undo(alice, first) == {"written": 1}
    assert content(alice, ids) == {ids[0]: Counter()}


def test_an_annotation_on_several_images_is_taken_off_one_and_stays_on_the_others(alice, plugin_database):
    _, ids = dataset_with_images(alice, ["a.tif", "b.tif"])
    shared = annotate(alice, ids[0], [("Dose", "5")])
    link = omero.model.ImageAnnotationLinkI()
    link.parent = omero.model.ImageI(ids[1], False)
    link.child = omero.model.MapAnnotationI(shared, False)
    alice.getUpdateService().saveObject(link)
    was = content(alice, ids)
    job_id, _ = remove(alice, [ids[0]], everybodys=True)
    assert content(alice, ids)[ids[0]] == Counter()
    assert sum(content(alice, ids)[ids[1]].values()) == 1
    undo(alice, job_id)
    assert content(alice, ids) == was


def test_a_batch_done_again_after_a_crash_writes_nothing_twice_and_can_be_undone(
    alice, plugin_database, nothing_saved_late
):
    _, ids = dataset_with_images(alice, ["a.tif", "b.tif"])
    annotate(alice, ids[0], [("Dose", "old")])
    was = content(alice, ids)
    job_id, _ = write(alice, dict.fromkeys(ids, (("Dose", "5"),)), Policy.REPLACE_ALL)
    after = content(alice, ids)
    # As if the worker had died between writing to OMERO and noting it.
    for row in WrittenObject.objects.filter(job_id=job_id):
        planned = [entry | {"id": 0 if entry["do"] == "create" else entry["id"]} for entry in row.operations]
        WrittenObject.objects.filter(pk=row.pk).update(state="planned", operations=planned)
    context = context_of(alice, job_id)
    items = [Item(number, "", (("Dose", "5"),)) for number in ids]
    counts = Batch(context, alice, "Image", items, lambda _item, _now: pytest.fail("planned twice")).run()
    assert counts == {"written": 2}
    assert content(alice, ids) == after
    undo(alice, job_id)
    assert content(alice, ids) == was


def test_a_job_cut_off_before_it_wrote_is_carried_on_by_the_plan_it_noted(
    alice, plugin_database, nothing_saved_late
):
    _, ids = dataset_with_images(alice, ["a.tif"])
    job_id, _ = write(alice, {ids[0]: (("Dose", "5"),)}, Policy.MERGE)
    after = content(alice, ids)
    row = WrittenObject.objects.get(job_id=job_id)
    remove(alice, ids, everybodys=True)
    planned = [entry | {"id": 0} for entry in row.operations]
    WrittenObject.objects.filter(pk=row.pk).update(state="planned", operations=planned)
    context = context_of(alice, job_id)
    Batch(context, alice, "Image", [Item(ids[0], "", (("Dose", "5"),))], lambda _item, _now: ()).run()
    assert content(alice, ids) == after


class Calls:
    """Counts the calls of a service, passing them on."""

    def __init__(self, service, names):
        self.service = service
        self.names = names

    def __getattr__(self, name):
        self.names.append(name)
        return getattr(self.service, name)


@pytest.mark.parametrize("policy", list(Policy))
def test_a_batch_takes_the_same_number_of_requests_whatever_its_size(
    alice, bob, plugin_database, monkeypatch, policy
):
    used = []
    for size in (5, 200):
        _, ids = dataset_with_images(alice, [f"{number}.tif" for number in range(size)])
        for number in ids[:5]:
            annotate(alice, number, [("Dose", "by hand")])
        write(alice, dict.fromkeys(ids, (("Dose", "1"), ("Day", "2"))), Policy.REPLACE_OWN)
        names = []
        query, update = Calls(alice.getQueryService(), names), Calls(alice.getUpdateService(), names)
        with monkeypatch.context() as patch:
            patch.setattr(alice, "getQueryService", partial(lambda service: service, query))
            patch.setattr(alice, "getUpdateService", partial(lambda service: service, update))
            _, counts = write(alice, dict.fromkeys(ids, (("Dose", "3"), ("Hour", "4"))), policy)
        assert counts.total() == size
        used.append(len(names))
    assert used[0] == used[1]
    assert used[0] < 20


def test_two_users_who_write_at_once_never_mix(people, plugin_database, alice, bob):
    """Bob annotates alice's images while she does; each finds their own pairs and nothing of the other's."""
    from concurrent.futures import ThreadPoolExecutor

    _, ids = dataset_with_images(alice, [f"{number}.tif" for number in range(40)])

    def work(name):
        with people.gateway(name) as conn:
            jobs = [
                write(
                    conn, {number: (("Who", name), ("Run", str(run))) for number in ids}, Policy.REPLACE_OWN
                )
                for run in range(3)
            ]
            return conn.getUserId(), jobs[-1]

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(work, ["alice", "bob"]))
    assert all(counts == {"written": 40} for _, (_, counts) in results)
    names = {results[0][0]: "alice", results[1][0]: "bob"}
    found = annotations_of(alice, "Image", ids, alice.getUserId())
    for number in ids:
        entries = found[number]
        assert {entry.owner for entry in entries} == set(names)
        assert len(entries) == 2
        for entry in entries:
            assert dict(entry.pairs)["Who"] == names[entry.owner]
            assert dict(entry.pairs)["Run"] == "2"
            assert signer().owns(entry.pairs)


PROGRAM = st.tuples(st.lists(PAIRS, min_size=1, max_size=3), st.booleans())


def run_program(people, name, program, ids):
    """Write each set of pairs in turn, then perhaps take the last one back."""
    written, takes_back = program
    with people.gateway(name) as conn:
        jobs = [write(conn, dict.fromkeys(ids, pairs), Policy.REPLACE_OWN)[0] for pairs in written]
        if takes_back:
            undo(conn, jobs[-1])
        return conn.getUserId()


def own_pairs(conn, ids, owner):
    """What one person has on each image, without the marks, which name the image."""
    found = annotations_of(conn, "Image", ids, conn.getUserId())
    return [
        Counter(
            frozenset(pair for pair in entry.pairs if pair[0] != HASH_KEY)
            for entry in found.get(number, [])
            if entry.owner == owner
        )
        for number in ids
    ]


@settings(SLOW, max_examples=8)
@given(alices=PROGRAM, bobs=PROGRAM)
def test_what_one_writes_is_the_same_whatever_another_writes_at_once(
    people, alice, bob, plugin_database, alices, bobs
):
    from concurrent.futures import ThreadPoolExecutor

    names = [f"{number}.tif" for number in range(6)]
    programs = {"alice": alices, "bob": bobs}
    _, ids = dataset_with_images(alice, names)
    with ThreadPoolExecutor(2) as pool:
        together = {
            name: pool.submit(run_program, people, name, program, ids) for name, program in programs.items()
        }
    for name, program in programs.items():
        _, alone = dataset_with_images(alice, names)
        user_id = run_program(people, name, program, alone)
        assert together[name].result() == user_id
        assert own_pairs(alice, ids, user_id) == own_pairs(alice, alone, user_id)


def test_an_image_deleted_in_between_and_one_without_permission_fail_alone(alice, bob, plugin_database):
    from omero_plugin_common.omero_access.deletion import delete

    _, ids = dataset_with_images(alice, ["a.tif", "gone.tif", "c.tif"])
    delete(alice, "Image", [ids[1]])
    job_id, counts = write(alice, dict.fromkeys(ids, (("Dose", "5"),)), Policy.MERGE)
    assert counts == {"written": 2, "failed": 1}
    row = WrittenObject.objects.get(job_id=job_id, object_id=ids[1])
    assert row.message == "It was deleted, or you may no longer see it."
