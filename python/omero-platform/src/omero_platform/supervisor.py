"""supervisord: its configuration, and talking to it over its Unix socket."""

from __future__ import annotations

import os
import socket
import subprocess
import time
import xmlrpc.client
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from supervisor.xmlrpc import SupervisorTransport

from omero_platform.errors import PlatformError
from omero_platform.instance import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from omero_platform.instance import Instance

LOG_BYTES = 20 * 1024 * 1024
LOG_COPIES = 3
ALREADY_STARTED = 60  # fault codes of supervisord
NOT_RUNNING = 70


@dataclass(frozen=True)
class Program:
    """A process that supervisord keeps running."""

    name: str
    command: list[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    stop_signal: str = "TERM"
    stop_seconds: int = 20
    stop_group: bool = True


@dataclass(frozen=True)
class ProgramState:
    """What supervisord says about a program."""

    name: str
    running: bool
    state: str
    pid: int
    started: int
    reason: str


def quote(word: str) -> str:
    """A word of a command line, as supervisord's configuration wants it."""
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%") + '"'


def quote_value(value: str) -> str:
    """An environment value, as supervisord's configuration wants it: there is no way to escape a quote."""
    mark = "'" if '"' in value else '"'
    if mark in value or "\n" in value:
        raise ValueError(
            f"supervisord cannot hold a value with both kinds of quotes or a line break: {value!r}"
        )
    return mark + value.replace("%", "%%") + mark


def render(instance: Instance, programs: Iterable[Program]) -> str:
    """The configuration: no network port, one section per program, nothing starts by itself."""
    run = instance.run
    lines = [
        "[unix_http_server]",
        f"file = {socket_path(instance)}",
        "chmod = 0600",
        "[supervisord]",
        f"logfile = {instance.log / 'supervisord.log'}",
        f"logfile_maxbytes = {LOG_BYTES}",
        f"logfile_backups = {LOG_COPIES}",
        f"pidfile = {run / 'supervisord.pid'}",
        f"directory = {instance.data}",
        f"childlogdir = {run}",
        "nodaemon = true",
        "silent = true",
        "umask = 027",
        "[rpcinterface:supervisor]",
        "supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface",
    ]
    for program in programs:
        environment = {**instance.environment(), **program.environment}
        lines += [
            f"[program:{program.name}]",
            "command = " + " ".join(quote(word) for word in program.command),
            "environment = "
            + ",".join(f"{name}={quote_value(value)}" for name, value in sorted(environment.items())),
            "autostart = false",
            "autorestart = true",
            "startsecs = 1",
            "startretries = 20",
            f"stopsignal = {program.stop_signal}",
            f"stopwaitsecs = {program.stop_seconds}",
            f"stopasgroup = {str(program.stop_group).lower()}",
            "killasgroup = true",
            "redirect_stderr = true",
            f"stdout_logfile = {instance.log / (program.name + '.log')}",
            f"stdout_logfile_maxbytes = {LOG_BYTES}",
            f"stdout_logfile_backups = {LOG_COPIES}",
        ]
    return "\n".join(lines) + "\n"


def config_path(instance: Instance) -> Path:
    """The generated configuration; it holds passwords of the services."""
    return instance.run / "supervisord.conf"


def socket_path(instance: Instance) -> Path:
    """Where supervisord listens."""
    return instance.run / "supervisord.sock"


def write_config(instance: Instance, programs: Iterable[Program]) -> None:
    """Write the configuration for the next start."""
    write_atomically(config_path(instance), render(instance, programs), mode=0o600)


def launch(instance: Instance) -> None:
    """Start supervisord in the background and wait until it answers; raises PlatformError when it does not."""
    socket_path(instance).unlink(missing_ok=True)
    output = (instance.log / "supervisord.out").open("ab")
    with output:
        process = subprocess.Popen(  # noqa: S603
            [*instance.python("supervisor.supervisord"), "-c", str(config_path(instance))],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            cwd=instance.data,
            env={**os.environ, **instance.environment()},
        )
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if Supervisor(instance).answers():
            return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise PlatformError(
        "supervisord, which runs the services, did not start.",
        f"Its output is in {instance.log / 'supervisord.out'}.",
    )


class Supervisor:
    """The supervisord of one stack."""

    def __init__(self, instance: Instance) -> None:
        self._socket = socket_path(instance)

    def _call(self, method: str, *arguments: object) -> Any:
        transport = SupervisorTransport(None, None, f"unix://{self._socket}")
        with xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport) as proxy:
            return getattr(proxy.supervisor, method)(*arguments)

    def answers(self) -> bool:
        """Whether it runs."""
        try:
            self._call("getState")
        except (OSError, xmlrpc.client.Error, socket.timeout):  # noqa: UP041
            return False
        return True

    def pid(self) -> int:
        """Its process."""
        return int(self._call("getPID"))

    def states(self) -> dict[str, ProgramState]:
        """All programs by name; empty when supervisord does not run."""
        try:
            rows = self._call("getAllProcessInfo")
        except (OSError, xmlrpc.client.Error):
            return {}
        return {
            row["name"]: ProgramState(
                name=row["name"],
                running=row["statename"] in {"RUNNING", "STARTING"},
                state=row["statename"].lower(),
                pid=row["pid"],
                started=row["start"],
                reason=row["spawnerr"] or row["description"],
            )
            for row in rows
        }

    def start(self, name: str) -> None:
        """Start a program without waiting for it; one that runs stays as it is."""
        self._tolerate(ALREADY_STARTED, "startProcess", name, False)

    def stop(self, name: str) -> None:
        """Stop a program and wait for its end."""
        self._tolerate(NOT_RUNNING, "stopProcess", name, True)

    def shut_down(self) -> None:
        """Stop all programs and supervisord itself."""
        self._call("shutdown")

    def _tolerate(self, code: int, method: str, *arguments: object) -> None:
        try:
            self._call(method, *arguments)
        except xmlrpc.client.Fault as fault:
            if fault.faultCode != code:
                raise PlatformError(
                    f"supervisord refused to {method} {arguments[0]}: {fault.faultString}."
                ) from fault
