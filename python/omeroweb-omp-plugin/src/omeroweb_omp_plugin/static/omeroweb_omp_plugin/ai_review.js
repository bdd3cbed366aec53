// What will be sent, to the letter, before it is.

import { openDialog } from "../omero_plugin_common/js/dialog.js";
import { element } from "../omero_plugin_common/js/dom.js";
import { text } from "../omero_plugin_common/js/messages.js";

function whatHappensToNames(shown) {
  if (shown.pseudonymised) return text("aiReviewHidden");
  return shown.on_site ? text("aiReviewOnSite") : text("aiReviewPlain");
}

/** Show a question from the preview view; resolves to true when the person agreed to send it. */
export async function reviewDialog(shown) {
  const send = element("button", { type: "submit", value: "yes", class: "omp-primary" }, text("aiSend", { title: shown.title }));
  const keep = element("button", { type: "submit", value: "no" }, text("cancel"));
  const form = element("form", { method: "dialog" },
    element("h2", { id: "omp-ai-review-title" }, text("aiReviewTitle", { title: shown.title })),
    element("p", {}, text("aiReviewTo", { address: shown.address, model: shown.model })),
    element("p", {}, `${text("aiReviewNames", { sent: shown.names_sent, total: shown.names_total })} ${whatHappensToNames(shown)}`),
    element("p", { id: "omp-ai-data" }, text("aiData")),
    element("pre", { class: "omp-ai-sent", tabindex: "0", role: "region", aria: { labelledby: "omp-ai-data" } }, shown.data),
    element("details", {}, element("summary", {}, text("aiWholeRequest")),
      element("pre", { class: "omp-ai-sent", tabindex: "0", role: "region", aria: { label: text("aiWholeRequest") } }, JSON.stringify(shown.body, null, 2))),
    element("div", { class: "omp-dialog-buttons" }, keep, send));
  return (await openDialog(form, { labelledBy: "omp-ai-review-title", className: "omp-ai-review", focus: keep })) === "yes";
}
