"""What a suite talks to: an embedded OMERO, OMERO.web in front of it, and the folder of an OMERO client."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from omero.config import ConfigXml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HOST = "127.0.0.1"
PASSWORD = "omero"  # of a server on the loopback interface that ends with the suite
HERE = Path(__file__).resolve().parent
EMBEDDED = HERE.parents[1] / "python" / "omero-embedded" / "src"
START_SECONDS = 180.0
Found = TypeVar("Found")

OMERO = "import sys; from omero.cli import argv; sys.exit(argv(['omero', *sys.argv[1:]]))"
LAUNCHERS = {
    # Like the installed command, but it also runs as root, as in containers.
    "omero": '#!/bin/sh\nexec "{python}" -c "{omero}" "$@"\n',
    "java": '#!/bin/sh\nexec "{python}" "{here}/importer.py" "$@"\n',
}


def client_environment(folder: Path) -> dict[str, str]:
    """A home, an OMERODIR and the commands `omero` and `java` for a suite, below `folder`."""
    home, omerodir, programs = folder / "home", folder / "omerodir", folder / "bin"
    for path in (home, omerodir / "etc" / "grid", omerodir / "var", omerodir / "lib" / "client", programs):
        path.mkdir(parents=True)
    (omerodir / "lib" / "client" / "stand-in.jar").touch()  # `omero import` asks for at least one
    for name, text in LAUNCHERS.items():
        program = programs / name
        program.write_text(text.format(python=sys.executable, here=HERE, omero=OMERO))
        program.chmod(0o755)
    kept = {
        key: value for key, value in os.environ.items() if not key.startswith(("OMERO", "ICE_", "PYTEST"))
    }
    return {
        **kept,
        "HOME": str(home),
        "OMERODIR": str(omerodir),
        "PATH": os.pathsep.join([str(programs), str(Path(sys.executable).parent), kept.get("PATH", "")]),
        "PYTHONPATH": str(EMBEDDED),
    }


@contextmanager
def embedded_omero(folder: Path, environ: dict[str, str]) -> Iterator[int]:
    """An embedded OMERO in a process of its own; its SSL port."""
    command = [sys.executable, "-m", "omero_embedded", "serve", "--data", str(folder / "data")]
    command += ["--ssl-port", "0", "--tcp-port", "0", "--host", HOST, "--log-level", "warning"]
    log = folder / "omero.log"
    with _process(command, log, {**environ, "OMERO_EMBEDDED_ROOT_PASSWORD": PASSWORD}) as process:

        def port() -> int | None:
            ready = [line for line in log.read_text().splitlines() if line.startswith("ready ")]
            return int(dict(word.split("=") for word in ready[0].split()[1:])["ssl"]) if ready else None

        yield _await(port, process, log)


@contextmanager
def omero_web(folder: Path, environ: dict[str, str], omero_port: int) -> Iterator[str]:
    """OMERO.web under gunicorn; its address."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    config = ConfigXml(str(Path(environ["OMERODIR"]) / "etc" / "grid" / "config.xml"))
    config["omero.web.server_list"] = json.dumps([[HOST, omero_port, "omero"]])
    config["omero.web.secure"] = "true"
    config["omero.web.check_version"] = "false"
    config["omero.web.secret_key"] = "only for tests"
    config.close()
    url = f"http://{HOST}:{port}"
    command = [sys.executable, "-m", "gunicorn", "omeroweb.wsgi:application", "--bind", f"{HOST}:{port}"]
    log = folder / "web.log"
    with _process([*command, "--workers", "1", "--threads", "4"], log, environ) as process:

        def answers() -> bool:
            try:
                with urllib.request.urlopen(f"{url}/api/", timeout=60) as answer:
                    return bool(answer.status == 200)
            except (urllib.error.URLError, ConnectionError):
                return False

        _await(answers, process, log)
        yield url


@contextmanager
def _process(command: list[str], log: Path, environ: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as stream:
        process = subprocess.Popen(command, stdout=stream, stderr=stream, env=environ, cwd=log.parent)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await(found: Callable[[], Found | None], process: subprocess.Popen[bytes], log: Path) -> Found:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        value = found()
        if value:
            return value
        time.sleep(0.2)
    raise SystemExit(f"{log.stem} did not start:\n{log.read_text(errors='replace')[-3000:]}")
