"""What is sent to Loki, byte for byte, and what is made of its answers."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from omeroweb_admin_tools.services.logs.loki import LokiLogs
from omeroweb_admin_tools.services.logs.query import LogError, LogFilterError, LogQuery

from ..edges import serve

START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
RANGE = "/loki/api/v1/query_range"
NANO = 1_767_225_600_000_000_000


@pytest.fixture
def edge():
    with serve() as found:
        yield found


def streams(*entries):
    return {"status": "success", "data": {"resultType": "streams", "result": list(entries)}}


def test_a_search_is_one_get_with_everything_filtered_there(edge):
    edge.json(RANGE, streams())
    LokiLogs(edge.url).search(LogQuery(START, END, (("redis", None),), "50% & more", limit=7))
    assert edge.lines == [
        (
            "GET /loki/api/v1/query_range?query=%7Bservice%3D~%22redis%22%2C+log_type%21%3D%22internal%22%7D"
            "+%7C~+%22%28%3Fi%2950%25+%26+more%22&direction=backward&limit=7"
            "&start=1767225600000000000&end=1767312000000000000 HTTP/1.1"
        )
    ]


def test_entries_of_all_streams_come_newest_first_with_their_level(edge):
    own = {
        "stream": {"service": "redis"},
        "values": [[str(NANO), "7:M ready"], [str(NANO + 2 * 10**9), "ERROR x"]],
    }
    internal = {
        "stream": {
            "service": "omeroserver",
            "log_type": "internal",
            "filepath": "/var/log/Blitz-0.log",
            "level": "WARNING",
        },
        "values": [[str(NANO + 10**9), "slow"]],
    }
    edge.json(RANGE, streams(own, internal))
    found = LokiLogs(edge.url).search(LogQuery(START, END))
    assert [(entry.container, entry.level, entry.message) for entry in found.entries] == [
        ("redis", "error", "ERROR x"),
        ("omeroserver_internal/Blitz-0.log", "warn", "slow"),
        ("redis", "info", "7:M ready"),
    ]
    assert not found.truncated


def test_a_full_answer_says_that_there_is_more(edge):
    edge.json(
        RANGE,
        streams({"stream": {"service": "redis"}, "values": [[str(NANO), "a"], [str(NANO + 1), "b"]]}),
    )
    assert LokiLogs(edge.url).search(LogQuery(START, END, limit=2)).truncated


def test_files_are_found_with_match_and_seven_days(edge):
    edge.json(
        "/loki/api/v1/series",
        {
            "status": "success",
            "data": [
                {"service": "omeroweb", "log_type": "internal", "filename": "/logs/OMEROweb.log"},
                {"service": "redis"},
            ],
        },
    )
    assert LokiLogs(edge.url, ("database",)).sources() == {
        "database": (),
        "omeroweb": ("OMEROweb.log",),
        "redis": (),
    }
    asked = parse_qs(urlsplit(edge.lines[0].split(" ")[1]).query)
    assert asked["match[]"] == ['{service=~".+"}']
    assert int(asked["end"][0]) - int(asked["start"][0]) == 7 * 86_400 * 10**9


def test_the_context_asks_before_and_after_the_entry_in_the_same_file(edge):
    edge.json(RANGE, streams())
    LokiLogs(edge.url).context(f"omeroweb_internal/OMEROweb.log:{NANO}", 3, 4)
    asked = [parse_qs(urlsplit(line.split(" ")[1]).query) for line in edge.lines]
    assert [(entry["direction"], entry["limit"]) for entry in asked] == [
        (["backward"], ["3"]),
        (["forward"], ["5"]),
    ]
    assert asked[0]["end"] == asked[1]["start"] == [str(NANO)]
    assert asked[0]["query"][0].startswith('{service="omeroweb", log_type="internal"}')


def test_faults_are_told_apart(edge):
    logs = LokiLogs(edge.url, timeout_seconds=2)
    edge.answers[RANGE] = (400, {}, b"parse error")
    with pytest.raises(LogFilterError, match="parse error"):
        logs.search(LogQuery(START, END))
    edge.answers[RANGE] = (503, {}, b"busy")
    with pytest.raises(LogError, match="503"):
        logs.search(LogQuery(START, END))
    with pytest.raises(LogError, match="doesn't answer"):
        LokiLogs("http://127.0.0.1:9", timeout_seconds=1).search(LogQuery(START, END))
