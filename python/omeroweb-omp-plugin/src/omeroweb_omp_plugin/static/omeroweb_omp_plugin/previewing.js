// Keeping the preview up to date with what is chosen, and the numbers above it.

import { sendJson } from "../omero_plugin_common/js/http.js";
import { pageData, text } from "../omero_plugin_common/js/messages.js";
import { PreviewGrid } from "./grid.js";
import { studio } from "./state.js";

const PAUSE_MILLISECONDS = 350;
const section = document.getElementById("omp-preview");
const status = document.getElementById("omp-preview-status");
const problem = document.getElementById("omp-preview-problem");
const policy = document.getElementById("omp-policy");
const filters = document.getElementById("omp-filters");
const writeButton = document.getElementById("omp-write");
const forget = document.getElementById("omp-forget-corrections");
const unmarked = document.getElementById("omp-forgeable");

const grid = new PreviewGrid(document.getElementById("omp-grid"), {
  onCorrect: (id, key, value) => studio.correct(id, key, value),
  onTick: (id, ticked) => {
    if (ticked) studio.unticked.delete(id);
    else studio.unticked.add(id);
    showNumbers();
  },
});

let timer = null;
let running = null;

function later() {
  clearTimeout(timer);
  timer = setTimeout(load, PAUSE_MILLISECONDS);
}

async function load() {
  running?.abort();
  if (!studio.targets.length) {
    section.hidden = true;
    studio.setPreview(null);
    return;
  }
  section.hidden = false;
  running = new AbortController();
  section.setAttribute("aria-busy", "true");
  status.textContent = text("looking");
  try {
    const found = await sendJson(pageData.routes.preview, studio.request(), { signal: running.signal });
    problem.hidden = true;
    studio.setPreview(found);
  } catch (error) {
    if (error.name === "AbortError") return;
    studio.setPreview(null);
    problem.textContent = error.message;
    problem.hidden = false;
    status.textContent = "";
  }
  section.removeAttribute("aria-busy");
}

/** The ids of the images that will be written, null when it is all of them. */
export function tickedIds() {
  const rows = studio.preview.rows.filter((row) => row[7] && !studio.unticked.has(row[0]));
  return rows.length === studio.preview.rows.length ? null : rows.map((row) => row[0]);
}

/** A text with a number in it, which has a form of its own for one. */
function counted(name, count) {
  return text(count === 1 ? `${name}One` : name, { count });
}

function showNumbers() {
  const { counts, total } = studio.preview;
  const parts = [counted("imagesShown", total)];
  for (const [name, message] of [["changed", "imagesChange"], ["unchanged", "imagesSame"], ["unmatched", "imagesUnmatched"], ["forbidden", "imagesForbidden"], ["conflict", "cellsConflict"]]) {
    if (counts[name]) parts.push(counted(message, counts[name]));
  }
  const sentence = parts.join(" · ");
  if (status.textContent !== sentence) status.textContent = sentence;
  const ticked = studio.preview.rows.filter((row) => row[7] && !studio.unticked.has(row[0])).length;
  writeButton.textContent = counted("writeImages", ticked);
  writeButton.disabled = ticked === 0 || !counts.changed;
  forget.hidden = studio.corrections.size === 0;
  forget.textContent = counted("forgetCorrections", studio.corrections.size);
}

studio.addEventListener("preview", () => {
  writeButton.disabled = true;
  if (!studio.preview) return;
  unmarked.hidden = !studio.preview.forgeable;
  grid.show(studio.preview, { filter: filters.elements.show.value, unticked: studio.unticked, corrected: studio.corrections });
  showNumbers();
});
studio.addEventListener("targets", later);
studio.addEventListener("recipe", later);
policy.addEventListener("change", () => studio.setPolicy(policy.value));
filters.addEventListener("change", () => grid.filterBy(filters.elements.show.value));
forget.addEventListener("click", () => studio.clearCorrections());

export { load as loadPreview };
