"""The keywords of EMSA/MAS files (ISO 22029:2022, sections 3.2 and 3.4) and what they mean.

A keyword may carry its unit, after a hyphen as in the standard (`#BEAMKV -kV:`) or after a blank as Oxford
Instruments writes it (`#XPOSITION mm:`). Values in a known other unit are converted to the standard's unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

Units = dict[str, float]

_NONE: Final[Units] = {}
_VOLTAGE: Final[Units] = {"kv": 1, "kev": 1, "v": 1e-3, "ev": 1e-3}
_LENGTH_NM: Final[Units] = {"nm": 1, "um": 1e3, "µm": 1e3, "a": 0.1, "mm": 1e6}
_LENGTH_UM: Final[Units] = {"um": 1, "µm": 1, "nm": 1e-3, "mm": 1e3, "cm": 1e4}
_LENGTH_MM: Final[Units] = {"mm": 1, "um": 1e-3, "µm": 1e-3, "cm": 10, "m": 1e3}
_ANGLE: Final[Units] = {"dg": 1, "deg": 1, "°": 1, "degree": 1, "degrees": 1}
_MILLIRADIAN: Final[Units] = {"mr": 1, "mrad": 1, "rad": 1e3}
_SECONDS: Final[Units] = {"s": 1, "sec": 1, "seconds": 1, "ms": 1e-3}
_MILLISECONDS: Final[Units] = {"ms": 1, "s": 1e3, "us": 1e-3}


@dataclass(frozen=True, slots=True)
class Keyword:
    """Where a keyword's value goes; `units` maps lower-case units to factors, the first is the standard's own."""

    name: str
    number: bool = True
    units: Units | None = None


def _text(name: str) -> Keyword:
    return Keyword(name, number=False)


# Keywords with a meaning of their own in `Spectrum`; the reader handles them one by one.
STRUCTURE: Final = frozenset(
    {
        "FORMAT",
        "VERSION",
        "TITLE",
        "DATE",
        "TIME",
        "NPOINTS",
        "NCOLUMNS",
        "DATATYPE",
        "XPERCHAN",
        "OFFSET",
        "CHOFFSET",
    }
    | {"SIGNALTYPE", "XUNITS", "YUNITS", "SPECTRUM", "ENDOFDATA", "CHECKSUM", "OXINSTLABEL", "OXINSTELEMS"}
)
REQUIRED: Final = (
    "FORMAT",
    "VERSION",
    "TITLE",
    "DATE",
    "TIME",
    "OWNER",
    "NPOINTS",
    "NCOLUMNS",
    "XUNITS",
    "YUNITS",
)
REPEATABLE: Final = frozenset({"TITLE", "COMMENT", "OXINSTLABEL"})

KEYWORDS: Final[dict[str, Keyword]] = {
    "OWNER": _text("owner"),
    "COMMENT": _text("comment"),
    "XLABEL": _text("x_label"),
    "YLABEL": _text("y_label"),
    # microscope
    "BEAMKV": Keyword("beam_energy_kev", units=_VOLTAGE),
    "EMISSION": Keyword("emission_current_ua", units={"ua": 1, "µa": 1, "ma": 1e3, "na": 1e-3}),
    "PROBECUR": Keyword("probe_current_na", units={"na": 1, "pa": 1e-3, "ua": 1e3, "µa": 1e3, "a": 1e9}),
    "BEAMDIAM": Keyword("beam_diameter_nm", units=_LENGTH_NM),
    "MAGCAM": Keyword("magnification", units={"x": 1, "kx": 1e3}),
    "OPERMODE": _text("operating_mode"),
    "CONVANGLE": Keyword("convergence_angle_mrad", units=_MILLIRADIAN),
    # specimen
    "THICKNESS": Keyword("thickness_nm", units=_LENGTH_NM),
    "XTILTSTGE": Keyword("stage_tilt_x_deg", units=_ANGLE),
    "YTILTSTGE": Keyword("stage_tilt_y_deg", units=_ANGLE),
    "XPOSITION": Keyword("stage_x_mm", units=_LENGTH_MM),
    "YPOSITION": Keyword("stage_y_mm", units=_LENGTH_MM),
    "ZPOSITION": Keyword("stage_z_mm", units=_LENGTH_MM),
    # electron energy loss
    "INTEGTIME": Keyword("integration_time_ms", units=_MILLISECONDS),
    "DWELLTIME": Keyword("dwell_time_ms", units=_MILLISECONDS),
    "COLLANGLE": Keyword("collection_angle_mrad", units=_MILLIRADIAN),
    "ELSDET": _text("eels_detector"),
    # X-rays
    "ELEVANGLE": Keyword("elevation_angle_deg", units=_ANGLE),
    "AZIMANGLE": Keyword("azimuth_angle_deg", units=_ANGLE),
    "SOLIDANGLE": Keyword("solid_angle_sr", units={"sr": 1, "msr": 1e-3}),
    "LIVETIME": Keyword("live_time_s", units=_SECONDS),
    "REALTIME": Keyword("real_time_s", units=_SECONDS),
    "FWHMMNKA": Keyword("fwhm_mn_ka_ev", units={"ev": 1, "kev": 1e3}),
    "TBEWIND": Keyword("beryllium_window_um", units=_LENGTH_UM),
    "TAUWIND": Keyword("gold_window_um", units=_LENGTH_UM),
    "TDEADLYR": Keyword("dead_layer_um", units=_LENGTH_UM),
    "TACTLYR": Keyword("active_layer_um", units=_LENGTH_UM),
    "TALWIND": Keyword("aluminium_window_um", units=_LENGTH_UM),
    "TPYWIND": Keyword("pyrolene_window_um", units=_LENGTH_UM),
    "TBNWIND": Keyword("boron_nitride_window_um", units=_LENGTH_UM),
    "TDIWIND": Keyword("diamond_window_um", units=_LENGTH_UM),
    "THCWIND": Keyword("hydrocarbon_window_um", units=_LENGTH_UM),
    "EDSDET": _text("eds_detector"),
    # Oxford Instruments AZtec
    "OXINSTPT": Keyword("process_time", units=_NONE),
    "OXINSTSTROB": Keyword("strobe_fwhm_ev", units={"ev": 1}),
    "OXINSTNDET": Keyword("detectors", units=_NONE),
}

X_UNITS: Final = {"ev": "eV", "kev": "keV", "kv": "keV", "mev": "MeV", "nm": "nm", "cm-1": "cm-1"}
Y_UNITS: Final = {
    "counts": "counts",
    "count": "counts",
    "cts": "counts",
    "cps": "counts/s",
    "counts/s": "counts/s",
    "cts/s": "counts/s",
    "counts/sec": "counts/s",
    "cps/ev": "counts/s/eV",
    "counts/s/ev": "counts/s/eV",
}
