"""The whole stack on one machine: every service real, on shifted ports, in a data folder of its own."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from omero_platform.instance import Instance
from omero_platform.omero_session import root_session, session
from omero_platform.processes import stack_processes
from omero_platform.secret_files import secret
from omero_platform.services.registry import running_services
from omero_platform.supervisor import Supervisor

from .conftest import ROOT, free_offset

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900)]

PATIENCE_SECONDS = 120


@dataclass
class Stack:
    """A running stack, driven as people drive it: by the command line and the browser."""

    instance: Instance
    first_output: str = ""

    def command(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run one of the platform's commands on this stack."""
        arguments = ["--data", str(self.instance.data), "--port-offset", str(self.instance.port_offset)]
        result = subprocess.run(
            [sys.executable, "-P", "-m", "omero_platform", words[0], *arguments, *words[1:]],
            env={**os.environ, "PYTHONPATH": self.instance.python_path(), "OMERO_PLATFORM_ROOT": str(ROOT)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert not check or result.returncode == 0, result.stdout + result.stderr
        return result

    def states(self) -> dict[str, str]:
        """What `status` says about each service."""
        rows = json.loads(self.command("status", "--json", check=False).stdout)
        return {name: row["state"] for name, row in rows.items()}

    def pid(self, program: str) -> int:
        """The process of a service; 0 while there is none."""
        state = Supervisor(self.instance).states().get(program)
        return state.pid if state else 0

    def browser(self, user: str) -> httpx.Client:
        """A logged-in web session."""
        client = httpx.Client(base_url=self.instance.web_address, timeout=60)
        client.get("/webclient/login/")
        form = {
            "username": user,
            "password": secret(self.instance, "demo"),
            "server": "1",
            "csrfmiddlewaretoken": client.cookies["csrftoken"],
        }
        answer = client.post("/webclient/login/", data=form, headers={"Referer": self.instance.web_address})
        assert answer.status_code == 302, answer.text[:500]
        return client


def wait_for(condition: Callable[[], Any], what: str) -> Any:
    """Wait until something is so; fails saying what never came true."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if result := condition():
            return result
        time.sleep(0.3)
    pytest.fail(f"{what}: not within {PATIENCE_SECONDS} s")


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """A stack with demo data."""
    folder = Path(tempfile.mkdtemp(prefix="omero-platform-test-"))
    folder.chmod(0o777)
    stack = Stack(Instance(root=ROOT, data=folder / "data", port_offset=free_offset()))
    try:
        stack.first_output = stack.command("up", "--detach").stdout
        yield stack
    finally:
        stack.command("down", check=False)
        shutil.rmtree(folder, ignore_errors=True)


def test_the_first_start_says_where_to_go_for_whom_and_how_long_it_took(stack: Stack) -> None:
    assert stack.instance.web_address in stack.first_output
    for person in ("alice", "bob", "dora", "carol"):
        assert re.search(rf"{person} +{secret(stack.instance, 'demo')}", stack.first_output)
    assert re.search(r"demo data +\d+\.\d s", stack.first_output)
    assert re.search(r"OMERO\.web +\d+\.\d s", stack.first_output)


def test_every_service_is_up(stack: Stack) -> None:
    assert set(stack.states().values()) == {"up"}
    assert set(stack.states()) == set(running_services(stack.instance))


def test_nothing_runs_as_root(stack: Stack) -> None:
    owners = {Path(f"/proc/{pid}").stat().st_uid for pid in stack_processes(stack.instance.data)}
    assert owners
    assert 0 not in owners


def test_secrets_are_closed_and_not_on_command_lines(stack: Stack) -> None:
    secrets = list(stack.instance.secrets.iterdir())
    assert all(path.stat().st_mode & 0o077 == 0 for path in secrets)
    values = [path.read_bytes().strip() for path in secrets]
    for pid in stack_processes(stack.instance.data):
        command_line = Path(f"/proc/{pid}/cmdline").read_bytes()
        assert not any(value in command_line for value in values), command_line


def test_alice_sees_projects_plates_and_pictures_in_her_browser(stack: Stack) -> None:
    with contextlib.closing(stack.browser("alice")) as browser:
        projects = browser.get("/api/v0/m/projects/").json()["data"]
        assert {project["Name"] for project in projects} == {
            "2026_mitosis-inhibitors",
            "2026_kidney-histology",
        }
        plate = browser.get("/api/v0/m/plates/").json()["data"][0]
        grid = browser.get(f"/webgateway/plate/{plate['@id']}/0/").json()["grid"]
        assert [len(row) for row in grid] == [12] * 8
        thumbnails = {browser.get(f"/webgateway/render_thumbnail/{well['id']}/").content for well in grid[0]}
        assert len(thumbnails) == 12
        assert all(thumbnail.startswith(b"\xff\xd8") for thumbnail in thumbnails)


def test_bob_does_not_see_alices_notebook_but_carol_does(stack: Stack) -> None:
    def datasets(user: str) -> set[str]:
        with session(stack.instance, user, secret(stack.instance, "demo")) as gateway:
            gateway.SERVICE_OPTS.setOmeroGroup(-1)
            return {dataset.getName() for dataset in gateway.getObjects("Dataset")}

    assert "2026_notebook_alice" not in datasets("bob")
    assert "2026_notebook_alice" in datasets("carol")


def test_the_top_links_are_those_of_the_specification(stack: Stack) -> None:
    with contextlib.closing(stack.browser("alice")) as browser:
        page = browser.get("/webclient/").text
    positions = [
        page.find(f">{name}<") for name in ("Figure", "Mapr", "Gallery", "Tag Search", "History", "Help")
    ]
    assert -1 not in positions
    assert positions == sorted(positions)


def test_static_files_are_served(stack: Stack) -> None:
    answer = httpx.get(f"{stack.instance.web_address}static/webclient/css/layout.css")
    assert answer.status_code == 200
    assert "text/css" in answer.headers["content-type"]


def test_the_plugin_database_is_up_to_date_and_its_key_can_be_rotated(stack: Stack) -> None:
    assert stack.command("migrate", "--plan").stdout.strip()
    assert "new key in use" in stack.command("secrets", "rotate").stdout


def test_web_sessions_live_in_redis(stack: Stack) -> None:
    import redis

    limits = stack.instance.service("redis").redis
    assert limits
    port = stack.instance.port("redis", "redis")
    store = redis.Redis(port=port, db=limits.cache_db, password=secret(stack.instance, "redis"))
    with contextlib.closing(stack.browser("alice")) as browser:
        cookie = browser.cookies["omeroweb_sessionid"]
        assert any(cookie.encode() in key for key in store.keys("*"))


def test_prometheus_reaches_every_target(stack: Stack) -> None:
    address = f"http://127.0.0.1:{stack.instance.port('prometheus', 'http')}/api/v1/targets"

    def unhealthy() -> list[str]:
        targets = httpx.get(address).json()["data"]["activeTargets"]
        return [
            f"{target['scrapeUrl']}: {target['lastError']}" for target in targets if target["health"] != "up"
        ]

    wait_for(lambda: not unhealthy(), f"all targets up ({unhealthy()})")
    answer = httpx.get(address.replace("targets", "query"), params={"query": "probe_success"}).json()
    assert all(sample["value"][1] == "1" for sample in answer["data"]["result"]), answer


def test_doctor_finds_no_problem(stack: Stack) -> None:
    assert " 0 problems" in " " + stack.command("doctor").stdout.splitlines()[-1]


def test_loading_the_demo_again_changes_nothing(stack: Stack) -> None:
    def count() -> list[int]:
        with root_session(stack.instance) as gateway:
            gateway.SERVICE_OPTS.setOmeroGroup(-1)
            query = gateway.getQueryService()
            kinds = (
                "Image",
                "Dataset",
                "Project",
                "Well",
                "Annotation",
                "ImageAnnotationLink",
                "Roi",
                "Experimenter",
            )
            options = gateway.SERVICE_OPTS
            return [
                query.projection(f"select count(o.id) from {kind} o", None, options)[0][0].val
                for kind in kinds
            ]

    before = count()
    assert before[0] > 100
    stack.command("demo")
    assert count() == before


def test_a_second_up_says_that_it_runs_already(stack: Stack) -> None:
    pids = {name: stack.pid(name) for name in running_services(stack.instance)}
    assert "is running already" in stack.command("up", "--detach").stdout
    assert {name: stack.pid(name) for name in running_services(stack.instance)} == pids


def test_a_taken_port_is_named_with_its_holder_and_nothing_is_made(stack: Stack, folder: Path) -> None:
    folder.chmod(0o777)
    other = Stack(Instance(root=ROOT, data=folder / "other", port_offset=stack.instance.port_offset))
    result = other.command("up", "--detach", check=False)
    assert result.returncode == 1
    port = stack.instance.port("database", "postgresql")
    assert f"Port {port} (PostgreSQL, OMERO database) is taken by postgres" in result.stdout
    assert "--port-offset" in result.stdout
    assert not other.instance.data.exists()


def test_logs_shows_what_a_service_wrote(stack: Stack) -> None:
    assert "ready to accept connections" in stack.command("logs", "database").stdout
    refused = stack.command("logs", "databse", check=False)
    assert refused.returncode == 1
    assert "There is no service called databse" in refused.stdout


PROGRAMS = [
    "database", "database_plugin", "redis", "omeroserver", "omeroweb", "worker", "prometheus", "alertmanager",
    "blackbox-exporter", "node-exporter", "postgres-exporter", "postgres-exporter-plugin", "redis-exporter", "keeper",
]  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_killed_process_comes_back(stack: Stack, program: str) -> None:
    pid = stack.pid(program)
    if not pid:
        pytest.skip(f"{program} does not run on this machine")
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: stack.pid(program) not in {0, pid}, f"a new process of {program}")
    wait_for(
        lambda: set(stack.states().values()) == {"up"}, f"all services up again after {program} was killed"
    )


def test_committed_data_survive_the_death_of_the_omero_server(stack: Stack) -> None:
    from omero.model import ProjectI
    from omero.rtypes import rstring

    with root_session(stack.instance) as gateway:
        project = ProjectI()
        project.name = rstring("survivor")
        gateway.getUpdateService().saveObject(project)
        os.kill(stack.pid("omeroserver"), signal.SIGKILL)
    wait_for(lambda: set(stack.states().values()) == {"up"}, "the OMERO API up again")
    with root_session(stack.instance) as gateway:
        assert [
            found.getName() for found in gateway.getObjects("Project", attributes={"name": "survivor"})
        ] == ["survivor"]


def test_a_killed_supervisor_brings_the_stack_back(stack: Stack) -> None:
    supervisor = Supervisor(stack.instance)
    pid = supervisor.pid()
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: supervisor.answers() and supervisor.pid() != pid, "a new supervisord")
    wait_for(lambda: set(stack.states().values()) == {"up"}, "all services up again")
    wait_for(lambda: stack.pid("keeper"), "a new keeper")


def test_down_leaves_nothing_behind_and_the_next_start_keeps_the_data(stack: Stack) -> None:
    stack.command("down")
    assert stack_processes(stack.instance.data) == []
    assert stack.command("status", check=False).returncode == 1
    assert "not running" in stack.command("down").stdout
    stack.command("up", "--detach")
    with contextlib.closing(stack.browser("alice")) as browser:
        assert len(browser.get("/api/v0/m/projects/").json()["data"]) == 2
