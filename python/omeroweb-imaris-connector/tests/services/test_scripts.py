"""Pauses between tries for a processor, ids of jobs, and reports through a job's message."""

from __future__ import annotations

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omero_plugin_common.models import Job
from omeroweb_imaris_connector.conversion.reporting import STORING, WRITING, Report, parse
from omeroweb_imaris_connector.services.exports import internal_id, public_id
from omeroweb_imaris_connector.services.scripts import LONGEST_PAUSE_SECONDS, SPREAD, pause_seconds


@given(st.floats(0.1, 600), st.integers(1, 10_000))
def test_pauses_double_up_to_a_minute_and_are_spread(first, attempt):
    wanted = min(LONGEST_PAUSE_SECONDS, first * 2.0 ** min(attempt - 1, 20))
    assert wanted * (1 - SPREAD) <= pause_seconds(first, attempt) <= wanted * (1 + SPREAD)


def test_pauses_of_exports_that_wait_together_differ():
    assert len({pause_seconds(5, 3) for _ in range(20)}) > 10


def test_the_id_for_programs_leads_back_to_the_job():
    job = Job(id=uuid4().hex)
    assert public_id(job).startswith("celery-")
    assert internal_id(public_id(job)) == internal_id(f"celery-{job.id}") == job.id


@pytest.mark.parametrize("text", ["", "celery-", "celery-12", f"task-{uuid4()}", str(uuid4())])
def test_other_ids_are_refused(text):
    with pytest.raises(ValueError, match="is not the id of an export"):
        internal_id(text)


@given(st.sampled_from([WRITING, STORING]), st.integers(0, 10**15), st.integers(0, 10**15))
def test_a_report_survives_the_jobs_message(phase, done, total):
    report = Report(phase, min(done, total), total)
    assert parse(report.text()) == report
    assert 0 <= report.percent() <= 100


def test_other_messages_are_no_reports():
    assert parse("") is parse("ims writing") is parse("Finished") is None
