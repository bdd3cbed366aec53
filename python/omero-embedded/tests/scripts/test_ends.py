"""How scripts end when the server stops, their job is deleted, or nothing limits them."""

from __future__ import annotations

import threading

import omero
import pytest
from omero.rtypes import unwrap

from omero_embedded.files.layout import FILES
from omero_embedded.testing import Site

from .test_scripts import SLEEP

PATIENCE = 30


@pytest.fixture
def site(tmp_path):
    made = Site(tmp_path)
    made.group("lab", "rwr---", "alice")
    yield made
    made.stop()


@pytest.fixture
def sleep(site):
    with site.client("root") as client:
        return client.sf.getScriptService().uploadOfficialScript("/test/Sleep.py", SLEEP)


def script_sessions(site):
    return [session for session in site.server.sessions.all() if session.agent == "OMERO.scripts"]


def test_a_server_stops_although_a_client_waits_for_a_script(site, sleep):
    with site.client("alice") as client:
        process = client.sf.getScriptService().runScript(sleep, {}, None)
        codes = []
        waiting = threading.Thread(target=lambda: codes.append(process.wait()), daemon=True)
        waiting.start()
        stopping = threading.Thread(target=site.server.stop, daemon=True)
        stopping.start()
        stopping.join(PATIENCE)
        assert not stopping.is_alive()
        waiting.join(PATIENCE)
        assert codes
        assert codes[0] != 0


def test_a_script_whose_job_was_deleted_ends_all_the_same_and_leaves_no_file(site, sleep):
    with site.client("alice") as client:
        process = client.sf.getScriptService().runScript(sleep, {}, None)
        job_id = process.getJob().id.val
        client.submit(omero.cmd.Delete2(targetObjects={"Job": [job_id]}))
        files = set((site.server.data / FILES).rglob("*"))
        process.kill()
        assert process.wait() != 0
        assert script_sessions(site) == []
        assert set((site.server.data / FILES).rglob("*")) == files
        rows = client.sf.getQueryService().projection(
            "select f.id from OriginalFile f where f.name in ('stdout', 'stderr')", None
        )
        assert unwrap(rows) == []


@pytest.mark.parametrize(("timeout", "live"), [("0", 0), ("1000000", 1_060_000)])
def test_the_session_of_a_script_lives_as_long_as_the_script_may(site, sleep, timeout, live):
    site.server.config.set("omero.scripts.timeout", timeout)
    with site.client("alice") as client:
        process = client.sf.getScriptService().runScript(sleep, {}, None)
        (session,) = script_sessions(site)
        assert session.time_to_live_ms == live
        process.kill()
        process.wait()
