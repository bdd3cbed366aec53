"""The service that sets quotas, with no more rights than its unit and its container leave it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from omero_platform.compose.watchers import quota
from omero_plugin_common.testing.servers import wait_until

from ..conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

ASK = """
import sys
from pathlib import Path
from omeroweb_admin_tools.services.quotas.enforcer_client import EnforcerError, enforce
try:
    print(enforce(Path(sys.argv[1]), {"lab": 10**9}, dry_run=True))
except EnforcerError as error:
    print(error)
"""
ENVIRONMENT = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path), "HOME": "/"}

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("setpriv"), reason="giving up rights needs root and setpriv"
)


def rights_of_the_unit() -> list[str]:
    """Capabilities as modules/quota.nix lists them."""
    text = (ROOT / "modules/quota.nix").read_text()
    return re.findall(r'"CAP_([A-Z_]+)"', text)


def test_unit_and_container_leave_it_the_same_rights() -> None:
    assert sorted(rights_of_the_unit()) == sorted(quota()["cap_add"])


@pytest.fixture
def socket() -> Iterator[Path]:
    """The running service, for the account `nobody`."""
    folder = Path(tempfile.mkdtemp(prefix="omero-quota-"))
    folder.chmod(0o755)
    (folder / "ManagedRepository/lab").mkdir(parents=True)
    left = ",".join(f"+{name.lower()}" for name in rights_of_the_unit())
    service = subprocess.Popen(
        [
            "setpriv", "--no-new-privs", f"--bounding-set=-all,{left}", sys.executable, "-P", "-W", "ignore",
            "-m", "omeroweb_admin_tools.enforcer", "--root", str(folder / "ManagedRepository"),
            "--socket", str(folder / "quota.sock"), "--numbers", str(folder / "numbers.json"), "--user", "nobody",
        ],
        env=ENVIRONMENT,
    )  # fmt: skip
    try:
        wait_until(
            lambda: (folder / "quota.sock").exists() and mode(folder / "quota.sock") == 0o660, "the socket"
        )
        yield folder / "quota.sock"
    finally:
        service.terminate()
        service.wait(30)
        shutil.rmtree(folder)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def ask(socket: Path, account: str, group: str) -> str:
    """What an account is told."""
    return subprocess.run(
        ["setpriv", f"--reuid={account}", f"--regid={group}", "--clear-groups", sys.executable, "-P", "-W", "ignore",
         "-c", ASK, str(socket)],
        env=ENVIRONMENT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip


def test_the_account_of_omero_web_is_answered_about_the_file_system(socket: Path) -> None:
    answer = ask(socket, "nobody", "nogroup")
    assert re.search(r"quotas are set on ext4 and XFS only|without project quotas|'group': 'lab'", answer)


def test_another_account_of_its_group_may_not_ask_and_others_cannot(socket: Path) -> None:
    assert "may not set quotas" in ask(socket, "daemon", "nogroup")
    assert "Permission denied" in ask(socket, "daemon", "daemon")
