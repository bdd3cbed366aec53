"""The log routes: keys and statuses that others rely on, over real files."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ..conftest import LOGS

BASE = "/omeroweb_admin_tools/logs/"
KEY = "7f5e5eb4-df14-4d10-bd0e-8b3fe7dd4287"


def line(seconds_ago: float, level: str, text: str) -> str:
    moment = datetime.now(UTC) - timedelta(seconds=seconds_ago)
    return f"[{moment:%Y-%m-%d %H:%M:%S} +0000] [{level}] {text}\n"


@pytest.fixture(autouse=True)
def log_files():
    (LOGS / "omeroweb.log").write_text(
        line(300, "INFO", "started")
        + line(
            60,
            "ERROR",
            "view_failed reference=0a221117c0\nTraceback (most recent call last):\n  KeyError: 'x'",
        )
        + line(30, "INFO", f"created connection (uuid={KEY}) password=hunter2")
    )
    (LOGS / "OMEROweb.log").write_text(line(20, "WARNING", "slow"))
    yield
    for path in LOGS.glob("*.log"):
        path.unlink()


def test_entries_have_the_documented_keys_newest_first(carol):
    entries = carol.get(BASE + "data/").json()["entries"]
    assert [entry["level"] for entry in entries] == ["warn", "info", "error", "info"]
    assert set(entries[0]) == {"timestamp", "container", "level", "message", "id"}
    assert entries[0]["container"] == "omeroweb_internal/OMEROweb.log"
    assert entries[2]["message"].endswith("KeyError: 'x'")


def test_session_keys_and_passwords_are_never_shown(carol):
    shown = carol.get(BASE + "data/").text + carol.get(BASE + "download/").text
    assert KEY not in shown
    assert "hunter2" not in shown
    assert "7f5e5eb4-" in shown


def test_an_errors_reference_leads_to_its_entry(carol):
    answer = carol.get(BASE + "reference/0a221117c0/")
    assert answer.status_code == 302
    assert answer.headers["Location"].endswith("/logs/?query=0a221117c0&lookback=2592000")
    found = carol.get(BASE + "data/", params={"query": "0a221117c0"}).json()["entries"]
    assert len(found) == 1
    around = carol.get(BASE + "context/", params={"id": found[0]["id"], "lines": 1}).json()
    assert around["at"] == 1
    assert [entry["level"] for entry in around["entries"]] == ["info", "error", "info"]


def test_sources_and_levels_can_be_chosen(carol):
    def messages(**parameters):
        return [entry["message"] for entry in carol.get(BASE + "data/", params=parameters).json()["entries"]]

    assert messages(internal_file="omeroweb_internal/OMEROweb.log") == ["slow"]
    assert len(messages(container="omeroweb")) == 3
    assert messages(level=["warn"]) == ["slow"]
    assert messages(query="st.rted", regex="true") == ["started"]
    assert messages(container="../../etc/passwd") == []


@pytest.mark.parametrize(
    "parameters",
    [
        {"lookback": "-1"},
        {"limit": "many"},
        {"level": "loud"},
        {"query": "(", "regex": "true"},
        {"start": "2026-01-02T00:00:00Z", "end": "2026-01-01T00:00:00Z"},
    ],
)
def test_bad_parameters_are_refused_with_a_reason(carol, parameters):
    answer = carol.get(BASE + "data/", params=parameters)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_the_files_of_a_service_are_listed(carol):
    found = carol.get(BASE + "internal-labels/", params={"service": "omeroweb_internal"}).json()
    assert found == {"service": "omeroweb_internal", "labels": ["OMEROweb.log"]}
    assert carol.get(BASE + "internal-labels/", params={"service": "passwd"}).status_code == 400


def test_the_download_is_one_line_per_entry_oldest_first(carol):
    answer = carol.get(BASE + "download/")
    assert 'filename="omero_logs.txt"' in answer.headers["Content-Disposition"]
    rows = [row.split("\t") for row in answer.text.splitlines()]
    assert rows[0] == ["timestamp", "container", "level", "message"]
    assert [row[2] for row in rows[1:]] == ["info", "error", "info", "warn"]
