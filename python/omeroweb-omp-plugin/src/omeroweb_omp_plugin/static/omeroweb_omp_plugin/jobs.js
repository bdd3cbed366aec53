// Starting jobs, following them, their results, taking them back.

import { confirmDialog } from "../omero_plugin_common/js/dialog.js";
import { element } from "../omero_plugin_common/js/dom.js";
import { getJson, sendJson } from "../omero_plugin_common/js/http.js";
import { pageData, text } from "../omero_plugin_common/js/messages.js";
import { notify } from "../omero_plugin_common/js/notice.js";
import { JobProgress } from "../omero_plugin_common/js/progress.js";
import { DataTable } from "../omero_plugin_common/js/table.js";
import { loadPreview, tickedIds } from "./previewing.js";
import { studio } from "./state.js";

const section = document.getElementById("omp-jobs");
const place = document.getElementById("omp-job");
const history = document.getElementById("omp-history");
const resultsPlace = document.getElementById("omp-results");
const writeButton = document.getElementById("omp-write");
let shown = null;

function route(name, id) {
  return pageData.routes[name].replace("{id}", id);
}

/** Show a job that has just been started. */
export function follow(id, label) {
  shown?.remove();
  resultsPlace.replaceChildren();
  section.hidden = false;
  shown = new JobProgress(place, {
    url: route("job", id),
    label,
    onEnd: (job) => { loadHistory(); showResults(job); loadPreview(); },
  });
  section.scrollIntoView({ block: "nearest" });
}

/** Send what starts a job and follow it; says what went wrong. Resolves to whether it was started. */
export async function start(url, body, label) {
  try {
    const started = await sendJson(url, body);
    follow(started.job_id, label);
    return true;
  } catch (error) {
    notify(error.message, { error: true });
    return false;
  }
}

async function write() {
  const body = { ...studio.request(), image_ids: tickedIds(), key: crypto.randomUUID?.() ?? String(Math.random()) };
  if (studio.policy === "replace_all") {
    const agreed = await confirmDialog({ title: text("replaceAllTitle"), body: text("replaceAllBody"), action: text("replaceAllAction") });
    if (!agreed) return;
  }
  writeButton.disabled = true;
  if (!(await start(pageData.routes.write, body, text("writing")))) writeButton.disabled = false;
}

async function showResults(job) {
  if (job.state === "queued") return;
  try {
    const { rows, total } = await getJson(route("results", job.id));
    if (!rows.length) return;
    const failed = rows.filter((row) => row.state === "failed" || row.message).length;
    const details = element("details", { open: failed > 0 }, element("summary", {}, text("resultRows", { count: total, failed })));
    resultsPlace.replaceChildren(details);
    new DataTable(details, {
      caption: text("resultCaption"),
      rows: rows.map((row) => ({ ...row, id: `${row.type}:${row.id}`, number: row.id })),
      columns: [
        { key: "name", title: text("columnName") },
        { key: "number", title: text("columnId"), number: true, width: "7rem" },
        { key: "label", title: text("columnResult"), width: "10rem" },
        { key: "message", title: text("columnProblems") },
      ],
    });
  } catch (error) {
    notify(error.message, { error: true });
  }
}

function runLine(run) {
  const when = new Date(run.created);
  const buttons = [element("button", { type: "button", onclick: () => { follow(run.id, run.title); } }, text("showRun"))];
  if (run.undoable) {
    buttons.push(element("button", { type: "button", class: "omp-undo", onclick: (event) => undo(run, event.target) }, text("undoRun")));
  }
  return element("li", { class: "omp-run", "data-job": run.id },
    element("span", {}, run.title), element("time", { datetime: run.created }, when.toLocaleString()),
    element("span", { class: "omp-hint" }, run.error || run.message), element("span", { class: "omp-job-buttons" }, ...buttons));
}

async function undo(run, button) {
  button.disabled = true;
  if (!(await start(route("undo", run.id), {}, text("undoing")))) button.disabled = false;
}

export async function loadHistory() {
  try {
    const { runs } = await getJson(pageData.routes.runs);
    history.replaceChildren(...runs.map(runLine));
    document.getElementById("omp-history-empty").hidden = runs.length > 0;
    const open = runs.find((run) => !run.finished);
    if (open && !shown) follow(open.id, open.title);
  } catch (error) {
    notify(error.message, { error: true });
  }
}

writeButton.addEventListener("click", write);
