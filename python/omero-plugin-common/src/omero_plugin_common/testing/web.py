"""OMERO.web as a real process for tests, and logging in to it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx

from omero_plugin_common.testing.environment import set_web_config
from omero_plugin_common.testing.servers import answers, free_port, wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from omero_plugin_common.testing.environment import TestEnvironment


@dataclass(slots=True)
class WebProcess:
    """OMERO.web under gunicorn, serving its static files itself as the platform's does."""

    environment: TestEnvironment
    omero_host: str
    omero_port: int
    workers: int = 1
    threads: int = 8
    extra_environ: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.environment.folder / "web.log"

    def start(self, *, wait: bool = True) -> None:
        """Write where OMERO is, start, and wait for the first answer."""
        set_web_config(
            self.environment,
            {
                "omero.web.server_list": [[self.omero_host, self.omero_port, "omero"]],
                "omero.web.secure": "true",
                "omero.web.check_version": "false",
            },
        )
        command = [
            *(
                sys.executable,
                "-m",
                "gunicorn",
                "omeroweb.wsgi:application",
                "--bind",
                f"127.0.0.1:{self.port}",
            ),
            *("--workers", str(self.workers), "--threads", str(self.threads)),
            *("--timeout", "120", "--keep-alive", "60"),
        ]
        environ = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            **self.extra_environ,
        }
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                env=environ,
                start_new_session=True,
                cwd=self.environment.folder,
            )
        if wait:
            wait_until(self.answers, "OMERO.web answering")

    def answers(self) -> bool:
        """Say whether a page comes back."""
        if self._process is not None and self._process.poll() is not None:
            raise RuntimeError(f"OMERO.web ended at once: {self.log.read_text(errors='replace')[-3000:]}")
        if not answers(self.port):
            return False
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(f"{self.url}/webclient/login/", timeout=60).status_code == httpx.codes.OK
        return False

    def kill(self) -> None:
        """Kill every process at once."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(timeout=30)

    stop = kill

    def login(self, name: str, password: str) -> httpx.Client:
        """Return an HTTP client that is logged in and sends the CSRF token with what it posts."""
        client = httpx.Client(base_url=self.url, timeout=60, follow_redirects=False)
        client.get("/webclient/login/")
        token = client.cookies["csrftoken"]
        form = {"username": name, "password": password, "server": "1", "csrfmiddlewaretoken": token}
        answer = client.post("/webclient/login/", data=form)
        if answer.status_code != httpx.codes.FOUND:
            raise PermissionError(f"{name} could not log in to OMERO.web: {answer.status_code}")
        client.headers.update({"X-CSRFToken": client.cookies["csrftoken"], "Referer": self.url})
        return client
