// The quota page: change in the table or by a file, always after seeing what would change.

import { confirmDialog } from "../../omero_plugin_common/js/dialog.js";
import { element } from "../../omero_plugin_common/js/dom.js";
import { getJson, sendJson } from "../../omero_plugin_common/js/http.js";
import { pageData, text } from "../../omero_plugin_common/js/messages.js";
import { notify } from "../../omero_plugin_common/js/notice.js";
import { sendForm } from "./forms.js";
import { bytes, moment } from "./units.js";

const GB = 1024 ** 3;
const find = (id) => document.getElementById(id);
const state = { found: null };
const LEVELS = { ok: ["pass", "quotaOk"], warn: ["warn", "quotaWarn"], full: ["fail", "quotaFull"], none: ["none", "quotaNone"] };

function groupRow(group, found) {
  const { reconcile } = found;
  const quota = found.quotas_gb[group];
  const used = reconcile.used_bytes[group] ?? 0;
  const [level, words] = LEVELS[reconcile.levels[group] ?? "none"];
  const input = element("input", { type: "number", step: "0.001", min: String(reconcile.min_quota_gb), name: group,
    value: quota === undefined ? "" : String(quota), disabled: !pageData.may_change, aria: { label: text("quotaOf", { group }) } });
  const share = quota === undefined ? "–" : element("meter", { min: "0", max: String(quota * GB), value: String(used),
    high: String(quota * GB * 0.9), optimum: "0", aria: { label: text("shareOf", { group }) } });
  return element("tr", {}, element("th", { scope: "row" }, group), element("td", { class: "omp-number" }, bytes(used)),
    element("td", {}, input), element("td", {}, share),
    element("td", {}, element("span", { class: "adm-badge", "data-state": level }, text(words))));
}

function show(found) {
  state.found = found;
  const { reconcile } = found;
  find("groups").replaceChildren(...reconcile.available_groups.map((group) => groupRow(group, found)));
  const done = found.logs.map((line) => element("tr", {}, element("td", {}, moment(line.timestamp)),
    element("td", {}, line.level), element("td", {}, line.message)));
  find("log").replaceChildren(...(done.length ? done : [element("tr", {}, element("td", { colspan: "3" }, text("nothingDone")))]));
  const { type, mount_point: point } = reconcile.filesystem;
  find("enforcement").textContent = text(reconcile.quota_enforcement_available ? "quotaHard" : "quotaSoft",
    { filesystem: type || "–", point: point || "–", percent: reconcile.warn_percent });
  find("reconcile").hidden = !(reconcile.quota_enforcement_available && pageData.may_change);
  find("save").disabled = !pageData.may_change;
  find("import").disabled = !pageData.may_change;
  find("quota-status").textContent = pageData.may_change ? "" : text("quotaReadOnly");
  find("faults").hidden = !reconcile.error;
  find("faults").replaceChildren(...(reconcile.error ? [element("li", {}, reconcile.error)] : []));
}

function updates() {
  return [...find("groups").querySelectorAll("input")].map((input) => {
    const quota = input.value === "" ? null : Number(input.value);
    return { group: input.name, quota_gb: quota };
  }).filter(({ group, quota_gb: quota }) => quota !== (state.found.quotas_gb[group] ?? null));
}

function words(changes) {
  const one = (quota) => (quota === null ? text("noQuota") : `${quota} GB`);
  return changes.map(({ group, before, after }) => `${group}: ${one(before)} → ${one(after)}`).join("; ");
}

/** Show what would change, ask, then do it; `send(dryRun)` does either. */
async function change(send) {
  try {
    const { changes } = await send(true);
    if (!changes.length) {
      find("quota-status").textContent = text("nothingToChange");
      return;
    }
    const agreed = await confirmDialog({ title: text("changeTitle", { count: changes.length }), body: words(changes), action: text("changeAction") });
    if (!agreed) return;
    show(await send(false));
    notify(text("quotasChanged", { count: changes.length }));
  } catch (error) {
    notify(error.message, { error: true });
  }
}

find("quota-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const wanted = updates();
  if (!wanted.length) find("quota-status").textContent = text("nothingToChange");
  else change((dryRun) => sendJson(pageData.update, { updates: wanted, dry_run: dryRun, revision: state.found.revision }));
});
find("import-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const file = find("import-file").files[0];
  change((dryRun) => sendForm(pageData.import, { file, dry_run: String(dryRun) }));
});
find("reconcile").addEventListener("click", async () => {
  try {
    const { enforced } = await sendJson(`${pageData.reconcile}?dry_run=true`);
    const lines = enforced.error || enforced.results.map((entry) => `${entry.group}: ${entry.detail}`).join("; ");
    if (await confirmDialog({ title: text("enforceTitle"), body: lines || text("nothingToChange"), action: text("enforceAction") })) {
      show(await sendJson(pageData.reconcile));
    }
  } catch (error) {
    notify(error.message, { error: true });
  }
});
try {
  show(await getJson(pageData.data));
} catch (error) {
  find("quota-status").textContent = error.message;
}
document.documentElement.dataset.loaded = "true";
