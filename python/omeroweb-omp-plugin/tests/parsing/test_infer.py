"""The pattern found for a set of names."""

import random
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omeroweb_omp_plugin.parsing.infer import infer
from omeroweb_omp_plugin.parsing.labels import detect_labels
from omeroweb_omp_plugin.parsing.rules import Parser, Rule
from omeroweb_omp_plugin.parsing.suggest import suggest

LABELLED = ["10444-ec-01-sa-01-sc-01-20x", "10444-ec-01-sa-02-sc-01-20x", "10444-ec-02-sa-01-sc-03-20x"]


def test_labels_before_numbers_are_found_and_dropped() -> None:
    found = infer(LABELLED)
    assert found.rule.labels == ("ec", "sa", "sc")
    assert Parser(found.rule).values(LABELLED[0]) == ("10444", "01", "01", "01", "20x")
    assert found.names == ("", "ec", "sa", "sc", "Image acquisition")


def test_labels_in_another_order_are_explained() -> None:
    (mismatch,) = infer([*LABELLED, "10444-sa-02-ec-01-sc-03-20x"]).mismatches
    assert "part 2 is labelled sa instead of ec" in mismatch.reason


def test_a_few_labels_are_not_a_labelled_set() -> None:
    assert detect_labels(["HeLa-wt-DAPI-GFP-ab-01-10x"] * 5) == ()
    assert detect_labels(["ec-01-xx-yy"]) == ()


@pytest.mark.parametrize(
    ("name", "values"), [("P1_HeLa_A1_20x", ("P1", "HeLa", "A1", "20x")), ("A01f02", ("A", "01", "f", "02"))]
)
def test_one_name_is_enough(name: str, values: tuple[str, ...]) -> None:
    assert Parser(infer([name]).rule).values(name) == values


def test_every_name_that_does_not_fit_gets_a_reason() -> None:
    names = [f"P{i % 9 + 1}_HeLa_B{i % 12 + 1}_20x_t{i:03}.tif" for i in range(100)]
    names[7], names[8], names[9], names[10] = (
        "P1_HeLa_20x_t007.tif",
        "P1_HeLa_B1_GFP_20x_t008.tif",
        "[x",
        "P1_HeLa_B1_20x_T9.tif",
    )
    found = infer(names)
    reasons = {mismatch.index: mismatch.reason for mismatch in found.mismatches}
    assert sorted(reasons) == [7, 8, 9, 10]
    assert found.matched == 96
    assert (
        reasons[7]
        == "'P1_HeLa_20x_t007' has 4 parts, the pattern 5; part 3, a plate well such as 'B1', seems missing"
    )
    assert (
        reasons[8]
        == "'P1_HeLa_B1_GFP_20x_t008' has 6 parts, the pattern 5; part 4, 'GFP', seems to be too much"
    )
    assert "part 5 is 'T9', not t and 3 digits such as 't000'" in reasons[10]


def test_protected_hyphens_do_not_count_as_separators() -> None:
    names = ["T-cell 5-HT 01.tif", "B-cell 5-HT 02.tif"]
    assert infer(names).rule.separators == " "


def test_names_may_be_none_empty_or_strange() -> None:
    assert infer([]).matched == 0
    assert infer([""]).mismatches[0].reason == "Nothing is left of the name to parse"
    found = infer(["e\u0301tude_01.tif", "\u202eabc_02.tif", "cells😀_03.tif"])
    assert found.matched == 3


words = st.sampled_from(
    ["HeLa", "T-cell", "5-HT", "2024-01-31", "A1", "t01", "001", "20x", "DMSO-d6", "14-3-3", "é", "x y"]
)
some_names = st.lists(
    st.lists(st.tuples(words, st.sampled_from("__--. ")), min_size=1, max_size=6).map(
        lambda parts: "".join(word + separator for word, separator in parts)
    ),
    max_size=12,
)


@settings(max_examples=200)
@given(some_names)
def test_both_patterns_agree_with_the_rule_on_names_that_fit(names: list[str]) -> None:
    found = infer(names)
    unfit = {mismatch.index for mismatch in found.mismatches}
    rule = Parser(found.rule)
    strict = Parser(Rule(mode="regex", pattern=found.pattern)) if found.columns else rule
    splitting = Parser(Rule(mode="regex", pattern=found.split_pattern))
    for index, name in enumerate(names):
        assert splitting.values(name) == rule.values(name)
        if index not in unfit:
            assert strict.values(name) == rule.values(name)
    assert all(mismatch.reason for mismatch in found.mismatches)


@given(some_names, st.randoms(use_true_random=False))
def test_the_order_of_names_does_not_matter_for_the_rule(names: list[str], chance: random.Random) -> None:
    shuffled = names[:]
    chance.shuffle(shuffled)
    if not infer(names).rule.labels and not infer(shuffled).rule.labels:
        assert infer(names).rule == infer(shuffled).rule
        assert infer(names).pattern == infer(shuffled).pattern


def test_the_suggester_names_what_it_recognises_and_fills_up_with_the_users_names() -> None:
    suggestion = suggest(["P1_HeLa_A1_20x.tif", "P2_HeLa_B1_20x.tif"])
    assert suggestion.source == "local"
    assert suggestion.names == ("Position", "Project number", "Sample type", "Image acquisition")
    assert suggestion.explanation == "Names are cut at _: 4 values each, 2 of 2 names fit"
    assert suggestion.regex == "_+"


@given(st.lists(st.text(string.printable, max_size=30), max_size=8))
def test_the_suggester_works_for_any_names(names: list[str]) -> None:
    suggestion = suggest(names)
    Parser(suggestion.inference.rule).all_values(names)
    assert suggestion.explanation
