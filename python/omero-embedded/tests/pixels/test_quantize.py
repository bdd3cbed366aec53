"""Display values against OMERO's formula written out value by value."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omero_embedded.pixels.quantize import quantizer
from omero_embedded.pixels.settings import RED, ChannelSettings, RenderSettings
from omero_embedded.pixels.types import PIXEL_TYPES, PixelsError, pixel_type

WINDOW = ChannelSettings(100, 1100, RED)


def expected(
    value: float, channel: ChannelSettings, steps: int = 255, codomain: tuple[int, int] = (0, 255)
) -> int:
    first, last = codomain
    if value < channel.start:
        shown = first
    elif value >= channel.end:
        shown = last
    else:
        x = 255 / (channel.end - channel.start) * (value - channel.start)
        k = channel.coefficient

        def bend(v: float) -> float:
            if channel.family == "logarithmic":
                return math.log(v if v > 0 else 1)
            if channel.family == "exponential":
                return math.exp(v**k)
            return float(v ** (1 if channel.family == "linear" else k))

        level = math.floor(steps / (bend(255) - bend(0)) * (bend(x) - bend(0)) + 0.5)
        shown = math.floor((last - first) / steps * level + first + 0.5)
    return first + last - shown if channel.reverse else shown


@pytest.mark.parametrize(
    ("family", "coefficient"),
    [
        ("linear", 1),
        ("polynomial", 0.4),
        ("polynomial", 2.5),
        ("logarithmic", 1),
        ("exponential", 1),
        ("exponential", 0.7),
    ],
)
@pytest.mark.parametrize("reverse", [False, True])
def test_every_curve_is_omeros_formula(family: str, coefficient: float, reverse: bool) -> None:
    channel = replace(WINDOW, family=family, coefficient=coefficient, reverse=reverse)
    values = np.arange(0, 1500, 7, dtype=np.uint16).reshape(1, -1)
    found = quantizer(pixel_type("uint16"), channel, 255, (0, 255))(values)[0]
    # A pixel exactly between two levels may round either way in floating-point numbers.
    oracle = np.array([expected(float(value), channel) for value in values[0]])
    assert np.abs(found.astype(int) - oracle).max() <= (0 if family == "linear" else 1)
    assert (found == oracle).mean() > 0.99


@pytest.mark.parametrize("steps", [1, 7, 127, 255])
@pytest.mark.parametrize("codomain", [(0, 255), (30, 200), (100, 100)])
def test_bit_resolution_and_codomain_limit_the_display_values(steps: int, codomain: tuple[int, int]) -> None:
    values = np.arange(0, 1500, 3, dtype=np.uint16).reshape(1, -1)
    found = quantizer(pixel_type("uint16"), WINDOW, steps, codomain)(values)[0]
    np.testing.assert_array_equal(
        found, [expected(float(value), WINDOW, steps, codomain) for value in values[0]]
    )
    assert len(np.unique(found)) <= steps + 1


def test_an_exponential_curve_that_would_overflow_stays_finite() -> None:
    channel = replace(WINDOW, family="exponential", coefficient=3.0)
    found = quantizer(pixel_type("uint16"), channel, 255, (0, 255))(
        np.array([[0, 600, 1099, 1100]], np.uint16)
    )
    assert found.tolist() == [[0, 0, 0, 255]]


@pytest.mark.parametrize("name", [name for name in PIXEL_TYPES if name != "bit"])
def test_every_pixel_type_runs_from_black_to_white_through_its_window(name: str) -> None:
    kind = pixel_type(name)
    low, high = (-50, 90) if kind.signed else (10, 150)
    channel = ChannelSettings(low, high, RED)
    values = np.linspace(low, high, 141).astype(kind.big_endian).reshape(3, 47)
    found = quantizer(kind, channel, 255, (0, 255))(values).ravel()
    assert (found[0], found[-1]) == (0, 255)
    assert (np.diff(found.astype(int)) >= 0).all()
    exact = np.array([expected(float(value), channel) for value in values.ravel()])
    # Wide types are sorted into 256 steps first, each shown as half a step less, as OMERO does.
    lag = exact - found.astype(int)
    assert (lag.min(), lag.max()) <= (0, 0 if kind.byte_width <= 2 else 2)
    assert lag.min() >= 0


def test_floating_point_steps_are_omeros() -> None:
    channel = ChannelSettings(0.0, 256.0, RED)
    values = np.array([[-1, 0, 0.5, 1.5, 2.5, 200.5, 255.5, 256, 300, np.nan, np.inf, -np.inf]], np.float32)
    found = quantizer(pixel_type("float"), channel, 255, (0, 255))(values)[0]

    def step(v: int) -> int:
        return math.floor((v - 0.5) * 255 / 256 + 0.5)

    assert found.tolist() == [0, 0, 0, step(1), step(2), step(200), step(255), 255, 255, 0, 255, 0]


def test_noise_reduction_leaves_out_the_outer_tenths() -> None:
    channel = replace(WINDOW, start=0, end=1000, noise_reduction=True)
    found = quantizer(pixel_type("uint16"), channel, 255, (0, 255), (0.0, 1000.0))
    values = found(np.array([[0, 50, 100, 500, 900, 950, 1000]], np.uint16))[0]
    assert values[:2].tolist() == [values[0], values[0]]
    assert values[4:].tolist()[-1] == 245
    assert (np.diff(values.astype(int)) >= 0).all()


@given(start=st.integers(0, 65535), width=st.integers(0, 65535), value=st.integers(0, 65535))
@settings(max_examples=100, deadline=None)
def test_brighter_pixels_never_look_darker(start: int, width: int, value: int) -> None:
    channel = ChannelSettings(start, min(65535, start + width), RED)
    pair = np.array([[value, min(value + 1, 65535)]], ">u2")
    first, second = quantizer(pixel_type("uint16"), channel, 255, (0, 255))(pair)[0]
    assert first <= second


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"start": 2.0, "end": 1.0}, "start must not exceed end"),
        ({"family": "cubic"}, "unknown family cubic; known: linear"),
        ({"coefficient": 0.0}, "must be above 0 and at most 100"),
        ({"color": (0, 0, 256, 255)}, "colour components are 0 to 255"),
    ],
)
def test_settings_that_cannot_be_rendered_are_refused(values: dict[str, object], message: str) -> None:
    with pytest.raises(PixelsError, match=message):
        replace(WINDOW, **values)


def test_bit_resolutions_that_are_no_power_of_two_are_refused() -> None:
    with pytest.raises(PixelsError, match="bit resolution 100 is not one of"):
        RenderSettings("rgb", 0, 0, (WINDOW,), bit_resolution=100)
