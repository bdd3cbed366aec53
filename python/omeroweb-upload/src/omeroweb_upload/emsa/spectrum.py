"""A spectrum with its calibration, its labels and everything its file said."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, time

    import numpy as np
    from numpy.typing import NDArray

KEV_PER_UNIT = {"keV": 1.0, "eV": 1e-3, "MeV": 1e3}


@dataclass(frozen=True, slots=True)
class HeaderLine:
    """One `#KEY -unit: value` line as it stands in the file; `line` counts from 1."""

    line: int
    key: str
    unit: str
    value: str

    @property
    def raw_key(self) -> str:
        """Key and unit as one name, e.g. `BEAMKV -kV`."""
        return f"{self.key} -{self.unit}" if self.unit else self.key


@dataclass(frozen=True, slots=True)
class Remark:
    """Something unusual that reading could live with."""

    line: int | None
    text: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.text}" if self.line else self.text


@dataclass(frozen=True, slots=True)
class ElementLabel:
    """A peak that the instrument's software has assigned to an element; `transition` is e.g. `Ka1` or empty."""

    atomic_number: int
    energy_kev: float
    symbol: str
    transition: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Spectrum:
    """One spectrum.

    `x` and `y` are float64 of the same length; `x` never falls. `metadata` holds what is understood under plain
    names that carry the unit (`beam_energy_kev`); `header` holds every header line as it was.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    x_unit: str
    y_unit: str
    title: str = ""
    channel_width: float | None = None
    signal_type: str = ""
    acquired_on: date | None = None
    acquired_at: time | None = None
    metadata: Mapping[str, float | str] = field(default_factory=dict)
    labels: tuple[ElementLabel, ...] = ()
    listed_elements: tuple[str, ...] = ()
    header: tuple[HeaderLine, ...] = ()
    remarks: tuple[Remark, ...] = ()

    @property
    def is_energy(self) -> bool:
        """Whether `x` is an energy, so that X-ray lines can be looked up in it."""
        return self.x_unit in KEV_PER_UNIT

    @property
    def energy_kev(self) -> NDArray[np.float64]:
        """`x` in keV; raises ValueError where `x` is something else, such as a wavelength."""
        if not self.is_energy:
            msg = f"the x axis of {self.title or 'this spectrum'} is in {self.x_unit or 'no unit'}, not an energy"
            raise ValueError(msg)
        factor = KEV_PER_UNIT[self.x_unit]
        return self.x if factor == 1 else self.x * factor

    @property
    def original(self) -> dict[str, str]:
        """Every header entry by its name in the file; repeated names get `_1`, `_2`, …"""
        entries: dict[str, str] = {}
        for item in self.header:
            name, number = item.raw_key, 0
            while name in entries:
                number += 1
                name = f"{item.raw_key}_{number}"
            entries[name] = item.value
        return entries

    def number(self, name: str) -> float | None:
        """A mapped number such as `live_time_s`, or None where the file has none."""
        value = self.metadata.get(name)
        return value if isinstance(value, float) else None
