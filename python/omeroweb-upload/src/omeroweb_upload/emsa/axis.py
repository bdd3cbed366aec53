"""The x axis: from pairs, or from channel width and offset; and the units of both axes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from omeroweb_upload.emsa.errors import EmsaError
from omeroweb_upload.emsa.keywords import X_UNITS, Y_UNITS
from omeroweb_upload.emsa.spectrum import Remark

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from omeroweb_upload.emsa.data import Columns
    from omeroweb_upload.emsa.lookup import Lookup


def x_axis(header: Lookup, columns: Columns) -> tuple[NDArray[np.float64], tuple[Remark, ...]]:
    """The x value of every point.

    Pairs carry their own x. Values alone start at OFFSET (x of the first channel) and go up by XPERCHAN; without
    OFFSET, CHOFFSET is the channel, counted from 0, at which x is zero. Raises `EmsaError` without a calibration.
    """
    width = header.number("XPERCHAN")
    offset = header.number("OFFSET")
    zero_channel = header.number("CHOFFSET")
    if columns.x is not None:
        return columns.x, _contradictions(columns.x, width, offset)
    if width is None:
        raise EmsaError("values without x need #XPERCHAN, the width of a channel", source=header.source)
    if width <= 0:
        item = header.first("XPERCHAN")
        assert item is not None
        raise header.error(f"#XPERCHAN should be above 0, not {item.value!r}", item)
    remarks: tuple[Remark, ...] = ()
    if offset is None:
        if zero_channel is None:
            remarks = (Remark(None, "neither #OFFSET nor #CHOFFSET: the axis starts at 0"),)
        offset = -(zero_channel or 0.0) * width
    elif zero_channel is not None and abs(offset + zero_channel * width) > 1.01 * width:
        remarks = (
            Remark(
                None,
                f"#OFFSET {offset:g} and #CHOFFSET {zero_channel:g} contradict each other; #OFFSET counts",
            ),
        )
    return offset + width * np.arange(len(columns.y), dtype=np.float64), remarks


def _contradictions(x: NDArray[np.float64], width: float | None, offset: float | None) -> tuple[Remark, ...]:
    """Remarks where the header's calibration is not the one of the pairs."""
    remarks = []
    if width is not None and len(x) > 1:
        measured = (float(x[-1]) - float(x[0])) / (len(x) - 1)
        if abs(measured - width) * (len(x) - 1) > max(abs(width), abs(measured)):
            remarks.append(
                Remark(None, f"#XPERCHAN is {width:g}, but x goes up by {measured:.6g}; the pairs count")
            )
    if offset is not None and abs(float(x[0]) - offset) > abs(width or 0.0) / 2 + 1e-9:
        remarks.append(Remark(None, f"#OFFSET is {offset:g}, but x starts at {x[0]:g}; the pairs count"))
    return tuple(remarks)


def x_unit(header: Lookup, x: NDArray[np.float64]) -> tuple[str, tuple[Remark, ...]]:
    """The unit of x in a fixed spelling; guessed for X-ray spectra without one, as it is written for other units."""
    text = header.text("XUNITS")
    if text:
        return X_UNITS.get(text.lower().strip("()[] "), text), ()
    if not header.text("SIGNALTYPE").upper().startswith(("EDS", "WDS", "XRF")):
        return "", ()
    # No X-ray detector of an electron microscope goes beyond 200 keV, and none stops below 200 eV.
    guess = "eV" if float(x[-1]) > 200 else "keV"
    return guess, (Remark(None, f"no #XUNITS; taken for {guess} because x ends at {x[-1]:g}"),)


def y_unit(header: Lookup) -> str:
    """The unit of y in a fixed spelling, as it is written for unknown ones, empty without one."""
    text = header.text("YUNITS")
    return Y_UNITS.get(text.lower().replace(" ", "").strip("()[]"), text)
