// Asking for the password before something is removed.

import { openDialog } from "../omero_plugin_common/js/dialog.js";
import { element } from "../omero_plugin_common/js/dom.js";
import { pageData, text } from "../omero_plugin_common/js/messages.js";

/** Resolves to the password (empty when the person has none), or to null when they changed their mind. */
export async function askPassword({ title, body, examples, action }) {
  const field = element("input", { type: "password", autocomplete: "current-password", id: "omp-password" });
  const list = element("ul", {}, ...examples.map((entry) =>
    element("li", {}, element("code", {}, entry.name || String(entry.id)), ` ${entry.pairs.map(([key, value]) => `${key} = ${value}`).join(", ")}`)));
  const refuse = element("button", { type: "submit", value: "no", formnovalidate: true }, text("cancel"));
  const agree = element("button", { type: "submit", value: "yes", class: "omp-danger" }, action);
  const form = element("form", { method: "dialog" }, element("h2", { id: "omp-password-title" }, title),
    element("p", {}, body),
    element("details", {}, element("summary", {}, text("removeExamples")), list),
    element("label", { class: "omp-field", for: "omp-password" }, element("span", {}, text("passwordLabel")), field),
    element("p", { class: "omp-hint" }, text("passwordHint", { minutes: pageData.freshLoginMinutes })),
    element("div", { class: "omp-dialog-buttons" }, refuse, agree));
  // Enter in the field presses the first button of the form, which has to be the wish of who types a password.
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    agree.click();
  });
  const answer = await openDialog(form, { labelledBy: "omp-password-title", focus: field });
  return answer === "yes" ? field.value : null;
}
