"""A spectrum, or several over each other, as a PNG or a PDF.

Drawn with matplotlib's canvases through its objects: no pyplot, no global state, the same bytes for the same input.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import FancyBboxPatch
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Affine2D

from omeroweb_upload.plot import style
from omeroweb_upload.plot.geometry import Curve, Frame, Label, Placement, Point
from omeroweb_upload.plot.labels import PeakLabel, peak_labels
from omeroweb_upload.plot.place import place_labels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from omeroweb_upload.emsa.spectrum import ElementLabel, Spectrum

Y_NAMES = {
    "counts": "Counts",
    "counts/s": "Counts per second",
    "counts/s/eV": "Counts per second per eV",
    "": "Intensity (the file names no unit)",
}


class FigureError(Exception):
    """Spectra that cannot be drawn together, or at all; says why."""


@dataclass(frozen=True, slots=True)
class SpectrumFigure:
    """A drawn figure; `left_out` names the labels for which there was no room."""

    png: bytes
    placement: Placement

    @property
    def left_out(self) -> tuple[str, ...]:
        """Texts of labels that are not in the figure."""
        return tuple(label.text for label in self.placement.left_out)


@dataclass(frozen=True, slots=True)
class _Trace:
    name: str
    x: NDArray[np.float64]
    y: NDArray[np.float64]


def draw_spectrum(
    spectrum: Spectrum, *, labels: Sequence[ElementLabel] | None = None, title: str | None = None
) -> SpectrumFigure:
    """One spectrum with its own labels, or with those given instead."""
    return draw_spectra([spectrum], labels=labels, title=title)


def draw_spectra(
    spectra: Sequence[Spectrum],
    *,
    labels: Sequence[ElementLabel] | None = None,
    relative: bool = False,
    title: str | None = None,
) -> SpectrumFigure:
    """Spectra over each other on one energy axis; `relative` draws each as a part of its tallest peak.

    Labels are those of all spectra unless others are given. Raises `FigureError` for no spectra, for an axis that is no
    energy, and for different units of y that are not drawn relative.
    """
    figure, placement = compose(spectra, labels=labels, relative=relative, title=title)
    target = io.BytesIO()
    # Without metadata: matplotlib would write its version, and two installations would give two files.
    figure.savefig(
        target, format="png", dpi=style.DPI, facecolor=style.BACKGROUND, metadata={"Software": None}
    )
    return SpectrumFigure(target.getvalue(), placement)


def draw_pdf(
    spectra: Sequence[Spectrum],
    *,
    labels: Sequence[ElementLabel] | None = None,
    relative: bool = False,
    title: str | None = None,
) -> bytes:
    """The same figure as lines and text, for print; arguments and errors as for `draw_spectra`."""
    figure, _ = compose(spectra, labels=labels, relative=relative, title=title)
    target = io.BytesIO()
    nameless = {"Creator": None, "Producer": None, "CreationDate": None}
    figure.savefig(target, format="pdf", facecolor=style.BACKGROUND, metadata=nameless)
    return target.getvalue()


def compose(
    spectra: Sequence[Spectrum],
    *,
    labels: Sequence[ElementLabel] | None = None,
    relative: bool = False,
    title: str | None = None,
) -> tuple[Figure, Placement]:
    """The figure before it is drawn, with its labels placed; arguments and errors as for `draw_spectra`."""
    traces = _traces(spectra, relative=relative)
    figure = Figure(figsize=(style.WIDTH_IN, style.HEIGHT_IN), dpi=style.DPI, facecolor=style.BACKGROUND)
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes(style.AXES, facecolor=style.BACKGROUND)
    _set_limits(axes, traces)
    _draw_traces(axes, traces)
    _style_axes(axes, "Relative intensity" if relative else y_name(spectra[0].y_unit))
    heading = title if title is not None else (spectra[0].title if len(spectra) == 1 else "")
    axes.set_title(heading, color=style.INK, fontsize=style.TITLE_PT, fontfamily=style.FONT, parse_math=False)
    shown = [label for spectrum in spectra for label in spectrum.labels] if labels is None else labels
    placement = _place(canvas, axes, traces, shown)
    _draw_labels(figure, placement)
    return figure, placement


def y_name(unit: str) -> str:
    """What the y axis is called: the unit that the data have, not a wished one."""
    return Y_NAMES.get(unit, f"Intensity ({unit})")


def _traces(spectra: Sequence[Spectrum], *, relative: bool) -> list[_Trace]:
    if not spectra:
        raise FigureError("there is no spectrum to draw")
    units = sorted({spectrum.y_unit for spectrum in spectra})
    if len(units) > 1 and not relative:
        raise FigureError(
            f"spectra in {' and '.join(unit or 'no unit' for unit in units)} need relative intensities"
        )
    traces = []
    for number, spectrum in enumerate(spectra, start=1):
        if not spectrum.is_energy:
            raise FigureError(
                f"the x axis of {spectrum.title or 'a spectrum'} is in {spectrum.x_unit or 'no unit'}"
            )
        tallest = float(spectrum.y.max())
        y = spectrum.y / tallest if relative and tallest > 0 else spectrum.y
        traces.append(_Trace(spectrum.title or f"Spectrum {number}", spectrum.energy_kev, y))
    return traces


def _set_limits(axes: Axes, traces: list[_Trace]) -> None:
    left, right = min(float(trace.x[0]) for trace in traces), max(float(trace.x[-1]) for trace in traces)
    if left == right:
        left, right = left - 0.5, right + 0.5
    tallest = max(float(trace.y.max()) for trace in traces)
    lowest = min(0.0, *(float(trace.y.min()) for trace in traces))
    if tallest <= lowest:
        tallest = lowest + 1.0
    axes.set_xlim(left, right)
    axes.set_ylim(lowest, lowest + (tallest - lowest) / style.FULL_HEIGHT)


def _draw_traces(axes: Axes, traces: list[_Trace]) -> None:
    opacity = style.FILL_OPACITY if len(traces) == 1 else style.OVERLAY_FILL_OPACITY
    handles = []
    for number, trace in enumerate(traces):
        colour = style.SPECTRUM_COLOURS[number % len(style.SPECTRUM_COLOURS)]
        handles += axes.plot(trace.x, trace.y, color=colour, linewidth=style.LINE_PT, label=trace.name)
        axes.fill_between(trace.x, trace.y, 0.0, color=colour, alpha=opacity, linewidth=0)
    if len(traces) > 1:
        legend = axes.legend(
            handles=handles, loc="center right", facecolor=style.BACKGROUND, edgecolor=style.INK,
            labelcolor=style.INK, prop=_font(style.TICK_PT), framealpha=0.8,
        )  # fmt: skip
        for text in legend.get_texts():
            text.set_parse_math(False)


def _style_axes(axes: Axes, y_label: str) -> None:
    axes.set_xlabel("keV", color=style.INK, fontsize=style.AXIS_PT, fontfamily=style.FONT)
    axes.set_ylabel(y_label, color=style.INK, fontsize=style.AXIS_PT, fontfamily=style.FONT, parse_math=False)
    axes.xaxis.set_major_locator(MaxNLocator(style.X_TICKS))
    axes.yaxis.set_major_locator(MaxNLocator(style.Y_TICKS))
    axes.tick_params(colors=style.INK, labelsize=style.TICK_PT, labelfontfamily=style.FONT)
    for spine in axes.spines.values():
        spine.set_color(style.INK)


def _font(size: float) -> FontProperties:
    return FontProperties(family=style.FONT, size=size)


def _place(
    canvas: FigureCanvasAgg, axes: Axes, traces: list[_Trace], labels: Sequence[ElementLabel]
) -> Placement:
    x = np.unique(np.concatenate([trace.x for trace in traces]))
    outline = np.max([np.interp(x, trace.x, trace.y, left=0.0, right=0.0) for trace in traces], axis=0)
    box = axes.get_window_extent()
    frame = Frame(box.x0, box.y0, box.x1, box.y1)
    pixels = axes.transData.transform(np.column_stack([x, outline]))
    wanted = peak_labels(labels, x, outline)
    measured = [_measured(canvas, axes, label) for label in wanted]
    return place_labels(frame, measured, Curve(pixels[:, 0], pixels[:, 1]))


def _measured(canvas: FigureCanvasAgg, axes: Axes, label: PeakLabel) -> Label:
    width, height, _ = canvas.get_renderer().get_text_width_height_descent(  # type: ignore[no-untyped-call]
        label.text, _font(style.LABEL_PT), ismath=False
    )
    points = axes.transData.transform([(peak.energy_kev, peak.height) for peak in label.peaks])
    tips = tuple(Point(float(x), float(y)) for x, y in points)
    return Label(label.text, width + style.LABEL_PADDING_PX, height + style.LABEL_PADDING_PX, tips)


def _draw_labels(figure: Figure, placement: Placement) -> None:
    # Labels are placed in pixels of the PNG; through inches they are at the same place in a PDF.
    pixels = Affine2D().scale(1 / style.DPI) + figure.dpi_scale_trans
    for placed in placement.placed:
        for connector in placed.connectors:
            figure.add_artist(
                Line2D(
                    [point.x for point in connector], [point.y for point in connector], transform=pixels,
                    color=style.INK, linewidth=style.CONNECTOR_PT, zorder=3,
                )
            )  # fmt: skip
    for placed in placement.placed:
        left, bottom, right, top = placed.box
        figure.add_artist(
            FancyBboxPatch(
                (left + 2, bottom + 2), right - left - 4, top - bottom - 4, boxstyle="round,pad=2,rounding_size=4",
                transform=pixels, facecolor=style.LABEL_BOX, edgecolor="none", zorder=4, mutation_aspect=1,
            )
        )  # fmt: skip
        figure.text(
            placed.x, (bottom + top) / 2, placed.label.text, transform=pixels, color=style.LABEL_INK, ha="center",
            va="center_baseline", fontproperties=_font(style.LABEL_PT), zorder=5, parse_math=False,
        )  # fmt: skip
