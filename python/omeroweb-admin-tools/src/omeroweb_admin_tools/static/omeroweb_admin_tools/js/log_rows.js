// Log entries as rows of a table and as lines around one entry.

import { element } from "../../omero_plugin_common/js/dom.js";
import { text } from "../../omero_plugin_common/js/messages.js";

const FOLD_CHARACTERS = 600;

function two(number) { return String(number).padStart(2, "0"); }

/** dd/mm/yyyy, hh:mm:ss in the browser's time zone. */
export function shownTime(timestamp) {
  const at = new Date(timestamp);
  return `${two(at.getDate())}/${two(at.getMonth() + 1)}/${at.getFullYear()}, `
    + `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

function level(entry) {
  return element("span", { class: "adm-level", "data-level": entry.level }, entry.level);
}

function when(entry) {
  return element("time", { datetime: entry.timestamp, title: entry.timestamp }, shownTime(entry.timestamp));
}

/** The message with the words that were searched for marked. */
function message(entry, words) {
  const place = element("span", { class: "adm-message" });
  const wanted = words.toLowerCase();
  const lower = entry.message.toLowerCase();
  let from = 0;
  let at = wanted ? lower.indexOf(wanted) : -1;
  while (at >= 0) {
    place.append(entry.message.slice(from, at), element("mark", {}, entry.message.slice(at, at + wanted.length)));
    from = at + wanted.length;
    at = lower.indexOf(wanted, from);
  }
  place.append(entry.message.slice(from));
  if (entry.message.length > FOLD_CHARACTERS || entry.message.split("\n").length > 5) {
    place.classList.add("adm-fold");
    place.addEventListener("click", () => place.classList.toggle("adm-fold"));
  }
  return place;
}

export function logRow(entry, words, onContext) {
  return element("tr", {},
    element("td", {}, when(entry)),
    element("td", {}, level(entry)),
    element("td", {}, entry.container),
    element("td", {}, message(entry, words)),
    element("td", {}, element("button", { type: "button", onclick: onContext }, text("showContext"))));
}

export function showContext(entry, { entries, at }) {
  const dialog = document.getElementById("log-context");
  document.getElementById("log-context-title").textContent = text("contextOf", { container: entry.container });
  const lines = entries.map((line, index) => element("li", index === at ? { aria: { current: "true" } } : {},
    when(line), " ", level(line), " ", element("span", { class: "adm-message" }, line.message)));
  document.getElementById("log-context-lines").replaceChildren(...lines);
  dialog.showModal();
  lines[at]?.scrollIntoView({ block: "center" });
}
