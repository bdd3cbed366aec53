// Choosing projects, datasets, screens, plates, wells, images in no dataset – one's own and those others share.

import { element } from "../omero_plugin_common/js/dom.js";
import { getJson } from "../omero_plugin_common/js/http.js";
import { pageData, text } from "../omero_plugin_common/js/messages.js";
import { notify } from "../omero_plugin_common/js/notice.js";
import { studio } from "./state.js";

const CHILD = { Project: "Dataset", Screen: "Plate", Plate: "Well" };
const tree = document.getElementById("omp-tree");
const chosen = document.getElementById("omp-chosen");
const filter = document.getElementById("omp-tree-filter");
const labels = new Map();
const marks = new Map(pageData.targets.map((target) => [keyOf(target), target]));

function keyOf({ type, id }) {
  return `${type}:${id}`;
}

function tell() {
  studio.setTargets([...marks.values()]);
  showChosen();
}

function showChosen() {
  const chips = [...marks.values()].map((target) => {
    const name = labels.get(keyOf(target)) || `${text("kind" + target.type)} ${target.id}`;
    const remove = element("button", { type: "button", aria: { label: text("removeTarget", { name }) } }, "×");
    remove.addEventListener("click", () => {
      marks.delete(keyOf(target));
      const box = tree.querySelector(`input[value="${keyOf(target)}"]`);
      if (box) box.checked = false;
      tell();
    });
    return element("li", { class: "omp-chip" }, element("span", {}, name), remove);
  });
  chosen.replaceChildren(...chips);
  chosen.hidden = !chips.length;
}

function node(type, box) {
  const key = keyOf({ type, id: box.id });
  labels.set(key, box.name);
  const tick = element("input", { type: "checkbox", value: key });
  tick.checked = marks.has(key);
  tick.addEventListener("change", () => {
    if (tick.checked) marks.set(key, { type, id: box.id });
    else marks.delete(key);
    tell();
  });
  const counted = type in CHILD && type !== "Plate" ? CHILD[type].toLowerCase() : "image";
  const details = [text(`${counted}${box.count === 1 ? "One" : "Count"}`, { count: box.count })];
  if (box.owner) details.push(box.owner);
  const line = element("label", { class: "omp-check" }, tick, element("span", { class: "omp-node-name" }, box.name),
    element("span", { class: "omp-hint" }, details.join(", ")));
  const item = element("li", { class: "omp-node", "data-name": box.name.toLowerCase() }, line);
  if (type in CHILD && box.count) item.prepend(opener(type, box, item));
  else item.classList.add("omp-leaf");
  return item;
}

function opener(type, box, item) {
  const button = element("button", { type: "button", class: "omp-opener", aria: { expanded: "false", label: text("openNode", { name: box.name }) } }, "▸");
  let list = null;
  button.addEventListener("click", async () => {
    const open = button.getAttribute("aria-expanded") !== "true";
    if (open && !list) {
      list = element("ul", {});
      item.append(list);
      try {
        const found = await getJson(`${pageData.routes.sources}?under=${type}:${box.id}`);
        list.append(...found.children.map((child) => node(found.type, child)));
      } catch (error) {
        list.remove();
        list = null;
        notify(error.message, { error: true });
        return;
      }
    }
    button.setAttribute("aria-expanded", String(open));
    button.textContent = open ? "▾" : "▸";
    if (list) list.hidden = !open;
  });
  return button;
}

function group(title, nodes, open) {
  if (!nodes.length) return null;
  return element("details", { class: "omp-tree-group", open },
    element("summary", {}, `${title} (${nodes.length})`), element("ul", {}, ...nodes));
}

function arrange(found) {
  const kinds = ["Project", "Dataset", "Screen", "Plate"];
  const own = kinds.map((kind) => group(text(`own${kind}`), found[kind].owned.map((box) => node(kind, box)), true));
  const others = kinds.map((kind) => group(text(`others${kind}`), found[kind].others.map((box) => node(kind, box)), false));
  const loose = found.orphans.count
    ? group(text("orphans"), [node("Orphans", { id: found.orphans.id, name: text("orphansAll"), count: found.orphans.count })], true)
    : null;
  const groups = [...own, loose, ...others].filter(Boolean);
  tree.replaceChildren(...(groups.length ? groups : [element("p", {}, text("nothingToChoose"))]));
}

filter.addEventListener("input", () => {
  const wanted = filter.value.trim().toLowerCase();
  for (const item of tree.querySelectorAll("details > ul > li")) {
    item.hidden = Boolean(wanted) && !item.dataset.name.includes(wanted);
  }
});

export async function loadTree() {
  tree.setAttribute("aria-busy", "true");
  try {
    arrange(await getJson(pageData.routes.sources));
    showChosen();
  } catch (error) {
    tree.replaceChildren(element("p", { class: "omp-error", role: "alert" }, error.message));
  }
  tree.removeAttribute("aria-busy");
}

document.getElementById("omp-tree-reload").addEventListener("click", loadTree);
