"""People and waiting, for the job tests."""

from __future__ import annotations

from omero_plugin_common.database.owned import Owner
from omero_plugin_common.models import FINISHED, Job
from omero_plugin_common.testing.servers import wait_until

ALICE = Owner(2, "alice")
BOB = Owner(3, "bob")
CAROL = Owner(4, "carol")


def row(job_id: str) -> Job:
    found: Job = Job.objects.get(pk=job_id)
    return found


def wait_for_end(job_id: str, timeout: float = 60) -> Job:
    wait_until(lambda: row(job_id).state in FINISHED, f"the end of job {job_id}", timeout)
    return row(job_id)


def wait_for_state(job_id: str, state: str, timeout: float = 30) -> Job:
    wait_until(lambda: row(job_id).state == state, f"job {job_id} being {state}", timeout)
    return row(job_id)
