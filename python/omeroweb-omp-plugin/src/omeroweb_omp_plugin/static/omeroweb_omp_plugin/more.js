// Spreadsheets, acquisition metadata, removing.

import { confirmDialog } from "../omero_plugin_common/js/dialog.js";
import { element } from "../omero_plugin_common/js/dom.js";
import { sendJson, ServerError } from "../omero_plugin_common/js/http.js";
import { pageData, text } from "../omero_plugin_common/js/messages.js";
import { notify } from "../omero_plugin_common/js/notice.js";
import { start } from "./jobs.js";
import { askPassword } from "./password.js";
import { studio } from "./state.js";

const routes = pageData.routes;
const csvStatus = document.getElementById("omp-csv-status");

/** Run something for the chosen images; say when there are none or what went wrong. */
function withImages(act) {
  return async () => {
    if (!studio.targets.length) {
      notify(text("chooseFirst"), { error: true });
      return;
    }
    try {
      await act();
    } catch (error) {
      notify(error.message, { error: true });
    }
  };
}

async function download() {
  const response = await fetch(routes.csvExport, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": document.cookie.match(/csrftoken=([^;]+)/)?.[1] ?? "" },
    body: JSON.stringify({ targets: studio.targets }),
  });
  if (!response.ok) throw new ServerError((await response.json()).error, { status: response.status });
  const link = element("a", { href: URL.createObjectURL(await response.blob()), download: "key-values.csv" });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

async function upload(event) {
  const file = event.target.files[0];
  if (!file) return;
  event.target.value = "";
  csvStatus.textContent = text("looking");
  try {
    const body = { text: await file.text(), policy: studio.policy };
    const found = await sendJson(routes.csvLook, body);
    const { counts } = found;
    csvStatus.replaceChildren(text("csvRead", { rows: found.rows, changed: counts.changed }), problems(found));
    if (!counts.changed) return;
    const agreed = await confirmDialog({
      title: text("csvTitle", { changed: counts.changed }),
      body: text("csvBody", { ...counts, problems: found.problem_count }),
      action: text("csvAction"),
    });
    if (agreed) await start(routes.csvWrite, body, text("writing"));
  } catch (error) {
    csvStatus.textContent = "";
    notify(error.message, { error: true });
  }
}

function problems(found) {
  if (!found.problem_count) return "";
  const lines = found.problems.map((row) => element("li", {}, `${row.type} ${row.id}: ${row.message}`));
  return element("ul", { class: "omp-error" }, ...lines);
}

async function remove(everybodys) {
  const body = { targets: studio.targets, everybodys };
  const found = await sendJson(routes.removePreview, body);
  if (!found.annotations) {
    notify(text("removeNothing"));
    return;
  }
  const password = await askPassword({
    title: text("removeTitle", { annotations: found.annotations, images: found.images }),
    body: text(everybodys ? "removeBodyAll" : "removeBodyOwn", { pairs: found.pairs, staying: found.staying, others: found.other_people }),
    examples: found.examples,
    action: text("removeAction"),
  });
  if (password !== null) await start(routes.remove, { ...body, password }, text("removing"));
}

document.getElementById("omp-csv-export").addEventListener("click", withImages(download));
document.getElementById("omp-csv-import").addEventListener("change", upload);
document.getElementById("omp-acquisition").addEventListener("click",
  withImages(() => start(routes.acquisition, { targets: studio.targets }, text("copying"))));
document.getElementById("omp-remove-own").addEventListener("click", withImages(() => remove(false)));
document.getElementById("omp-remove-all").addEventListener("click", withImages(() => remove(true)));
