"""Instances of the platform for tests: data folders that the stack's account can reach, and free ports."""

from __future__ import annotations

import random
import shutil
import socket
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from omero_platform.instance import HOST, Instance, source_root
from omero_platform.stack import load_stack

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = source_root()


def is_free(port: int) -> bool:
    """Whether nobody listens on a port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def free_offset() -> int:
    """A port offset with which every port is free and below those that the kernel hands out."""
    ports = [
        port
        for service in load_stack(ROOT / "stack.toml").services.values()
        for port in service.ports.values()
    ]
    candidates = list(range(11000, 20000, 500))
    random.shuffle(candidates)
    return next(offset for offset in candidates if all(is_free(port + offset) for port in ports))


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short path that other accounts may enter, unlike pytest's own."""
    path = Path(tempfile.mkdtemp(prefix="omero-platform-test-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def instance(folder: Path) -> Instance:
    """A stack that does not exist yet."""
    return Instance(root=ROOT, data=folder / "data", port_offset=free_offset())


@pytest.fixture
def prepared(instance: Instance) -> Instance:
    """A stack whose folders exist, as they do when services are prepared."""
    for path in (instance.data, instance.run, instance.log, instance.home):
        path.mkdir()
    return instance
