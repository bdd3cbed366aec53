// The storage page: totals, trend, tables, and measuring anew.

import { element } from "../../omero_plugin_common/js/dom.js";
import { getJson, sendJson } from "../../omero_plugin_common/js/http.js";
import { pageData, text } from "../../omero_plugin_common/js/messages.js";
import { notify } from "../../omero_plugin_common/js/notice.js";
import { JobProgress } from "../../omero_plugin_common/js/progress.js";
import { DataTable } from "../../omero_plugin_common/js/table.js";
import { Chart } from "./charts.js";
import { bytes, day, moment } from "./units.js";

const find = (id) => document.getElementById(id);
const trend = new Chart(find("trend"));
const state = { found: null, view: "user", progress: null };

function size(key, title) {
  return { key, title: text(title), number: true, width: "7.4rem", cell: (row) => bytes(row[key]) };
}
const SIZES = [size("bytes", "columnTotal"), size("managed_bytes", "columnManaged"), size("in_place_bytes", "columnInPlace"),
  size("other_bytes", "columnOther"), size("disk_bytes", "columnDisk")];
const IMAGES = { key: "images", title: text("columnImages"), number: true, width: "5.5rem" };
const CHANGED = { key: "changed_at", title: text("columnChanged"), width: "8rem", cell: (row) => day(row.changed_at) };
const name = (key, title, width = "9rem") => ({ key, title: text(title), width });
const project = { ...name("project", "columnProject", "14rem"),
  cell: (row) => element("a", { href: pageData.project.replace("{id}", row.id) }, row.project) };
const VIEWS = {
  user: [name("username", "columnUser"), name("full_name", "columnName", "10rem"), IMAGES, ...SIZES, CHANGED],
  group: [name("group", "columnGroup"), name("permissions", "columnPermissions", "9rem"), IMAGES, ...SIZES, CHANGED],
  "user-group": [name("username", "columnUser"), name("group", "columnGroup"), IMAGES, ...SIZES, CHANGED],
  project: [project, name("username", "columnUser"), name("group", "columnGroup"), IMAGES, ...SIZES, CHANGED],
};
const image = { ...name("name", "columnImport", "18rem"), cell: (row) => (row.image
  ? element("a", { href: pageData.image.replace("{id}", row.image) }, row.name) : row.name) };
const IMPORTS = [image, name("username", "columnUser"), name("group", "columnGroup"), IMAGES, size("bytes", "columnTotal"), CHANGED];

function card(title, value, note) {
  return element("div", { class: "adm-figure" }, element("dt", {}, text(title)),
    element("dd", {}, value, note ? element("small", {}, note) : null));
}

function showTotals({ totals, measured_at: at, measured_seconds: seconds }) {
  find("measured").textContent = at ? text("measuredAt", { time: moment(at), seconds }) : text("neverMeasured");
  const cards = [
    card("totalData", bytes(totals.omero_binary_bytes), text("totalImages", { count: totals.images })),
    card("totalManaged", bytes(totals.managed_bytes)),
    card("totalInPlace", bytes(totals.in_place_bytes)),
    card("totalOther", bytes(totals.other_bytes)),
  ];
  if (totals.on_disk_bytes !== null) cards.push(card("totalOnDisk", bytes(totals.on_disk_bytes), text("totalOnDiskNote")));
  if (totals.data_root_total_bytes) {
    cards.push(card("totalFree", bytes(totals.data_root_free_bytes),
      text("totalFreeNote", { total: bytes(totals.data_root_total_bytes), folder: totals.data_root })));
  }
  find("totals").replaceChildren(...cards);
}

function showTrend({ trend: points, forecast }) {
  const column = (key) => points.map((point) => point[key]);
  trend.show({
    title: text("trendTitle"), unit: "bytes",
    times: points.map((point) => Date.parse(point.at) / 1000),
    series: points.length > 1 ? [
      { title: text("columnManaged"), values: column("managed_bytes") },
      { title: text("columnInPlace"), values: column("in_place_bytes") },
      { title: text("columnOther"), values: column("other_bytes") },
      { title: text("columnDisk"), values: column("on_disk_bytes") },
    ] : [],
  });
  let words = text("forecastNone");
  if (forecast?.full_at) words = text("forecastFull", { growth: bytes(forecast.bytes_per_day), day: day(forecast.full_at) });
  else if (forecast) words = text("forecastGrowth", { growth: bytes(forecast.bytes_per_day) });
  find("forecast").textContent = words;
}

function table(place, caption, columns, rows) {
  place.replaceChildren();
  new DataTable(place, { caption, columns, rows: rows.map((row, id) => ({ ...row, id: row.id ?? id })) });
}

function showView() {
  for (const button of document.querySelectorAll("[data-view]")) {
    button.setAttribute("aria-pressed", String(button.dataset.view === state.view));
  }
  find("export").href = `${pageData.export}?view=${state.view}`;
  const rows = state.found[`by_${state.view.replace("-", "_")}`];
  table(find("view"), text("viewCaption"), VIEWS[state.view], rows);
}

function watch(jobId) {
  if (!jobId || state.progress) return;
  find("measure").disabled = true;
  state.progress = new JobProgress(find("measuring"), {
    url: pageData.job.replace("{id}", jobId), label: text("measuring"),
    onEnd: (job) => {
      state.progress.remove();
      state.progress = null;
      find("measure").disabled = false;
      if (job.state === "failed") notify(job.error, { error: true });
      refresh();
    },
  });
}

async function refresh() {
  try {
    state.found = await getJson(pageData.data);
  } catch (error) {
    find("measured").textContent = error.message;
    return;
  }
  showTotals(state.found);
  showTrend(state.found);
  showView();
  table(find("largest"), text("largestCaption"), IMPORTS, state.found.largest);
  table(find("coldest"), text("coldestCaption"), IMPORTS, state.found.coldest);
  watch(state.found.measuring);
  document.documentElement.dataset.loaded = "true";
}

for (const button of document.querySelectorAll("[data-view]")) {
  button.addEventListener("click", () => {
    state.view = button.dataset.view;
    history.replaceState(null, "", `?view=${state.view}`);
    if (state.found) showView();
  });
}
find("measure").addEventListener("click", async () => {
  try {
    watch((await sendJson(pageData.measure)).job_id);
  } catch (error) {
    notify(error.message, { error: true });
  }
});
const wanted = new URLSearchParams(location.search).get("view");
if (wanted in VIEWS) state.view = wanted;
await refresh();
