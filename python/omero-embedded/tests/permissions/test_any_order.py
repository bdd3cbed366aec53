"""Making, annotating, linking, moving and deleting in any order, against a small model of OMERO's permissions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import hypothesis.strategies as st
import omero
import omero.all
import omero.cmd
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from omero.rtypes import rstring

if TYPE_CHECKING:
    from .conftest import Lab

LEVELS = ("private", "read-only", "read-annotate", "read-write")
MEMBERS = ("alice", "bob")
PEOPLE = (*MEMBERS, "dora", "carol", "eve")


@dataclass
class Known:
    """What the model knows of a dataset."""

    level: str
    owner: str
    comments: list[str] = field(default_factory=list)  # by whom
    projects: int = 0

    def may_see(self, who: str) -> bool:
        return who in {self.owner, "dora", "carol"} or (who in MEMBERS and self.level != "private")

    def may_annotate(self, who: str) -> bool:
        if who in {"dora", "carol"}:
            return who == self.owner or self.level != "private"
        return who == self.owner or (who in MEMBERS and self.level in {"read-annotate", "read-write"})

    def may_change(self, who: str) -> bool:
        return who in {self.owner, "dora", "carol"} or (who in MEMBERS and self.level == "read-write")

    def may_link(self, who: str) -> bool:
        return self.may_change(who) and (who == self.owner or self.level != "private")

    def may_move(self, who: str) -> bool:
        return who in {self.owner, "carol"}

    def may_take(self, author: str, who: str, level: str) -> bool:
        """Whether a comment moves along: the owner's do, others' where the mover may delete them and all may see them.

        Those that do not are deleted with their link, whoever wrote them (OMERO's graph rules for chgrp).
        """
        may_delete = who == "carol" or self.level == "read-write"
        return author == self.owner or (may_delete and level != "private")


class Study(RuleBasedStateMachine):
    """What people do with datasets; the server must agree with the model after every step."""

    lab: Lab  # given by the test below
    datasets: Bundle[int] = Bundle("datasets")

    def __init__(self) -> None:
        super().__init__()
        self.model: dict[int, Known] = {}

    @rule(target=datasets, owner=st.sampled_from(MEMBERS), level=st.sampled_from(LEVELS))
    def make(self, owner: str, level: str) -> int:
        dataset_id = self.lab.dataset(level, owner)
        self.model[dataset_id] = Known(level, owner)
        return dataset_id

    @rule(dataset_id=datasets, who=st.sampled_from(PEOPLE))
    def annotate(self, dataset_id: int, who: str) -> None:
        known = self.model.get(dataset_id)
        link = omero.model.DatasetAnnotationLinkI()
        link.parent = omero.model.DatasetI(dataset_id, False)
        link.child = omero.model.CommentAnnotationI()
        link.child.textValue = rstring("seen")
        done = self.saved(who, known, link)
        assert done == (known is not None and known.may_annotate(who))
        if done and known is not None:
            known.comments.append(who)

    @rule(dataset_id=datasets, who=st.sampled_from(PEOPLE))
    def collect(self, dataset_id: int, who: str) -> None:
        known = self.model.get(dataset_id)
        project = omero.model.ProjectI()
        project.name = rstring(f"collected by {who}")
        link = omero.model.ProjectDatasetLinkI()
        link.parent = project
        link.child = omero.model.DatasetI(dataset_id, False)
        done = self.saved(who, known, link)
        assert done == (known is not None and known.may_link(who))
        if done and known is not None:
            known.projects += 1

    @rule(dataset_id=datasets, who=st.sampled_from(PEOPLE), level=st.sampled_from(LEVELS))
    def move(self, dataset_id: int, who: str, level: str) -> None:
        known = self.model.get(dataset_id)
        request = omero.cmd.Chgrp2(targetObjects={"Dataset": [dataset_id]}, groupId=self.lab.groups[level])
        moved = not isinstance(self.lab.run(who, request), omero.cmd.ERR)
        if known is None or not known.may_see(who):
            assert not moved
        elif known.level != level:
            assert moved == known.may_move(who)
        if moved and known is not None and known.level != level:
            known.comments = [author for author in known.comments if known.may_take(author, who, level)]
            known.level, known.projects = level, 0

    @rule(target=datasets, dataset_id=datasets, who=st.sampled_from(PEOPLE))
    def delete(self, dataset_id: int, who: str) -> Any:
        known = self.model.get(dataset_id)
        response = self.lab.run(who, omero.cmd.Delete2(targetObjects={"Dataset": [dataset_id]}))
        gone = isinstance(response, omero.cmd.Delete2Response)
        assert gone == (known is not None and known.may_change(who))
        if gone:
            del self.model[dataset_id]
        return multiple()

    @invariant()
    def everybody_sees_what_the_model_says(self) -> None:
        for dataset_id, known in self.model.items():
            for who in PEOPLE:
                found = self.lab.find(who, dataset_id)
                assert (found is not None) == known.may_see(who), (who, known)
                if found is not None:
                    told = found.details.permissions
                    allowed = (known.may_annotate(who), known.may_change(who), known.may_link(who))
                    assert (told.canAnnotate(), told.canEdit(), told.canLink()) == allowed, (who, known)

    @invariant()
    def nothing_is_lost_or_left_behind(self) -> None:
        for dataset_id, known in self.model.items():
            assert self.comments(dataset_id) == len(known.comments)
            assert self.count("ProjectDatasetLink l where l.child.id", dataset_id) == known.projects

    def comments(self, dataset_id: int) -> int:
        return self.count("DatasetAnnotationLink l where l.parent.id", dataset_id)

    def count(self, what: str, dataset_id: int) -> int:
        query = self.lab.sessions["root"].sf.getQueryService()
        rows = query.projection(f"select count(l) from {what} = {dataset_id}", None, {"omero.group": "-1"})
        counted: int = rows[0][0].val
        return counted

    def saved(self, who: str, known: Known | None, graph: Any) -> bool:
        """Whether somebody can save this in the dataset's group."""
        context = self.lab.in_group(known.level if known is not None else "read-write")
        try:
            self.lab.sessions[who].sf.getUpdateService().saveObject(graph, context)
        except (omero.SecurityViolation, omero.ValidationException, omero.ApiUsageException):
            return False
        return True


def run(lab: Lab, examples: int, steps: int) -> None:
    """Play this many studies; each begins with no dataset of its own."""
    machine = type("StudyHere", (Study,), {"lab": lab})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_people_do_what_they_may_in_any_order(lab: Lab) -> None:
    run(lab, examples=10, steps=12)


@pytest.mark.soak
def test_people_do_what_they_may_in_any_order_for_long(lab: Lab) -> None:
    # Some ten minutes on two busy cores.
    run(lab, examples=200, steps=40)
