"""How fast pictures are rendered: renderCompressed of 512 x 512 pixels with three channels, through Ice.

Usage: python python/benchmarks/rendering.py [--seconds 5]
Bound: 60 pictures/s for 16-bit data; other pixel types are shown for comparison.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import omero
import omero.all

from omero_embedded.testing import Site

PICTURES_PER_SECOND = 60
SIZE, CHANNELS = 512, 3


def main() -> int:
    """Measure; exit status 1 if the bound is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5)
    seconds = parser.parse_args().seconds
    with tempfile.TemporaryDirectory() as folder:
        site = Site(Path(folder))
        site.group("lab", "rwr---", "alice")
        try:
            with site.gateway("alice") as conn:
                rates = {name: measure(conn, name, seconds) for name in ("uint16", "uint8", "float32")}
        finally:
            site.stop()
    for name, rate in rates.items():
        print(f"renderCompressed {SIZE} x {SIZE} x {CHANNELS} {name}: {rate:.0f}/s")
    print(f"bound for uint16: {PICTURES_PER_SECOND}/s")
    return int(rates["uint16"] < PICTURES_PER_SECOND)


def measure(conn: Any, dtype: str, seconds: float) -> float:
    """Pictures per second, each of another plane than the one before."""
    planes = [cells(seed).astype(dtype) for seed in range(CHANNELS * 4)]
    image = conn.createImageFromNumpySeq(iter(planes), dtype, sizeZ=4, sizeC=CHANNELS)
    engine = conn.c.sf.createRenderingEngine()
    pixels_id = conn.getObject("Image", image.getId()).getPixelsId()
    engine.lookupPixels(pixels_id)
    if not engine.lookupRenderingDef(pixels_id):
        engine.resetDefaultSettings(True)
    engine.load()
    count, start = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - start) < seconds:
        engine.renderCompressed(omero.romio.PlaneDef(0, 0, 0, count % 4, 0, None, -1))
        count += 1
    engine.close()
    return count / elapsed


def cells(seed: int) -> np.ndarray:
    """Bright spots on a noisy background, as a fluorescence image has them."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:SIZE, 0:SIZE]
    plane = random.normal(300, 30, (SIZE, SIZE))
    for _ in range(30):
        at_y, at_x, radius = *random.uniform(0, SIZE, 2), random.uniform(8, 25)
        plane += 3000 * np.exp(-((y - at_y) ** 2 + (x - at_x) ** 2) / (2 * radius**2))
    return np.clip(plane, 0, 65535)


if __name__ == "__main__":
    sys.exit(main())
