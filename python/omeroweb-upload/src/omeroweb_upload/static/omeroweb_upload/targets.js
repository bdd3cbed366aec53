// The pickers for project, dataset and screen, and the user's other choices.

import { element } from "../omero_plugin_common/js/dom.js";
import { getJson, sendJson } from "../omero_plugin_common/js/http.js";
import { pageData, text } from "../omero_plugin_common/js/messages.js";
import { notify } from "../omero_plugin_common/js/notice.js";
import { address } from "./transfer.js";

const at = (id) => document.getElementById(id);

function fill(select, rows, empty) {
  const before = select.value;
  const options = rows.map((row) => element("option", { value: row.id }, row.owner ? `${row.name} (${row.owner})` : row.name));
  if (empty !== null) options.unshift(element("option", { value: "" }, empty));
  select.replaceChildren(...options);
  if ([...select.options].some((option) => option.value === before)) select.value = before;
}

/** Ask for a name; resolves to "" when the person changed their mind. */
function askName(title) {
  return new Promise((resolve) => {
    const input = element("input", { required: true, maxlength: "255", id: "upl-name" });
    const form = element("form", { method: "dialog" }, element("h2", {}, title),
      element("label", { for: "upl-name" }, text("newName")), input,
      element("div", { class: "omp-dialog-buttons" },
        element("button", { type: "submit", value: "", formnovalidate: true }, text("cancel")),
        element("button", { type: "submit", value: "yes", class: "omp-primary" }, title)));
    const dialog = element("dialog", { class: "omp-dialog", aria: { label: title } }, form);
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes" ? input.value : "");
    });
    document.body.append(dialog);
    dialog.showModal();
    input.focus();
  });
}

export class Targets {
  constructor() {
    this.project = at("upl-project");
    this.dataset = at("upl-dataset");
    this.screen = at("upl-screen");
    this.rule = at("upl-rule");
    this.special = at("upl-special");
    this.project.addEventListener("change", () => this.loadDatasets());
    this.rule.addEventListener("change", () => this._showDataset());
    at("upl-new-project").addEventListener("click", () => this._make("project", this.project, at("upl-new-project").textContent));
    at("upl-new-dataset").addEventListener("click", () => this._make("dataset", this.dataset, at("upl-new-dataset").textContent));
    at("upl-save-settings").addEventListener("click", () => this._save());
    this._apply(pageData.settings);
    fill(this.project, [], text("noneChosen"));
    fill(this.screen, [], "–");
  }

  _apply(settings) {
    this.rule.value = settings.folderRule;
    at("upl-duplicates").value = settings.duplicates;
    at("upl-batch").value = settings.uploadBatchFiles;
    at("upl-compatibility").checked = settings.compatibilityCheck;
    this._showDataset();
  }

  async load() {
    try {
      const [projects, screens] = await Promise.all([getJson(pageData.urls.projects), getJson(pageData.urls.screens)]);
      fill(this.project, [...projects.owned, ...projects.collab], text("noneChosen"));
      fill(this.screen, screens.screens, "–");
      const kept = localStorage.getItem(`omeroweb_upload_project_selection_v1_u${pageData.user_id}`);
      if (kept && [...this.project.options].some((option) => option.value === kept)) this.project.value = kept;
      await this.loadDatasets();
    } catch (error) {
      notify(error.message, { error: true });
    }
  }

  async loadDatasets() {
    localStorage.setItem(`omeroweb_upload_project_selection_v1_u${pageData.user_id}`, this.project.value);
    if (this.rule.value !== "one") return;
    if (!this.project.value) {
      fill(this.dataset, [], "–");
      return;
    }
    try {
      fill(this.dataset, (await getJson(address("datasets", this.project.value))).datasets, null);
    } catch (error) {
      notify(error.message, { error: true });
    }
  }

  _showDataset() {
    for (const part of document.querySelectorAll("[data-one]")) part.hidden = this.rule.value !== "one";
    this.loadDatasets();
  }

  async _make(kind, select, title) {
    const name = await askName(title.replace("…", ""));
    if (!name.trim()) return;
    try {
      const project = kind === "dataset" && this.project.value ? Number(this.project.value) : null;
      const made = await sendJson(pageData.urls.create, { kind, name, project_id: project });
      select.append(element("option", { value: made.id }, made.name));
      select.value = String(made.id);
      notify(text("created", { name: made.name }));
      if (kind === "project") await this.loadDatasets();
    } catch (error) {
      notify(error.message, { error: true });
    }
  }

  /** The choices as the server wants them at the start of an upload. */
  options() {
    const number = (select) => (select.value ? Number(select.value) : null);
    const one = this.rule.value === "one";
    return {
      target: {
        project_id: one && this.dataset.value ? null : number(this.project), dataset_id: one ? number(this.dataset) : null,
        screen_id: number(this.screen), rule: this.rule.value,
      },
      duplicates: at("upl-duplicates").value, batch_size: Number(at("upl-batch").value) || null,
      compatibility_enabled: at("upl-compatibility").checked, special_upload: this.special?.value ?? "",
    };
  }

  async _save() {
    try {
      await sendJson(pageData.urls.save_settings, { settings: {
        folderRule: this.rule.value, duplicates: at("upl-duplicates").value,
        uploadBatchFiles: Number(at("upl-batch").value), compatibilityCheck: at("upl-compatibility").checked,
      } });
      notify(text("settingsSaved"));
    } catch (error) {
      notify(error.message, { error: true });
    }
  }
}
