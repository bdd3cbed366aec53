// A suggestion on the page: how the names are built, what the first ones give, which don't fit.

import { element } from "../omero_plugin_common/js/dom.js";
import { text } from "../omero_plugin_common/js/messages.js";

function examples(found) {
  const count = Math.max(found.recipe.names.length, ...found.examples.map((example) => example.values.length));
  const titles = Array.from({ length: count }, (_unused, place) => found.recipe.names[place] || text("aiValue", { number: place + 1 }));
  const head = element("tr", {}, element("th", { scope: "col" }, text("aiFileName")), ...titles.map((name) => element("th", { scope: "col" }, name)));
  const rows = found.examples.map((example) => element("tr", {}, element("th", { scope: "row" }, example.name),
    ...titles.map((_unused, place) => element("td", {}, example.values[place] ?? ""))));
  return element("div", { class: "omp-ai-examples", tabindex: "0", role: "region", aria: { label: text("aiExamples") } },
    element("table", {}, element("caption", {}, text("aiExamples")), element("thead", {}, head), element("tbody", {}, ...rows)));
}

function misfits(found) {
  const count = found.total - found.matched;
  if (!count) return null;
  const rows = found.mismatches.map((entry) => element("li", {}, element("code", {}, entry.name), ` – ${entry.reason}`));
  return element("details", {}, element("summary", {}, text("aiMisfits", { count })), element("ul", {}, ...rows));
}

/** The elements of a suggestion; `use` is called when the person takes it. */
export function suggestionView(found, use) {
  const heading = found.source === "ai" ? text("aiAnswerOf", { title: found.title }) : text("aiBuiltIn");
  return element("section", { class: "omp-ai-suggestion" },
    found.fallback_reason ? element("p", { class: "omp-error" }, found.fallback_reason) : null,
    element("h3", {}, heading),
    element("p", {}, `${found.explanation.replace(/\.$/, "")}. ${text("aiFits", { matched: found.matched, total: found.total })}`),
    examples(found),
    misfits(found),
    element("button", { type: "button", class: "omp-primary", onclick: use }, text("aiUse")));
}
