"""The ownership mark: its exact form, and what breaks it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omeroweb_omp_plugin.ownership import HASH_KEY, HASH_PREFIX, Signer, digest, payload

PAIRS = (("Position", "A1"), ("Sample type", "HeLa"))
KEYED = "3124c776c946db18b9700992eab4ce3013514c2db99524de07d3d6c7dc49ed18"
PLAIN = "d8d46322549b6dfcd2109409167486ce959ce24beeb34fce97496b51779cb965"

texts = st.text(max_size=12)
pairs_lists = st.dictionaries(texts.filter(lambda key: key != HASH_KEY), texts, max_size=5).map(
    lambda pairs: tuple(pairs.items())
)


def test_the_mark_is_the_published_one() -> None:
    assert digest(PAIRS, "s3cret") == KEYED
    assert digest(PAIRS, "") == PLAIN
    assert Signer("s3cret").signed(PAIRS) == (*PAIRS, (HASH_KEY, f"{HASH_PREFIX}{KEYED}"))
    assert Signer().signed(PAIRS)[-1] == (HASH_KEY, f"{HASH_PREFIX}{PLAIN}")


def test_the_payload_is_canonical() -> None:
    expected = '{"data":{"a":"","ä":"1"},"plugin":"omeroweb_omp_plugin","version":"1"}'.encode()
    assert payload([("ä", "1"), ("a", None), (HASH_KEY, "x")]) == expected


def test_without_a_secret_the_mark_is_known_to_be_forgeable() -> None:
    assert Signer().forgeable
    assert not Signer("s3cret").forgeable
    assert not Signer("s3cret").owns(Signer().signed(PAIRS))


def test_a_former_secret_is_still_recognised() -> None:
    assert Signer("new", previous=("s3cret",)).owns(Signer("s3cret").signed(PAIRS))
    assert not Signer("new").owns(Signer("s3cret").signed(PAIRS))


def test_the_secret_does_not_show_in_logs() -> None:
    assert "s3cret" not in repr(Signer("s3cret", ("s3cret2",)))


def test_keys_have_to_be_unique_and_not_the_marks() -> None:
    with pytest.raises(ValueError, match="'a' occurs twice"):
        Signer().signed((("a", "1"), ("a", "2")))
    with pytest.raises(ValueError, match="ownership mark"):
        Signer().signed(((HASH_KEY, "1"),))


@given(pairs_lists, texts)
def test_any_edit_breaks_the_mark(pairs: tuple[tuple[str, str], ...], other: str) -> None:
    signer = Signer("s3cret")
    signed = signer.signed(pairs)
    assert signer.owns(signed)
    assert not signer.owns(signed[:-1])
    assert not signer.owns((*signed, ("added", other)))
    assert not signer.owns((*signed, signed[0]))
    for place, (key, value) in enumerate(pairs):
        assert not signer.owns((*signed[:place], (key, value + "x"), *signed[place + 1 :]))
        assert not signer.owns((*signed[:place], *signed[place + 1 :]))
        assert not signer.owns((*signed[:place], (key, value), *signed[place:]))


@given(st.lists(st.tuples(texts, texts), max_size=4), st.text(max_size=80))
def test_pairs_that_people_type_are_never_own(pairs: list[tuple[str, str]], mark: str) -> None:
    assert not Signer("s3cret").owns([*pairs, (HASH_KEY, mark)])
    assert not Signer("s3cret").owns([*pairs, (HASH_KEY, HASH_PREFIX + mark)])
    assert not Signer("s3cret").owns(pairs)
