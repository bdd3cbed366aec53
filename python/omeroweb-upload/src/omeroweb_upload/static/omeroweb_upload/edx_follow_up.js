// What becomes of an upload's spectra after its images are imported.

import { element } from "../omero_plugin_common/js/dom.js";
import { getJson } from "../omero_plugin_common/js/http.js";
import { pageData, text } from "../omero_plugin_common/js/messages.js";
import { JobProgress } from "../omero_plugin_common/js/progress.js";

const TRIES = 20;
const PAUSE_MILLISECONDS = 1000;
const SHOWN = 20;

/** Show the job that attaches the spectra, then what it did; `statusUrl` tells once the job is there. */
export async function showFollowUp(place, status, statusUrl) {
  if (!status.special_upload || place.dataset.shown) return;
  place.dataset.shown = "true";
  let found = status;
  for (let tries = 0; !found.follow_up_job && tries < TRIES; tries += 1) {
    await new Promise((resolve) => { setTimeout(resolve, PAUSE_MILLISECONDS); });
    found = await getJson(statusUrl).catch(() => found);
  }
  if (!found.follow_up_job) return;
  new JobProgress(place, { url: pageData.urls.job.replace("{id}", found.follow_up_job), label: text("attachingSpectra"),
    onEnd: (job) => place.append(...told(job, status.job_id)) });
}

function told(job, uploadId) {
  const { linked = 0, failures = [], unmatched = [] } = job.result ?? {};
  const parts = job.state === "done" ? [element("p", {}, text("spectraAttached", { count: linked }))] : [];
  if (failures.length) {
    parts.push(element("ul", {}, ...failures.slice(0, SHOWN).map((one) => element("li", { class: "omp-error" }, `${one.name}: ${one.error}`))));
  }
  if (unmatched.length) {
    const wizard = `${pageData.urls.edx}?${new URLSearchParams({ upload: uploadId })}`;
    parts.push(element("p", {}, text("spectraWithoutImage", { count: unmatched.length }), " ",
      element("a", { href: wizard }, text("chooseTheirImages"))));
  }
  return parts;
}
