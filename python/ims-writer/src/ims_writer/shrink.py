"""Half-size copies of a block: the mean of 2 voxels along each halved axis."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ims_writer.geometry import Zyx

Block = NDArray[Any]

_WIDER: dict[str, type[np.unsignedinteger[Any]]] = {"u1": np.uint16, "u2": np.uint32, "u4": np.uint64}


def shrink(block: Block, step: Zyx) -> Block:
    """Mean over boxes of `step` voxels; integers round down as ImarisWriter does, floats never overflow.

    `block` is C-contiguous in native byte order; every axis with step 2 has even length.
    """
    if block.dtype.kind == "f":
        return _shrink_float(block, step)
    return _shrink_integer(block, step)


def _shrink_integer(block: Block, step: Zyx) -> Block:
    wide = _WIDER[block.dtype.str[1:]]
    if step.x == 2:
        bits = 8 * block.itemsize
        # Two neighbours read as one word of double width: both halves are then added without strided access.
        words = block.view(wide)
        total = words >> wide(bits)
        total += words & wide((1 << bits) - 1)
    else:
        total = block.astype(wide)
    if step.y == 2:
        total = total[:, 0::2] + total[:, 1::2]
    if step.z == 2:
        total = total[0::2] + total[1::2]
    total >>= wide(step.product.bit_length() - 1)
    small: Block = total.astype(block.dtype)
    return small


def _shrink_float(block: Block, step: Zyx) -> Block:
    half = block.dtype.type(0.5)
    # Halving before adding keeps the sum of two huge values finite.
    if step.z == 2:
        block = block[0::2] * half + block[1::2] * half
    if step.y == 2:
        block = block[:, 0::2] * half + block[:, 1::2] * half
    if step.x == 2:
        block = block[:, :, 0::2] * half + block[:, :, 1::2] * half
    return block
