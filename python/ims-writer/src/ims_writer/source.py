"""Where pixels come from: anything that reads a box of one channel at one time point."""

from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from ims_writer.errors import SourceError
from ims_writer.geometry import Zyx


class Shape(NamedTuple):
    """Size of an image: time points, channels, planes, rows, columns."""

    t: int
    c: int
    z: int
    y: int
    x: int


@runtime_checkable
class BlockReader(Protocol):
    """A five-dimensional image that is read box by box.

    `read` is only called from the thread that called `write_ims`, one call at a time, with ranges inside the
    image; it returns an array of shape (z, y, x) and type `dtype` (any byte order) that stays as it is.
    """

    @property
    def shape(self) -> tuple[int, int, int, int, int]:
        """Sizes along t, c, z, y, x; all at least 1."""

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the pixels."""

    def read(self, t: int, c: int, z: range, y: range, x: range) -> NDArray[Any]:
        """The voxels of the box (z, y, x) of channel `c` at time point `t`."""


class ArraySource:
    """A NumPy array or anything indexed like one (zarr, h5py, dask's `compute`d arrays).

    `axes` names the array's dimensions in order, for example "CZYX"; those of T, C, Z, Y, X that are missing
    have length 1.
    """

    def __init__(self, array: Any, axes: str | None = None) -> None:
        axes = (axes or "TCZYX"[5 - len(array.shape) :]).upper()
        if len(axes) != len(array.shape) or len(set(axes)) != len(axes) or set(axes) - set("TCZYX"):
            raise SourceError(
                f"axes {axes!r} do not name the {len(array.shape)} dimensions of the array by TCZYX."
            )
        if not {"Y", "X"} <= set(axes):
            raise SourceError(f"axes {axes!r} lack Y or X.")
        self._array = array
        self._axes = axes
        self._dtype: np.dtype[Any] = np.dtype(array.dtype)
        self._order = [axes.index(name) for name in "TCZYX" if name in axes]
        lengths = dict(zip(axes, array.shape, strict=True))
        self._shape = Shape(*(int(lengths.get(name, 1)) for name in "TCZYX"))

    @property
    def shape(self) -> tuple[int, int, int, int, int]:
        """Sizes along t, c, z, y, x."""
        return self._shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the array."""
        return self._dtype

    def read(self, t: int, c: int, z: range, y: range, x: range) -> NDArray[Any]:
        """One box of the array, without a copy when the array is NumPy's."""
        ranges = {"T": range(t, t + 1), "C": range(c, c + 1), "Z": z, "Y": y, "X": x}
        index = tuple(slice(ranges[name].start, ranges[name].stop) for name in self._axes)
        box = np.asarray(self._array[index]).transpose(self._order)
        return box.reshape(len(z), len(y), len(x))


class ZarrSource(ArraySource):
    """A zarr array, or the full-resolution array of an OME-Zarr group, opened by path."""

    def __init__(self, location: str, axes: str | None = None) -> None:
        import zarr  # noqa: PLC0415 - an optional dependency

        node = zarr.open(location, mode="r")
        if hasattr(node, "shape"):
            super().__init__(node, axes)
            return
        multiscales = node.attrs.get("multiscales")
        if not multiscales:
            raise SourceError(
                f"{location} is a zarr group without multiscales; give the path of an array in it."
            )
        first = multiscales[0]
        names = "".join(axis["name"] for axis in first.get("axes", []) if isinstance(axis, dict))
        super().__init__(node[first["datasets"][0]["path"]], axes or names or None)


def checked_shape(source: BlockReader) -> Shape:
    """The shape of a source; raises SourceError when it is not five lengths of at least 1."""
    shape = tuple(int(length) for length in source.shape)
    if len(shape) != 5 or min(shape) < 1:
        raise SourceError(
            f"The image has shape {shape}; it needs five lengths (t, c, z, y, x) of at least 1."
        )
    return Shape(*shape)


def read_box(source: BlockReader, t: int, c: int, start: Zyx, size: Zyx) -> NDArray[Any]:
    """Read one box and check that the source kept its word on shape and type."""
    z, y, x = (range(a, a + n) for a, n in zip(start, size, strict=True))
    try:
        box = np.asarray(source.read(t, c, z, y, x))
    except OSError as error:
        raise SourceError(
            f"The image could not be read at t={t}, c={c}, z={z}, y={y}, x={x}: {error}"
        ) from error
    if box.shape != tuple(size) or box.dtype.newbyteorder("=") != source.dtype.newbyteorder("="):
        raise SourceError(
            f"read(t={t}, c={c}, z={z}, y={y}, x={x}) returned {box.dtype} of shape {box.shape}; "
            f"expected {source.dtype} of shape {tuple(size)}."
        )
    return box
