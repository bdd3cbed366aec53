"""The same question in other words has the same answer."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import omero
import omero.all
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from omero_embedded.hql.errors import HqlError
from omero_embedded.hql.parse import parse
from omero_embedded.hql.run import rows

if TYPE_CHECKING:
    from omero_embedded.security.context import Call

KEYWORDS = {
    "select", "distinct", "from", "as", "left", "outer", "inner", "join", "fetch", "where", "and", "or", "not", "in", "is",
    "null", "like", "between", "exists", "group by", "having", "order by", "asc", "desc", "case", "when", "then", "else", "end",
}  # fmt: skip
# Tokens of queries; a token that is a keyword may be written in any case.
QUERIES = [
    "select i.name from Image i where i.name like '%.tif' and i.pixels is not empty order by lower ( i.name )",
    "select distinct d.id , d.name from Dataset as d left outer join d.imageLinks as l where l.id > 0 order by d.id asc",
    "select d.name , count ( l ) from Dataset d left join d.imageLinks l group by d.id , d.name order by d.name desc",
    "select d.name from Dataset d join d.imageLinks l group by d.id , d.name having count ( l ) in ( 0 , 3 )",
    "select case when a.class = TagAnnotation then 1 else 0 end from Annotation a where not a.ns is null order by a.id",
    "select a.id from Annotation a where exists ( select l from ImageAnnotationLink l where l.child = a.id ) order by a.id",
]
SETTINGS = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@st.composite
def rewritten(draw: st.DrawFn) -> tuple[str, str]:
    """A query and the same with other white space and case."""
    original = draw(st.sampled_from(QUERIES))
    made = []
    for token in original.replace("group by", "group_by").replace("order by", "order_by").split():
        word = token.replace("_by", " by")
        if word in KEYWORDS:
            word = draw(st.sampled_from([word.lower(), word.upper(), word.title()]))
            word = word.replace(" ", draw(st.sampled_from([" ", "\t", "\n  "])))
        made.append(word)
        made.append(draw(st.sampled_from([" ", "  ", "\n", "\t ", "\r\n"])))
    return original, "".join(made)


@given(rewritten())
@SETTINGS
def test_white_space_and_case_of_keywords_do_not_matter(alice: Call, pair: tuple[str, str]) -> None:
    original, changed = pair
    assert rows(alice, changed) == rows(alice, original)


@pytest.mark.parametrize("punctuation", list("(),=<>"))
def test_white_space_around_punctuation_does_not_matter(alice: Call, punctuation: str) -> None:
    for text in QUERIES:
        tight = text.replace(f" {punctuation} ", punctuation)
        assert rows(alice, tight) == rows(alice, text)


def conditions() -> st.SearchStrategy[tuple[str, Any]]:
    """Conditions on an image with the same in Python, of (id, name, acquired); None is unknown."""
    atoms = [
        ("i.id > {}", lambda row, n: row[0] > n),
        ("i.id = {}", lambda row, n: row[0] == n),
        ("{} >= i.id", lambda row, n: n >= row[0]),
        ("i.id between {} and 8", lambda row, n: n <= row[0] <= 8),
        ("i.id in ({}, 3)", lambda row, n: row[0] in (n, 3)),
        ("i.acquisitionDate = {}00", lambda row, n: None if row[2] is None else row[2] == n * 100),
        ("i.acquisitionDate is null", lambda row, _n: row[2] is None),
        ("i.name like 'a%'", lambda row, _n: row[1].startswith("a")),
    ]
    atom = st.tuples(st.sampled_from(atoms), st.integers(0, 10)).map(
        lambda drawn: (
            drawn[0][0].format(drawn[1]),
            lambda row, drawn=drawn: drawn[0][1](row, drawn[1]),
        )
    )
    return st.recursive(
        atom,
        lambda inner: st.one_of(
            inner.map(lambda one: (f"not {_wrap(one[0])}", lambda row, one=one: _not(one[1](row)))),
            inner.map(lambda one: (f"({one[0]})", one[1])),
            st.tuples(inner, inner).map(
                lambda two: (
                    f"{_wrap(two[0][0])} and {_wrap(two[1][0])}",
                    lambda row, two=two: _and(two[0][1](row), two[1][1](row)),
                )
            ),
            st.tuples(inner, inner).map(
                lambda two: (
                    f"{_wrap(two[0][0])} or {_wrap(two[1][0])}",
                    lambda row, two=two: _not(_and(_not(two[0][1](row)), _not(two[1][1](row)))),
                )
            ),
        ),
        max_leaves=8,
    )


def _wrap(text: str) -> str:
    return f"({text})"


def _not(value: bool | None) -> bool | None:
    return None if value is None else not value


def _and(left: bool | None, right: bool | None) -> bool | None:
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


@given(conditions())
@SETTINGS
def test_conditions_mean_what_three_valued_logic_says(alice: Call, condition: tuple[str, Any]) -> None:
    text, truth = condition
    every = rows(alice, "select i.id, i.name, i.acquisitionDate from Image i")
    expected = sorted(row[0] for row in every if truth(row))
    assert sorted(found for (found,) in rows(alice, f"select i.id from Image i where {text}")) == expected


@given(st.text(alphabet="selectfrom wh()i.d=:'\"*+-/|,10\n", max_size=60))
@SETTINGS
def test_any_text_is_parsed_or_refused(text: str) -> None:
    problem = "line "
    try:
        parse(text)
    except HqlError as error:
        problem = str(error)
    assert "line " in problem


WORDS = st.sampled_from(
    [*sorted(KEYWORDS), "i", "Image", "i.id", "i.pixels", "(", ")", ",", "=", "1", "'x'", ":p", "count", "*"]
)


@given(st.lists(WORDS, max_size=14))
@SETTINGS
def test_any_words_are_answered_or_refused(alice: Call, words: list[str]) -> None:
    text = " ".join(["from Image i", *words])
    with suppress(omero.QueryException):
        assert isinstance(rows(alice, text, {"p": 1}), list)
