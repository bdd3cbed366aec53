"""Reading environment variables, and what a person is told when they are wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omero_plugin_common.env_utils import (
    ENV_FILE_OMEROWEB,
    InvalidVariableError,
    MissingVariableError,
    optional_string,
    read_secret,
    require_bool,
    require_float,
    require_int,
    require_string,
    sanitized_int,
)

FILE = ENV_FILE_OMEROWEB


def test_a_missing_variable_is_named_with_its_file_the_fix_and_the_hint():
    with pytest.raises(MissingVariableError) as caught:
        require_string(
            "X_URL", env_file=FILE, docs_url="https://docs.example/x", hint="A URL.", environ={"X_URL": "  "}
        )
    text = str(caught.value)
    assert "X_URL is not set" in text
    assert "Set it in env/omeroweb.env" in text
    assert "A URL." in text
    assert "https://docs.example/x" in text


def test_both_kinds_of_error_are_caught_by_either_builtin_type():
    for kind in (RuntimeError, ValueError):
        with pytest.raises(kind):
            require_string("X", env_file=FILE, environ={})
        with pytest.raises(kind):
            require_int("X", env_file=FILE, environ={"X": "seven"})


def test_strings_lose_surrounding_space_and_may_be_empty_when_allowed():
    assert require_string("X", env_file=FILE, environ={"X": " a b "}) == "a b"
    assert require_string("X", env_file=FILE, allow_empty=True, environ={"X": " "}) == ""
    assert optional_string("X", environ={"X": " "}) is None


@given(st.integers())
def test_every_whole_number_is_read_back(number):
    assert require_int("X", env_file=FILE, environ={"X": str(number)}) == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_finite_number_is_read_back(number):
    assert require_float("X", env_file=FILE, environ={"X": repr(number)}) == number


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "1,5", "1 2"])
def test_what_is_no_number_is_refused_with_its_value(text):
    with pytest.raises(InvalidVariableError, match="a number"):
        require_float("X", env_file=FILE, environ={"X": text})


def test_bounds_are_told():
    with pytest.raises(InvalidVariableError, match=r"X is '11', but a whole number from 1 to 10 is needed"):
        require_int("X", env_file=FILE, minimum=1, maximum=10, environ={"X": "11"})
    with pytest.raises(InvalidVariableError, match="of at least 1"):
        require_int("X", env_file=FILE, minimum=1, environ={"X": "0"})


@pytest.mark.parametrize(
    ("text", "value"), [("YES", True), ("on", True), ("1", True), ("Off", False), ("no", False)]
)
def test_switches_are_read_in_any_case(text, value):
    assert require_bool("X", env_file=FILE, environ={"X": text}) is value


def test_anything_else_is_no_switch():
    with pytest.raises(InvalidVariableError, match="one of true, yes"):
        require_bool("X", env_file=FILE, environ={"X": "maybe"})


@given(st.integers())
def test_sanitized_numbers_end_within_their_bounds(number):
    read = sanitized_int(
        "X",
        env_file=FILE,
        sanitizer=lambda text: text.strip(" '"),
        minimum=1,
        maximum=10,
        environ={"X": f"'{number}'"},
    )
    assert read == max(1, min(10, number))


def test_nothing_left_after_cleaning_is_refused():
    with pytest.raises(InvalidVariableError):
        sanitized_int(
            "X", env_file=FILE, sanitizer=lambda _text: "", minimum=1, maximum=2, environ={"X": "#"}
        )


def test_a_secret_comes_from_its_file_and_is_never_shown(tmp_path):
    path = tmp_path / "secret"
    path.write_text("hidden\n")
    assert read_secret("X", env_file=FILE, environ={"X_FILE": str(path), "X": "other"}) == "hidden"
    assert read_secret("X", env_file=FILE, environ={"X": "direct"}) == "direct"
    path.write_text("")
    with pytest.raises(InvalidVariableError, match="empty"):
        read_secret("X", env_file=FILE, environ={"X_FILE": str(path)})
    with pytest.raises(InvalidVariableError, match="readable file"):
        read_secret("X", env_file=FILE, environ={"X_FILE": str(tmp_path / "none")})
    with pytest.raises(MissingVariableError, match="X_FILE"):
        read_secret("X", env_file=FILE, environ={})
