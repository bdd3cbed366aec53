"""What keeps `up` from starting: a full disk, a folder that can't be written, a taken port."""

from __future__ import annotations

import os
import socket
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from omero_platform.errors import PlatformError
from omero_platform.instance import HOST
from omero_platform.preflight import check_disk, check_folder, check_ports, holder_text, taken_ports

if TYPE_CHECKING:
    from pathlib import Path

    from omero_platform.instance import Instance


def test_free_ports_are_fine(instance: Instance) -> None:
    check_ports(instance)


def test_a_taken_port_is_named_with_its_holder(instance: Instance) -> None:
    with socket.create_server((HOST, instance.port("omeroweb", "http"))):
        with pytest.raises(PlatformError) as refused:
            check_ports(instance)
        assert f"Port {instance.port('omeroweb', 'http')} (OMERO.web) is taken by" in str(refused.value)
        assert f"process {os.getpid()}" in str(refused.value)
        assert "--port-offset" in refused.value.advice
        assert not instance.data.exists()


def test_every_taken_port_is_named(instance: Instance) -> None:
    with (
        socket.create_server((HOST, instance.port("omeroserver", "ssl"))),
        socket.create_server(("::", instance.port("redis", "redis")), family=socket.AF_INET6),
    ):
        assert len(taken_ports(instance)) == 2


def test_ports_of_services_that_stay_off_do_not_matter(instance: Instance) -> None:
    with socket.create_server((HOST, instance.port("prometheus", "http"))):
        check_ports(replace(instance, monitoring=False))


def test_the_distributions_own_service_is_pointed_out() -> None:
    assert "systemctl disable --now postgresql" in holder_text("postgres", "postgres (process 1 of postgres)")
    assert "another user" in holder_text("?", "? (process 0 of ?)")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere; run the tests as an ordinary user")
def test_a_folder_that_cannot_be_written_is_named(instance: Instance, folder: Path) -> None:
    folder.chmod(0o555)
    with pytest.raises(PlatformError, match="is not writable"):
        check_folder(instance)


@pytest.fixture
def small_disk(folder: Path) -> Path:
    """A disk of 50 MB."""
    path = folder / "disk"
    path.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=50m", "none", str(path)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no right to mount a small disk; run the tests as root")
    return path


def test_a_full_disk_is_noticed_before_anything_is_made(instance: Instance, small_disk: Path) -> None:
    try:
        full = replace(instance, data=small_disk / "data")
        with pytest.raises(PlatformError, match=r"The disk is too full: \d+ MB are free") as refused:
            check_disk(full, new=True)
        assert "Nothing was changed" in refused.value.advice
        assert not full.data.exists()
    finally:
        subprocess.run(["umount", str(small_disk)], check=True)


def test_a_large_disk_is_fine(instance: Instance) -> None:
    check_disk(instance, new=True)
