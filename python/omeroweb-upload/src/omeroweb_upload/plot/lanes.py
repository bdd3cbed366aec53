"""A good layout without search: labels take turns in the lanes and stand as near to their peaks as the row allows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from omeroweb_upload.plot.problem import LOW, Floats, Lanes, Layout, Problem, needed_gaps

Rows = NDArray[np.intp]


def lane_layouts(problem: Problem) -> list[Layout]:
    """Valid layouts, for each number of lanes with and without low labels; empty where the labels do not fit."""
    layouts = []
    for lanes in range(1, len(problem.lane_bottom) + 1):
        turns = np.arange(len(problem.labels)) % lanes
        x = spread(problem, turns)
        if x is None:
            continue
        layouts.append((turns, x))
        lowered = _with_low_labels(problem, lanes)
        if lowered is not None:
            layouts.append(lowered)
    return layouts


def spread(problem: Problem, lanes: Lanes) -> Floats | None:
    """The x of each label for given lanes, or None where the row is too short.

    Least squares from the anchors under the distances of the tightest packing: isotonic regression of what remains
    after subtracting the packed positions (pool adjacent violators), clipped to the axes. Low labels stay at their
    anchors and do not take part.
    """
    x = problem.anchor.copy()
    rows = np.flatnonzero(lanes != LOW)
    if not len(rows):
        return x
    packed = _pack(problem, rows, lanes)
    lowest = float((problem.leftmost[rows] - packed).max())
    highest = float((problem.rightmost[rows] - packed).min())
    if lowest > highest:
        return None
    x[rows] = np.clip(_isotonic(problem.anchor[rows] - packed), lowest, highest) + packed
    return x


def _pack(problem: Problem, rows: Rows, lanes: Lanes) -> Floats:
    """Positions of the tightest row, the first label at 0."""
    pairs, count = problem.pairs, len(problem.labels)
    gaps = np.zeros((count, count))
    gaps[pairs.left, pairs.right] = needed_gaps(pairs, lanes[pairs.left], lanes[pairs.right])
    gaps = gaps[np.ix_(rows, rows)]
    packed = np.zeros(len(rows))
    for place in range(1, len(rows)):
        packed[place] = (packed[:place] + gaps[:place, place]).max()
    return packed


def _isotonic(values: Floats) -> Floats:
    """The closest sequence that never falls."""
    means: list[float] = []
    sizes: list[int] = []
    for value in values.tolist():
        mean, size = value, 1
        while means and means[-1] >= mean:
            mean = (mean * size + means[-1] * sizes[-1]) / (size + sizes[-1])
            size += sizes.pop()
            means.pop()
        means.append(mean)
        sizes.append(size)
    return np.repeat(means, sizes)


def _with_low_labels(problem: Problem, count: int) -> Layout | None:
    """As many low labels as the order of the others allows."""
    low = problem.low_allowed.copy()
    for i, j in np.argwhere(np.triu(problem.low_clash, 1)):
        if low[i] and low[j]:
            low[j] = False
    while low.any():
        lanes = np.where(low, LOW, (np.cumsum(~low) - 1) % count)
        x = spread(problem, lanes)
        if x is None:
            return None
        falls = np.flatnonzero(np.diff(x) < 0)
        if not len(falls):
            return lanes, x
        # A low label that others would have to pass goes up into the row.
        for place in falls:
            low[place if low[place] else place + 1] = False
    return None
