"""A genetic algorithm over layouts: which labels stand low, which lane the others take, and where.

A gene is one label's lane and x; genes are in the order of the energy axis, so one-point crossover joins the left
part of one layout with the right part of another. The whole population is evaluated at once. The random numbers come
from a fixed seed: the same labels always get the same layout.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from omeroweb_upload.plot.lanes import Rows, spread
from omeroweb_upload.plot.problem import LOW, Floats, Lanes, Layout, Pairs, Problem, costs, needed_gaps

_NEIGHBOURS = 6


@dataclass(frozen=True, slots=True)
class Settings:
    """How long and how widely to search.

    `comparisons` is how many pairs of labels are looked at, in all layouts together, before the search ends: crowded
    figures take little longer than others, and, unlike a limit of time, it leaves the result to the input alone.
    """

    seed: int = 20_222
    population: int = 32
    generations: int = 50
    comparisons: int = 1_250_000
    patience: int = 10
    elite: int = 5
    tournament: int = 3
    nudge_rate: float = 0.05
    nudge_px: float = 3.0


@dataclass(slots=True)
class _Population:
    lanes: Lanes
    x: Floats
    cost: Floats


def improve(problem: Problem, layouts: list[Layout], settings: Settings | None = None) -> Layout:
    """The best layout found from some valid ones; never worse than the best of those."""
    chosen = settings or Settings()
    random = np.random.Generator(np.random.PCG64(chosen.seed))
    population = _first_population(problem, layouts, chosen, random)
    best, waited = float(population.cost[0]), 0
    for _ in range(_affordable(chosen, len(problem.labels))):
        population = _next_generation(problem, population, chosen, random)
        waited = 0 if population.cost[0] < best - 1e-6 else waited + 1
        best = float(population.cost[0])
        if waited >= chosen.patience:
            break
    return _settle(problem, population.lanes[0], population.x[0])


def _affordable(settings: Settings, labels: int) -> int:
    """How many generations the comparisons last for."""
    each = settings.population * max(1, labels * (labels - 1) // 2)
    return min(settings.generations, settings.comparisons // each)


def _rank(lanes: Lanes, x: Floats, cost: Floats) -> _Population:
    order = np.argsort(cost, kind="stable")
    return _Population(lanes[order], x[order], cost[order])


def _first_population(
    problem: Problem, layouts: list[Layout], settings: Settings, random: np.random.Generator
) -> _Population:
    """The given layouts, and mutated copies of them."""
    copies = np.arange(settings.population) % len(layouts)
    lanes = np.stack([layouts[copy][0] for copy in copies])
    x = np.stack([layouts[copy][1] for copy in copies])
    mutated = np.arange(settings.population) >= len(layouts)
    new_lanes, new_x = _mutate(problem, lanes[mutated], x[mutated], settings, random)
    lanes, x = np.concatenate([lanes[~mutated], new_lanes]), np.concatenate([x[~mutated], new_x])
    return _rank(lanes, x, costs(problem, lanes, x))


def _next_generation(
    problem: Problem, parents: _Population, settings: Settings, random: np.random.Generator
) -> _Population:
    count = settings.population - settings.elite
    first, second = (_tournament(settings, count, random) for _ in range(2))
    genes = np.arange(len(problem.labels))
    from_first = genes < random.integers(0, len(genes) + 1, (count, 1))
    lanes = np.where(from_first, parents.lanes[first], parents.lanes[second])
    x = np.where(from_first, parents.x[first], parents.x[second])
    lanes, x = _mutate(problem, lanes, x, settings, random)
    elite = slice(0, settings.elite)
    return _rank(
        np.concatenate([parents.lanes[elite], lanes]),
        np.concatenate([parents.x[elite], x]),
        np.concatenate([parents.cost[elite], costs(problem, lanes, x)]),
    )


def _tournament(settings: Settings, count: int, random: np.random.Generator) -> Rows:
    """Rows of winners; rows are ranked, so the smallest number wins."""
    entrants = random.integers(0, settings.population, (count, settings.tournament), dtype=np.intp)
    return np.asarray(entrants.min(axis=1))


def _mutate(
    problem: Problem, lanes: Lanes, x: Floats, settings: Settings, random: np.random.Generator
) -> Layout:
    rows, genes = lanes.shape
    # Another lane, or down to the peak where that is allowed, for about one label in each layout.
    changes = random.random((rows, genes)) < 1 / genes
    low = problem.low_allowed & (random.random((rows, genes)) < 0.5)
    lanes = np.where(
        changes, np.where(low, LOW, random.integers(0, len(problem.lane_bottom), (rows, genes))), lanes
    )
    # A run of labels moves part of the way towards its peaks, or all together to one side.
    ends = np.sort(random.integers(0, genes + 1, (rows, 2)), axis=1)
    place = np.arange(genes)
    run = (place >= ends[:, :1]) & (place < ends[:, 1:])
    homewards = np.where(random.random((rows, 1)) < 0.5, random.random((rows, 1)), 0.0)
    x = np.where(
        run, x + homewards * (problem.anchor - x) + random.normal(0, settings.nudge_px, (rows, 1)), x
    )
    nudged = random.random((rows, genes)) < settings.nudge_rate
    x = np.where(nudged, x + random.normal(0, settings.nudge_px, (rows, genes)), x)
    return lanes, _spaced(problem, lanes, np.where(lanes == LOW, problem.anchor, x))


def _spaced(problem: Problem, lanes: Lanes, x: Floats) -> Floats:
    """Push labels apart that are too close.

    Once to the right, once to the left, and the middle of both: where two layouts keep all distances, so does their
    middle. Only a few neighbours on each side are looked at; what that misses costs the layout its place.
    """
    rows, genes = lanes.shape
    near = min(_NEIGHBOURS, genes - 1)
    if near:
        before = _gaps_before(problem.pairs, lanes, near)
        # One layout per column; `near` more rows stand for neighbours beyond the ends, which push nobody.
        rightwards = np.vstack([np.full((near, rows), -np.inf), x.T])
        leftwards = np.vstack([x.T, np.full((near, rows), np.inf)])
        for gene in range(1, genes):
            pushed = (rightwards[gene : gene + near] + before[gene]).max(axis=0)
            np.maximum(rightwards[gene + near], pushed, out=rightwards[gene + near])
        after = _gaps_after(before, near)
        for gene in range(genes - 2, -1, -1):
            pushed = (leftwards[gene + 1 : gene + 1 + near] - after[gene]).min(axis=0)
            np.minimum(leftwards[gene], pushed, out=leftwards[gene])
        x = (rightwards[near:] + leftwards[:genes]).T / 2
    x = np.where(lanes == LOW, problem.anchor, x)
    return np.clip(x, problem.leftmost, problem.rightmost)


def _gaps_before(pairs: Pairs, lanes: Lanes, near: int) -> Floats:
    """Distances to the `near` genes before each gene, the farthest first: genes × near × layouts."""
    rows, genes = lanes.shape
    close = pairs.where(pairs.right - pairs.left <= near)
    gaps = np.zeros((genes, near, rows))
    gaps[close.right, close.left - close.right + near] = needed_gaps(
        close, lanes.take(close.left, axis=1), lanes.take(close.right, axis=1)
    ).T
    return gaps


def _gaps_after(before: Floats, near: int) -> Floats:
    """The same to the genes after each gene, the nearest first."""
    after = np.zeros_like(before)
    for step in range(near):
        after[: -step - 1, step] = before[step + 1 :, near - 1 - step]
    return after


def _settle(problem: Problem, lanes: Lanes, x: Floats) -> Layout:
    """Let the labels of the winner take the places that suit its lanes best, where that is better still."""
    settled = spread(problem, lanes)
    if settled is None:
        return lanes, x
    both = costs(problem, np.stack([lanes, lanes]), np.stack([x, settled]))
    return (lanes, settled) if both[1] < both[0] else (lanes, x)
