// The chart of one or several spectra: zoom, scale, cursor and keys; element lines are drawn over it.

import uPlot from "../omero_plugin_common/vendor/uplot/uPlot.esm.js";
import { text } from "../omero_plugin_common/js/messages.js";
import { drawLines } from "./edx_lines.js";

const HEIGHT = 420;
const NARROW_HEIGHT = 320;
const LOWEST_LOG = 0.5;
const ZOOM = 0.7;

/** A colour of the page, as it is now in light or dark. */
export function pageColour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

const dark = matchMedia("(prefers-color-scheme: dark)");
const COLOURS = { light: ["#0b5cad", "#b3261e", "#1b6e3c", "#7b3fa0", "#8a5a00", "#00696e"],
  dark: ["#7db8f0", "#ff9a92", "#7fd6a0", "#d6a8f5", "#f0c46a", "#6fd6da"] };
export function seriesColour(index) {
  const colours = COLOURS[dark.matches ? "dark" : "light"];
  return colours[index % colours.length];
}

export class SpectrumChart {
  /** `onCursor(energy, values)` is told where the cursor is; energies and zoom are in the x unit of the spectra. */
  constructor(place, { onCursor }) {
    this.place = place;
    this.onCursor = onCursor;
    this.log = false;
    this.overlays = [];
    this.spectra = [];
    this.peaks = [];
    this.index = null;
    place.addEventListener("keydown", (event) => this._onKey(event));
    new ResizeObserver(() => this._fit()).observe(place);
    dark.addEventListener("change", () => { this._draw(this.zoom); this.onColours?.(); });
  }

  /** Show spectra as the server gives them; several in different units are drawn relative to their tallest peaks. */
  setSpectra(spectra) {
    this.spectra = spectra;
    this.relative = new Set(spectra.map((one) => one.y_name)).size > 1;
    this.peaks = spectra.length ? spectra[0].peaks.map((peak) => peak.energy_kev) : [];
    this.index = null;
    this._draw();
  }

  /** Elements to draw: [{symbol, colour, lines: [[name, energy, weight]]}], and labels [{symbol, energy_kev}]. */
  setOverlays(overlays) {
    this.overlays = overlays;
    this.plot?.redraw(false);
  }

  setLog(log) {
    this.log = log;
    this._draw(this.zoom);
  }

  showAll() {
    this.plot?.setScale("x", this._whole());
  }

  get zoom() {
    const scale = this.plot?.scales.x;
    return scale ? { min: scale.min, max: scale.max } : null;
  }

  _whole() {
    const x = this.data[0];
    return { min: x[0], max: x[x.length - 1] };
  }

  _joined() {
    const tables = this.spectra.map((one) => {
      const tallest = this.relative ? Math.max(...one.y) || 1 : 1;
      const floor = this.relative ? LOWEST_LOG / tallest : LOWEST_LOG;
      return [one.x, one.y.map((value) => (this.log ? Math.max(value / tallest, floor) : value / tallest))];
    });
    return tables.length === 1 ? tables[0] : uPlot.join(tables);
  }

  _draw(zoom = null) {
    this.plot?.destroy();
    this.plot = null;
    if (!this.spectra.length) return;
    this.data = this._joined();
    this.plot = new uPlot(this._options(), this.data, this.place);
    if (zoom) this.plot.setScale("x", zoom);
    this.place.dataset.ready = "true";
  }

  _options() {
    const ink = pageColour("--omp-ink");
    const grid = { stroke: pageColour("--omp-line-soft"), width: 1 };
    const first = this.spectra[0];
    return {
      ...this._size(),
      cursor: { drag: { x: true, y: false }, points: { size: 7 } },
      legend: { show: this.spectra.length > 1, live: false },
      scales: { x: { time: false }, y: this.log ? { distr: 3, range: (_plot, _low, high) => [this._floor(), high * 4] }
        : { range: (_plot, low, high) => [Math.min(0, low), (high > 0 ? high : 1) * 1.18] } },
      axes: [
        { stroke: ink, grid, label: first.x_name, labelSize: 26 },
        { stroke: ink, grid, label: this.relative ? text("relativeIntensity") : first.y_name, size: 64, labelSize: 24 },
      ],
      series: [{ label: first.x_name }, ...this.spectra.map((one, index) => ({
        label: one.name, stroke: seriesColour(index), width: 1.5, spanGaps: true, points: { show: false },
        fill: this.spectra.length === 1 ? `${seriesColour(index)}33` : undefined,
      }))],
      hooks: {
        draw: [(plot) => drawLines(plot, this.overlays, ink, pageColour("--omp-card"))],
        setCursor: [(plot) => this._tell(plot)],
      },
    };
  }

  _floor() {
    return this.relative ? 1e-4 : LOWEST_LOG;
  }

  _size() {
    const width = Math.max(220, this.place.clientWidth);
    return { width, height: width < 600 ? NARROW_HEIGHT : HEIGHT };
  }

  _fit() {
    if (this.plot && Math.abs(this.plot.width - this._size().width) > 1) this.plot.setSize(this._size());
  }

  _tell(plot) {
    const index = plot.cursor.idx;
    if (index === null || index === undefined) return;
    this.index = index;
    this.onCursor(this.data[0][index], this.spectra.map((_one, number) => this.data[number + 1][index]));
  }

  _onKey(event) {
    if (!this.plot || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.shiftKey ? 20 : 1;
    const actions = {
      ArrowLeft: () => this._move(-step), ArrowRight: () => this._move(step),
      Home: () => this._moveTo(this._shown()[0]), End: () => this._moveTo(this._shown()[1]),
      PageDown: () => this._toPeak(1), PageUp: () => this._toPeak(-1),
      "+": () => this._zoomBy(ZOOM), "=": () => this._zoomBy(ZOOM), "-": () => this._zoomBy(1 / ZOOM),
      0: () => this.showAll(), l: () => this.onScaleKey?.(), L: () => this.onScaleKey?.(),
    };
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  }

  /** The first and last index in view. */
  _shown() {
    const { min, max } = this.zoom;
    const x = this.data[0];
    return [Math.max(0, x.findIndex((value) => value >= min)), x.findLastIndex((value) => value <= max)];
  }

  _move(by) {
    const [first, last] = this._shown();
    this._moveTo((this.index ?? Math.round((first + last) / 2)) + by);
  }

  _moveTo(index) {
    const x = this.data[0];
    const wanted = Math.max(0, Math.min(x.length - 1, index));
    const { min, max } = this.zoom;
    const energy = x[wanted];
    if (energy < min || energy > max) {
      const half = (max - min) / 2;
      this.plot.setScale("x", { min: energy - half, max: energy + half });
    }
    this.index = wanted;
    const value = this.data[1][wanted] ?? 0;
    this.plot.setCursor({ left: this.plot.valToPos(energy, "x"), top: this.plot.valToPos(value, "y") });
    this.onCursor(energy, this.spectra.map((_one, number) => this.data[number + 1][wanted]));
  }

  _toPeak(direction) {
    const x = this.data[0];
    const here = this.index === null ? (direction > 0 ? -Infinity : Infinity) : x[this.index];
    const near = (x[x.length - 1] - x[0]) / x.length;
    const ahead = this.peaks.filter((energy) => (energy - here) * direction > near);
    if (!ahead.length) return;
    const energy = direction > 0 ? ahead[0] : ahead[ahead.length - 1];
    this._moveTo(nearest(x, energy));
  }

  _zoomBy(factor) {
    const { min, max } = this.zoom;
    const whole = this._whole();
    const middle = this.index === null ? (min + max) / 2 : this.data[0][this.index];
    const half = Math.max(((max - min) / 2) * factor, (whole.max - whole.min) / 500);
    this.plot.setScale("x", { min: Math.max(whole.min, middle - half), max: Math.min(whole.max, middle + half) });
  }
}

/** The index of the value closest to the one wanted, in values that rise. */
export function nearest(values, wanted) {
  let low = 0;
  let high = values.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (values[middle] > wanted) high = middle;
    else low = middle;
  }
  return wanted - values[low] < values[high] - wanted ? low : high;
}
