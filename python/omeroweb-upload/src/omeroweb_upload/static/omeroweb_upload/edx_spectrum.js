// The page of one image's spectra: look, label, take along.

import { element } from "../omero_plugin_common/js/dom.js";
import { getJson, sendJson } from "../omero_plugin_common/js/http.js";
import { pageData, text } from "../omero_plugin_common/js/messages.js";
import { notify } from "../omero_plugin_common/js/notice.js";
import { JobProgress } from "../omero_plugin_common/js/progress.js";
import { SpectrumChart, seriesColour } from "./edx_chart.js";
import { describe, fillHeader, fillPeaks } from "./edx_facts.js";

const { urls, spectra } = pageData;
const byId = (id) => document.getElementById(id);
const address = new URLSearchParams(location.search);
// Below, detectors see little but noise: a family there is labelled only where an element shows no other.
const CLEAR_KEV = 0.2;
const cache = new Map();
let allLines = {};
let shown = [];
let elements = null;
let chart = null;

async function spectrumOf(source) {
  if (!cache.has(source)) cache.set(source, await getJson(`${urls.data}?${new URLSearchParams({ source })}`));
  return cache.get(source);
}

/** The address says what is shown, so it can be sent to a colleague. */
function remember() {
  for (const key of ["elements", "shown", "scale"]) address.delete(key);
  if (elements !== null) address.set("elements", elements.join(","));
  if (spectra.length > 1) address.set("shown", shown.join(","));
  if (chart.log) address.set("scale", "log");
  history.replaceState(null, "", `?${address}`);
}

const current = () => cache.get(shown[0]);
const labelled = () => elements ?? [...new Set(shown.flatMap((source) => cache.get(source).labels.map((label) => label.symbol)))];

/** Where an element's names stand: at the file's own labels, else at the strongest line of each family that shows. */
function labelEnergies(symbol) {
  const own = shown.flatMap((source) => cache.get(source).labels.filter((label) => label.symbol === symbol));
  if (own.length) return own.map((label) => label.energy_kev);
  return mainLines(symbol).map(([, energy]) => energy);
}

function mainLines(symbol) {
  const strongest = new Map();
  for (const line of excited(symbol)) {
    const best = strongest.get(line[0][0]);
    if (!best || line[2] > best[2]) strongest.set(line[0][0], line);
  }
  const lines = [...strongest.values()];
  const clear = lines.filter(([, energy]) => energy >= CLEAR_KEV);
  return clear.length ? clear : lines;
}

/** Lines inside the spectrum that its beam can make. */
function excited(symbol) {
  const { x, beam_kev: beam } = current();
  return (allLines[symbol] ?? []).filter(([, energy, , edge]) =>
    energy >= Math.max(0.1, x[0]) && energy <= x[x.length - 1] && edge < (beam ?? Infinity));
}

function draw() {
  const symbols = current().is_energy ? labelled() : [];
  chart.setOverlays(symbols.map((symbol, index) => ({
    symbol, colour: seriesColour(index + shown.length), lines: excited(symbol), labels: labelEnergies(symbol) })));
  byId("edx-elements").replaceChildren(...symbols.map((symbol, index) => chip(symbol, seriesColour(index + shown.length))));
  if (!symbols.length) byId("edx-elements").append(element("li", { class: "edx-empty" }, text("noElements")));
  fillPeaks(byId("edx-peaks"), current(), symbols, { lines: excited, add });
  byId("edx-chart").setAttribute("aria-label", describe(current(), symbols));
  links();
  remember();
}

function chip(symbol, colour) {
  const remove = element("button", { type: "button", aria: { label: text("removeElement", { symbol }) } }, "×");
  remove.addEventListener("click", () => { elements = labelled().filter((one) => one !== symbol); draw(); byId("edx-symbol").focus(); });
  const swatch = element("span", { aria: { hidden: "true" } }, "■ ");
  swatch.style.color = colour;
  return element("li", { "data-symbol": symbol }, swatch, symbol, remove);
}

function add(symbol) {
  const wanted = symbol.trim().replace(/^(.)(.*)$/, (_all, first, rest) => first.toUpperCase() + rest.toLowerCase());
  byId("edx-wrong").textContent = allLines[wanted] ? "" : text("unknownElement", { symbol: wanted || "?" });
  if (!allLines[wanted]) return;
  if (!labelled().includes(wanted)) elements = [...labelled(), wanted];
  byId("edx-symbol").value = "";
  draw();
}

function links() {
  const chosen = { source: shown[0], ...(elements === null ? {} : { elements: elements.join(",") }) };
  byId("edx-png").href = `${urls.figure}?${new URLSearchParams(chosen)}`;
  byId("edx-pdf").href = `${urls.figure}?${new URLSearchParams({ ...chosen, format: "pdf" })}`;
  byId("edx-csv").href = `${urls.csv}?${new URLSearchParams({ source: shown[0] })}`;
}

async function show(sources) {
  const loaded = await Promise.all(sources.map(spectrumOf));
  shown = sources;
  byId("edx-page").hidden = false;
  byId("edx-chart-title").textContent = loaded[0].title || loaded[0].name;
  chart.setSpectra(loaded);
  fillHeader(byId("edx-header"), byId("edx-remarks"), loaded[0]);
  draw();
}

function choices(chosen) {
  byId("edx-choices")?.replaceChildren(...spectra.map((one) => {
    const box = element("input", { type: "checkbox", value: one.source });
    box.checked = chosen.includes(one.source);
    box.addEventListener("change", () => rechoose(box));
    return element("label", {}, box, one.name);
  }));
}

async function rechoose(changed) {
  const chosen = [...byId("edx-choices").querySelectorAll("input:checked")].map((box) => box.value);
  if (!chosen.length) {
    changed.checked = true;
    return;
  }
  try {
    await show(chosen);
  } catch (error) {
    changed.checked = false;
    notify(error.message, { error: true });
  }
}

async function attach() {
  const link = { image_id: pageData.image_id, source: shown[0], elements };
  const settings = { create_tables: false, create_metadata: false, create_figures_images: false, create_figures_attachments: true };
  const job = await sendJson(urls.start, { links: [link], settings });
  byId("edx-job").replaceChildren();
  new JobProgress(byId("edx-job"), { url: urls.job.replace("{id}", job.job_id), label: text("attachingFigure"),
    onEnd: (ended) => { if (ended.state === "done" && !ended.result.failures.length) notify(text("figureAttached")); } });
}

function cursor(energy, values) {
  const value = values.filter((one) => one !== null && one !== undefined).map((one) => one.toLocaleString()).join(" · ");
  byId("edx-cursor").textContent = text("cursorAt", { energy: energy.toFixed(3), value });
}

function scale(log) {
  for (const radio of document.querySelectorAll("input[name=scale]")) radio.checked = (radio.value === "log") === log;
  chart.setLog(log);
  if (shown.length) draw();
}

async function begin() {
  chart = new SpectrumChart(byId("edx-chart"), { onCursor: cursor });
  chart.onScaleKey = () => scale(!chart.log);
  chart.onColours = () => { if (shown.length) draw(); };
  if (!spectra.length) {
    byId("edx-loading").textContent = text("noSpectra");
    return;
  }
  if (address.has("elements")) elements = address.get("elements").split(",").filter(Boolean);
  const known = new Set(spectra.map((one) => one.source));
  const wanted = (address.get("shown") ?? "").split(",").filter((source) => known.has(source));
  try {
    allLines = (await getJson(urls.lines)).lines;
    byId("edx-symbols").replaceChildren(...Object.keys(allLines).map((symbol) => element("option", { value: symbol })));
    choices(wanted.length ? wanted : [spectra[0].source]);
    await show(wanted.length ? wanted : [spectra[0].source]);
    if (address.get("scale") === "log") scale(true);
    byId("edx-loading").hidden = true;
  } catch (error) {
    byId("edx-loading").textContent = error.message;
    byId("edx-loading").className = "omp-error";
  }
}

byId("edx-reset").addEventListener("click", () => chart.showAll());
byId("edx-add").addEventListener("submit", (event) => { event.preventDefault(); add(byId("edx-symbol").value); });
byId("edx-own").addEventListener("click", () => { elements = null; draw(); });
for (const radio of document.querySelectorAll("input[name=scale]")) radio.addEventListener("change", () => scale(radio.value === "log"));
byId("edx-attach")?.addEventListener("click", async (event) => {
  event.target.disabled = true;
  try {
    await attach();
  } catch (error) {
    notify(error.message, { error: true });
  } finally {
    event.target.disabled = false;
  }
});
begin();
