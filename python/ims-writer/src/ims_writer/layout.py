"""Which resolution levels an image gets and how each is cut into chunks.

Both rules are those of the vendor's own writer (ImarisWriter, `bpOptimalBlockLayout.cxx`); docs/ims-format.md
states them in words. A reader accepts other layouts, but Imaris expects files to look like these.
"""

from dataclasses import dataclass
from itertools import pairwise

from ims_writer.geometry import Zyx

TARGET_BYTES = 1024 * 1024
_MAX_WASTE = 2.0


@dataclass(frozen=True, slots=True)
class Level:
    """One resolution level of a volume: its size, its chunks and the step from the level before."""

    size: Zyx
    chunk: Zyx
    step: Zyx
    """How many voxels of the previous level make one voxel here, 1 or 2 on each axis."""

    @property
    def grid(self) -> Zyx:
        """Number of chunks on each axis."""
        return self.size.ceil_div(self.chunk)

    @property
    def stored(self) -> Zyx:
        """Size of the HDF5 dataset: whole chunks, so at least `size`."""
        return self.grid.times(self.chunk)


def plan_levels(size: Zyx, time_points: int, itemsize: int) -> tuple[Level, ...]:
    """All levels of a volume of `size` voxels of `itemsize` bytes, full resolution first."""
    sizes = pyramid_sizes(size, itemsize)
    steps = [Zyx(1, 1, 1)] + [reduction(large, small) for large, small in pairwise(sizes)]
    levels: list[Level] = []
    for number, (level_size, step) in enumerate(zip(sizes, steps, strict=True)):
        following = steps[number + 1] if number + 1 < len(sizes) else Zyx(1, 1, 1)
        least = levels[-1].chunk.floor_div(step) if levels else Zyx(1, 1, 1)
        least = Zyx(*(max(a, b) for a, b in zip(least, following, strict=True)))
        levels.append(Level(level_size, _chunk_shape(level_size, time_points, itemsize, least), step))
    return tuple(levels)


def pyramid_sizes(size: Zyx, itemsize: int) -> list[Zyx]:
    """Level sizes: halve until a volume is at most 1 MiB.

    An axis of length n is halved (rounding down) when (10 n)² exceeds the product of the other two, so flat
    or elongated images approach a cube before all axes shrink together.
    """
    sizes = [size]
    while sizes[-1].product * itemsize > TARGET_BYTES:
        z, y, x = sizes[-1]
        halved = Zyx(_halved(z, y * x), _halved(y, z * x), _halved(x, z * y))
        if halved == sizes[-1]:
            break
        sizes.append(halved)
    return sizes


def reduction(large: Zyx, small: Zyx) -> Zyx:
    """The step between two sizes of the pyramid: 2 where the axis shrank."""
    return Zyx(*(2 if after < before else 1 for before, after in zip(large, small, strict=True)))


def _halved(length: int, others: int) -> int:
    return length // 2 if length > 1 and (10 * length) ** 2 > others else length


def _chunk_shape(size: Zyx, time_points: int, itemsize: int, least: Zyx) -> Zyx:
    """The chunk of a level: powers of two with the cheapest orthogonal slices, then the smallest surface.

    Chunks hold 1 MiB when one time point is counted; the rule may spread the megabyte over several time
    points, which keeps chunks of small volumes small. Layouts that more than double the stored size lose.
    """
    candidates = _candidates(size, time_points, itemsize, least)
    if not candidates:
        return Zyx(
            *(max(axis, 1 << (length - 1).bit_length()) for axis, length in zip(least, size, strict=True))
        )
    thrifty = [c for c in candidates if c[0][2] <= _MAX_WASTE]
    best = min(candidates)
    return best[1] if best[0][2] <= _MAX_WASTE or not thrifty else min(thrifty)[1]


def _candidates(
    size: Zyx, time_points: int, itemsize: int, least: Zyx
) -> list[tuple[tuple[int, int, float], Zyx]]:
    budget = TARGET_BYTES // itemsize
    powers = [1 << n for n in range(budget.bit_length())]
    found = []
    for x in powers:
        for y in powers:
            if not _is_square_enough(y, x, flat=size.z == 1):
                continue
            for z in [1] if size.z == 1 else powers[2:]:
                chunk = Zyx(z, y, x)
                if chunk.product > budget or any(a < b for a, b in zip(chunk, least, strict=True)):
                    continue
                found.append((_cost(size, time_points, chunk, budget // chunk.product), chunk))
    return found


def _is_square_enough(y: int, x: int, *, flat: bool) -> bool:
    return (x <= 4 * y and y <= 4 * x) if flat else x == y


def _cost(size: Zyx, time_points: int, chunk: Zyx, chunk_time: int) -> tuple[int, int, float]:
    """Chunks met by the three orthogonal slices, surface of a chunk, stored size over image size."""
    z, y, x = size.ceil_div(chunk)
    sliced = 1 + x * y + x * z + y * z - x - y - z
    surface = chunk.x * chunk.y + chunk.x * chunk.z + chunk.y * chunk.z
    stored = z * y * x * chunk.product * -(-time_points // chunk_time) * chunk_time
    return sliced, surface, stored / (size.product * time_points)
