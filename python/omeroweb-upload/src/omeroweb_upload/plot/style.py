"""Colours and sizes of spectrum figures."""

from typing import Final

WIDTH_IN: Final = 8.5
HEIGHT_IN: Final = 5.0
DPI: Final = 150
# Left, bottom, width and height of the axes as parts of the figure.
AXES: Final = (0.085, 0.115, 0.895, 0.815)

BACKGROUND: Final = "#1f4d7a"
INK: Final = "white"
# The first is the one of a single spectrum.
SPECTRUM_COLOURS: Final = ("#ffe600", "#7fd7ff", "#ff9e7a", "#c7f27d", "#e3b3ff", "#ffffff")
LINE_PT: Final = 1.4
FILL_OPACITY: Final = 0.38
OVERLAY_FILL_OPACITY: Final = 0.15
FULL_HEIGHT: Final = 0.85
"""The part of the axes that the tallest peak reaches; the rest is room for labels."""

FONT: Final = "DejaVu Sans"
LABEL_PT: Final = 7.5
LABEL_BOX: Final = "#b8f0b0"
LABEL_INK: Final = "#10331b"
LABEL_PADDING_PX: Final = 8.0
CONNECTOR_PT: Final = 0.7
TICK_PT: Final = 8.0
AXIS_PT: Final = 10.0
TITLE_PT: Final = 10.0
X_TICKS: Final = 20
Y_TICKS: Final = 10
