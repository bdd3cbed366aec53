// File sets, what was skipped, images with thumbnails, and the question before an import.

import { element } from "../omero_plugin_common/js/dom.js";
import { pageData, text } from "../omero_plugin_common/js/messages.js";
import { DataTable } from "../omero_plugin_common/js/table.js";
import { sizeText } from "./sizes.js";

const THUMBNAILS = 12;
const QUESTION_LINES = 50;

/** A path without the folder that was chosen, which is the same for all. */
const inside = (path) => path.split("/").slice(1).join("/") || path;

const link = (name, id) => pageData.urls[name].replace("{id}", id);

/** Show what became of the files. */
export function showResults(place, { sets, skipped }) {
  const parts = [images(sets), setTable(sets), skippedTable(skipped)].filter(Boolean);
  const open = new Set([...place.querySelectorAll("details[open]")].map((part) => part.dataset.part));
  place.replaceChildren(...parts);
  for (const part of place.querySelectorAll("details")) part.open = open.has(part.dataset.part);
}

function images(sets) {
  const found = sets.flatMap((one) => one.image_ids.map((id) => ({ id, name: one.main.split("/").pop() })));
  if (!found.length) return null;
  const list = found.slice(0, THUMBNAILS).map(({ id, name }) => element("li", {},
    element("a", { href: link("image", id), "data-image": id, title: text("openImage", { name }) },
      element("img", { src: link("thumbnail", id), alt: "", loading: "lazy", width: "96", height: "96" }),
      element("span", {}, name))));
  const more = found.length - list.length;
  if (more > 0) list.push(element("li", {}, text("moreImages", { count: more })));
  return element("ul", { class: "upl-images" }, ...list);
}

function details(part, title, build) {
  const body = element("div", {});
  const made = element("details", { "data-part": part }, element("summary", {}, title), body);
  made.addEventListener("toggle", () => { if (made.open && !body.hasChildNodes()) build(body); });
  return made;
}

function setTable(sets) {
  if (!sets.length) return null;
  const number = (key, title, width) => ({ key, title, number: true, width, cell: (row) => String(row[key] ?? "–") });
  return details("sets", `${text("fileSets")} (${sets.length})`, (place) => new DataTable(place, {
    caption: text("fileSets"),
    columns: [
      { key: "main", title: text("columnFile"), cell: (row) => element("bdi", { title: row.main }, inside(row.main)) },
      { key: "label", title: text("columnKind"), width: "8rem" },
      number("files", text("columnFiles"), "4.5rem"),
      number("images", text("columnImages"), "5rem"),
      number("planes", text("columnPlanes"), "5rem"),
      { key: "size", title: text("columnSize"), number: true, width: "6rem", cell: (row) => sizeText(row.size) },
      { key: "dataset", title: text("columnDataset"), width: "9rem" },
      { key: "state_label", title: text("columnState"), width: "6rem" },
      { key: "why", title: text("columnReason"), cell: (row) => element("span", { title: row.why }, row.why) },
    ],
    rows: sets.map((one) => ({
      ...one, label: one.format || (one.kind === "single" ? text("oneFile") : one.kind), images: one.image_ids.length || one.images,
      why: [one.reason, ...one.remarks].filter(Boolean).join("; "),
    })),
  }));
}

function skippedTable(skipped) {
  if (!skipped.length) return null;
  return details("skipped", `${text("skippedFiles")} (${skipped.length})`, (place) => new DataTable(place, {
    caption: text("skippedFiles"),
    columns: [{ key: "path", title: text("columnFile"), cell: (row) => element("bdi", { title: row.path }, inside(row.path)) }, { key: "reason", title: text("columnReason") }],
    rows: skipped.map((row, index) => ({ ...row, id: index })),
  }));
}

/** Ask what to do with what can't be imported, or is in OMERO already; `onAnswer(skipDuplicates)`. */
export function showQuestion(place, { sets }, onAnswer) {
  const refused = sets.filter((one) => one.state === "skipped" && !one.reason.startsWith("not an image"));
  const duplicates = sets.filter((one) => one.state === "pending" && one.duplicates.length);
  const parts = [element("h4", {}, text("questionTitle"))];
  if (refused.length) {
    parts.push(element("p", {}, text("questionIncompatible", { count: refused.length })),
      element("ul", {}, ...refused.slice(0, QUESTION_LINES).map((one) => element("li", {}, `${one.main}: ${one.reason}`))));
  }
  const buttons = [];
  if (duplicates.length) {
    parts.push(element("p", {}, text("questionDuplicates", { count: duplicates.length })));
    buttons.push(element("button", { type: "button", class: "omp-primary", onclick: () => onAnswer(true) }, text("skipDuplicates")),
      element("button", { type: "button", onclick: () => onAnswer(false) }, text("importAll")));
  } else {
    buttons.push(element("button", { type: "button", class: "omp-primary", onclick: () => onAnswer(false) }, text("importRest")));
  }
  place.replaceChildren(element("div", { class: "upl-question" }, ...parts, element("div", { class: "upl-buttons" }, ...buttons)));
}
