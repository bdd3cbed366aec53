"""What each policy does to what is already there."""

import itertools
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omeroweb_omp_plugin.merge.model import (
    Annotation,
    CellState,
    Create,
    Delete,
    Plan,
    Policy,
    Unlink,
    Update,
)
from omeroweb_omp_plugin.merge.plan import is_own, plan_removal, plan_write
from omeroweb_omp_plugin.merge.record import from_json, to_json
from omeroweb_omp_plugin.merge.undo import StaleError, carry_out, undo
from omeroweb_omp_plugin.ownership import Signer, without_mark

SIGNER = Signer("s3cret")
ALICE, BOB = 1, 2
WANTED = (("Cell", "HeLa"), ("Dose", "10"))


def own(number: int, *pairs: tuple[str, str], **extra) -> Annotation:
    return Annotation(number, SIGNER.signed(pairs), **{"owner": ALICE, **extra})


def foreign(number: int, *pairs: tuple[str, str], **extra) -> Annotation:
    return Annotation(number, pairs, **{"owner": BOB, **extra})


def write(existing: list[Annotation], policy: Policy, wanted=WANTED) -> Plan:
    return plan_write(existing, wanted, policy, SIGNER, writer=ALICE)


def states(plan: Plan) -> dict[str, str]:
    return {cell.key: cell.state.value for cell in plan.cells}


def after(existing: list[Annotation], plan: Plan) -> list[tuple[tuple[str, str], ...]]:
    result, _ = carry_out(existing, plan.operations, itertools.count(1000).__next__, ALICE)
    return [without_mark(annotation.pairs) for annotation in result]


@pytest.mark.parametrize("policy", Policy)
def test_an_empty_image_gets_one_marked_annotation(policy: Policy) -> None:
    plan = write([], policy)
    assert plan.operations == (Create(SIGNER.signed(WANTED)),)
    assert states(plan) == {"Cell": "add", "Dose": "add"}


@pytest.mark.parametrize("policy", Policy)
def test_no_values_change_nothing(policy: Policy) -> None:
    assert not write([own(1, ("a", "b")), foreign(2, ("c", "d"))], policy, ()).changes


@pytest.mark.parametrize("policy", Policy)
def test_writing_again_changes_nothing(policy: Policy) -> None:
    plan = write([own(1, *WANTED)], policy)
    assert not plan.changes
    assert states(plan) == {"Cell": "same", "Dose": "same"}


def test_keep_adds_only_what_is_missing() -> None:
    existing = [own(1, ("Cell", "COS7"))]
    plan = write(existing, Policy.KEEP)
    assert states(plan) == {"Cell": "conflict", "Dose": "add"}
    assert after(existing, plan) == [(("Cell", "COS7"), ("Dose", "10"))]


def test_keep_sees_a_value_that_somebody_else_wrote_beside_another() -> None:
    assert (
        states(write([own(1, ("Cell", "COS7")), foreign(2, ("Cell", "HeLa"))], Policy.KEEP))["Cell"] == "same"
    )


def test_merge_updates_own_values_and_leaves_foreign_ones() -> None:
    existing = [own(1, ("Cell", "COS7"), ("Old", "x")), foreign(2, ("Dose", "99"))]
    plan = write(existing, Policy.MERGE)
    assert states(plan) == {"Cell": "change", "Dose": "conflict"}
    assert after(existing, plan) == [(("Cell", "HeLa"), ("Old", "x")), (("Dose", "99"),)]


def test_replace_own_reuses_the_first_own_and_removes_the_others() -> None:
    existing = [own(1, ("Cell", "COS7"), ("Old", "x")), own(2, ("More", "y")), foreign(3, ("Dose", "99"))]
    plan = write(existing, Policy.REPLACE_OWN)
    assert [type(operation) for operation in plan.operations] == [Delete, Update]
    assert states(plan) == {"Cell": "change", "Dose": "conflict", "Old": "delete", "More": "delete"}
    assert after(existing, plan) == [WANTED, (("Dose", "99"),)]


def test_replace_all_removes_what_may_be_removed() -> None:
    existing = [foreign(1, ("Cell", "COS7")), foreign(2, ("Dose", "99"), removable=False)]
    plan = write(existing, Policy.REPLACE_ALL)
    assert states(plan) == {"Cell": "change", "Dose": "conflict"}
    assert after(existing, plan) == [(("Dose", "99"),), WANTED]


def test_other_namespaces_are_never_touched() -> None:
    existing = [
        foreign(1, ("Cell", "x"), namespace="somebody/else"),
        own(2, ("Cell", "x"), namespace="somebody/else"),
    ]
    for policy in Policy:
        assert [type(operation) for operation in write(existing, policy).operations] == [Create]
    assert not plan_removal(existing, SIGNER, everybodys=True).changes


def test_an_annotation_other_images_share_is_taken_off_and_not_changed() -> None:
    shared = own(1, ("Cell", "COS7"), links=3)
    plan = write([shared], Policy.REPLACE_OWN)
    assert [type(operation) for operation in plan.operations] == [Unlink, Create]
    assert states(write([shared], Policy.MERGE)) == {"Cell": "conflict", "Dose": "add"}


def test_bobs_marked_annotations_are_foreign_to_alice() -> None:
    bobs = own(1, ("Cell", "COS7"), owner=BOB)
    assert not is_own(bobs, SIGNER, ALICE)
    assert is_own(bobs, SIGNER, BOB)
    assert after([bobs], write([bobs], Policy.REPLACE_OWN)) == [(("Cell", "COS7"),), WANTED]
    assert not plan_removal([bobs], SIGNER, writer=ALICE).changes


def test_delete_own_leaves_hand_made_and_edited_annotations() -> None:
    edited = replace(own(1, ("Cell", "HeLa")), pairs=(*own(1, ("Cell", "HeLa")).pairs, ("note", "mine")))
    hand_made = foreign(2, ("Cell", "HeLa"), owner=ALICE)
    plan = plan_removal([edited, hand_made, own(3, ("Cell", "HeLa"))], SIGNER, writer=ALICE)
    assert [operation.annotation.id for operation in plan.operations] == [3]
    assert plan.count(CellState.DELETE) == 1


def test_undo_refuses_to_overwrite_what_somebody_edited_since() -> None:
    written, done = carry_out([], write([], Policy.MERGE).operations, lambda: 7, ALICE)
    edited = [replace(written[0], pairs=(*written[0].pairs, ("note", "by bob")))]
    with pytest.raises(StaleError, match="Annotation 7 was changed since"):
        carry_out(edited, undo(done), lambda: 8)
    with pytest.raises(StaleError, match="Annotation 7 is no longer there"):
        carry_out([], undo(done), lambda: 8)


def test_a_repeated_key_is_refused() -> None:
    with pytest.raises(ValueError, match="occurs twice"):
        write([], Policy.KEEP, (("a", "1"), ("a", "2")))


keys = st.sampled_from(["Cell", "Dose", "Well", "Day"])
values = st.sampled_from(["1", "2", ""])
namespaces = st.sampled_from(["openmicroscopy.org/omero/client/mapAnnotation", "other"])


@st.composite
def existing_annotations(draw) -> list[Annotation]:
    found = []
    for number in range(draw(st.integers(0, 5))):
        pairs = tuple(draw(st.lists(st.tuples(keys, values), max_size=4)))
        if draw(st.booleans()):
            pairs = SIGNER.signed(tuple(dict(pairs).items()))
        found.append(
            Annotation(
                number,
                pairs,
                namespace=draw(namespaces),
                owner=draw(st.sampled_from([ALICE, BOB, None])),
                links=draw(st.sampled_from([1, 1, 2])),
                changeable=draw(st.booleans()),
                removable=draw(st.booleans()),
            )
        )
    return found


wanted_pairs = st.dictionaries(keys, values, max_size=4).map(lambda pairs: tuple(pairs.items()))


def content(annotations) -> list[str]:
    return sorted(
        repr((entry.namespace, entry.pairs, entry.owner, entry.description)) for entry in annotations
    )


@given(existing_annotations(), wanted_pairs, st.sampled_from(Policy))
def test_undo_restores_exactly_what_was_there(existing: list[Annotation], wanted, policy: Policy) -> None:
    new_ids = itertools.count(1000).__next__
    written, done = carry_out(existing, write(existing, policy, wanted).operations, new_ids, ALICE)
    recorded = [from_json(json.loads(json.dumps(to_json(entry)))) for entry in done]
    assert tuple(recorded) == done
    restored, undone = carry_out(written, undo(recorded), new_ids, ALICE)
    expected = [replace(entry, owner=entry.owner or ALICE) for entry in existing]
    assert content(replace(entry, owner=entry.owner or ALICE) for entry in restored) == content(expected)
    again, _ = carry_out(restored, undo(undone), new_ids, ALICE)
    assert content(again) == content(written)


@given(existing_annotations(), wanted_pairs, st.sampled_from([Policy.KEEP, Policy.MERGE, Policy.REPLACE_OWN]))
def test_foreign_annotations_are_never_touched(existing: list[Annotation], wanted, policy: Policy) -> None:
    others = [entry for entry in existing if not is_own(entry, SIGNER, ALICE)]
    for plan in (write(existing, policy, wanted), plan_removal(existing, SIGNER, writer=ALICE)):
        result, _ = carry_out(existing, plan.operations, itertools.count(1000).__next__, ALICE)
        assert all(entry in result for entry in others)


@given(existing_annotations(), wanted_pairs, st.sampled_from(Policy))
def test_everything_a_plan_writes_is_marked_and_writing_it_twice_changes_nothing(
    existing: list[Annotation], wanted, policy: Policy
) -> None:
    plan = write(existing, policy, wanted)
    for operation in plan.operations:
        if isinstance(operation, Create | Update):
            assert SIGNER.owns(operation.pairs if isinstance(operation, Create) else operation.after)
    result, _ = carry_out(existing, plan.operations, itertools.count(1000).__next__, ALICE)
    assert not write(list(result), policy, wanted).changes


@given(existing_annotations(), wanted_pairs, st.sampled_from(Policy))
def test_the_cells_tell_what_happens_to_each_wanted_key(
    existing: list[Annotation], wanted, policy: Policy
) -> None:
    plan = write(existing, policy, wanted)
    assert [cell.key for cell in plan.cells][: len(wanted)] == [key for key, _ in wanted]
    result, _ = carry_out(existing, plan.operations, itertools.count(1000).__next__, ALICE)
    there = {pair for entry in result for pair in entry.pairs if entry.namespace != "other"}
    for cell in plan.cells[: len(wanted)]:
        assert ((cell.key, cell.new) in there) == (cell.written or cell.state is CellState.SAME)


def test_a_damaged_record_is_refused() -> None:
    with pytest.raises(ValueError, match="not the record of an operation"):
        from_json({"do": "explode", "id": 1, "fields": {"annotation": {}}})
