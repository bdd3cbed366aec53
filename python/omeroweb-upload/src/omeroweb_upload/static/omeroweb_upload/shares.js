// Importing files where they are, on a share that an administrator allows.

import { element } from "../omero_plugin_common/js/dom.js";
import { getJson, sendJson } from "../omero_plugin_common/js/http.js";
import { pageData, text } from "../omero_plugin_common/js/messages.js";
import { notify } from "../omero_plugin_common/js/notice.js";
import { sizeText } from "./sizes.js";

/** Show a button for each share; `onStarted(job_id, title)` once an import has begun. */
export async function offerShares(place, { options, onStarted }) {
  try {
    const { shares } = await getJson(pageData.urls.shares);
    for (const name of shares) {
      place.append(element("button", { type: "button", onclick: () => new ShareDialog(name, options, onStarted) },
        text("fromShare", { name })));
    }
  } catch (error) {
    notify(error.message, { error: true });
  }
}

class ShareDialog {
  constructor(share, options, onStarted) {
    Object.assign(this, { share, options, onStarted });
    this.chosen = new Set();
    this.path = [];
    this.list = element("ul", { class: "upl-share" });
    this.way = element("p", { class: "omp-hint" });
    this.agree = element("button", { type: "button", class: "omp-primary", disabled: true, onclick: () => this._begin() }, text("importInPlace"));
    this.dialog = element("dialog", { class: "omp-dialog", aria: { label: share } }, element("h2", {}, share),
      element("p", {}, text("inPlaceHint")), this.way, this.list,
      element("div", { class: "omp-dialog-buttons" },
        element("button", { type: "button", onclick: () => this.dialog.close() }, text("cancel")), this.agree));
    this.dialog.addEventListener("close", () => this.dialog.remove());
    document.body.append(this.dialog);
    this.dialog.showModal();
    this._open([]);
  }

  _address(what = "") {
    return `${pageData.urls.shares}${encodeURIComponent(this.share)}/${what}`;
  }

  async _open(path) {
    try {
      const { entries } = await getJson(`${this._address()}?path=${encodeURIComponent(path.join("/"))}`);
      this.path = path;
      this.way.textContent = `/${path.join("/")}`;
      const rows = entries.map((entry) => this._row(entry));
      if (path.length) {
        rows.unshift(element("li", {}, element("button", { type: "button", onclick: () => this._open(path.slice(0, -1)) }, "..")));
      }
      this.list.replaceChildren(...rows);
    } catch (error) {
      notify(error.message, { error: true });
    }
  }

  _row(entry) {
    const place = [...this.path, entry.name].join("/");
    const box = element("input", { type: "checkbox", aria: { label: entry.name }, onchange: () => {
      if (box.checked) this.chosen.add(place);
      else this.chosen.delete(place);
      this.agree.disabled = !this.chosen.size;
    } });
    box.checked = this.chosen.has(place);
    const name = entry.folder
      ? element("button", { type: "button", onclick: () => this._open([...this.path, entry.name]) }, `${entry.name}/`)
      : element("span", {}, `${entry.name} (${sizeText(entry.size)})`);
    return element("li", {}, box, name);
  }

  async _begin() {
    this.agree.disabled = true;
    try {
      const paths = [...this.chosen];
      const title = paths.length > 1 ? `${paths[0]} +${paths.length - 1}` : paths[0];
      const begun = await sendJson(this._address("import/"), { paths, options: { ...this.options(), title } });
      this.dialog.close();
      this.onStarted(begun.job_id, title);
    } catch (error) {
      notify(error.message, { error: true });
      this.agree.disabled = false;
    }
  }
}
