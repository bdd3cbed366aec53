"""PostgreSQL and Redis for tests: real programs on free ports, in a folder that disappears."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

START_TIMEOUT_SECONDS = 60.0
UNPRIVILEGED_USERS = ("postgres", "nobody")


def free_port() -> int:
    """Return a TCP port that nothing listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], bool], what: str, timeout: float = START_TIMEOUT_SECONDS) -> None:
    """Return as soon as the condition holds; raises TimeoutError saying what was waited for."""
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not happen within {timeout:.0f} s")
        time.sleep(0.02)


def answers(port: int) -> bool:
    """Say whether something accepts connections on a local port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def postgresql_program(name: str) -> str:
    """Return the path of a PostgreSQL program; Debian keeps the servers outside PATH."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / name).exists():
            return str(folder / name)
    found = shutil.which(name)
    if found is None:
        raise FileNotFoundError(
            f"PostgreSQL's {name} is needed for these tests (Debian: apt install postgresql)"
        )
    return found


@dataclass(slots=True)
class PostgresServer:
    """One PostgreSQL server with one database, role and password."""

    folder: Path
    port: int
    name: str = "omero-plugin"
    user: str = "omero-plugin"
    password: str = "a password for tests"
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def pid(self) -> int:
        if self._process is None:
            raise RuntimeError("PostgreSQL is not running")
        return self._process.pid

    def create(self) -> None:
        """Make the data folder; PostgreSQL refuses root, so root hands it to another user."""
        self.folder.mkdir(parents=True, exist_ok=True)
        secret = self.folder / "password"
        secret.write_text(self.password)
        account = _account()
        if account is not None:
            for path in (self.folder, secret):
                os.chown(path, account, -1)
        self._run(
            "initdb",
            "-D",
            self._data,
            "-U",
            self.user,
            "-A",
            "scram-sha-256",
            f"--pwfile={secret}",
            "-E",
            "UTF8",
        )

    def start(self) -> None:
        """Start and wait until it accepts connections; also recovers from a killed predecessor."""
        (self.folder / "data" / "postmaster.pid").unlink(missing_ok=True)
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "fsync": "off",
            "autovacuum": "off",
            "max_connections": "200",
            "shared_buffers": "32MB",
        }
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        command = [postgresql_program("postgres"), "-D", self._data, *options]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, user=_account(), start_new_session=True, cwd=self.folder
            )
        wait_until(self._accepts, "PostgreSQL accepting connections")

    def create_database(self) -> None:
        import psycopg2  # noqa: PLC0415

        connection = psycopg2.connect(**self.connect_arguments("postgres"))
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{self.name}"')
        connection.close()

    def connect_arguments(self, name: str | None = None) -> dict[str, str | int]:
        return {
            "host": "127.0.0.1",
            "port": self.port,
            "user": self.user,
            "password": self.password,
            "dbname": name or self.name,
        }

    def kill(self) -> None:
        """Kill every process of the server at once, as a power cut would."""
        _end(self._process, signal.SIGKILL)
        wait_until(lambda: not answers(self.port), "PostgreSQL's end")

    def stop(self) -> None:
        _end(self._process, signal.SIGQUIT)

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    def _accepts(self) -> bool:
        if self._process is not None and self._process.poll() is not None:
            raise RuntimeError(f"PostgreSQL ended at once: {(self.folder / 'log').read_text()[-2000:]}")
        import psycopg2  # noqa: PLC0415

        try:
            psycopg2.connect(**self.connect_arguments("postgres"), connect_timeout=2).close()
        except psycopg2.OperationalError:
            return False
        return True

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [postgresql_program(program), *arguments],
            user=_account(),
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr}")


@dataclass(slots=True)
class RedisServer:
    """One Redis server that keeps nothing on disk."""

    folder: Path
    port: int
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def url(self, database: int) -> str:
        return f"redis://127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        program = shutil.which("redis-server")
        if program is None:
            raise FileNotFoundError(
                "redis-server is needed for these tests (Debian: apt install redis-server)"
            )
        command = [
            program,
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
        ]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder)
        wait_until(lambda: answers(self.port), "Redis accepting connections")

    def kill(self) -> None:
        _end(self._process, signal.SIGKILL)

    def stop(self) -> None:
        _end(self._process, signal.SIGTERM)


def temporary_folder(prefix: str) -> Path:
    """Return a new folder that other users may enter (PostgreSQL runs as one)."""
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    folder.chmod(0o755)
    return folder


def _account() -> int | None:
    """Return the user id for programs that refuse root, None when this process is not root."""
    if os.geteuid() != 0:
        return None
    for name in UNPRIVILEGED_USERS:
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    raise RuntimeError("PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody")


def _end(process: subprocess.Popen[bytes] | None, how: signal.Signals) -> None:
    if process is None or process.poll() is not None:
        return
    if how == signal.SIGKILL and os.getpgid(process.pid) == process.pid:
        os.killpg(process.pid, how)
    else:
        process.send_signal(how)
    process.wait(timeout=30)
