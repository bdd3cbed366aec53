"""A process of its own that writes to images and is killed in between: `killed_batch.py NAME JOB MOMENT ID…`.

MOMENT is `planned` (the plan is noted, nothing written), or `written` (everything is written, nothing noted).
"""

from __future__ import annotations

import os
import signal
import sys

import django

django.setup()

from omero.gateway import BlitzGateway  # noqa: E402

from omero_embedded.testing import PASSWORD  # noqa: E402
from omero_plugin_common.database.owned import Owner  # noqa: E402
from omero_plugin_common.jobs.context import JobContext  # noqa: E402
from omeroweb_omp_plugin.config import signer  # noqa: E402
from omeroweb_omp_plugin.merge.model import Policy  # noqa: E402
from omeroweb_omp_plugin.merge.plan import plan_write  # noqa: E402
from omeroweb_omp_plugin.services import runs  # noqa: E402
from omeroweb_omp_plugin.services.executor import Executor  # noqa: E402

PAIRS = (("Dose", "5"),)


def die(*_args: object) -> None:
    """End at once, as when the machine is out of memory."""
    os.kill(os.getpid(), signal.SIGKILL)


def main(name: str, job_id: str, moment: str, *ids: str) -> None:
    """Write, up to the moment."""
    conn = BlitzGateway(name, PASSWORD, host=os.environ["OMEROHOST"], port=int(os.environ["OMERO_PORT"]))
    assert conn.connect()
    context = JobContext(job_id, Owner(conn.getUserId(), name), None, None, 0, 0, {})
    if moment == "planned":
        Executor.run = die  # type: ignore[method-assign,assignment]
    else:
        runs.save = die
    items = [runs.Item(int(number), "", PAIRS) for number in ids]

    def plan(item: runs.Item, now: object) -> object:
        return plan_write(now, item.pairs, Policy.MERGE, signer(), writer=conn.getUserId()).operations

    runs.Batch(context, conn, "Image", items, plan).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
