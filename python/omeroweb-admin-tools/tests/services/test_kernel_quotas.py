"""Hard limits in a real kernel: an ext4 or XFS in a file, mounted with project quotas, where this machine can."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import threading
from pathlib import Path

import pytest

from omeroweb_admin_tools.enforcer.apply import usable_mount
from omeroweb_admin_tools.enforcer.kernel import LinuxKernel
from omeroweb_admin_tools.enforcer.server import QuotaServer, Service
from omeroweb_admin_tools.services.quotas.enforcer_client import enforce

MAKE = {
    "ext4": ["mkfs.ext4", "-q", "-O", "quota,project", "-E", "quotatype=prjquota"],
    "xfs": ["mkfs.xfs", "-q"],
}
MIB = 1 << 20
NOBODY = 65534


def run(*words):
    """Run one of the system's programs; what it said when it failed."""
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return (done.stderr.strip() or f"exit code {done.returncode}") if done.returncode else ""


@pytest.fixture(params=sorted(MAKE))
def root(request, tmp_path):
    """An empty file system with project quotas; skipped, with the reason, where it can't be mounted."""
    command = MAKE[request.param]
    if os.geteuid() != 0:
        pytest.skip("mounting needs root")
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
    if not (program := shutil.which(command[0], path=path)):
        pytest.skip(f"{command[0]} is not installed")
    image, point = tmp_path / "disk", Path(tempfile.mkdtemp(prefix="omero-quota-"))
    image.touch()
    os.truncate(image, 512 * MIB)
    point.chmod(0o755)
    if problem := run(program, *command[1:], str(image)) or run(
        "mount", "-t", request.param, "-o", "loop,prjquota", str(image), str(point)
    ):
        point.rmdir()
        pytest.skip(f"no {request.param} with project quotas here: {problem}")
    try:
        (point / "repository").mkdir()
        yield point / "repository"
    finally:
        assert run("umount", str(point)) == ""
        point.rmdir()


@pytest.fixture
def socket(root, tmp_path):
    """The service on the real kernel."""
    made = Service(root, tmp_path / "numbers.json", frozenset({0}), LinuxKernel())
    with QuotaServer(tmp_path / "quota.sock", made) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield tmp_path / "quota.sock"
        server.shutdown()
        thread.join()


def actions(answer):
    return {row["group"]: row["action"] for row in answer["results"]}


def fill(path, mebibytes):
    """Write a file as an account without rights, since the kernel lets root exceed limits; what went wrong."""
    done = subprocess.run(
        ["dd", "if=/dev/zero", f"of={path}", "bs=1M", f"count={mebibytes}", "conv=fsync"],
        capture_output=True, text=True, check=False, user=NOBODY, group=NOBODY, extra_groups=[], env={**os.environ, "LC_ALL": "C"},
    )  # fmt: skip
    return done.stderr if done.returncode else ""


def test_the_kernel_refuses_what_exceeds_a_groups_limit_and_nobody_elses(root, socket):
    for group in ("lab", "core"):
        (root / group / "alice").mkdir(parents=True)
        os.chown(root / group / "alice", NOBODY, NOBODY)
        assert fill(root / group / "alice" / "before.tif", 1) == ""
    (root / "lab" / "way-out").symlink_to("/etc")
    assert actions(enforce(socket, {"lab": 4 * MIB, "core": 64 * MIB}, dry_run=True)) == {
        "lab": "set",
        "core": "set",
    }
    assert fill(root / "lab" / "alice" / "free.tif", 8) == ""
    (root / "lab" / "alice" / "free.tif").unlink()

    assert actions(enforce(socket, {"lab": 4 * MIB, "core": 64 * MIB}, dry_run=False)) == {
        "lab": "set",
        "core": "set",
    }
    assert fill(root / "lab" / "alice" / "fits.tif", 2) == ""
    refused = fill(root / "lab" / "alice" / "too-much.tif", 4)
    assert "Disk quota exceeded" in refused or "No space left" in refused
    assert fill(root / "core" / "alice" / "other.tif", 16) == ""

    again = enforce(socket, {"lab": 4 * MIB}, dry_run=False)
    assert actions(again) == {"lab": "unchanged", "core": "cleared"}
    assert actions(enforce(socket, {"lab": 32 * MIB}, dry_run=False))["lab"] == "set"
    assert fill(root / "lab" / "alice" / "too-much.tif", 8) == ""


def test_the_kernel_tells_project_and_limit_as_they_were_set(root):
    kernel, device = LinuxKernel(), usable_mount(root).source
    descriptor = os.open(root, os.O_RDONLY)
    try:
        kernel.set_project(descriptor, 200_123, inherit=True)
        (root / "child").mkdir()
        child = os.open(root / "child", os.O_RDONLY)
        assert (kernel.project_of(descriptor), kernel.project_of(child)) == (200_123, 200_123)
        os.close(child)
    finally:
        os.close(descriptor)
    assert kernel.limit_of(device, 209_999) == 0
    kernel.set_limit(device, 200_123, 5 * MIB)
    assert kernel.limit_of(device, 200_123) == 5 * MIB
