// Charts over time with uPlot, in the colours of the page, with a text for those who can't see them.

import uPlot from "../../omero_plugin_common/vendor/uplot/uPlot.esm.js";
import { text } from "../../omero_plugin_common/js/messages.js";
import { amount } from "./units.js";

const HEIGHT = 200;
const COLOURS = {
  light: ["#0b5cad", "#b3541e", "#1b6e3c", "#7b3fa0", "#8a6d00", "#b3261e", "#00707a", "#5b5b5b"],
  dark: ["#7db8f0", "#f0a774", "#7fd6a0", "#d0a3f0", "#e5c95c", "#ff9a92", "#6fd3de", "#c0c0c0"],
};
// uPlot's rows of the time axis: step in seconds, label, then what is added where the year, month, day, hour … changes.
const TIME_LABELS = [
  [86400, "{MM}-{DD}", "\n{YYYY}", null, null, null, null, null, 1],
  [60, "{HH}:{mm}", "\n{YYYY}-{MM}-{DD}", null, "\n{MM}-{DD}", null, null, null, 1],
  [1, "{HH}:{mm}:{ss}", "\n{YYYY}-{MM}-{DD}", null, "\n{MM}-{DD}", null, null, null, 1],
];
const TIME_LABEL_PIXELS = 72;
const BINARY_STEPS = Array.from({ length: 51 }, (_, power) => 2 ** power);
const dark = matchMedia("(prefers-color-scheme: dark)");

function options(chart, width) {
  const ink = getComputedStyle(document.body).color;
  const colours = COLOURS[dark.matches ? "dark" : "light"];
  const axis = { stroke: ink, grid: { stroke: "#8884", width: 1 }, ticks: { stroke: "#8886", width: 1 } };
  return {
    width,
    height: HEIGHT,
    scales: { y: { range: (_plot, low, high) => [Math.min(0, low), chart.unit === "percent" ? 100 : (high > 0 ? high * 1.05 : 1)] } },
    axes: [{ ...axis, space: TIME_LABEL_PIXELS, values: TIME_LABELS }, {
      ...axis, size: 76, incrs: chart.unit.startsWith("bytes") ? BINARY_STEPS : undefined,
      values: (_plot, values) => values.map((value) => amount(value, chart.unit)),
    }],
    series: [{ value: "{YYYY}-{MM}-{DD} {HH}:{mm}" }, ...chart.series.map((series, index) => ({
      label: series.title,
      stroke: colours[index % colours.length],
      width: 1.5,
      dash: index >= colours.length ? [6, 4] : undefined,
      value: (_plot, value) => amount(value, chart.unit),
    }))],
    legend: { live: true },
    // Until somebody points at a moment, the legend tells the newest.
    hooks: { ready: [(plot) => plot.setLegend({ idx: chart.times.length - 1 })] },
  };
}

function last(values) {
  return values.findLast((value) => value !== null) ?? null;
}

/** What the chart says, in words. */
export function summary(chart) {
  const parts = chart.series.slice(0, 8).map((series) => `${series.title} ${amount(last(series.values), chart.unit)}`);
  return `${chart.title}: ${parts.join(", ")}`;
}

export class Chart {
  constructor(place) {
    this.place = place;
    this.plot = null;
    this.chart = null;
    new ResizeObserver(() => this._fit()).observe(place);
    dark.addEventListener("change", () => this.chart && this.show(this.chart));
  }

  show(chart) {
    this.chart = chart;
    this.plot?.destroy();
    this.plot = null;
    this.place.replaceChildren();
    if (chart.error || !chart.series.length) {
      this.place.textContent = chart.error || text("noFigures");
      this.place.removeAttribute("role");
      this.place.removeAttribute("aria-label");
      return;
    }
    this.place.setAttribute("role", "img");
    this.place.setAttribute("aria-label", summary(chart));
    const data = [chart.times, ...chart.series.map((series) => series.values)];
    this.plot = new uPlot(options(chart, this._width()), data, this.place);
  }

  _width() { return Math.max(200, this.place.clientWidth); }

  _fit() {
    if (this.plot && this.plot.width !== this._width()) this.plot.setSize({ width: this._width(), height: HEIGHT });
  }
}
