"""Every check the diagnostics know, by script, derived from the stack's description and the settings."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import connections

from omero_plugin_common.checks import machine, network
from omero_plugin_common.checks.findings import Finding, failed, passed, warned
from omero_plugin_common.checks.versions import compare
from omero_plugin_common.config import database_settings, job_settings, omero_settings
from omero_plugin_common.database.alias import ALIAS
from omero_plugin_common.jobs import service as jobs
from omero_plugin_common.models import FINISHED, Job, JobState
from omeroweb_admin_tools.config import admin_settings
from omeroweb_admin_tools.services.diagnostics import omero_checks
from omeroweb_admin_tools.services.health import worker_answers
from omeroweb_admin_tools.tasks import PING

if TYPE_CHECKING:
    from collections.abc import Callable

    from omero_plugin_common.database.owned import Owner
    from omero_plugin_common.stackfile import StackPlace

JOB_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its id and label stay the same, so that results can be compared."""

    id: str
    label: str
    run: Callable[[], Finding]


@dataclass(frozen=True, slots=True)
class Script:
    """What can be chosen on the page."""

    id: str
    label: str
    category: str
    text: str


SCRIPTS = (
    Script("platform_end_to_end", "Whole platform", "Bundle", "Everything below, side by side."),
    Script(
        "omero_server_core", "OMERO server", "OMERO.server", "Name, ports, certificate, login, OMERO.web."
    ),
    Script("omero_database", "OMERO database", "Database", "Name, port, a statement with the real password."),
    Script(
        "plugin_database", "Plugin database", "Database", "Name, port, a statement with the real password."
    ),
    Script(
        "omero_import",
        "Import and scripts",
        "OMERO.server",
        "Imports a tiny image, deletes it, runs a script.",
    ),
    Script("worker", "Jobs", "Jobs", "Redis, the worker, one job through the queue and back."),
    Script("monitoring", "Other services", "Monitoring", "Every other service of the stack answers."),
    Script("machine", "Machine", "Machine", "Disk space, clocks, versions."),
)
BUNDLE = SCRIPTS[0].id


class Checks:
    """The checks of one run, for one administrator with his or her connection."""

    def __init__(self, place: StackPlace, conn: Any, owner: Owner) -> None:
        self._place = place
        self._owner = owner
        self._conn = conn
        # One connection to OMERO serves one thread at a time.
        self._turn = threading.Lock()
        self._seconds = admin_settings().diagnostic_timeout_seconds

    def of(self, script: str) -> list[Check]:
        """Return the checks of a script; raises KeyError for an unknown one."""
        makers: dict[str, Callable[[], list[Check]]] = {
            "omero_server_core": self._server,
            "omero_database": self._omero_database,
            "plugin_database": self._plugin_database,
            "omero_import": self._import,
            "worker": self._worker,
            "monitoring": self._monitoring,
            "machine": self._machine,
        }
        if script == BUNDLE:
            return [check for make in makers.values() for check in make()]
        return makers[script]()

    def _server(self) -> list[Check]:
        omero = omero_settings()
        found = [
            Check("omero_dns", "Name of the OMERO server", partial(network.dns, omero.host)),
            Check(
                "omero_tcp",
                "Port of the OMERO server",
                partial(network.tcp, omero.host, omero.port, self._seconds),
            ),
            Check(
                "omero_certificate",
                "Certificate of the OMERO server",
                partial(network.certificate, omero.host, omero.port, self._seconds),
            ),
            Check("omero_login", "Login with the job service's password", omero_checks.login),
        ]
        if "omeroweb" in self._place.services:
            host, port = self._place.address("omeroweb")
            path = self._place.services["omeroweb"].health_path
            url = f"http://{host}:{port}{path}"
            found.append(Check("omeroweb_http", "OMERO.web", partial(network.http_get, url, 10.0)))
        return found

    def _omero_database(self) -> list[Check]:
        wanted = admin_settings()
        host, port = wanted.database_host, wanted.database_port
        found = self._database("omero_database", "OMERO database", host=host, port=port)
        if wanted.database_password:
            login: Callable[[], Finding] = partial(
                network.postgresql,
                host=host,
                port=port,
                name=wanted.database_name,
                user=wanted.database_user,
                password=wanted.database_password,
                seconds=self._seconds,
                query="SELECT count(*) FROM pg_catalog.pg_class",
            )
        else:
            login = partial(
                warned,
                "no password is configured, so nothing was asked",
                "Set OMERO_DB_PASS_FILE (env/omero_secrets.env) to a file with the password of the OMERO database.",
            )
        return [*found, Check("omero_database_sql", "A statement in the OMERO database", login)]

    def _plugin_database(self) -> list[Check]:
        wanted = database_settings()
        found = self._database("plugin_database", "Plugin database", host=wanted.host, port=wanted.port)
        login = partial(
            network.postgresql,
            host=wanted.host,
            port=wanted.port,
            name=wanted.name,
            user=wanted.user,
            password=wanted.password,
            seconds=self._seconds,
            query="SELECT count(*) FROM plugin_jobs",
        )
        return [*found, Check("plugin_database_sql", "A statement in the plugin database", login)]

    def _database(self, prefix: str, title: str, *, host: str, port: int) -> list[Check]:
        if host.startswith("/"):  # a folder with a socket has neither a name nor a port
            return []
        return [
            Check(f"{prefix}_dns", f"Name of the {title}", partial(network.dns, host)),
            Check(f"{prefix}_tcp", f"Port of the {title}", partial(network.tcp, host, port, self._seconds)),
        ]

    def _import(self) -> list[Check]:
        return [
            Check("import", "Import of a tiny image", self._in_turn(omero_checks.import_image)),
            Check("script", "Run of a script", self._in_turn(omero_checks.run_script)),
        ]

    def _worker(self) -> list[Check]:
        broker = job_settings().broker_url
        return [
            Check("redis", "Redis", partial(network.redis_ping, broker, self._seconds)),
            Check("celery_ping", "Worker", partial(worker_answers, self._seconds)),
            Check("celery_round_trip", "A job there and back", partial(round_trip, self._owner)),
        ]

    def _monitoring(self) -> list[Check]:
        found = []
        for name, service in self._place.services.items():
            if service.health_kind == "http" and name != "omeroweb":
                host, port = self._place.address(name)
                url = f"http://{host}:{port}{service.health_path}"
                found.append(
                    Check(f"http_{name}", service.title, partial(network.http_get, url, self._seconds))
                )
        return found

    def _machine(self) -> list[Check]:
        wanted = admin_settings()
        data = wanted.data_dir
        server = self._place.services.get("omeroserver")
        version = server.version if server else ""
        found = [
            Check("disk_data", "Disk of OMERO's data", partial(machine.disk, data)),
            Check("clock", "Clock of the plugin database", database_clock),
            Check(
                "omero_version",
                "Version of OMERO",
                self._in_turn(partial(omero_checks.server_version, wanted=version)),
            ),
        ]
        plugin = self._place.services.get("database_plugin")
        if plugin and plugin.version:
            found.append(
                Check(
                    "postgresql_version", "Version of PostgreSQL", partial(postgresql_version, plugin.version)
                )
            )
        return found

    def _in_turn(self, check: Callable[[Any], Finding]) -> Callable[[], Finding]:
        def run() -> Finding:
            with self._turn:
                return check(self._conn)

        return run


def round_trip(owner: Owner) -> Finding:
    """Whether a job goes through the queue, runs and comes back."""
    try:
        job = jobs.submit(PING, owner, {})
        deadline = time.monotonic() + JOB_SECONDS
        state = job.state
        while state not in FINISHED and time.monotonic() < deadline:
            time.sleep(0.1)
            state = Job.objects.values_list("state", flat=True).get(pk=job.pk)
        if state not in FINISHED:
            jobs.cancel(job, owner)
    finally:
        connections[ALIAS].close()
    if state == JobState.DONE:
        return passed("a job ran and came back")
    return failed(
        f"the job was not done within {JOB_SECONDS:.0f} s",
        "Check that the worker runs and listens to the queue `default`, and look at its log.",
    )


def database_clock() -> Finding:
    """Whether the plugin database's clock agrees with ours."""
    try:
        with connections[ALIAS].cursor() as cursor:
            cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
            return machine.clock_difference(float(cursor.fetchone()[0]), "the plugin database")
    finally:
        connections[ALIAS].close()


def postgresql_version(wanted: str) -> Finding:
    """Whether PostgreSQL is of the version the platform is tested with."""
    try:
        with connections[ALIAS].cursor() as cursor:
            cursor.execute("SHOW server_version")
            return compare("PostgreSQL", str(cursor.fetchone()[0]).split()[0], wanted)
    finally:
        connections[ALIAS].close()
