// Asking before something that matters.

import { element } from "./dom.js";
import { text } from "./messages.js";

let number = 0;

/**
 * Show a form with `method="dialog"` above the page; resolves to the value of the button that ended it, empty for
 * Escape, once it is closed and the focus is back where it was. `focus` gets the focus first.
 */
export function openDialog(form, { labelledBy, describedBy = null, className = "", focus }) {
  const returnFocus = document.activeElement;
  const aria = describedBy === null ? { labelledby: labelledBy } : { labelledby: labelledBy, describedby: describedBy };
  const dialog = element("dialog", { class: `omp-dialog ${className}`.trim(), aria }, form);
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (returnFocus instanceof HTMLElement) returnFocus.focus();
      resolve(dialog.returnValue);
    });
    document.body.append(dialog);
    dialog.showModal();
    focus.focus();
  });
}

/**
 * Ask; resolves to true when the person agreed. `dangerous` warns that it can't be undone and puts the focus on
 * "Cancel"; `typed` is a word that must be typed before the button works. `refusal` is what not agreeing is called,
 * where "Cancel" could mean what is asked about.
 */
export async function confirmDialog({ title, body, action, dangerous = false, typed = null, refusal = text("cancel") }) {
  number += 1;
  const titleId = `omp-dialog-title-${number}`;
  const bodyId = `omp-dialog-body-${number}`;
  const agree = element("button", { type: "submit", value: "yes", class: dangerous ? "omp-danger" : "omp-primary" }, action);
  const refuse = element("button", { type: "submit", value: "no", formnovalidate: true }, refusal);
  const description = element("div", { id: bodyId }, element("p", {}, body));
  if (dangerous) description.append(element("p", { class: "omp-error" }, text("confirmIrreversible")));
  if (typed !== null) {
    const input = element("input", { autocomplete: "off", aria: { label: typed } });
    agree.disabled = true;
    input.addEventListener("input", () => { agree.disabled = input.value !== typed; });
    description.append(input);
  }
  const form = element("form", { method: "dialog" }, element("h2", { id: titleId }, title), description,
    element("div", { class: "omp-dialog-buttons" }, refuse, agree));
  const answer = await openDialog(form, { labelledBy: titleId, describedBy: bodyId, focus: dangerous ? refuse : agree });
  return answer === "yes";
}
