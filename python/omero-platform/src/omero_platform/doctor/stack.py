"""The stack: its folder, its ports, its processes, its health."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from omero_platform.account import is_root, stack_owner
from omero_platform.doctor.findings import Finding, fine, problem, warning
from omero_platform.doctor.shared import shared_findings
from omero_platform.errors import PlatformError
from omero_platform.health.checks import check
from omero_platform.monitoring import elsewhere
from omero_platform.preflight import check_folder, taken_ports
from omero_platform.processes import describe, stack_processes
from omero_platform.services.postgresql import programs_for
from omero_platform.services.registry import absent_services, running_services
from omero_platform.supervisor import Supervisor

if TYPE_CHECKING:
    from omero_platform.instance import Instance


def stack_findings(instance: Instance, *, exists: bool) -> list[Finding]:
    """Everything about the stack; a stack that does not exist yet has only its ports to look at."""
    if not exists:
        return [folder_finding(instance), *port_findings(instance), fine(f"no stack in {instance.data} yet")]
    running = Supervisor(instance).answers()
    findings = [folder_finding(instance), *database_findings(instance), *permission_findings(instance)]
    findings += port_findings(instance)
    findings += process_findings(instance, running=running)
    if running:
        findings += [*health_findings(instance), *shared_findings(instance)]
    else:
        findings.append(stopped_finding(instance))
    findings += [
        fine(f"{instance.service(name).title} does not run: {why}")
        for name, why in absent_services(instance).items()
    ]
    return [*findings, *(fine(sentence.rstrip(".")) for sentence in elsewhere.describe(instance))]


def folder_finding(instance: Instance) -> Finding:
    """Whether the data folder is one this account can use."""
    try:
        check_folder(instance)
    except PlatformError as error:
        return problem(str(error), error.advice)
    return fine(f"data folder {instance.data}")


def database_findings(instance: Instance) -> list[Finding]:
    """Whether the installed PostgreSQL fits the databases."""
    findings = []
    for name, service in instance.stack.local().items():
        if service.database is None:
            continue
        try:
            findings.append(fine(f"{service.title}: programs in {programs_for(instance, name)}"))
        except PlatformError as error:
            findings.append(problem(str(error), error.advice))
    return findings


def permission_findings(instance: Instance) -> list[Finding]:
    """Whether secrets are secret, and everything belongs to the account of the stack."""
    owner = (
        stack_owner(instance).pw_uid if is_root() else (instance.data / "omero-platform.json").stat().st_uid
    )
    secrets = [instance.secrets, *instance.secrets.iterdir()] if instance.secrets.exists() else []
    findings = [
        problem(f"{path} can be read by others.", f"Close it: chmod go-rwx {path}")
        for path in secrets
        if stat.S_IMODE(path.stat().st_mode) & 0o077
    ]
    findings += [
        problem(
            f"{path} does not belong to the account of the stack.",
            f"Give it back: sudo chown -R {owner} {path}",
        )
        for path in instance.data.iterdir()
        if path.stat().st_uid != owner and path.name != "app"
    ]
    return findings or [fine("permissions of secrets and data")]


def port_findings(instance: Instance) -> list[Finding]:
    """Whether the ports are free, or the stack's own."""
    taken = taken_ports(instance)
    return [
        problem(f"P{sentence[1:]}.", "Stop that process, or shift all ports: up --port-offset 10000")
        for sentence in taken
    ] or [fine("ports")]


def process_findings(instance: Instance, *, running: bool) -> list[Finding]:
    """Processes of the stack that nobody looks after."""
    if running:
        return [fine("supervisord runs")]
    leftovers = stack_processes(instance.data)
    if leftovers:
        names = ", ".join(str(describe(pid)) for pid in leftovers)
        return [problem(f"Left over from an earlier run: {names}.", "End them: ./omero-platform down")]
    return [fine("no leftover processes")]


def stopped_finding(instance: Instance) -> Finding:
    """The stack is not running, which may be just right."""
    return warning(f"The stack in {instance.data} is not running.", "Start it: ./omero-platform up")


def health_findings(instance: Instance) -> list[Finding]:
    """Whether each service answers; the OMERO API by a login."""
    findings = []
    for name in running_services(instance):
        title = instance.service(name).title
        health = check(instance, name, thorough=True)
        if health.ok:
            findings.append(fine(f"{title} answers"))
        else:
            findings.append(
                problem(
                    f"{title} does not answer: {health.detail}.",
                    f"Look at its log: ./omero-platform logs {name}",
                )
            )
    return findings
