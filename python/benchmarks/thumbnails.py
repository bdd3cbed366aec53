"""How fast a page of a dataset gets its thumbnails: 200 images of 512 x 512 pixels with three channels, in one call.

Usage: python python/benchmarks/thumbnails.py [--images 200]
Bounds: 2 s when none was made before, 0.5 s afterwards.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from omero.rtypes import rint

from omero_embedded.testing import Site

COLD_SECONDS, CACHED_SECONDS = 2.0, 0.5
SIZE, CHANNELS, THUMBNAIL = 512, 3, 96


def main() -> int:
    """Measure; exit status 1 if a bound is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=200)
    count = parser.parse_args().images
    with tempfile.TemporaryDirectory() as folder:
        site = Site(Path(folder))
        site.group("lab", "rwr---", "alice")
        try:
            with site.gateway("alice") as conn:
                pixels_ids = [make_image(conn, seed) for seed in range(count)]
                cold, cached = (page(conn, pixels_ids) for _ in range(2))
        finally:
            site.stop()
    print(f"{count} thumbnails, none made before: {cold:.2f} s (bound {COLD_SECONDS} s)")
    print(f"{count} thumbnails, all made before: {cached:.2f} s (bound {CACHED_SECONDS} s)")
    return int(cold > COLD_SECONDS or cached > CACHED_SECONDS)


def make_image(conn: Any, seed: int) -> int:
    """The id of the pixels of a new image."""
    planes = np.random.default_rng(seed).integers(0, 4000, (CHANNELS, SIZE, SIZE)).astype(np.uint16)
    image = conn.createImageFromNumpySeq(iter(planes), f"image {seed}", sizeC=CHANNELS)
    return int(conn.getObject("Image", image.getId()).getPixelsId())


def page(conn: Any, pixels_ids: list[int]) -> float:
    """Seconds for all thumbnails."""
    store = conn.c.sf.createThumbnailStore()
    start = time.perf_counter()
    found = store.getThumbnailByLongestSideSet(rint(THUMBNAIL), pixels_ids)
    elapsed = time.perf_counter() - start
    store.close()
    if len(found) != len(pixels_ids):
        raise SystemExit(f"{len(found)} thumbnails came back for {len(pixels_ids)} images")
    return elapsed


if __name__ == "__main__":
    sys.exit(main())
