// The form for how names are read, and the built-in suggester.

import { element } from "../omero_plugin_common/js/dom.js";
import { sendJson } from "../omero_plugin_common/js/http.js";
import { pageData, text } from "../omero_plugin_common/js/messages.js";
import { notify } from "../omero_plugin_common/js/notice.js";
import { studio } from "./state.js";

const form = document.getElementById("omp-rule");
const suggestButton = document.getElementById("omp-suggest");
const explanation = document.getElementById("omp-explanation");
const TICKS = { protect_hyphens: true, extension: true, brackets: true, last_word: true };

function read() {
  const [source, level] = form.elements.source.value.split(":");
  const parts = {
    mode: form.elements.mode.value,
    separators: form.elements.separators.value,
    pattern: form.elements.pattern.value,
    labels: form.elements.labels.value.split(",").map((label) => label.trim()).filter(Boolean),
    source,
    level: Number(level || 1),
  };
  for (const name of Object.keys(TICKS)) parts[name] = form.elements[name].checked;
  return parts;
}

function show(recipe) {
  const fields = form.elements;
  fields.mode.value = recipe.mode;
  // A field in which somebody types keeps what they typed.
  for (const name of ["separators", "pattern"]) {
    if (fields[name] !== document.activeElement) fields[name].value = recipe[name];
  }
  if (fields.labels !== document.activeElement) fields.labels.value = recipe.labels.join(", ");
  for (const name of Object.keys(TICKS)) fields[name].checked = recipe[name];
  const wanted = recipe.source === "folder" ? `folder:${recipe.level}` : recipe.source;
  if ([...fields.source.options].some((option) => option.value === wanted)) fields.source.value = wanted;
  for (const part of form.querySelectorAll("[data-mode]")) part.hidden = part.dataset.mode !== recipe.mode;
}

let timer = null;
form.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(() => studio.setRecipe(read()), 250);
});
form.addEventListener("change", () => {
  clearTimeout(timer);
  studio.setRecipe(read());
});
form.addEventListener("submit", (event) => event.preventDefault());
studio.addEventListener("recipe", () => show(studio.recipe));

async function suggest() {
  suggestButton.disabled = true;
  explanation.textContent = text("looking");
  try {
    const found = await sendJson(pageData.routes.suggest, {
      targets: studio.targets, recipe: studio.recipe, names: pageData.defaultNames,
    });
    explanation.replaceChildren(element("p", {}, `${found.explanation}.`), mismatches(found));
    studio.setRecipe(found.recipe);
  } catch (error) {
    explanation.textContent = "";
    notify(error.message, { error: true });
  }
  suggestButton.disabled = !studio.targets.length;
}

function mismatches(found) {
  const missed = found.total - found.matched;
  if (!missed) return "";
  const rows = found.mismatches.map((entry) => element("li", {}, element("code", {}, entry.name), ` – ${entry.reason}`));
  return element("details", {}, element("summary", {}, text(missed === 1 ? "namesThatDontFitOne" : "namesThatDontFit", { count: missed })), element("ul", {}, ...rows));
}

suggestButton.addEventListener("click", suggest);
studio.addEventListener("targets", () => { suggestButton.disabled = !studio.targets.length; });

export function startRule(recipe) {
  studio.setRecipe(recipe);
}
