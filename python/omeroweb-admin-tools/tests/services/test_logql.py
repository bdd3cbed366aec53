"""LogQL is built so that no text from outside changes what is asked."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from omeroweb_admin_tools.services.logs.logql import literal, queries, quoted
from omeroweb_admin_tools.services.logs.query import LogQuery

START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


def query(**facts) -> LogQuery:
    return LogQuery(START, END, **facts)


def read_back(text: str) -> str:
    """Read a Go string as Loki does."""
    assert text[0] == text[-1] == '"'
    found, rest = "", text[1:-1]
    while rest:
        if rest[0] != "\\":
            assert rest[0] not in '"\n', "the string ends too early"
            found, rest = found + rest[0], rest[1:]
        elif rest[1] in "uU":
            digits = 4 if rest[1] == "u" else 8
            found, rest = found + chr(int(rest[2 : 2 + digits], 16)), rest[2 + digits :]
        else:
            found, rest = found + ESCAPES[rest[1]], rest[2:]
    return found


@given(st.text())
def test_any_text_survives_quoting_and_ends_no_string(text):
    assert read_back(quoted(text)) == text


@given(st.text(alphabet=st.characters(blacklist_categories=["Cs"])))
def test_a_literal_matches_only_itself(text):
    assert re.fullmatch(literal(text), text)


def test_a_search_without_sources_asks_for_every_service():
    assert queries(query()) == ['{service=~".+"}']


def test_services_share_one_query_and_each_file_has_its_own():
    found = queries(query(sources=(("redis", None), ("data.base", None), ("omeroserver", "Blitz-0.log"))))
    assert found == [
        '{service=~"redis|data\\\\.base", log_type!="internal"}',
        (
            '{service="omeroserver", log_type="internal"}'
            ' | filename=~"(.*/)?Blitz-0\\\\.log" or filepath=~"(.*/)?Blitz-0\\\\.log"'
            ' or path=~"(.*/)?Blitz-0\\\\.log" or file=~"(.*/)?Blitz-0\\\\.log"'
        ),
    ]


def test_text_and_levels_are_filtered_by_loki():
    found = queries(query(text='a"} |= `.*', levels=frozenset({"error"})))
    assert found == [
        (
            '{service=~".+"} |~ "(?i)a\\"\\\\} \\\\|= `\\\\.\\\\*"'
            ' | level=~"(?i)(err|error|severe)" or detected_level=~"(?i)(err|error|severe)"'
        )
    ]


def test_a_regular_expression_goes_through_as_it_is_but_quoted():
    assert queries(query(text='x"\\d+', is_regex=True)) == ['{service=~".+"} |~ "(?i)x\\"\\\\d+"']
