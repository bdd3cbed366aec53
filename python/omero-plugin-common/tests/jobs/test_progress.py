"""What people see of a job never runs backwards, whoever writes it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omero_plugin_common.jobs.progress import Progress, forget, merge, progress_path, publish, read

START = Progress(
    id="0" * 32, kind="k", owner_id=1, state="running", done=0, total=10, message="", cancel_requested=False,
    created="2026-01-01T00:00:00+00:00", started=None, finished=None, result=None, error="", reference="", claims=1,
)  # fmt: skip

news = st.builds(lambda done, total, claims: replace(START, done=done, total=total, claims=claims),
                 st.integers(0, 50), st.integers(0, 50), st.integers(1, 4))  # fmt: skip


@given(st.lists(news, min_size=1))
def test_steps_shown_never_fall_and_never_exceed_the_total(sequence):
    shown = None
    for new in sequence:
        before, shown = shown, merge(shown, new)
        assert shown.total >= shown.done
        if before is not None:
            assert shown.done >= before.done
            assert shown.claims >= before.claims


def test_a_late_word_of_an_earlier_worker_changes_nothing():
    later = replace(START, claims=2, done=5, state="done")
    assert merge(later, replace(START, claims=1, done=9)) == later


def test_the_file_is_written_whole_and_forgotten_whole(environment):
    publish(replace(START, done=3))
    assert read(START.id).done == 3
    forget(START.id)
    assert read(START.id) is None


@pytest.mark.parametrize("job_id", ["../../etc/passwd", "", "0" * 31, "G" * 32, "0" * 31 + "/"])
def test_ids_that_are_none_never_become_paths(job_id):
    with pytest.raises(ValueError, match="not the id of a job"):
        progress_path(job_id)
