"""The query language of search."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omero_embedded.search.parse import SearchSyntaxError, parse
from omero_embedded.search.syntax import Boosted, Clauses, Occur, Range, Words
from omero_embedded.search.text import hint, phrase_matches, words_of


def term(word: str, field: str | None = None) -> Words:
    return Words(field, (word,))


def test_a_list_matches_any_of_its_words():
    assert parse("mitosis GFP") == Clauses(((Occur.SHOULD, term("mitosis")), (Occur.SHOULD, term("gfp"))))


def test_and_requires_both_sides():
    both = Clauses(((Occur.MUST, term("a")), (Occur.MUST, term("b"))))
    assert parse("a AND b") == parse("a && b") == parse("+a +b") == both


def test_not_excludes():
    expected = Clauses(((Occur.SHOULD, term("a")), (Occur.MUST_NOT, term("b"))))
    assert parse("a NOT b") == parse("a -b") == parse("a !b") == expected
    assert parse("a AND NOT b") == Clauses(((Occur.MUST, term("a")), (Occur.MUST_NOT, term("b"))))


def test_fields_apply_to_words_phrases_and_groups():
    assert parse("name:cell") == term("cell", "name")
    assert parse('name:"red cell"') == Words("name", ("red", "cell"))
    group = parse("name:(a OR b)")
    assert group == Clauses(((Occur.SHOULD, term("a", "name")), (Occur.SHOULD, term("b", "name"))))
    assert parse("annotation.ns:x") == term("x", "annotation.ns")


def test_punctuation_separates_words_that_then_follow_each_other():
    assert parse("my_file-01.tif") == Words(None, ("my", "file", "01", "tif"))
    assert parse("a-b") == Words(None, ("a", "b"))


def test_wildcards_fuzzy_proximity_ranges_and_boosts():
    assert parse("mito*") == term("mito*")
    assert parse("roam~") == Words(None, ("roam",), fuzzy=2)
    assert parse("roam~1") == Words(None, ("roam",), fuzzy=1)
    assert parse('"red cell"~3') == Words(None, ("red", "cell"), slop=3)
    assert parse("details.creationEvent.time:[20260101 TO 20261231]") == Range(
        "details.creationEvent.time", "20260101", "20261231"
    )
    assert parse("name:{a TO *}") == Range("name", "a", None, inclusive=False)
    assert parse("cell^4") == Boosted(term("cell"), 4.0)
    assert parse("onomato~0.1") == Words(None, ("onomato",), fuzzy=6)
    assert parse("*.tif") == term("*.tif")


def test_escaped_operators_are_plain_text():
    assert parse(r"a\:b") == Words(None, ("a", "b"))
    assert parse(r"what\?") == term("what")


@pytest.mark.parametrize("text", ["(a", "a)", '"a', "a AND", "AND a", "NOT", "name:", "[a TO"])
def test_bad_queries_are_refused_with_a_place(text):
    with pytest.raises(SearchSyntaxError):
        parse(text)


@given(st.text(alphabet='ab "()[]{}+-!&|:*?~^\\TO1.', max_size=30))
def test_any_text_is_parsed_or_refused(text):
    with contextlib.suppress(SearchSyntaxError):
        parse(text)


def test_deep_brackets_are_refused():
    with pytest.raises(SearchSyntaxError, match="nested"):
        parse("(" * 1000)


@pytest.mark.parametrize(
    ("words", "text", "found"),
    [
        (("cell",), "Red Cells", False),
        (("cell*",), "Red Cells", True),
        (("c?lls",), "Red Cells", True),
        (("red", "cells"), "a red_cells.tif", True),
        (("red", "tif"), "a red_cells.tif", False),
        (("tif",), "image.tif", True),
    ],
)
def test_words_match_whole_words_of_a_text(words, text, found):
    assert phrase_matches(words, text) is found


def test_fuzzy_words_and_near_words():
    assert phrase_matches(("roam",), "foam", fuzzy=1)
    assert not phrase_matches(("roam",), "formal", fuzzy=1)
    assert phrase_matches(("red", "tif"), "red cells tif", slop=1)


@given(st.text(max_size=20), st.text(max_size=20))
def test_a_text_that_matches_contains_the_hint(text, other):
    for word in words_of(text):
        needle = hint((word,))
        if needle is not None and phrase_matches((word,), other + " " + text):
            assert needle in (other + " " + text).lower()
