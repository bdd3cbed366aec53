// The wizard: choose where, bring together, preview, attach, take back.

import { confirmDialog } from "../omero_plugin_common/js/dialog.js";
import { element } from "../omero_plugin_common/js/dom.js";
import { getJson, sendJson } from "../omero_plugin_common/js/http.js";
import { pageData, text } from "../omero_plugin_common/js/messages.js";
import { notify } from "../omero_plugin_common/js/notice.js";
import { JobProgress } from "../omero_plugin_common/js/progress.js";
import { DataTable } from "../omero_plugin_common/js/table.js";
import { AssociationTree } from "./edx_tree.js";

const { urls, spectra } = pageData;
const byId = (id) => document.getElementById(id);
const OUTPUTS = { original: "outputOriginal", table: "outputTable", figure: "outputFigure", figure_pdf: "outputFigurePdf",
  figure_image: "outputFigureImage", metadata: "outputMetadata" };
const words = (outputs) => outputs.map((output) => text(OUTPUTS[output])).join(", ");

let tree = null;
let table = null;
let key = null;

function settings() {
  const form = byId("edx-options");
  if (!form) return {};
  return Object.fromEntries([...form.querySelectorAll("input[type=checkbox]")].map((box) => [box.name, box.checked]));
}

function showSettings(values) {
  for (const box of byId("edx-options")?.querySelectorAll("input[type=checkbox]") ?? []) box.checked = Boolean(values[box.name]);
}

/** Do something slow with a button: it is off meanwhile, and what goes wrong is told. */
async function busy(button, work) {
  button.disabled = true;
  try {
    return await work();
  } catch (error) {
    notify(error.message, { error: true });
    return null;
  } finally {
    button.disabled = false;
  }
}

function request() {
  return { links: tree.links(), settings: settings(), upload: pageData.upload };
}

function changed() {
  byId("edx-previewed").hidden = true;
  byId("edx-preview").disabled = tree.placed === 0;
  byId("edx-count").textContent = text("filesPlaced", { placed: tree.placed, total: tree.files.length });
}

async function load() {
  const query = pageData.upload ? { upload: pageData.upload } : { dataset: pageData.dataset };
  const loading = byId("edx-loading");
  loading.hidden = false;
  loading.textContent = text("loading");
  try {
    const found = await getJson(`${urls.files}?${new URLSearchParams(query)}`);
    loading.hidden = found.images.length > 0 && found.files.length > 0;
    loading.textContent = found.images.length ? text("nothingToPlace") : text("noImages");
    if (loading.hidden) show(found);
  } catch (error) {
    loading.textContent = error.message;
    loading.className = "omp-error";
  }
}

function show(found) {
  byId("edx-source").textContent = found.title + (found.left_out ? ` (${text("leftOut", { count: found.left_out })})` : "");
  byId("edx-work").hidden = false;
  tree = new AssociationTree(byId("edx-tree"), {
    images: found.images,
    files: found.files,
    thumbnail: (id) => urls.thumbnail.replace("{id}", id),
    show: (file) => (spectra ? `${urls.spectrum}?${new URLSearchParams({ source: file.source })}` : null),
    onChange: (made) => { tree = made; changed(); },
  });
}

async function preview() {
  const plan = await sendJson(urls.preview, request());
  byId("edx-previewed").hidden = false;
  const gone = plan.missing.length ? ` ${text("filesGone", { count: plan.missing.length })}` : "";
  byId("edx-summary").textContent = (plan.to_make
    ? text("willBeMade", { make: plan.to_make, existing: plan.existing }) : text("nothingNew")) + gone;
  const rows = plan.rows.map((row, index) => ({
    id: index, image: row.image, name: row.name, make: words(row.make), existing: words(row.existing), problem: row.problem }));
  table ??= new DataTable(byId("edx-table"), {
    caption: text("previewOfLinks"),
    columns: [
      { key: "image", title: text("columnImage"), width: "20%" },
      { key: "name", title: text("columnFile"), width: "18%" },
      { key: "make", title: text("columnMake"), cell: (row) => element("span", { title: row.make }, row.make) },
      { key: "existing", title: text("columnExisting"), width: "16%", cell: (row) => element("span", { title: row.existing }, row.existing) },
      { key: "problem", title: text("columnProblem"), width: "16%",
        cell: (row) => element("span", { class: "omp-error", title: row.problem }, row.problem) },
    ],
  });
  table.setRows(rows);
  byId("edx-start").disabled = plan.to_make === 0;
  key = crypto.randomUUID?.() ?? String(Math.random()).slice(2);
}

async function start() {
  const job = await sendJson(urls.start, { ...request(), key });
  byId("edx-result").replaceChildren();
  byId("edx-previewed").hidden = true;
  byId("edx-preview").disabled = true;
  follow(job.job_id, text("attaching"), finished);
}

function follow(jobId, label, onEnd) {
  byId("edx-job").replaceChildren();
  new JobProgress(byId("edx-job"), { url: urls.job.replace("{id}", jobId), label, onEnd });
}

function finished(job) {
  byId("edx-preview").disabled = false;
  const result = job.result ?? { linked: job.done, failures: [], images: [] };
  const failures = result.failures ?? [];
  const told = failures.length
    ? text("attachedWithFailures", { count: result.linked, failures: failures.length })
    : text("attached", { count: result.linked });
  const undo = element("button", { type: "button", id: "edx-undo" }, text("undoAction"));
  undo.addEventListener("click", () => busy(undo, () => takeBack(job.id)));
  const links = (result.images ?? []).slice(0, 20).map((id) => element("li", {},
    element("a", { href: urls.image.replace("{id}", id) }, `${text("showImages")} ${id}`),
    ...(spectra ? [" · ", element("a", { href: `${urls.spectrum}?image=${id}` }, text("showSpectrum"))] : [])));
  byId("edx-result").replaceChildren(...[
    job.state === "done" ? element("p", {}, told) : null,
    failures.length ? element("ul", {}, ...failures.map((failure) => element("li", { class: "omp-error" },
      `${failure.name}, ${text(OUTPUTS[failure.output])}: ${failure.error}`))) : null,
    element("ul", {}, ...links),
    undo,
  ].filter(Boolean));
}

async function takeBack(jobId) {
  const agreed = await confirmDialog({ title: text("undoQuestion"), body: text("undoExplained"), action: text("undoAction"),
    dangerous: true });
  if (!agreed) return;
  const job = await sendJson(urls.undo, { job_id: jobId });
  byId("edx-result").replaceChildren();
  follow(job.job_id, text("undoing"), (ended) => {
    if (ended.state === "done") byId("edx-result").replaceChildren(element("p", {}, text("undone", { count: ended.result.removed })));
  });
}

async function saveSettings() {
  await sendJson(urls.save, { method: pageData.method, settings: settings() });
  notify(text("settingsSaved"));
}

async function forgetSettings() {
  await sendJson(urls.delete, { method: pageData.method });
  notify(text("settingsDeleted"));
}

function onClick(id, work) {
  const button = byId(id);
  button?.addEventListener("click", () => busy(button, async () => work()).then(() => { if (id === "edx-preview" && tree) button.disabled = tree.placed === 0; }));
}

onClick("edx-preview", preview);
onClick("edx-start", start);
onClick("edx-rules", () => tree.useRules());
onClick("edx-none", () => tree.takeAllOff());
onClick("edx-save", saveSettings);
onClick("edx-forget", forgetSettings);
byId("edx-filter").addEventListener("input", (event) => tree?.filter(event.target.value));
byId("edx-options")?.addEventListener("change", () => { byId("edx-previewed").hidden = true; });
if (pageData.settings) showSettings(pageData.settings);
if (pageData.dataset || pageData.upload) load();
