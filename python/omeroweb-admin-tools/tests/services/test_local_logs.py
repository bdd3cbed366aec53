"""Local files through the same interface: entries, filters, limits, context."""

from __future__ import annotations

import os
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omeroweb_admin_tools.services.logs.entries import level_of, time_of
from omeroweb_admin_tools.services.logs.local import LocalLogs
from omeroweb_admin_tools.services.logs.query import LogError, LogQuery
from omeroweb_admin_tools.services.logs.reader import Reader, ShrunkError
from omeroweb_admin_tools.services.logs.scan import AnyOf, EveryLine, LogFile
from omeroweb_admin_tools.services.logs.shown import redacted, stripped

START, END = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 30, tzinfo=UTC)
SERVER = """2026-11-22 10:00:00,000 INFO  [a] (x) start
2026-11-22 10:00:01,000 ERROR [a] (x) it broke
java.lang.RuntimeException: Needle
\tat ome.Thing.run(Thing.java:1)
2026-11-22 10:00:02,000 WARN  [a] (x) careful
2026-11-22 10:00:03,000 INFO  [a] (x) end
"""


@pytest.fixture
def logs(tmp_path):
    (tmp_path / "omeroserver.log").write_text(SERVER)
    (tmp_path / "Blitz-0.log.1").write_text("2026-11-21 10:00:00,000 INFO old\n")
    (tmp_path / "stray.log").write_text("no time at all\n")
    (tmp_path / "secrets.txt").write_text("2026-11-22 10:00:00 not a log\n")
    os.utime(tmp_path / "stray.log", (START.timestamp() + 60,) * 2)
    return LocalLogs(tmp_path, {"omeroserver": ("omeroserver.log", "Blitz-0.log")}, UTC)


def messages(logs, **facts):
    return [
        entry.message.splitlines()[0][-8:] for entry in logs.search(LogQuery(START, END, **facts)).entries
    ]


def test_entries_come_newest_first_and_stack_traces_stay_whole(logs):
    entries = logs.search(LogQuery(START, END, (("omeroserver", None),))).entries
    assert [entry.level for entry in entries] == ["info", "warn", "error", "info"]
    assert entries[2].message.endswith("(Thing.java:1)")


def test_text_in_a_stack_trace_finds_the_entry_it_belongs_to(logs):
    entry = logs.search(LogQuery(START, END, text="needle")).entries[0]
    assert entry.level == "error"
    assert entry.message.startswith("2026-11-22 10:00:01,000 ERROR")
    assert messages(logs, text="needle", levels=frozenset({"error"})) == ["it broke"]
    assert messages(logs, text="needle", levels=frozenset({"info"})) == []


def test_levels_time_and_expressions_narrow_the_search(logs):
    assert messages(logs, levels=frozenset({"warn", "error"})) == [" careful", "it broke"]
    assert messages(logs, text="^2026.*(start|end)$", is_regex=True) == [" (x) end", "x) start"]
    short = LogQuery(START.replace(day=22, hour=10, second=1), START.replace(day=22, hour=10, second=3))
    assert len(logs.search(short).entries) == 2


def test_the_limit_is_told(logs):
    found = logs.search(LogQuery(START, END, limit=2))
    assert (len(found.entries), found.truncated) == (2, True)


def test_rotated_and_strange_files_are_listed_and_nothing_but_logs(logs):
    assert logs.sources() == {"omeroserver": ("Blitz-0.log.1",), "platform": ("stray.log",)}
    assert messages(logs, sources=(("platform", "stray.log"),)) == ["e at all"]
    assert messages(logs, sources=(("platform", "../secrets.txt"),)) == []


def test_the_context_is_what_stands_around_in_the_file(logs):
    entry = logs.search(LogQuery(START, END, text="careful")).entries[0]
    found = logs.context(entry.id, 1, 1)
    assert [line.level for line in found.lines] == ["error", "warn", "info"]
    assert found.at == 1
    with pytest.raises(LogError):
        logs.context("omeroserver:99999999", 1, 1)
    with pytest.raises(LogError):
        logs.context("../../etc/passwd:0", 1, 1)


def test_an_expression_that_never_ends_is_stopped(tmp_path):
    (tmp_path / "a.log").write_text("2026-11-22 10:00:00 " + "a" * 5000 + "!\n")
    found = LocalLogs(tmp_path, {"a": ("a.log",)}).search(
        LogQuery(START, END, text="(a|aa|a?a)+$", is_regex=True, timeout_seconds=0.5)
    )
    assert "stopped" in found.problems[0]


def test_the_start_of_a_time_range_is_found_among_many_lines(tmp_path):
    base = datetime(2026, 11, 2, tzinfo=UTC)
    moments = [base + timedelta(seconds=number) for number in range(20_000)]
    (tmp_path / "a.log").write_text(
        "".join(f"{at:%Y-%m-%d %H:%M:%S} INFO {n}\n" for n, at in enumerate(moments))
    )
    logs = LocalLogs(tmp_path, {"a": ("a.log",)})
    for number in (0, 1, 777, 19_999):
        found = logs.search(LogQuery(moments[number], moments[number] + timedelta(seconds=1))).entries
        assert [entry.message.split()[-1] for entry in found] == [str(number)]


LINE = b"2026-11-22 10:00:00,000 INFO  [a] (x) needle\n"


def test_a_file_that_is_emptied_while_it_is_read_ends_in_an_error_and_not_in_a_signal(tmp_path):
    path = tmp_path / "a.log"
    path.write_bytes(LINE * 100_000)
    with LogFile(path, UTC) as file:
        entries = file.entries_backward(0, len(file), EveryLine(), time.monotonic() + 60)
        assert next(entries)
        os.truncate(path, 0)
        with pytest.raises(ShrunkError):
            list(entries)


def test_a_search_survives_a_file_that_is_emptied_again_and_again_and_says_so(tmp_path):
    (tmp_path / "a.log").write_bytes(LINE * 100_000)
    (tmp_path / "b.log").write_bytes(LINE.replace(b"needle", b"other needle"))
    stop = threading.Event()

    def rotate():
        while not stop.is_set():
            with (tmp_path / "a.log").open("r+b") as stream:
                stream.truncate(0)
                stream.write(LINE * 100_000)

    logs, problems, deadline = LocalLogs(tmp_path, {}), set(), time.monotonic() + 60
    writer = threading.Thread(target=rotate)
    writer.start()
    try:
        while not problems and time.monotonic() < deadline:
            page = logs.search(LogQuery(START, END, text="NEEDLE", limit=200_000))
            problems |= set(page.problems)
            assert "platform_internal/b.log" in {entry.container for entry in page.entries}
    finally:
        stop.set()
        writer.join()
    assert problems == {"a.log was started anew during the search. Search again."}


def test_the_lines_around_an_entry_whose_file_was_emptied_are_refused_with_a_reason(logs, tmp_path):
    entry = logs.search(LogQuery(START, END, text="careful")).entries[0]
    os.truncate(tmp_path / "omeroserver.log", 10)
    with pytest.raises(LogError, match="started anew"):
        logs.context(entry.id, 1, 1)


def test_what_is_found_does_not_depend_on_where_blocks_end(tmp_path, monkeypatch):
    lines = [
        f"2026-11-22 10:00:{n % 60:02d} INFO {'x' * (n % 97)} n{n}.\n  at line {n}\n" for n in range(400)
    ]
    (tmp_path / "a.log").write_text("".join(lines))
    for size in (64, 100, 1000, 1_000_000):
        monkeypatch.setattr("omeroweb_admin_tools.services.logs.scan.BLOCK_BYTES", size)
        with LogFile(tmp_path / "a.log", UTC) as file:
            everything = list(file.entries_backward(0, len(file), EveryLine(), time.monotonic() + 60))
            assert [file.text(*spot).decode() + "\n" for spot in reversed(everything)] == lines
            found = list(file.entries_backward(0, len(file), AnyOf((b"n377.",)), time.monotonic() + 60))
            assert [file.text(*spot).decode() + "\n" for spot in found] == [lines[377]]


def test_one_endless_line_is_read_piece_by_piece(tmp_path, monkeypatch):
    monkeypatch.setattr("omeroweb_admin_tools.services.logs.scan.BLOCK_BYTES", 1000)
    monkeypatch.setattr("omeroweb_admin_tools.services.logs.scan.LONGEST_LINE_BYTES", 4000)
    (tmp_path / "a.log").write_bytes(b"x" * 50_000 + b"needle")
    found = LocalLogs(tmp_path, {}).search(
        LogQuery(datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC), text="needle")
    )
    assert [entry.message[-6:] for entry in found.entries] == ["needle"]


@settings(max_examples=200)
@given(
    content=st.binary(max_size=300).map(lambda raw: raw.replace(b"a", b"\n")),
    places=st.lists(st.integers(0, 320), min_size=4, max_size=4),
)
def test_a_reader_finds_what_the_bytes_themselves_would(tmp_path_factory, content, places):
    path = tmp_path_factory.mktemp("reader") / "a.log"
    path.write_bytes(content)
    (first, last), (begin, end) = (
        sorted(place % (len(content) + 1) for place in places[:2]),
        sorted(places[2:]),
    )
    reader = Reader(path)
    try:
        reader.load(first, last)
        assert reader.read(begin, end) == content[begin:end]
        assert reader.find_newline(begin, end) == content.find(b"\n", begin, end)
        assert reader.find_newline_before(begin, end) == content.rfind(b"\n", begin, end)
    finally:
        reader.close()


@pytest.mark.parametrize(
    ("line", "moment", "level"),
    [
        ("2026-11-22 20:20:11.916 CET [7764] LOG:  starting", "2026-11-22T19:20:11.916+00:00", "info"),
        ('ts=2026-11-22T19:20:12.151Z caller=x level=warn msg="y"', "2026-11-22T19:20:12.151+00:00", "warn"),
        ('time="2026-11-22T20:20:12+01:00" level=info msg="z"', "2026-11-22T19:20:12+00:00", "info"),
        ("7765:C 22 Nov 2026 20:20:11.824 # warning of Redis", "2026-11-22T19:20:11.824+00:00", "warn"),
        ("[2026-11-22 20:20:21 +0100] [7890] [INFO] Starting", "2026-11-22T19:20:21+00:00", "info"),
        ("[2026-11-22 20:20:21,123: ERROR/MainProcess] no", "2026-11-22T19:20:21.123+00:00", "error"),
        ("2026-11-22 20:20:11,674 CRIT Server", "2026-11-22T19:20:11.674+00:00", "fatal"),
        (
            '1.2.3.4 - - [22/Nov/2026:20:17:05 +0100] "GET / HTTP/1.1" 502 9',
            "2026-11-22T19:17:05+00:00",
            "error",
        ),
        ('{"ts": "2026-11-22T19:20:12.5Z", "level": "error"}', "2026-11-22T19:20:12.500+00:00", "error"),
    ],
)
def test_time_and_level_of_every_program_are_read(line, moment, level):
    from zoneinfo import ZoneInfo

    found = time_of(line.encode(), ZoneInfo("Europe/Zurich"))
    assert found == datetime.fromisoformat(moment)
    assert level_of(line.encode()) == level


def test_what_other_columns_show_is_not_repeated():
    assert (
        stripped("2026-11-22 20:20:19,149  INFO [        omeroweb.views] (p) INIT")
        == "[omeroweb.views] (p) INIT"
    )
    assert stripped("2026-11-22 20:20:19,149 plain words") == "plain words"
    assert stripped("no time") == "no time"


def test_secrets_are_replaced():
    text = (
        "redis://:pw@h:1 Authorization: Bearer abcdefghijk password=x1 token: 'y2' "
        + "0" * 8
        + "-1111-2222-3333-444444444444"
    )
    found = redacted(text)
    for secret in ("pw@", "abcdefghijk", "x1", "y2", "444444444444"):
        assert secret not in found, found
