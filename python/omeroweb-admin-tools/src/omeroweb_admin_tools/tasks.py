"""The jobs of the admin tools, and the chores that start them."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from omero_plugin_common.config import omero_settings, quota_settings
from omero_plugin_common.database.owned import Owner
from omero_plugin_common.jobs import service
from omero_plugin_common.jobs.kinds import Step, Steps, job_kind
from omero_plugin_common.jobs.omero_sessions import SudoSessions
from omero_plugin_common.jobs.sweep import chore
from omeroweb_admin_tools.config import admin_settings
from omeroweb_admin_tools.models import StorageMeasurement
from omeroweb_admin_tools.services.quotas.reconcile import give_defaults, reconcile
from omeroweb_admin_tools.services.storage.measure import counted_usage, prune, read_facts, save

if TYPE_CHECKING:
    from omero_plugin_common.jobs.context import JobContext

MEASURE = "admin_tools.measure_storage"
PING = "admin_tools.ping"
# Jobs that nobody asked for belong to the platform, which is no user of OMERO.
PLATFORM = Owner(-1, "platform")
STEPS = 6
CHORE_SECONDS = 30.0


@job_kind(MEASURE, title="Measure storage", max_running=1, per_user_limit=2)
def measure_storage(context: JobContext) -> Steps:
    """Read all sizes with the job service's account, which as an administrator sees every group."""
    wanted = admin_settings()
    began, counted = datetime.now(UTC), counted_usage()
    with SudoSessions(omero_settings()).service_session() as conn:
        for number, (words, facts) in enumerate(read_facts(conn), 1):
            found = facts
            yield Step(number, total=STEPS, message=words)
    measurement = save(found, wanted.data_dir, context.job_id, began, context.check, counted)
    prune(wanted.storage_keep_days, datetime.now(UTC))
    yield Step(STEPS, total=STEPS, message="Saved")
    return {"images": measurement.images, "measured_at": measurement.at.isoformat(timespec="seconds")}


@job_kind(PING, title="Check the worker", max_attempts=1)
def ping(_context: JobContext) -> Steps:
    """Do nothing, to see that jobs run."""
    yield Step(1, total=1)
    return {"answered_at": datetime.now(UTC).isoformat()}


@chore(lambda: float(admin_settings().quota_interval_seconds))
def reconcile_quotas() -> None:
    """Keep the file system's quotas what they should be, and give new groups theirs."""
    path = quota_settings().state_path
    newest = StorageMeasurement.objects.order_by("-at").only("members").first()
    if newest is not None:
        give_defaults(path, list(newest.members))
    reconcile()


@chore(lambda: CHORE_SECONDS)
def measure_when_due() -> None:
    """Start a measurement for each stretch of time that has none yet; of several workers only one does."""
    stretch = int(time.time() // admin_settings().storage_every_seconds)
    service.submit(MEASURE, PLATFORM, {}, idempotency_key=f"stretch-{stretch}")
