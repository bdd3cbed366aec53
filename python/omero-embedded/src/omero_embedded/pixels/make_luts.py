"""Makes the lookup tables that come with the server: python -m omero_embedded.pixels.make_luts."""

from __future__ import annotations

import colorsys
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np

from omero_embedded.pixels.luts import SIZE, lut_bytes

if TYPE_CHECKING:
    from numpy.typing import NDArray

_RAMP = np.arange(SIZE)
# From black over the full colour to white, as the "hot" tables of microscopy software do.
_HOT = {
    "red": (1, 0, 0),
    "cyan": (0, 1, 1),
    "magenta": (1, 0, 1),
    "yellow": (1, 1, 0),
    "green": (0, 1, 0),
    "blue": (0, 0, 1),
}


def tables() -> dict[str, NDArray[np.uint8]]:
    """All tables by path."""
    made = {"grays.lut": _stack(_RAMP, _RAMP, _RAMP), "hilo.lut": _hilo(), "spectrum.lut": _spectrum()}
    made["3-3-2_rgb.lut"] = _stack((_RAMP >> 5) * 32, ((_RAMP >> 2) & 7) * 32, (_RAMP & 3) * 64)
    made["red-green.lut"] = _stack(
        np.where(_RAMP < 128, 2 * _RAMP, 0), np.where(_RAMP < 128, 0, 2 * (_RAMP - 128)), 0 * _RAMP
    )
    for name in ("viridis", "plasma", "inferno", "magma", "cividis", "turbo"):
        colors = mpl.colormaps[name](_RAMP)[:, :3]
        made[f"matplotlib/{name}.lut"] = (colors * 255).astype(np.uint8)
    for name, color in _HOT.items():
        made[f"hot/{name}_white.lut"] = _stack(*(_hot(part) for part in color))
    return made


def _stack(*columns: NDArray[np.generic]) -> NDArray[np.uint8]:
    return np.stack(columns, axis=1).astype(np.uint8)


def _hilo() -> NDArray[np.uint8]:
    """Greys, with the lowest value in blue and the highest in red: what is cut off shows."""
    table = _stack(_RAMP, _RAMP, _RAMP)
    table[0], table[255] = (0, 0, 255), (255, 0, 0)
    return table


def _spectrum() -> NDArray[np.uint8]:
    return np.array(
        [[round(255 * part) for part in colorsys.hsv_to_rgb(value / 255, 1, 1)] for value in range(SIZE)],
        np.uint8,
    )


def _hot(part: int) -> NDArray[np.generic]:
    """Rising over the first half if the colour has this part, else over the second."""
    return np.clip(2 * _RAMP if part else 2 * (_RAMP - 128) + 1, 0, 255)


def main() -> None:
    """Write all tables beside this module."""
    root = Path(__file__).parent / "luts"
    for path, table in tables().items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(lut_bytes(table))


if __name__ == "__main__":
    main()
