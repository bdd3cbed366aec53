"""From pixel values to display values 0 to 255: window, curve, codomain interval.

The mapping is OMERO's: the window is stretched to 0..255, bent by the family's curve, rounded to the bit resolution,
then spread over the codomain interval. Up to 16 bits a table holds the result for every value; wider types are first
sorted into as many steps as the codomain has.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np

from omero_embedded.pixels.settings import EXPONENTIAL, LINEAR, LOGARITHMIC, ChannelSettings
from omero_embedded.pixels.stats import native

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from omero_embedded.pixels.types import PixelType, Plane

MAX = 255
DECILE = 10


def quantizer(
    kind: PixelType,
    channel: ChannelSettings,
    bit_resolution: int,
    codomain: tuple[int, int],
    extremes: tuple[float, float] | None = None,
) -> Callable[[Plane], NDArray[np.uint8]]:
    """The function that turns planes of a type into display values.

    `extremes` of the channel only matter for noise reduction, which leaves out the outer tenths of their range.
    """
    bounds = extremes or kind.range()
    if kind.byte_width <= 2:
        table = _value_table(kind, channel, bit_resolution, codomain, bounds)
        return lambda plane: np.take(table, _unsigned(native(plane)))
    table = _step_table(channel, bit_resolution, codomain, bounds)
    return lambda plane: np.take(table, _steps(native(plane), channel, codomain))


def _unsigned(plane: Plane) -> Plane:
    return plane.view(f"u{plane.dtype.itemsize}")


@functools.lru_cache(maxsize=256)
def _value_table(
    kind: PixelType,
    channel: ChannelSettings,
    bit_resolution: int,
    codomain: tuple[int, int],
    bounds: tuple[float, float],
) -> NDArray[np.uint8]:
    """Display values by the bit pattern of the pixel value; computed within the window, filled in outside."""
    lowest, count = _lowest(kind), 1 << (8 * kind.byte_width)
    first = int(np.clip(np.ceil(channel.start) - lowest, 0, count))
    last = int(np.clip(np.ceil(channel.end) - lowest, first, count))
    values = np.arange(first, last, dtype=np.float64) + lowest
    ends = display_values(np.array([-np.inf, np.inf]), channel, bit_resolution, codomain, bounds)
    table = np.empty(count, np.uint8)
    table[:first], table[last:] = ends
    table[first:last] = display_values(values, channel, bit_resolution, codomain, bounds)
    return np.roll(table, lowest) if lowest else table


def _lowest(kind: PixelType) -> int:
    return -(1 << (8 * kind.byte_width - 1)) if kind.signed else 0


@functools.lru_cache(maxsize=256)
def _step_table(
    channel: ChannelSettings, bit_resolution: int, codomain: tuple[int, int], bounds: tuple[float, float]
) -> NDArray[np.uint8]:
    """Display values by step: below the window, the window's steps, above it.

    A step stands for the value half a step below its start, as in OMERO.
    """
    count = codomain[1] - codomain[0] + 1
    width = (channel.end - channel.start) / count
    middles = channel.start + (np.arange(count + 1) - 0.5) * width
    middles[0] = channel.start + width / 2
    values = np.concatenate([[-np.inf], middles, [np.inf]])
    table = display_values(values, channel, bit_resolution, codomain, bounds)
    # The window's end itself is the brightest value.
    table[count + 1] = table[count + 2]
    return table


def _steps(plane: Plane, channel: ChannelSettings, codomain: tuple[int, int]) -> NDArray[np.intp]:
    """Index into the step table of each value; not-a-numbers count as below the window."""
    wide = plane if plane.dtype == np.float32 else plane.astype(np.float64)
    count = codomain[1] - codomain[0] + 1
    span = channel.end - channel.start
    scale = count / span if span > 0 else np.inf
    with np.errstate(invalid="ignore", over="ignore"):
        steps = (wide - wide.dtype.type(channel.start)) * wide.dtype.type(scale)
        np.floor(steps, out=steps)
        np.clip(steps, -1, count + 1, out=steps)
        # The upper edge of the window belongs to it.
        if span > 0:
            steps[wide == wide.dtype.type(channel.end)] = count
        steps = np.where(np.isnan(steps), -1, steps)
    return (steps + 1).astype(np.intp)


def display_values(
    values: NDArray[np.float64],
    channel: ChannelSettings,
    bit_resolution: int,
    codomain: tuple[int, int],
    bounds: tuple[float, float],
) -> NDArray[np.uint8]:
    """Display values of pixel values, computed one by one (the tables are made of this)."""
    first, last = codomain
    if channel.noise_reduction:
        first, last = max(first, DECILE), min(last, MAX - DECILE)
    stretched = _stretched(values, channel, codomain, bounds)
    levels = _round(bit_resolution * curve(stretched, channel.family, channel.coefficient))
    spread = (codomain[1] - codomain[0]) / bit_resolution
    shown = np.clip(_round(spread * levels + codomain[0]), first, last)
    shown[values < channel.start] = first
    shown[values >= channel.end] = last
    result = shown.astype(np.uint8)
    return codomain[0] + codomain[1] - result if channel.reverse else result


def _stretched(
    values: NDArray[np.float64],
    channel: ChannelSettings,
    codomain: tuple[int, int],
    bounds: tuple[float, float],
) -> NDArray[np.float64]:
    """Values of the window as 0..255; with noise reduction 10..245, without the outer tenths of the data's range."""
    start, end = channel.start, channel.end
    if not channel.noise_reduction:
        span = end - start
        return np.clip(np.nan_to_num((values - start) * (MAX / span if span > 0 else 0.0)), 0, MAX)
    low, high = min(bounds[0], start), max(bounds[1], end)
    tenth = (bounds[1] - bounds[0]) / DECILE
    low, high = low + tenth, high - tenth
    base, top = max(start, low), min(end, high)
    scale = (MAX - 2 * DECILE) / (top - base) if top > base else 0.0
    inner = np.nan_to_num((values - base) * scale) + DECILE
    inner = np.where(values <= low, max(codomain[0], DECILE), inner)
    inner = np.where(values > high, min(codomain[1], MAX - DECILE), inner)
    return np.clip(inner, 0, MAX)


def curve(values: NDArray[np.float64], family: str, coefficient: float) -> NDArray[np.float64]:
    """The family's curve from 0..255 to 0..1."""
    if family == LOGARITHMIC:
        bent = np.log(np.maximum(values, 1.0)) / np.log(MAX)
    elif family == EXPONENTIAL:
        # exp(v ** k) itself would overflow; only its ratio to the largest value is needed.
        power, most = values**coefficient, float(MAX) ** coefficient
        bent = (np.exp(power - most) - np.exp(-most)) / (1 - np.exp(-most))
    else:
        bent = (values / MAX) ** (1.0 if family == LINEAR else coefficient)
    result: NDArray[np.float64] = bent
    return result


def _round(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """To the nearest integer, halves up, as Java's Math.round."""
    rounded: NDArray[np.float64] = np.floor(values + 0.5)
    return rounded
