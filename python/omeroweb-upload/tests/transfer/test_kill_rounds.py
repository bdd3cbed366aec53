"""Everything around twenty uploads is killed at random: no file is lost, doubled or cut short."""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import subprocess
import sys
import threading
import time

import httpx
import pytest

from omero_embedded.testing_lab import PASSWORD, Lab
from omero_plugin_common.testing.people import introduce_to_jobs, make_people
from omero_plugin_common.testing.servers import free_port, wait_until
from omero_plugin_common.testing.web import WebProcess
from omero_plugin_common.testing.worker import WorkerProcess
from omeroweb_upload.models import SetState, Status, UploadSession

from ..helpers import BASE, BYTES, TUS, sha256_header, tiff_bytes
from ..imports.test_lifecycle import images_of, staged, stored_hashes

UPLOADS = 20
PIECE = 150_000


class OmeroProcess(Lab):
    """An embedded OMERO in a process that can be killed; it comes back at the same ports with the same data."""

    def __init__(self, folder):
        self.folder, self.ssl_port, tcp_port = folder, free_port(), free_port()
        self.tcp_port = tcp_port
        (folder / "root-password").write_text(PASSWORD)
        super().__init__(f"tcp://127.0.0.1:{tcp_port}")
        self.start()

    def start(self):
        words = ["-W", "ignore", "-m", "omero_embedded", "serve", "--data", str(self.folder / "data")]
        words += ["--ssl-port", str(self.ssl_port), "--tcp-port", str(self.tcp_port), "--log-level", "error"]
        words += ["--root-password-file", str(self.folder / "root-password")]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        self.process = subprocess.Popen(
            [sys.executable, *words], stdout=subprocess.PIPE, text=True, env=environment
        )
        assert any(line.startswith("ready") for line in self.process.stdout), "OMERO did not start"

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture(scope="module")
def people(tmp_path_factory, no_worker):
    """An OMERO that can be killed, which jobs know of while these tests run."""
    before = dict(os.environ)
    site = OmeroProcess(tmp_path_factory.mktemp("omero"))
    make_people(site)
    introduce_to_jobs(site.ssl_port, PASSWORD, tmp_path_factory.mktemp("secrets"))
    yield site
    site.kill()
    for name in ("OMEROHOST", "OMERO_PORT", "OMERO_JOB_SERVICE_PASS_FILE"):
        if name in before:
            os.environ[name] = before[name]
        else:
            del os.environ[name]


@pytest.fixture(scope="module")
def web(postgres, redis_server, people, staging):
    """OMERO.web for it."""
    process = WebProcess(postgres, "127.0.0.1", people.ssl_port)
    process.start()
    yield process
    process.stop()


@pytest.fixture(scope="module")
def running_worker(postgres, people, staging, tmp_path_factory):
    """A worker for it."""
    process = WorkerProcess(tmp_path_factory.mktemp("worker") / "worker.log")
    process.start()
    yield process
    process.stop()


class Uploader(threading.Thread):
    """One user's browser that does not give up."""

    def __init__(self, web, name, data):
        super().__init__(daemon=True)
        self.web, self.name_, self.data = web, name, data
        self.job_id = ""
        self.http = None
        self.ended = threading.Event()

    def run(self):
        begun = self.insist(
            lambda: self.http.post(
                f"{BASE}/start/",
                json={"files": [{"name": self.name_, "size": len(self.data)}], "fingerprint": self.name_},
            )
        ).json()
        self.job_id = begun["job_id"]
        place = f"{BASE}/tus/{begun['files'][0]['upload_id']}"
        offset = 0
        while offset < len(self.data):
            piece = self.data[offset : offset + PIECE]
            headers = {**BYTES, "Upload-Offset": str(offset), "Upload-Checksum": sha256_header(piece)}
            with contextlib.suppress(httpx.HTTPError):
                self.http.patch(place, content=piece, headers=headers)
            offset = int(self.insist(lambda: self.http.head(place, headers=TUS)).headers["Upload-Offset"])
        self.ended.set()

    def insist(self, ask):
        """Ask until there is an answer; log in again when the session is gone."""
        while True:
            try:
                if self.http is None:
                    self.http = self.web.login("alice", PASSWORD)
                answer = ask()
                if answer.status_code == 200:
                    return answer
                if answer.status_code in (401, 403):
                    self.http = None
            except (httpx.HTTPError, PermissionError, KeyError):
                self.http = None
            time.sleep(0.2)


def kill_rounds(rounds, seed, web, worker, postgres, people):
    """Kill and restart something at random, again and again."""
    chance = random.Random(seed)
    actions = {
        "web": lambda: (web.kill(), web.start(wait=False)),
        "worker": lambda: (worker.kill(), worker.start(wait=False)),
        "omero": lambda: (people.kill(), people.start()),
        "database": lambda: (postgres.postgres.kill(), postgres.postgres.start()),
        "redis": lambda: (postgres.redis.kill(), postgres.redis.start()),
    }
    order = list(actions)
    for number in range(rounds):
        # Every kind once, then at random.
        name = order[number] if number < len(order) and rounds >= len(order) else chance.choice(order[:4])
        pause = threading.Event()
        pause.wait(chance.uniform(0.3, 3.0))
        actions[name]()
    web.kill()
    web.start()
    worker.kill()
    worker.start()


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("rounds", [5, pytest.param(60, marks=pytest.mark.soak)])
def test_random_kills_lose_double_or_cut_nothing(
    alice, people, web, running_worker, postgres, staging, tmp_path, rounds
):
    from django.db import connections

    data = {
        f"r{rounds}-{number:02}.tif": tiff_bytes(tmp_path, 1000 * rounds + number, 400)
        for number in range(UPLOADS)
    }
    uploaders = [Uploader(web, name, content) for name, content in data.items()]
    for one in uploaders:
        one.start()
    kill_rounds(rounds, rounds, web, running_worker, postgres, people)
    connections["plugins"].close()
    for one in uploaders:
        assert one.ended.wait(600), f"{one.name_} never arrived"

    def through():
        states = set(UploadSession.objects.values_list("status", flat=True))
        return states <= {Status.DONE, Status.ERROR, Status.CANCELLED}

    wait_until(through, "all imports ending", 600)
    assert UploadSession.objects.count() == UPLOADS
    assert set(UploadSession.objects.values_list("status", flat=True)) == {Status.DONE}
    http = web.login("alice", PASSWORD)
    alice.http = http
    images = [number for one in uploaders for number in images_of(alice.sets(one.job_id))]
    assert len(images) == len(set(images)) == UPLOADS
    assert stored_hashes(people, images) == {
        name: hashlib.sha1(content).hexdigest() for name, content in data.items()
    }
    with people.gateway("alice") as conn:
        named = [image.getName() for image in conn.getObjects("Image") if image.getName() in data]
        assert sorted(named) == sorted(data), "an image is there twice, or only half of it"
        without = conn.getQueryService().projection(
            "select f.id from Fileset f where f.id not in (select i.fileset.id from Image i where i.fileset is not null)",
            None,
            conn.SERVICE_OPTS,
        )
    assert without == []
    assert not UploadSession.objects.filter(sets__state=SetState.IMPORTING).exists()

    def left():
        return [path for one in uploaders for path in staged(staging, one.job_id)]

    wait_until(lambda: not left(), "an empty staging folder", 120)
