"""One stack on one machine: its description, its data folder and its ports."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from omero_platform.errors import PlatformError
from omero_platform.stack import load_stack

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omero_platform.stack import Service, Stack

LAYOUT = 1  # of the data folder; raised when a newer platform arranges it differently
MARKER = "omero-platform.json"
HOST = "127.0.0.1"
LONGEST_DATA_PATH = 80  # a Unix socket's path may have 107 characters

AWKWARD_CHARACTERS = "\"';#\\\n\r"


@dataclass(frozen=True)
class Instance:
    """Where a stack lives and which ports it uses.

    `hosts` names the services that are not on this machine, `passwords` the secrets that others made and handed over.
    """

    root: Path
    data: Path
    port_offset: int = 0
    monitoring: bool = True
    hosts: Mapping[str, str] = field(default_factory=dict, hash=False)
    passwords: Mapping[str, str] = field(default_factory=dict, hash=False, repr=False)

    @cached_property
    def stack(self) -> Stack:
        """The description this instance was made from."""
        return load_stack(self.root / "stack.toml")

    def service(self, name: str) -> Service:
        """One service of the stack."""
        return self.stack.services[name]

    def port(self, service: str, port: str) -> int:
        """The port a service really uses, shifted by the offset."""
        return self.stack.services[service].ports[port] + self.port_offset

    def host(self, service: str) -> str:
        """The name or address under which a service is reached."""
        return self.hosts.get(service, HOST)

    def health_port(self, service: str) -> int:
        """The port that a service's health check asks."""
        return self.port(service, self.service(service).health.port)

    @property
    def run(self) -> Path:
        """Generated configuration and sockets; made anew by every `up`."""
        return self.data / "run"

    @property
    def log(self) -> Path:
        """Log files."""
        return self.data / "log"

    @property
    def secrets(self) -> Path:
        """Generated passwords, readable by the account of the stack only."""
        return self.data / "secrets"

    @property
    def home(self) -> Path:
        """Home folder of the processes, for tools that insist on one."""
        return self.data / "home"

    @property
    def web_address(self) -> str:
        """Where people go with their browser."""
        return f"http://localhost:{self.port('omeroweb', 'http')}/"

    def python(self, module: str, *arguments: str) -> list[str]:
        """A command that runs a Python module with the environment of the platform."""
        return [sys.executable, "-P", "-m", module, *arguments]

    def python_path(self) -> str:
        """Where the platform's own code is found."""
        return os.pathsep.join(str(folder) for folder in sorted(self.root.glob("python/*/src")))

    def environment(self) -> dict[str, str]:
        """What every process of the stack finds in its environment."""
        return {
            "HOME": str(self.home),
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
            "PYTHONPATH": self.python_path(),
            "PYTHONNOUSERSITE": "1",
            "PYTHONUNBUFFERED": "1",
            "LC_ALL": "C.UTF-8",
            "TZ": self.stack.timezone,
            "OMERO_PLATFORM_ROOT": str(self.root),
            "OMERO_PLATFORM_DATA": str(self.data),
        }

    def remember(self) -> None:
        """Mark the data folder as this platform's, with what later commands need to know."""
        facts = {"layout": LAYOUT, "port_offset": self.port_offset, "monitoring": self.monitoring}
        write_atomically(self.data / MARKER, json.dumps(facts, indent=2) + "\n")


def write_atomically(path: Path, text: str, mode: int = 0o644) -> None:
    """Write a file so that a crash leaves the old one or the new one, never half of it."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:  # noqa: PTH123
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def source_root() -> Path:
    """The checkout (or its copy) this code runs from."""
    configured = os.environ.get("OMERO_PLATFORM_ROOT")
    return Path(configured) if configured else Path(__file__).resolve().parents[4]


def default_data(port_offset: int) -> Path:
    """Where a stack lives when nothing else is said; a shifted stack gets a folder of its own."""
    suffix = f"-{port_offset}" if port_offset else ""
    if os.geteuid() == 0:
        return Path(f"/var/lib/omero-platform{suffix}")
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / f"omero-platform{suffix}"


def read_marker(data: Path) -> dict[str, object] | None:
    """What the data folder says about itself; None when there is no stack in it yet.

    Raises PlatformError when the folder is somebody else's, or of another version.
    """
    try:
        text = (data / MARKER).read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        refuse_foreign_folder(data)
        return None
    except OSError as error:
        raise PlatformError(
            f"{data} cannot be read: {error.strerror}.",
            "Run the command as the account that made it, or choose --data.",
        ) from error
    try:
        facts = json.loads(text)
        layout = int(facts["layout"])
    except (ValueError, KeyError, TypeError) as error:
        raise PlatformError(
            f"{data / MARKER} is damaged, so it is not certain what is in this folder.",
            "Restore the file from a backup, or choose another folder with --data.",
        ) from error
    if layout > LAYOUT:
        raise PlatformError(
            f"{data} was made by a newer version of the platform (layout {layout}, this one knows {LAYOUT}).",
            "Use that version, or choose another folder with --data. Nothing was changed.",
        )
    if layout < LAYOUT:
        raise PlatformError(
            f"{data} was made by an older version of the platform (layout {layout}, this one needs {LAYOUT}).",
            "Start it with that version and take a backup, or choose another folder with --data. Nothing was changed.",
        )
    return dict(facts)


def refuse_foreign_folder(data: Path) -> None:
    """Raise PlatformError unless the folder can become a data folder: absent, or empty and writable."""
    if data.exists() and not data.is_dir():
        raise PlatformError(f"{data} is a file, not a folder.", "Choose another folder with --data.")
    try:
        if data.is_dir() and any(data.iterdir()):
            raise PlatformError(
                f"{data} is not empty and was not made by the platform.",
                "Choose an empty or new folder with --data. Nothing was changed.",
            )
    except PermissionError as error:
        raise PlatformError(
            f"{data} cannot be read: {error.strerror}.", "Choose another folder with --data."
        ) from error


def find_instance(
    data: str | None, port_offset: int | None, monitoring: bool | None = None
) -> tuple[Instance, bool]:
    """The stack that a command means, and whether its data folder exists already.

    What the command line leaves open comes from the data folder, then from the defaults.
    """
    folder = Path(data).expanduser().absolute() if data else default_data(port_offset or 0)
    if len(str(folder)) > LONGEST_DATA_PATH:
        raise PlatformError(
            f"The path of the data folder is too long ({len(str(folder))} characters): {folder}",
            f"Choose one of at most {LONGEST_DATA_PATH} characters with --data.",
        )
    awkward = sorted(set(str(folder)) & set(AWKWARD_CHARACTERS))
    if awkward:
        raise PlatformError(
            f"The path of the data folder contains {' '.join(awkward)}, which configuration files cannot hold: {folder}",
            "Choose another folder with --data.",
        )
    facts = read_marker(folder)
    known = facts or {}
    instance = Instance(
        root=source_root(),
        data=folder,
        port_offset=port_offset if port_offset is not None else int(str(known.get("port_offset", 0))),
        monitoring=monitoring if monitoring is not None else bool(known.get("monitoring", True)),
    )
    highest = max(port for service in instance.stack.services.values() for port in service.ports.values())
    if not 0 <= instance.port_offset <= 65535 - highest:
        raise PlatformError(
            f"--port-offset must be between 0 and {65535 - highest}, not {instance.port_offset}."
        )
    return instance, facts is not None


def existing_instance(data: str | None, port_offset: int | None) -> Instance:
    """Like find_instance, for commands that need a stack; raises PlatformError when there is none."""
    instance, exists = find_instance(data, port_offset)
    if not exists:
        raise PlatformError(
            f"There is no stack in {instance.data} yet.",
            "Run `./omero-platform up` first, or name its folder with --data.",
        )
    return instance
