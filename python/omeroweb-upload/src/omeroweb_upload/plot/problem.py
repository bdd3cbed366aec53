"""A placement problem as arrays: what a layout may look like and what it costs.

A label stands either low, straight above its own peak, or in one of the lanes at the top of the axes. All connectors
of lane labels go straight up to a common height, cross over to their label's x between there and the lowest lane, and
go straight up again. Labels and peaks are in the same order, so connectors never cross; a low label is allowed only
where no other peak's connector could run through its box.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omeroweb_upload.plot.geometry import Curve, Frame, Label, PlacedLabel, Point

Floats = NDArray[np.float64]
Lanes = NDArray[np.int64]
Layout = tuple[Lanes, Floats]
"""The lane (or `LOW`) and the x of each label."""

LOW = -1
MAX_LANES = 3
BOX_GAP = 3.0
RISER_GAP = 3.0
LIFT = 20.0
MIN_SLANT = 6.0

_PER_PIXEL_ASIDE = 25.0
_PER_SQUARE_PIXEL_ASIDE = 0.05
_PER_PIXEL_UP = 3.0
_PER_PIXEL_TOO_CLOSE = 1e5
_PER_CLASH = 1e7
# Above every sum of wishes, so that a layout that breaks a rule never beats one that keeps them.
_INVALID = 1e12
_TOLERANCE_PX = 1e-3


@dataclass(frozen=True, slots=True)
class Pairs:
    """Every pair of labels, the left one first, with what its cost needs."""

    left: NDArray[np.intp]
    right: NDArray[np.intp]
    gap_in_lane: Floats
    gap_if_left_lower: Floats
    gap_if_right_lower: Floats
    clash_if_low: NDArray[np.bool_]

    def where(self, wanted: NDArray[np.bool_]) -> Pairs:
        """Some of the pairs."""
        return Pairs(
            self.left[wanted],
            self.right[wanted],
            self.gap_in_lane[wanted],
            self.gap_if_left_lower[wanted],
            self.gap_if_right_lower[wanted],
            self.clash_if_low[wanted],
        )


@dataclass(frozen=True, slots=True)
class Problem:
    """Labels in order of their anchors; `low_clash[i, j]` says that i and j cannot both be low."""

    frame: Frame
    labels: tuple[Label, ...]
    anchor: Floats
    width: Floats
    tip: Floats
    low_bottom: Floats
    low_allowed: NDArray[np.bool_]
    low_clash: NDArray[np.bool_]
    pairs: Pairs
    lane_bottom: Floats
    slant_from: float

    @property
    def leftmost(self) -> Floats:
        """The smallest x that keeps each box inside the axes."""
        return self.frame.left + BOX_GAP + self.width / 2

    @property
    def rightmost(self) -> Floats:
        """The largest x that keeps each box inside the axes."""
        return self.frame.right - BOX_GAP - self.width / 2


def build_problems(frame: Frame, labels: tuple[Label, ...], curve: Curve | None) -> tuple[Problem, ...]:
    """Put labels in order and find where they may stand.

    One problem lets all connectors begin to slant right above the curve, which leaves room for most lanes; the other,
    where it fits, leaves room for a low label above the tallest peak. Raises ValueError where no lane fits.
    """
    ordered = tuple(sorted(labels, key=lambda label: (label.anchor, label.tips, label.text)))
    height = max(label.height for label in ordered)
    highest = max(label.tip for label in ordered)
    if curve is not None and len(curve.y):
        highest = max(highest, float(curve.y.max()))
    above_curve = highest + BOX_GAP
    above_low_label = highest + LIFT + height + BOX_GAP
    problems = [
        _build(frame, ordered, curve, slant_from, lanes)
        for slant_from in (above_curve, above_low_label)
        if (lanes := int((frame.top - BOX_GAP - slant_from - MIN_SLANT) // (height + BOX_GAP))) >= 1
    ]
    if not problems:
        needed = height + 3 * BOX_GAP + MIN_SLANT
        raise ValueError(
            f"labels need {needed:.0f} pixels above the tallest peak, there are {frame.top - highest:.0f}"
        )
    return tuple(problems)


def _build(
    frame: Frame, ordered: tuple[Label, ...], curve: Curve | None, slant_from: float, lanes: int
) -> Problem:
    height = max(label.height for label in ordered)
    anchor = np.array([label.anchor for label in ordered])
    width = np.array([label.width for label in ordered])
    low_bottom = np.array([_low_bottom(label, curve) for label in ordered])
    low_clash = _low_clash(anchor, width, low_bottom, height)
    return Problem(
        frame=frame,
        labels=ordered,
        anchor=anchor,
        width=width,
        tip=np.array([label.tip for label in ordered]),
        low_bottom=low_bottom,
        low_allowed=_low_allowed(frame, ordered, low_bottom, slant_from),
        low_clash=low_clash,
        pairs=_pairs(width, low_clash),
        lane_bottom=frame.top - (np.arange(min(lanes, MAX_LANES), dtype=np.float64) + 1) * (height + BOX_GAP),
        slant_from=slant_from,
    )


def _low_bottom(label: Label, curve: Curve | None) -> float:
    """How low a label can stand above its peak without covering the curve."""
    ground = label.tip
    if curve is not None:
        half = label.width / 2
        first = int(np.searchsorted(curve.x, label.anchor - half, side="left"))
        last = int(np.searchsorted(curve.x, label.anchor + half, side="right"))
        if last > first:
            ground = max(ground, float(curve.y[first:last].max()))
    return ground + LIFT


def _low_allowed(
    frame: Frame, labels: tuple[Label, ...], low_bottom: Floats, slant_from: float
) -> NDArray[np.bool_]:
    tips = np.array([(tip.x, number) for number, label in enumerate(labels) for tip in label.tips])
    allowed = []
    for number, label in enumerate(labels):
        reach = label.width / 2 + RISER_GAP
        others = tips[tips[:, 1] != number, 0]
        alone = not (np.abs(others - label.anchor) < reach).any()
        inside = (
            frame.left + BOX_GAP + label.width / 2 <= label.anchor <= frame.right - BOX_GAP - label.width / 2
        )
        fits = low_bottom[number] + label.height + BOX_GAP <= slant_from
        allowed.append(len(label.tips) == 1 and alone and inside and bool(fits))
    return np.array(allowed)


def _low_clash(anchor: Floats, width: Floats, low_bottom: Floats, height: float) -> NDArray[np.bool_]:
    near = np.abs(anchor[:, None] - anchor) < (width[:, None] + width) / 2 + BOX_GAP
    level = np.abs(low_bottom[:, None] - low_bottom) < height + BOX_GAP
    return np.asarray(near & level)


def _pairs(width: Floats, low_clash: NDArray[np.bool_]) -> Pairs:
    left, right = np.triu_indices(len(width), 1)
    half_left, half_right = width[left] / 2, width[right] / 2
    return Pairs(
        left=left,
        right=right,
        gap_in_lane=half_left + half_right + BOX_GAP,
        gap_if_left_lower=half_left + RISER_GAP,
        gap_if_right_lower=half_right + RISER_GAP,
        clash_if_low=low_clash[left, right],
    )


def needed_gaps(pairs: Pairs, lane_left: Lanes, lane_right: Lanes) -> Floats:
    """How far apart the middles of each pair must be, in pixels, for lanes given pair by pair.

    Boxes in one lane keep clear of each other; from different lanes, the connector of the upper one keeps clear of the
    lower one's box. Low labels need no distance, only the right order.
    """
    gap = np.where(lane_left > lane_right, pairs.gap_if_left_lower, pairs.gap_if_right_lower)
    gap = np.where(lane_left == lane_right, pairs.gap_in_lane, gap)
    return np.asarray(np.where(np.minimum(lane_left, lane_right) == LOW, 0.0, gap))


def bottoms(problem: Problem, lanes: Lanes) -> Floats:
    """The lower edge of each box."""
    return np.asarray(np.where(lanes == LOW, problem.low_bottom, problem.lane_bottom[np.maximum(lanes, 0)]))


def costs(problem: Problem, lanes: Lanes, x: Floats) -> Floats:
    """The cost of each layout; `lanes` and `x` have one layout per row."""
    pairs = problem.pairs
    lane_left, lane_right = lanes.take(pairs.left, axis=1), lanes.take(pairs.right, axis=1)
    missing = needed_gaps(pairs, lane_left, lane_right)
    missing += x.take(pairs.left, axis=1)
    missing -= x.take(pairs.right, axis=1)
    too_close = np.maximum(missing, 0, out=missing).sum(axis=1)
    clashes = (pairs.clash_if_low & (np.maximum(lane_left, lane_right) == LOW)).sum(axis=1)
    broken = _PER_PIXEL_TOO_CLOSE * too_close + _PER_CLASH * clashes
    broken += np.where((too_close > _TOLERANCE_PX) | (clashes > 0), _INVALID, 0.0)
    return np.asarray(broken + _wishes(problem, lanes, x))


def _wishes(problem: Problem, lanes: Lanes, x: Floats) -> Floats:
    aside = np.abs(x - problem.anchor)
    up = bottoms(problem, lanes) - problem.tip
    each = _PER_PIXEL_ASIDE * aside + _PER_SQUARE_PIXEL_ASIDE * aside**2 + _PER_PIXEL_UP * up
    return np.asarray(each.sum(axis=1))


def is_valid(problem: Problem, lanes: Lanes, x: Floats) -> bool:
    """Whether one layout keeps every rule, to a hundredth of a pixel."""
    inside = (x >= problem.leftmost - 0.01) & (x <= problem.rightmost + 0.01)
    allowed = problem.low_allowed | (lanes != LOW)
    return bool(inside.all() and allowed.all() and costs(problem, lanes[None], x[None])[0] < _INVALID)


def realise(problem: Problem, lanes: Lanes, x: Floats) -> tuple[PlacedLabel, ...]:
    """A layout with its connectors."""
    low_edges = bottoms(problem, lanes)
    in_lanes = lanes != LOW
    slant_to = float(low_edges[in_lanes].min()) if in_lanes.any() else problem.frame.top
    return tuple(
        PlacedLabel(
            label,
            middle,
            bottom,
            tuple(
                _connector(problem, tip, Point(middle, bottom), low=lane == LOW, slant_to=slant_to)
                for tip in label.tips
            ),
        )
        for label, lane, middle, bottom in zip(
            problem.labels, lanes, x.tolist(), low_edges.tolist(), strict=True
        )
    )


def _connector(problem: Problem, tip: Point, end: Point, *, low: bool, slant_to: float) -> tuple[Point, ...]:
    if low:
        return tip, end
    return tip, Point(tip.x, problem.slant_from), Point(end.x, slant_to), end
