// Short messages in the corner, read out by screen readers.

import { element } from "./dom.js";
import { text } from "./messages.js";

const SHOWN_MILLISECONDS = 8000;

/** Show a message; errors stay until closed. */
export function notify(message, { error = false } = {}) {
  const place = document.getElementById("omp-notices");
  const close = element("button", { type: "button", aria: { label: text("close") } }, "×");
  const notice = element("div", { class: error ? "omp-notice omp-notice-error" : "omp-notice" },
    element("span", error ? { role: "alert" } : {}, message), close);
  close.addEventListener("click", () => notice.remove());
  place.append(notice);
  if (!error) setTimeout(() => notice.remove(), SHOWN_MILLISECONDS);
  return notice;
}
