// The user's settings, and deleting what the plugin keeps.

import { confirmDialog } from "../omero_plugin_common/js/dialog.js";
import { sendJson } from "../omero_plugin_common/js/http.js";
import { pageData, text } from "../omero_plugin_common/js/messages.js";
import { notify } from "../omero_plugin_common/js/notice.js";

const form = document.getElementById("omp-settings");
const fields = form.elements;

function read() {
  return {
    defaultVariableNames: fields.defaultVariableNames.value.split("\n").map((name) => name.trim()).filter(Boolean),
    defaultPolicy: fields.defaultPolicy.value,
    maxParsedVariables: Number(fields.maxParsedVariables.value),
    maxVariableSets: Number(fields.maxVariableSets.value),
    jobBatchSize: Number(fields.jobBatchSize.value),
  };
}

function show(settings) {
  fields.defaultVariableNames.value = settings.defaultVariableNames.join("\n");
  for (const name of ["defaultPolicy", "maxParsedVariables", "maxVariableSets", "jobBatchSize"]) fields[name].value = settings[name];
}

async function save(settings) {
  try {
    show((await sendJson(pageData.routes.userSettingsSave, { settings })).settings);
    notify(text("settingsSaved"));
  } catch (error) {
    notify(error.message, { error: true });
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  save(read());
});
document.getElementById("omp-settings-defaults").addEventListener("click", () => {
  const { aiDefaults: _kept, ...defaults } = pageData.defaults;
  save(defaults);
});

for (const [id, route, message] of [
  ["omp-delete-keys", "deleteApiKeys", "deleteDataKeys"],
  ["omp-delete-sets", "deleteVariableSets", "deleteDataSets"],
  ["omp-delete-all", "deleteAllData", "deleteDataAll"],
]) {
  document.getElementById(id).addEventListener("click", async () => {
    const agreed = await confirmDialog({ title: text("deleteDataTitle"), body: text(message), action: text("deleteAction"), dangerous: true });
    if (!agreed) return;
    try {
      const { deleted } = await sendJson(pageData.routes[route]);
      const count = typeof deleted === "number" ? deleted : Object.values(deleted).reduce((sum, part) => sum + part, 0);
      notify(text("deletedRows", { count }));
    } catch (error) {
      notify(error.message, { error: true });
    }
  });
}
