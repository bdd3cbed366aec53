// Variable sets: load, save as a new version, rename, share, delete, import.

import { confirmDialog } from "../omero_plugin_common/js/dialog.js";
import { element } from "../omero_plugin_common/js/dom.js";
import { getJson, sendJson } from "../omero_plugin_common/js/http.js";
import { pageData, text } from "../omero_plugin_common/js/messages.js";
import { notify } from "../omero_plugin_common/js/notice.js";
import { studio } from "./state.js";

const routes = pageData.routes;
const select = document.getElementById("omp-set");
const nameField = document.getElementById("omp-set-name");
const shared = document.getElementById("omp-set-shared");
const versions = document.getElementById("omp-set-versions");
const buttons = Object.fromEntries(["load", "save", "rename", "delete"].map((name) => [name, document.getElementById(`omp-set-${name}`)]));
let sets = [];

function chosen() {
  return sets[select.selectedIndex];
}

/** Run something that talks to the server; say what went wrong. */
async function attempt(act) {
  try {
    await act();
  } catch (error) {
    notify(error.message, { error: true });
  }
}

function showChosen() {
  const entry = chosen();
  buttons.load.disabled = !entry;
  for (const name of ["rename", "delete"]) buttons[name].disabled = !entry?.mine;
  shared.disabled = !entry?.mine;
  shared.checked = Boolean(entry?.group_id);
  if (entry?.mine) nameField.value = entry.name;
  versions.replaceChildren();
  if (entry?.mine && entry.version > 1) attempt(() => listVersions(entry));
}

async function listVersions(entry) {
  const found = await getJson(`${routes.varsetsVersions}?set_name=${encodeURIComponent(entry.name)}`);
  const lines = found.versions.slice(1).map((row) => {
    const label = text("versionLine", { version: row.version, when: new Date(row.saved).toLocaleString() });
    return element("li", {}, element("button", { type: "button", onclick: () => attempt(() => load(row.version)) }, label));
  });
  versions.replaceChildren(element("ul", { class: "omp-chips" }, ...lines));
}

async function refresh(name = null) {
  const { details } = await getJson(routes.varsets);
  sets = details;
  select.replaceChildren(...sets.map((entry) => element("option", {},
    entry.mine ? entry.name : text("setOf", { name: entry.name, owner: entry.owner }))));
  const place = sets.findIndex((entry) => entry.mine && entry.name === name);
  if (place >= 0) select.selectedIndex = place;
  showChosen();
}

async function load(version = null) {
  const entry = chosen();
  const query = new URLSearchParams({ set_name: entry.name });
  if (!entry.mine) query.set("owner_id", entry.owner_id);
  if (version) query.set("version", version);
  const found = await getJson(`${routes.varsetsLoad}?${query}`);
  studio.setRecipe({ names: found.var_names, types: found.details.types || [] });
}

async function save() {
  const name = nameField.value.trim();
  const there = sets.find((entry) => entry.mine && entry.name === name);
  if (there && !(await confirmDialog({ title: text("overwriteTitle", { name }), body: text("overwriteBody"), action: text("overwriteAction") }))) return;
  await sendJson(routes.varsetsSave, {
    set_name: name, var_names: studio.keys(), details: { types: studio.recipe.types || [] },
    max_sets: pageData.maxSets, overwrite: Boolean(there), replaces: there?.version ?? null,
  });
  notify(text("setSaved"));
  await refresh(name);
}

async function rename() {
  const name = nameField.value.trim();
  await sendJson(routes.varsetsRename, { set_name: chosen().name, new_name: name });
  notify(text("setSaved"));
  await refresh(name);
}

async function remove() {
  const { name } = chosen();
  const agreed = await confirmDialog({ title: text("deleteSetTitle", { name }), body: text("deleteSetBody"), action: text("deleteAction"), dangerous: true });
  if (!agreed) return;
  await sendJson(routes.varsetsDelete, { set_name: name });
  notify(text("setDeleted"));
  await refresh();
}

async function share() {
  const { name } = chosen();
  await sendJson(routes.varsetsShare, { set_name: name, group_id: shared.checked ? pageData.groupId : null });
  notify(text("setSaved"));
  await refresh(name);
}

select.addEventListener("change", showChosen);
buttons.load.addEventListener("click", () => attempt(() => load()));
buttons.save.addEventListener("click", () => attempt(save));
buttons.rename.addEventListener("click", () => attempt(rename));
buttons.delete.addEventListener("click", () => attempt(remove));
shared.addEventListener("change", () => attempt(share));
document.getElementById("omp-set-import").addEventListener("change", (event) => attempt(async () => {
  const file = event.target.files[0];
  if (!file) return;
  event.target.value = "";
  const found = await sendJson(routes.varsetsImport, { ...JSON.parse(await file.text()), max_sets: pageData.maxSets });
  notify(text("setImported", { count: found.imported }));
  await refresh();
}));
attempt(() => refresh());
