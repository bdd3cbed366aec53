// The log page: what is searched for stands in the address; entries come from Loki or from local files alike.

import { getJson } from "../../omero_plugin_common/js/http.js";
import { pageData, text } from "../../omero_plugin_common/js/messages.js";
import { notify } from "../../omero_plugin_common/js/notice.js";
import { logRow, showContext } from "./log_rows.js";
import { SourceTree, levelBoxes } from "./log_filters.js";

const PORTION = 250;
const MOST_SHOWN = 5000;
const FOLLOW_MILLISECONDS = 2000;
const DEBOUNCE_MILLISECONDS = 300;

const find = (id) => document.getElementById(id);
const form = find("log-form");
const rows = find("log-rows");
const status = find("log-status");
const more = find("log-more");
const followButton = find("log-follow");

const state = { entries: [], shown: 0, known: new Set(), request: null, timer: null, following: false, typing: null };
const tree = new SourceTree(find("log-sources"), find("log-chosen"), () => search());

/** The search as it stands in the form. */
function parameters() {
  const found = new URLSearchParams();
  const query = form.query.value;
  if (query) found.set("query", query);
  if (form.regex.checked) found.set("regex", "true");
  if (form.lookback.value === "custom") {
    for (const name of ["start", "end"]) {
      if (form[name].value) found.set(name, new Date(form[name].value).toISOString());
    }
  } else found.set("lookback", form.lookback.value);
  for (const box of form.querySelectorAll("[name=level]:checked")) found.append("level", box.value);
  tree.addTo(found);
  return found;
}

/** Fill the form from the page's address. */
function restore() {
  const wanted = new URLSearchParams(location.search);
  form.query.value = wanted.get("query") ?? "";
  form.regex.checked = wanted.get("regex") === "true";
  const custom = wanted.has("start") || wanted.has("end");
  const lookback = wanted.get("lookback") ?? String(pageData.lookback);
  if (![...form.lookback.options].some((option) => option.value === lookback)) {
    form.lookback.append(new Option(`${lookback} s`, lookback));
  }
  form.lookback.value = custom ? "custom" : lookback;
  for (const name of ["start", "end"]) {
    const moment = new Date(wanted.get(name) ?? NaN);
    if (!Number.isNaN(moment.getTime())) {
      form[name].value = new Date(moment - moment.getTimezoneOffset() * 60000).toISOString().slice(0, 19);
    }
  }
  find("log-custom").hidden = !custom;
  levelBoxes(find("log-levels"), pageData.levels, new Set(wanted.getAll("level")));
  tree.choose(wanted.getAll("container"), wanted.getAll("internal_file"));
}

function remember() {
  const query = parameters().toString();
  history.replaceState(null, "", query ? `?${query}` : location.pathname);
  find("log-download").href = `${pageData.download}?${query}`;
}

async function search() {
  state.request?.abort();
  clearTimeout(state.timer);
  const request = new AbortController();
  state.request = request;
  remember();
  status.textContent = text("searching");
  try {
    const answer = await getJson(`${pageData.data}?${parameters()}`, { signal: request.signal });
    show(answer);
  } catch (error) {
    if (error.name === "AbortError") return;
    status.textContent = error.message;
    rows.replaceChildren();
    more.hidden = true;
  }
  if (state.following) soon();
}

function show({ entries, truncated, problems }) {
  state.entries = entries;
  state.known = new Set(entries.map((entry) => entry.id));
  state.shown = 0;
  rows.replaceChildren();
  find("log-frame").scrollTop = 0;
  portion();
  if (!entries.length) status.textContent = text("nothingFound");
  else status.textContent = text(truncated ? "entriesTruncated" : "entriesFound", { count: entries.length });
  tellProblems(problems);
}

function tellProblems(problems) {
  const list = find("log-problems");
  list.hidden = !problems.length;
  list.replaceChildren(...problems.map((problem) => {
    const item = document.createElement("li");
    item.textContent = problem;
    return item;
  }));
}

function portion() {
  const next = state.entries.slice(state.shown, state.shown + PORTION);
  rows.append(...next.map((entry) => row(entry)));
  state.shown += next.length;
  more.hidden = state.shown >= state.entries.length;
}

function row(entry) {
  const words = form.regex.checked ? "" : form.query.value;
  return logRow(entry, words, () => around(entry));
}

async function around(entry) {
  try {
    const answer = await getJson(`${pageData.context}?${new URLSearchParams({ id: entry.id, lines: "12" })}`);
    showContext(entry, answer);
  } catch (error) {
    notify(error.message, { error: true });
  }
}

/** Ask for what came since the newest entry, and put it on top. */
async function catchUp() {
  const wanted = parameters();
  const newest = state.entries[0]?.timestamp;
  wanted.delete("lookback");
  wanted.delete("end");
  wanted.set("start", newest ?? new Date(Date.now() - 60000).toISOString());
  try {
    const answer = await getJson(`${pageData.data}?${wanted}`);
    const fresh = answer.entries.filter((entry) => !state.known.has(entry.id));
    for (const entry of fresh) state.known.add(entry.id);
    state.entries = [...fresh, ...state.entries].slice(0, MOST_SHOWN);
    rows.prepend(...fresh.map((entry) => row(entry)));
    state.shown = Math.min(state.shown + fresh.length, MOST_SHOWN);
    while (rows.children.length > MOST_SHOWN) rows.lastElementChild.remove();
    status.textContent = text("following", { count: state.entries.length });
    tellProblems(answer.problems);
  } catch (error) {
    status.textContent = error.message;
  }
  soon();
}

function soon() {
  clearTimeout(state.timer);
  if (state.following) state.timer = setTimeout(catchUp, document.hidden ? FOLLOW_MILLISECONDS * 5 : FOLLOW_MILLISECONDS);
}

followButton.addEventListener("click", () => {
  state.following = !state.following;
  followButton.setAttribute("aria-pressed", String(state.following));
  followButton.textContent = text(state.following ? "stopFollowing" : "follow");
  if (state.following) catchUp();
  else clearTimeout(state.timer);
});
form.addEventListener("submit", (event) => { event.preventDefault(); search(); });
form.addEventListener("change", (event) => {
  find("log-custom").hidden = form.lookback.value !== "custom";
  if (event.target !== form.query && event.target.closest("#log-sources") === null) search();
});
form.query.addEventListener("input", () => {
  clearTimeout(state.typing);
  state.typing = setTimeout(search, DEBOUNCE_MILLISECONDS);
});
more.addEventListener("click", portion);

restore();
try {
  tree.fill(await getJson(pageData.sources));
} catch (error) {
  status.textContent = error.message;
}
await search();
