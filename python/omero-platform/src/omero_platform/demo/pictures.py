"""Synthetic micrographs: arrays that look like what a microscope delivers, the same at every call with the same seed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Plane = NDArray[np.uint16] | NDArray[np.uint8]
Floats = NDArray[np.float64]

CAMERA_OFFSET = 100.0
PHOTONS = 6.0  # camera counts per photon


def generator(seed: int) -> np.random.Generator:
    """The source of randomness of one picture."""
    return np.random.default_rng(seed)


def cell_positions(random: np.random.Generator, size: int, count: int) -> Floats:
    """Cells as rows (x, y, radius, aspect, angle, brightness); lengths in pixels."""
    margin = size * 0.08
    return np.column_stack([
        random.uniform(margin, size - margin, count),
        random.uniform(margin, size - margin, count),
        random.normal(size * 0.055, size * 0.008, count).clip(size * 0.03),
        random.uniform(0.7, 1.0, count),
        random.uniform(0, np.pi, count),
        random.uniform(0.6, 1.0, count),
    ])  # fmt: skip


def blobs(size: int, cells: Floats, scale: float = 1.0, height: float = 0.0) -> Floats:
    """Soft ellipses, `scale` times the size of the nuclei, cut `height` radii above their middle; shape (size, size)."""
    picture = np.zeros((size, size))
    for cell_x, cell_y, radius, aspect, angle, brightness in cells:
        reach = int(2.2 * radius * scale) + 1  # beyond this nothing is left of the light
        top, left = max(0, int(cell_y) - reach), max(0, int(cell_x) - reach)
        window = (slice(top, int(cell_y) + reach), slice(left, int(cell_x) + reach))
        y, x = np.ogrid[top : min(size, int(cell_y) + reach), left : min(size, int(cell_x) + reach)]
        along = (x - cell_x) * np.cos(angle) + (y - cell_y) * np.sin(angle)
        across = (y - cell_y) * np.cos(angle) - (x - cell_x) * np.sin(angle)
        distance = (along**2 + (across / aspect) ** 2) / (radius * scale) ** 2 + height**2
        picture[window] += brightness * np.exp(-(distance**2))
    return picture


def texture(random: np.random.Generator, size: int, grain: float) -> Floats:
    """Smooth random structure between 0 and 1, `grain` pixels coarse."""
    noise = ndimage.gaussian_filter(random.standard_normal((size, size)), grain, mode="wrap")
    return np.asarray((noise - noise.min()) / (noise.max() - noise.min()))


def camera(random: np.random.Generator, light: Floats, full: float) -> NDArray[np.uint16]:
    """What a camera makes of light between 0 and 1: offset, shot noise, 16 bits."""
    photons = random.poisson(np.clip(light, 0, None) * full / PHOTONS)
    return (
        (CAMERA_OFFSET + photons * PHOTONS + random.normal(0, 3, light.shape))
        .clip(0, 65535)
        .astype(np.uint16)
    )


def stack_cells(random: np.random.Generator, size: int) -> Floats:
    """The cells of a fluorescence stack."""
    count = int(random.integers(9, 16))
    return cell_positions(random, size, count)


def fluorescence_stack(seed: int, size: int, planes: int) -> list[list[Plane]]:
    """Fixed cells: [channel][z] with DNA, tubulin and actin."""
    random = generator(seed)
    cells = stack_cells(random, size)
    fibres = texture(random, size, 1.2)
    chromatin = texture(random, size, 2.0)
    channels: list[list[Plane]] = [[], [], []]
    for height in np.linspace(-1.1, 1.1, planes):
        nuclei = blobs(size, cells, 1.0, height)
        bodies = blobs(size, cells, 2.2, height * 0.8)
        edges = np.hypot(ndimage.sobel(bodies, 0), ndimage.sobel(bodies, 1))
        channels[0].append(camera(random, nuclei * (0.6 + 0.4 * chromatin), 3000))
        channels[1].append(camera(random, (bodies - 0.7 * nuclei).clip(0) * fibres**2, 5000))
        channels[2].append(camera(random, edges / (edges.max() + 1e-9) * 0.8 + 0.1 * bodies, 2500))
    return channels


def time_series(seed: int, size: int, times: int) -> list[Plane]:
    """Living cells that wander and divide half-way: [time], DNA only."""
    random = generator(seed)
    cells = cell_positions(random, size, 7)
    drift = random.normal(0, size * 0.008, (len(cells), 2))
    frames: list[Plane] = []
    for time in range(times):
        if time == times // 2:
            daughters = cells.copy()
            daughters[:, 0] += cells[:, 2]
            cells[:, 0] -= cells[:, 2]
            cells, drift = np.vstack([cells, daughters]), np.vstack([drift, -drift])
            cells[:, 2] *= 0.75
        cells[:, :2] = np.clip(cells[:, :2] + drift + random.normal(0, 0.6, drift.shape), 0, size)
        frames.append(camera(random, blobs(size, cells), 2500 * 0.97**time))
    return frames


def brightfield_scan(seed: int, size: int) -> NDArray[np.uint8]:
    """A stained tissue section; shape (3, size, size), red green blue."""
    random = generator(seed)
    nuclei = blobs(size, cell_positions(random, size, 160) * np.array([1, 1, 0.22, 1, 1, 1]))
    tissue = texture(random, size, 9) * 0.7 + texture(random, size, 2) * 0.3
    lumen = ndimage.gaussian_filter((texture(random, size, 24) > 0.62).astype(float), 3)
    eosin, haematoxylin = tissue * (1 - lumen), nuclei.clip(0, 1) * (1 - lumen)
    colours = (np.array([236, 150, 190]), np.array([92, 60, 140]))
    light = np.full((3, size, size), 244.0)
    for amount, colour in zip((eosin, haematoxylin), colours, strict=True):
        light *= 1 - amount * (1 - colour[:, None, None] / 255)
    return (light + random.normal(0, 1.5, light.shape)).clip(0, 255).astype(np.uint8)


def beads(seed: int, size: int, planes: int) -> list[Plane]:
    """Fluorescent beads that blur above and below the focus: [z]."""
    random = generator(seed)
    points = np.zeros((size, size))
    for x, y in random.integers(10, size - 10, (30, 2)):
        points[y, x] = 1
    focus = planes // 2
    blurred = [ndimage.gaussian_filter(points, 1.1 + 0.7 * abs(z - focus)) for z in range(planes)]
    brightest = max(picture.max() for picture in blurred)
    return [camera(random, picture / brightest, 12000) for picture in blurred]


def well_field(seed: int, size: int, viability: float) -> list[Plane]:
    """One field of a well: [channel] with DNA and a reporter; fewer and brighter cells when the gene matters."""
    random = generator(seed)
    cells = cell_positions(random, size, max(1, round(24 * viability)))
    nuclei = blobs(size, cells * np.array([1, 1, 0.9, 1, 1, 1]))
    reporter = blobs(size, cells, 1.8) * (1.4 - viability)
    return [camera(random, nuclei, 2800), camera(random, reporter, 3200)]
