// The names, types and vocabularies of the values.

import { element } from "../omero_plugin_common/js/dom.js";
import { pageData, text } from "../omero_plugin_common/js/messages.js";
import { studio } from "./state.js";

const list = document.getElementById("omp-variables");
const addButton = document.getElementById("omp-variable-add");
const TYPES = ["text", "integer", "number", "date", "magnification", "wavelength", "concentration", "duration", "well", "word"];

function typeOf(name) {
  return (studio.recipe.types || []).find((entry) => entry.key === name) || { type: "text", words: [] };
}

function read() {
  const names = [];
  const types = [];
  for (const row of list.children) {
    const name = row.querySelector("[name=variable]").value.trim();
    const type = row.querySelector("[name=type]").value;
    names.push(name);
    if (type !== "text") {
      const words = row.querySelector("[name=words]").value.split(",").map((word) => word.trim()).filter(Boolean);
      types.push({ key: name || `Var${names.length}`, type, words });
    }
  }
  return { names, types };
}

function row(name, place) {
  const known = typeOf(name || `Var${place + 1}`);
  const input = element("input", { name: "variable", maxlength: 255, placeholder: `Var${place + 1}`, value: name,
    autocomplete: "off", aria: { label: text("variableName", { place: place + 1 }) } });
  const select = element("select", { name: "type", aria: { label: text("variableType", { place: place + 1 }) } },
    ...TYPES.map((type) => element("option", { value: type, selected: type === known.type }, text(`type${type[0].toUpperCase()}${type.slice(1)}`))));
  const words = element("input", { name: "words", value: known.words.join(", "), hidden: known.type !== "word",
    placeholder: text("vocabularyHint"), aria: { label: text("vocabularyOf", { place: place + 1 }) } });
  const up = element("button", { type: "button", disabled: place === 0, aria: { label: text("moveUp", { place: place + 1 }) }, onclick: () => move(place) }, "↑");
  const remove = element("button", { type: "button", aria: { label: text("removeVariable", { place: place + 1 }) }, onclick: () => drop(place) }, "×");
  return element("li", { class: "omp-variable" }, element("span", { class: "omp-place" }, String(place + 1)), input, select, up, remove, words);
}

function move(place) {
  const { names, types } = read();
  [names[place - 1], names[place]] = [names[place], names[place - 1]];
  studio.setRecipe({ names, types });
}

function drop(place) {
  const { names, types } = read();
  const [gone] = names.splice(place, 1);
  studio.setRecipe({ names, types: types.filter((entry) => entry.key !== gone) });
}

function show() {
  const names = studio.recipe.names || [];
  const here = list.contains(document.activeElement) ? document.activeElement : null;
  if (here && list.children.length === names.length && here.name === "variable") return;
  const focus = here ? [[...list.children].indexOf(here.closest("li")), here.name] : null;
  list.replaceChildren(...names.map(row));
  addButton.disabled = names.length >= pageData.mostVariables;
  if (focus && focus[0] >= 0) list.children[focus[0]]?.querySelector(`[name="${focus[1]}"]`)?.focus();
}

let timer = null;
list.addEventListener("input", (event) => {
  if (event.target.name !== "variable" && event.target.name !== "words") return;
  clearTimeout(timer);
  timer = setTimeout(() => studio.setRecipe(read()), 400);
});
list.addEventListener("change", () => {
  clearTimeout(timer);
  studio.setRecipe(read());
});
addButton.addEventListener("click", () => {
  const { names, types } = read();
  studio.setRecipe({ names: [...names, ""], types });
  list.lastElementChild.querySelector("input").focus();
});
document.getElementById("omp-variable-defaults").addEventListener("click", () => {
  studio.setRecipe({ names: [...pageData.defaultNames], types: [] });
});
studio.addEventListener("recipe", show);
