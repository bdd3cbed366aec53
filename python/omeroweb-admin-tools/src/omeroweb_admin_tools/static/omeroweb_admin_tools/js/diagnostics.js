// The diagnostics page: run what is ticked, show each check with what to do about it.

import { element } from "../../omero_plugin_common/js/dom.js";
import { sendJson } from "../../omero_plugin_common/js/http.js";
import { pageData, text } from "../../omero_plugin_common/js/messages.js";

const form = document.getElementById("diagnostics-form");
const status = document.getElementById("diagnostics-status");
const results = document.getElementById("results");
const button = document.getElementById("run");
const WORST_FIRST = { fail: 0, warn: 1, pass: 2 };

function badge(state) {
  return element("span", { class: "adm-badge", "data-state": state }, state.toUpperCase());
}

function row(check) {
  const found = [element("div", {}, check.summary)];
  if (check.details) found.push(element("div", { class: "adm-check-detail" }, check.details));
  if (check.advice) found.push(element("div", {}, element("strong", {}, text("whatToDo")), " ", check.advice));
  return element("tr", {}, element("th", { scope: "row" }, check.label), element("td", {}, badge(check.status)),
    element("td", {}, ...found), element("td", { class: "omp-number" }, `${Math.round(check.duration_ms)} ms`));
}

function label(id) {
  return form.querySelector(`[value="${CSS.escape(id)}"]`)?.dataset.label ?? id;
}

function section(result) {
  const checks = [...result.checks].sort((left, right) => WORST_FIRST[left.status] - WORST_FIRST[right.status]);
  const { pass: passed, warn, fail } = result.summary;
  const heading = element("h2", { class: "adm-line" }, element("span", {}, label(result.script_id), " ", badge(result.status)),
    element("span", { class: "omp-hint" }, text("checksSummary", { passed, warn, fail })));
  const head = element("tr", {}, ...["columnCheck", "columnResult", "columnFound", "columnTime"].map((name, index) =>
    element("th", { scope: "col", class: index === 3 ? "omp-number" : null }, text(name))));
  const table = element("table", { class: "adm-plain" }, element("thead", {}, head), element("tbody", {}, ...checks.map(row)));
  return element("section", { class: "omp-card", aria: { label: label(result.script_id) } }, heading,
    result.error ? element("p", { class: "omp-error" }, result.error)
      : element("div", { class: "adm-scroll", tabindex: "0", role: "region", aria: { label: label(result.script_id) } }, table));
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const scripts = [...form.querySelectorAll("[name=script]:checked")].map((box) => box.value);
  if (!scripts.length) {
    status.textContent = text("chooseChecks");
    return;
  }
  button.disabled = true;
  status.textContent = text("checking");
  results.setAttribute("aria-busy", "true");
  try {
    const answer = await sendJson(pageData.run, { scripts });
    results.replaceChildren(...answer.results.map(section));
    status.textContent = text("checked", { reference: answer.request_id });
  } catch (error) {
    status.textContent = error.message;
  } finally {
    button.disabled = false;
    results.removeAttribute("aria-busy");
  }
});
