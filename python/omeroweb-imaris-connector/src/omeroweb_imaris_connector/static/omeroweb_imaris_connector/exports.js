// Starting exports, watching them, and downloading their files.

import { element } from "../omero_plugin_common/js/dom.js";
import { getJson, sendJson } from "../omero_plugin_common/js/http.js";
import { pageData, text } from "../omero_plugin_common/js/messages.js";
import { JobProgress } from "../omero_plugin_common/js/progress.js";

const list = document.getElementById("ims-list");
const form = document.getElementById("ims-form");
const said = document.getElementById("ims-said");

/** Write bytes as people say them. */
function size(bytes) {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit && value < 100 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

function downloadLink(entry) {
  const label = text("downloadFile", { name: entry.name });
  return element("a", { class: "ims-download", href: entry.download_url, download: entry.name, aria: { label } },
    text("download"));
}

function facts(entry) {
  const date = new Date(entry.created).toLocaleString();
  return element("p", { class: "ims-facts" }, text("fileFacts", { size: size(entry.size_bytes), date }));
}

/** Fill one entry of the list with what is known of the export. */
function fill(item, entry) {
  item.dataset.job = entry.id;
  item.dataset.state = entry.state;
  const name = element("a", {
    class: "ims-name", href: `/webclient/?show=image-${entry.image}`, target: "_top",
    aria: { label: text("showImage", { name: entry.image_name }) },
  }, entry.image_name);
  item.replaceChildren(name);
  if (entry.finished) {
    item.append(facts(entry));
    if (entry.note) item.append(element("p", { class: "ims-facts" }, entry.note));
    item.append(downloadLink(entry));
    return;
  }
  const place = element("div", {});
  item.append(place);
  new JobProgress(place, {
    url: pageData.job.replace("{id}", entry.id),
    label: entry.image_name,
    onEnd: (job) => { if (job.state === "done") refresh(); },
  });
}

function entryOf(id) {
  return [...list.children].find((item) => item.dataset.job === id);
}

/** Show the exports as the server has them, leaving alone those that did not change. */
function show(exports) {
  const wanted = pageData.only ? exports.filter((entry) => pageData.images.includes(entry.image)) : exports;
  const items = wanted.map((entry) => {
    const item = entryOf(entry.id) || element("li", {});
    if (item.dataset.state !== entry.state || !entryOf(entry.id)) fill(item, entry);
    return item;
  });
  if (!items.length) items.push(element("li", { class: "ims-empty" }, text("nothingExported")));
  list.replaceChildren(...items);
}

async function refresh() {
  try {
    show((await getJson(pageData.list)).exports);
  } catch (error) {
    list.replaceChildren(element("li", { class: "ims-failed", role: "alert" }, error.message));
  }
}

async function start(event) {
  event.preventDefault();
  const button = document.getElementById("ims-start");
  const values = new FormData(form);
  button.disabled = true;
  said.className = "omp-hint";
  said.textContent = text("starting");
  try {
    const answer = await sendJson(pageData.start, {
      image: pageData.images,
      async: true,
      refresh: values.has("refresh"),
      compression: values.get("compression"),
      pixel_type: values.get("pixel_type"),
      converter: values.get("converter"),
    });
    const jobs = answer.jobs || [answer];
    said.textContent = jobs.length > 1 ? text("started", { count: jobs.length }) : (jobs[0].finished ? text("fromCache") : "");
    await refresh();
  } catch (error) {
    said.className = "omp-error";
    said.textContent = error.message;
  } finally {
    button.disabled = false;
  }
}

form?.addEventListener("submit", start);
refresh();
