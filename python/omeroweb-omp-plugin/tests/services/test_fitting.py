"""Metadata of any length becomes pairs whole, or is named as left out."""

from __future__ import annotations

import re
from collections import defaultdict

from hypothesis import given, settings
from hypothesis import strategies as st

from omeroweb_omp_plugin.ownership import HASH_KEY, Signer
from omeroweb_omp_plugin.parsing.variables import MAX_NAME_CHARS
from omeroweb_omp_plugin.services.fitting import MOST_CHARS, MOST_PAIRS, fitted
from omeroweb_omp_plugin.services.recipes import MAX_VALUE_CHARS


def test_a_value_longer_than_a_pair_takes_is_kept_complete_in_numbered_parts():
    value = "".join(f"<Plane {number}/>" for number in range(2500))
    assert 2 * MAX_VALUE_CHARS < len(value) < 4 * MAX_VALUE_CHARS
    found = fitted({"BF_Header": value, "BF_Gain": "2"})
    keys = [key for key, _ in found.pairs]
    assert keys[0] == f"BF_Header (part 1 of {len(keys) - 1})"
    assert keys[-1] == "BF_Gain"
    assert "".join(part for key, part in found.pairs if key.startswith("BF_Header")) == value
    assert found.problem == ""


def test_what_an_image_can_not_take_is_left_out_whole_and_named():
    found = fitted({"BF_Small": "1", "BF_Huge": "x" * (MOST_CHARS + 1), "BF_Last": "2"})
    assert found.pairs == (("BF_Small", "1"), ("BF_Last", "2"))
    assert found.left_out == ("BF_Huge",)
    assert "Not copied" in found.problem
    assert "'BF_Huge'" in found.problem


def test_too_many_keys_are_counted_in_the_row():
    found = fitted({f"k{number}": "1" for number in range(MOST_PAIRS + 12)})
    assert len(found.pairs) == MOST_PAIRS
    assert "'k2000', 'k2001', 'k2002', 'k2003', 'k2004' and 7 more" in found.problem


def test_long_names_that_begin_alike_stay_apart():
    names = [f"{'n' * MAX_NAME_CHARS}{number}" for number in range(3)]
    found = fitted({name: str(number) for number, name in enumerate(names)})
    assert [value for _, value in found.pairs] == ["0", "1", "2"]
    assert len({key for key, _ in found.pairs}) == 3


@settings(max_examples=40)
@given(
    metadata=st.dictionaries(
        st.text(max_size=4) | st.just(HASH_KEY) | st.integers(250, 260).map(lambda size: "k" * size),
        st.text(max_size=20) | st.integers(9_990, 40_010).map(lambda size: "v" * size),
        max_size=12,
    )
)
def test_every_value_comes_out_as_it_went_in_under_keys_that_can_be_signed(metadata):
    found = fitted(metadata)
    Signer("secret").signed(found.pairs)
    assert all(0 < len(value) <= MAX_VALUE_CHARS and len(key) <= MAX_NAME_CHARS for key, value in found.pairs)
    whole = defaultdict(str)
    for key, value in found.pairs:
        whole[re.sub(r" \(part \d+ of \d+\)$", "", key)] += value
    wanted = [
        value.replace("\0", "").encode(errors="replace").decode()
        for key, value in metadata.items()
        if key != HASH_KEY
    ]
    assert sorted(whole.values()) == sorted(value for value in wanted if value)
    assert found.left_out == ()
