"""Quotas: the state's file, what is accepted, and the privileged service."""

from __future__ import annotations

import errno
import json
import os
import threading
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from omero_plugin_common.quota.state import QuotaState, QuotaStateError, locked, read_state, write_state
from omeroweb_admin_tools.enforcer.apply import apply
from omeroweb_admin_tools.enforcer.kernel import DQBLK, FSXATTR, LinuxKernel
from omeroweb_admin_tools.enforcer.mounts import mount_of, parse
from omeroweb_admin_tools.enforcer.projects import Projects, read, write
from omeroweb_admin_tools.enforcer.requests import Request
from omeroweb_admin_tools.enforcer.server import QuotaServer, Service
from omeroweb_admin_tools.services.quotas.csv_file import QuotaInputError
from omeroweb_admin_tools.services.quotas.csv_file import parse as parse_csv
from omeroweb_admin_tools.services.quotas.enforcer_client import EnforcerError, enforce
from omeroweb_admin_tools.services.quotas.reconcile import settable


def test_the_state_survives_and_only_its_owner_may_read_it(tmp_path):
    path = tmp_path / "q" / "group-quotas.json"
    with locked(path):
        write_state(path, QuotaState(quotas_gb={"lab": 1.5}, revision=3))
    assert read_state(path).quotas_gb == {"lab": 1.5}
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_the_state_of_an_older_system_is_read(tmp_path):
    path = tmp_path / "group-quotas.json"
    path.write_text(
        json.dumps(
            {
                "state_schema_version": 1,
                "quotas_gb": {"lab": 2},
                "events": {},
                "logs": [{"timestamp": "2025-01-01T00:00:00", "level": "info", "message": "set"}],
            }
        )
    )
    found = read_state(path)
    assert (found.quotas_gb, found.logs[0].message) == ({"lab": 2.0}, "set")


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"state_schema_version": 9}', '{"state_schema_version": 2, "quotas_gb": {"lab": -1}}'],
)
def test_a_damaged_state_is_an_error_and_stays_as_it_is(tmp_path, text):
    path = tmp_path / "group-quotas.json"
    path.write_text(text)
    with pytest.raises(QuotaStateError, match=r"group-quotas\.json"):
        read_state(path)
    assert path.read_text() == text


def test_a_csv_file_is_taken_as_a_whole():
    assert parse_csv("\ufeffGroup;Quota [GB]\nlab;1,5\n\nold;\n".encode()) == {"lab": 1.5, "old": None}
    for wrong in (
        b"Group,Quota\n",
        b"Group,Quota\nlab\n",
        b"Group,Quota\nlab,x\n",
        b"Group,Quota\nlab,1\nlab,2\n",
        b"\xff\xfe",
        b'Group,Quota\n"' + b"x" * 200_000,
    ):
        with pytest.raises(QuotaInputError):
            parse_csv(wrong)


def request(*limits, dry_run=False):
    return Request.model_validate(
        {"version": 1, "dry_run": dry_run, "limits": [{"group": g, "bytes": b} for g, b in limits]}
    )


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a/b", "-x", "a b", "a;rm", "a\n", "ä", "$(x)", "a" * 256, "'"]
)
def test_names_that_are_not_one_plain_component_of_a_path_are_refused(name):
    with pytest.raises(ValidationError):
        request((name, 1))


def test_a_name_the_service_refuses_leaves_the_limits_of_other_groups_alone():
    taken, refused = settable({"lab": 1, "Müller's lab": 2, "core_2": 3})
    assert len(request(*taken.items()).limits) == 2
    assert [(one["group"], one["action"]) for one in refused] == [("Müller's lab", "failed")]


@pytest.mark.parametrize("size", [0, -1, 1.5, "1", True, 2**61, None])
def test_sizes_that_are_not_whole_positive_numbers_are_refused(size):
    with pytest.raises(ValidationError):
        request(("lab", size))


@given(st.text())
def test_no_accepted_name_leaves_the_folder(name):
    try:
        request((name, 1))
    except ValidationError:
        return
    assert "/" not in name
    assert name not in (".", "..")


class Ledger:
    """Keeps projects and limits as the kernel would; test_kernel_quotas.py asks a real one where there is one."""

    def __init__(self):
        self.projects, self.limits = {}, {}

    def project_of(self, descriptor):
        return self.projects.get(os.fstat(descriptor).st_ino, 0)

    def set_project(self, descriptor, project, *, inherit):
        self.projects[os.fstat(descriptor).st_ino] = project

    def limit_of(self, device, project):
        return self.limits.get(project, 0)

    def set_limit(self, device, project, limit_bytes):
        self.limits[project] = limit_bytes


def test_limits_are_set_once_kept_and_taken_away(tmp_path):
    for group in ("lab", "core"):
        (tmp_path / group / "alice").mkdir(parents=True)
        (tmp_path / group / "alice" / "x.tif").write_bytes(b"x")
    (tmp_path / "lab" / "way-out").symlink_to("/etc")
    kernel, numbers, saved = Ledger(), Projects(), []

    def kept(projects):
        assert not kernel.projects, "numbers are saved before they are used"
        saved.append(dict(projects.numbers))

    first = apply(
        request(("lab", 1 << 20), ("core", 2 << 20), ("none", 1024)),
        tmp_path,
        "/dev/x",
        numbers,
        kernel,
        kept,
    )
    assert [(entry.group, entry.action) for entry in first] == [
        ("lab", "set"),
        ("core", "set"),
        ("none", "missing"),
    ]
    assert kernel.limits == {200_000: 1 << 20, 200_001: 2 << 20}
    assert kernel.projects[(tmp_path / "lab" / "alice" / "x.tif").stat().st_ino] == 200_000
    assert Path("/etc").stat().st_ino not in kernel.projects
    assert saved == [{"lab": 200_000, "core": 200_001}]
    again = apply(request(("lab", 1 << 20)), tmp_path, "/dev/x", numbers, kernel, kept)
    assert [(entry.group, entry.action) for entry in again] == [("lab", "unchanged"), ("core", "cleared")]
    assert kernel.limits[200_001] == 0


def test_a_dry_run_touches_nothing(tmp_path):
    (tmp_path / "lab").mkdir()
    kernel, numbers = Ledger(), Projects()
    (found,) = apply(request(("lab", 1024), dry_run=True), tmp_path, "/dev/x", numbers, kernel, pytest.fail)
    assert (found.action, kernel.limits, kernel.projects, numbers.numbers) == ("set", {}, {}, {})


def test_a_link_in_place_of_a_groups_folder_is_not_followed(tmp_path):
    (tmp_path / "lab").symlink_to("/etc")
    kernel = Ledger()
    (found,) = apply(request(("lab", 1024)), tmp_path, "/dev/x", Projects(), kernel, pytest.fail)
    assert (found.action, kernel.projects) == ("failed", {})


def test_a_limit_below_one_block_is_a_limit_and_not_none(tmp_path):
    (tmp_path / "lab").mkdir()
    kernel, numbers = Ledger(), Projects()
    for action in ("set", "unchanged"):
        (found,) = apply(request(("lab", 1)), tmp_path, "/dev/x", numbers, kernel, lambda _: None)
        assert (found.action, kernel.limits) == (action, {200_000: 1024})


def test_without_a_place_for_the_numbers_nothing_is_set(tmp_path):
    (tmp_path / "lab").mkdir()

    def full(_projects):
        raise OSError(errno.ENOSPC, "No space left on device")

    kernel = Ledger()
    with pytest.raises(OSError, match="No space"):
        apply(request(("lab", 1024)), tmp_path, "/dev/x", Projects(), kernel, full)
    assert (kernel.limits, kernel.projects) == ({}, {})


def test_after_a_crash_between_saving_and_setting_the_same_numbers_are_set(tmp_path):
    for group in ("lab", "core"):
        (tmp_path / group).mkdir()
    numbers = tmp_path / "numbers.json"

    class Crash(Ledger):
        def set_limit(self, device, project, limit_bytes):
            raise KeyboardInterrupt

    crashing, limits = Crash(), (("lab", 1024), ("core", 2048))
    with pytest.raises(KeyboardInterrupt):
        apply(request(*limits), tmp_path, "/dev/x", read(numbers), crashing, partial(write, numbers))
    kernel = Ledger()
    kernel.projects = crashing.projects
    found = apply(request(*limits), tmp_path, "/dev/x", read(numbers), kernel, partial(write, numbers))
    assert [(entry.group, entry.action, entry.project) for entry in found] == [
        ("lab", "set", 200_000), ("core", "set", 200_001)
    ]  # fmt: skip
    assert kernel.limits == {200_000: 1024, 200_001: 2048}


@given(st.binary(max_size=200))
def test_whatever_is_sent_is_answered_and_never_obeyed_unless_it_has_the_form(raw):
    service = Service(Path("/nowhere"), Path("/nowhere/n"), frozenset({1}), Ledger())
    assert service.answer(raw, 1)["ok"] is False


@pytest.mark.parametrize(
    "text",
    [
        '{"version": 1, "dry_run": false, "limits": [{"group": "lab\\n", "bytes": 1}]}',
        '{"version": 1, "dry_run": false, "limits": [{"group": "lab\\u0000", "bytes": 1}]}',
        '{"version": 1, "dry_run": false, "limits": [{"group": "a/b", "bytes": 1}]}',
        '{"version": 1, "dry_run": false, "limits": [{"group": "-x", "bytes": 1}]}',
        '{"version": 1, "dry_run": false, "limits": [{"group": "lab", "bytes": true}]}',
        '{"version": 1, "dry_run": false, "limits": [{"group": "lab", "bytes": "1"}]}',
        '{"version": 1, "dry_run": false, "limits": [{"group": "lab", "bytes": 1e3}]}',
        '{"version": 1, "dry_run": false, "limits": [{"group": "lab", "bytes": 1, "path": "/"}]}',
        '{"version": 1, "dry_run": false, "limits": [{"group": "lab", "bytes": 1}, {"group": "lab", "bytes": 2}]}',
        '{"version": "1", "dry_run": false, "limits": []}',
        '{"version": 1, "dry_run": 0, "limits": []}',
        '{"version": 1, "limits": []}',
        "[]",
        "",
    ],
)
def test_anything_but_the_one_form_is_refused(tmp_path, text):
    service = Service(tmp_path, tmp_path / "n", frozenset({1}), Ledger())
    assert "The request is wrong" in service.answer(text.encode(), 1)["error"]


def test_the_layouts_are_those_of_the_kernel(tmp_path):
    assert (FSXATTR.size, DQBLK.size) == (28, 72)
    with (tmp_path / "x").open("w") as stream:
        try:
            assert LinuxKernel().project_of(stream.fileno()) == 0
        except OSError as error:
            pytest.skip(f"this file system has no projects: {error}")


@pytest.fixture
def service(tmp_path):
    """The real service on a unix socket, with the real kernel."""
    root = tmp_path / "ManagedRepository"
    root.mkdir()
    made = Service(root, tmp_path / "numbers.json", frozenset({os.geteuid()}), LinuxKernel())
    with QuotaServer(tmp_path / "quota.sock", made) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_the_service_says_what_the_file_system_lacks(service, tmp_path):
    mount = mount_of(tmp_path)
    if mount is None or mount.has_project_quotas:
        pytest.skip("this file system has project quotas")
    with pytest.raises(EnforcerError, match=r"project quotas|ext4 and XFS only"):
        enforce(tmp_path / "quota.sock", {"lab": 1024}, dry_run=True)
    assert not (tmp_path / "numbers.json").exists()


def test_only_the_configured_account_may_ask_and_only_in_the_one_form(service, tmp_path):
    path = tmp_path / "quota.sock"
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(EnforcerError, match=r"wrong at limits\.0\.group"):
        enforce(path, {"../etc": 1024}, dry_run=False)
    stranger = Service(service.service.root, tmp_path / "n", frozenset({12345}), LinuxKernel())
    assert "may not set quotas" in stranger.answer(b"{}", os.geteuid())["error"]
    assert (
        "request is wrong"
        in service.service.answer(b'{"version": 1, "command": "rm"}', os.geteuid())["error"]
    )


def test_the_deepest_mount_of_a_folder_is_found():
    text = (
        "1 0 8:1 / / rw - ext4 /dev/a rw\n"
        "2 1 8:2 / /data\\040x rw,prjquota shared:1 - xfs /dev/b rw,prjquota\n"
    )
    found = mount_of(Path("/data x/repo"), parse(text))
    assert found is not None
    assert (found.source, found.has_project_quotas) == ("/dev/b", True)
