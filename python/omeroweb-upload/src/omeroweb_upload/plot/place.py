"""Placing the labels of a spectrum."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from omeroweb_upload.plot.genetic import Settings, improve
from omeroweb_upload.plot.geometry import Curve, Frame, Label, Placement
from omeroweb_upload.plot.lanes import lane_layouts
from omeroweb_upload.plot.problem import RISER_GAP, Layout, Problem, build_problems, costs, is_valid, realise

if TYPE_CHECKING:
    from collections.abc import Sequence


def place_labels(
    frame: Frame, labels: Sequence[Label], curve: Curve | None = None, settings: Settings | None = None
) -> Placement:
    """Place labels so that none overlap, leave the axes, or stand in another order than their peaks.

    Connectors do not cross unless the peaks of two labels alternate. Labels for which there is no room are left out,
    those of the smallest peaks first. The same input gives the same output. Raises ValueError for peaks outside the
    axes and where there is no room at all above the tallest peak.
    """
    for label in labels:
        for tip in label.tips:
            if not (frame.left <= tip.x <= frame.right and frame.bottom <= tip.y <= frame.top):
                raise ValueError(f"the peak of {label.text!r} at {tip} is outside the axes {frame}")
    remaining = sorted(labels, key=lambda label: label.tip, reverse=True)
    room = _most_that_fit(frame, labels)
    remaining, left_out = remaining[:room], remaining[room:][::-1]
    while remaining:
        problem, layouts = _best_start(build_problems(frame, tuple(remaining), curve))
        if layouts:
            lanes, x = improve(problem, layouts, settings)
            assert is_valid(problem, lanes, x)
            return Placement(realise(problem, lanes, x), tuple(left_out))
        left_out.append(remaining.pop())
    return Placement((), tuple(left_out))


def _best_start(problems: tuple[Problem, ...]) -> tuple[Problem, list[Layout]]:
    """The problem with the cheapest layout to start from; without layouts where none has room for all labels."""
    starts = [(problem, lane_layouts(problem)) for problem in problems]
    return min(
        starts, key=lambda start: min((_cost(start[0], layout) for layout in start[1]), default=math.inf)
    )


def _cost(problem: Problem, layout: Layout) -> float:
    lanes, x = layout
    return float(costs(problem, lanes[None], x[None])[0])


def _most_that_fit(frame: Frame, labels: Sequence[Label]) -> int:
    """More labels than this never fit: neighbours are at least half the narrowest box apart, in whatever lanes."""
    narrowest = min((label.width for label in labels), default=0.0)
    return int(frame.width // (narrowest / 2 + RISER_GAP)) + 1
