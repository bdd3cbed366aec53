// What a spectrum says in words and tables: peaks with what explains them, the header, a description for screen readers.

import { element } from "../omero_plugin_common/js/dom.js";
import { text } from "../omero_plugin_common/js/messages.js";

// How far a line may lie from a peak to explain it, in keV; about half the width of a peak.
const NEAR_KEV = 0.08;

/** One sentence for people who don't see the chart. */
export function describe(spectrum, symbols) {
  const { x } = spectrum;
  return text("chartDescribed", { name: spectrum.name, points: x.length, low: x[0].toFixed(2),
    high: x[x.length - 1].toFixed(2), labels: symbols.join(", ") || "–" });
}

/** Every peak, what explains it, and buttons for the elements that could. */
export function fillPeaks(table, spectrum, symbols, { lines, add }) {
  const candidates = new Map(spectrum.unlabelled.map((peak) => [peak.energy_kev, peak.candidates]));
  const known = symbols.flatMap((symbol) => lines(symbol).map(([name, energy, weight]) => ({ symbol, name, energy, weight })));
  table.tBodies[0].replaceChildren(...spectrum.peaks.map((peak) => {
    const found = explained(spectrum, known, peak.energy_kev);
    const buttons = (found ? [] : candidates.get(peak.energy_kev) ?? []).map((one) => {
      const title = text("lineAt", { symbol: one.symbol, line: one.line, energy: one.line_kev.toFixed(3) });
      const button = element("button", { type: "button", title, aria: { label: `${text("addElement", { symbol: one.symbol })}, ${title}` } },
        `${one.symbol} ${one.line} ${one.score.toFixed(2)}`);
      button.addEventListener("click", () => add(one.symbol));
      return button;
    });
    return element("tr", {},
      element("td", { class: "edx-number" }, peak.energy_kev.toFixed(3)),
      element("td", { class: "edx-number" }, peak.height.toLocaleString()),
      element("td", {}, found),
      element("td", {}, ...buttons));
  }));
}

/** The file's label at a peak, or the line of a chosen element nearest to it, or nothing. */
function explained(spectrum, known, energy) {
  const near = known.filter((line) => Math.abs(line.energy - energy) <= NEAR_KEV && line.weight >= 0.05)
    .sort((left, right) => Math.abs(left.energy - energy) - Math.abs(right.energy - energy));
  const chosen = new Set(known.map((line) => line.symbol));
  const own = spectrum.labels.find((label) => chosen.has(label.symbol) && Math.abs(label.energy_kev - energy) <= NEAR_KEV);
  if (own) return `${own.symbol} ${own.transition}`.trim();
  return near.length ? `${near[0].symbol} ${near[0].name}` : "";
}

/** The header as it is in the file, and what was unusual about it. */
export function fillHeader(table, remarks, spectrum) {
  table.tBodies[0].replaceChildren(...spectrum.metadata.map(([key, value]) =>
    element("tr", {}, element("th", { scope: "row" }, key), element("td", {}, value))));
  remarks.replaceChildren(...spectrum.remarks.map((remark) => element("li", {}, remark)));
}
