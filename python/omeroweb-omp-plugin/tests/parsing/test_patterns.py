"""Users' regular expressions: what they do, and what is refused or stopped in time."""

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omeroweb_omp_plugin.parsing.errors import PatternError, PatternTimeoutError
from omeroweb_omp_plugin.parsing.patterns import compile_pattern
from omeroweb_omp_plugin.parsing.rules import Parser, Rule


def regex_rule(pattern: str) -> Rule:
    return Rule(mode="regex", pattern=pattern)


def test_a_pattern_without_groups_splits() -> None:
    assert Parser(regex_rule("[_x]+")).values("_a_xb.tif") == ("a", "b")


def test_groups_extract_and_named_groups_name_their_keys() -> None:
    parser = Parser(regex_rule(r"(?P<Cell>[A-Za-z]+)_(\d+)(?:_(?P<Stain>\w+))?"))
    assert parser.group_names == ("Cell", None, "Stain")
    assert parser.values("HeLa_12_DAPI.tif") == ("HeLa", "12", "DAPI")
    assert parser.values("HeLa_12.tif") == ("HeLa", "12", None)
    assert parser.values("12.tif") is None


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("", "empty"),
        ("(a", "not valid.*character"),
        ("[", "not valid"),
        ("a" * 1_000_000, "1,000,000 characters; at most 8,000"),
        ("(" * 900 + ")" * 900, "nested"),
        ("()" * 200, "200 groups; at most 99"),
        (r"(?:(?:(?:a{1000}){1000}){1000})", "repeats"),
        (r"a{1000000}", "repeats"),
        (r"[]{]{5000}", "repeats"),
        (r"(?:a{100}|b){100}", "repeats"),
        ("(?R)", "recursion"),
        ("(?P<x>a)(?&x)", "recursion"),
        ("(?:abc){e<=3}", "[Ff]uzzy"),
    ],
)
def test_bad_patterns_are_refused_with_the_reason_at_once(pattern: str, says: str) -> None:
    start = time.process_time()  # its own time: the machine may be busy with other tests
    with pytest.raises(PatternError, match=says):
        compile_pattern(pattern)
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    "pattern", [r"\d{4}-\d{2}", r"[{]{2}", r"(?:\w{1,20}_){3}", r"\{9999}", "a{,3}", r"[\]{9999}]"]
)
def test_ordinary_repeats_are_allowed(pattern: str) -> None:
    compile_pattern(pattern)


@pytest.mark.parametrize("pattern", [r"(a|aa)+$", r"(?:a|a?)+$", r"^(([a-z])+.)+[A-Z]([a-z])+$"])
def test_a_catastrophic_pattern_gives_a_clear_error_in_less_than_a_second(pattern: str) -> None:
    names = ["a" * 500 + "!"] * 1000
    start = time.process_time()
    with pytest.raises(PatternTimeoutError, match="too long on 'aaa"):
        Parser(regex_rule(pattern)).all_values(names)
    assert time.process_time() - start < 1


def test_a_pattern_that_is_slow_on_many_names_stops_in_time() -> None:
    start = time.process_time()
    with pytest.raises(PatternTimeoutError, match="too slow for this many names"):
        Parser(regex_rule(r"(a|aa)+$")).all_values(["a" * 17 + "!"] * 5000)
    assert time.process_time() - start < 2


@given(st.text(max_size=80))
def test_any_text_either_works_or_is_refused_with_a_pattern_error(text: str) -> None:
    with contextlib.suppress(PatternError):
        Parser(regex_rule(text)).values("HeLa_01.tif")


def test_names_without_values_say_why() -> None:
    assert "doesn't match 'x'" in Parser(regex_rule(r"(\d+)")).why_empty("x.tif")
    assert "nothing is left" in Parser(regex_rule(r".+")).why_empty("x.tif")
    assert "nothing but separators" in Parser(Rule()).why_empty("___.tif")
    assert "Nothing is left" in Parser(Rule()).why_empty("")
