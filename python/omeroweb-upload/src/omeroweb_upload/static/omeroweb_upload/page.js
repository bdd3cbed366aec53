// The upload page: choosing files, starting uploads, the list of uploads.

import { element } from "../omero_plugin_common/js/dom.js";
import { getJson } from "../omero_plugin_common/js/http.js";
import { pageData, text } from "../omero_plugin_common/js/messages.js";
import { notify } from "../omero_plugin_common/js/notice.js";
import { DataTable } from "../omero_plugin_common/js/table.js";
import { fingerprint, fromDrop, fromInput, merge } from "./collect.js";
import { offerShares } from "./shares.js";
import { sizeText } from "./sizes.js";
import { Targets } from "./targets.js";
import { Transfer, begin } from "./transfer.js";
import { UploadView } from "./upload_view.js";

const SPECTRUM = /\.(txt|msa|emsa|ems)$/i;
const ENDED = ["done", "error", "cancelled"];
const at = (id) => document.getElementById(id);

class Page {
  constructor() {
    this.items = [];
    this.views = new Map();
    this.transfers = new Set();
    this.targets = new Targets();
    this.table = null;
    this._listen();
  }

  _listen() {
    const drop = at("upl-drop");
    for (const name of ["dragenter", "dragover"]) {
      drop.addEventListener(name, (event) => { event.preventDefault(); drop.dataset.over = ""; });
    }
    drop.addEventListener("dragleave", () => { delete drop.dataset.over; });
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      delete drop.dataset.over;
      this._choose(fromDrop(event.dataTransfer, (count) => this._reading(count)));
    });
    for (const [button, input] of [["upl-pick-folder", "upl-folder-input"], ["upl-pick-files", "upl-files-input"]]) {
      at(button).addEventListener("click", () => at(input).click());
      at(input).addEventListener("change", async () => {
        await this._choose(fromInput(at(input), (count) => this._reading(count)));
        at(input).value = "";
      });
    }
    at("upl-start").addEventListener("click", () => this._start());
    at("upl-clear").addEventListener("click", () => this._setItems([]));
    window.addEventListener("beforeunload", (event) => {
      if ([...this.transfers].some((transfer) => transfer.running)) event.preventDefault();
    });
  }

  async load() {
    const shares = offerShares(document.querySelector("#upl-drop .upl-buttons"), {
      options: () => this.targets.options(),
      onStarted: (jobId, title) => this._view({
        job_id: jobId, title, status: "checking", created: new Date().toISOString(), uploaded_bytes: 0, total_bytes: 0,
      }, true),
    });
    await Promise.all([this.targets.load(), this._list(), shares]);
  }

  async _list() {
    try {
      const { uploads } = await getJson(pageData.urls.mine);
      if (!uploads.length) at("upl-uploads").append(element("p", { class: "omp-hint", id: "upl-none" }, text("noUploads")));
      for (const upload of uploads) this._view(upload);
    } catch (error) {
      notify(error.message, { error: true });
    }
  }

  _view(upload, first = false) {
    at("upl-none")?.remove();
    let view = this.views.get(upload.job_id);
    if (!view) {
      view = new UploadView(at("upl-uploads"), upload, { first });
      this.views.set(upload.job_id, view);
      if (!ENDED.includes(upload.status) || upload.status === "error") view.poll(0);
    }
    return view;
  }

  _reading(count) {
    at("upl-reading").textContent = text("readingFolders", { count });
  }

  async _choose(found) {
    this._reading(0);
    try {
      this._setItems(merge(this.items, await found));
    } catch (error) {
      notify(error.message, { error: true });
    } finally {
      at("upl-reading").textContent = "";
    }
  }

  _setItems(items) {
    this.items = items;
    const place = at("upl-chosen");
    place.hidden = !items.length;
    at("upl-start").disabled = at("upl-clear").disabled = !items.length;
    const size = items.reduce((sum, item) => sum + item.file.size, 0);
    at("upl-reading").textContent = "";
    const rows = items.map((item, index) => ({ id: index, path: item.path, size: item.file.size }));
    this.table ??= new DataTable(place, {
      caption: text("chosenFiles"),
      columns: [
        { key: "path", title: text("columnFile"), cell: (row) => element("bdi", { title: row.path }, row.path) },
        { key: "size", title: text("columnSize"), number: true, width: "8rem", cell: (row) => sizeText(row.size) },
      ],
    });
    this.table.setRows(rows);
    this.sum ??= place.insertAdjacentElement("afterbegin", element("p", { role: "status" }));
    this.sum.textContent = text("filesChosen", { count: items.length, size: sizeText(size) });
  }

  async _start() {
    const options = this.targets.options();
    const items = this.items.map((item) => ({
      ...item, skip: options.special_upload !== "" && SPECTRUM.test(item.path),
    }));
    const first = items[0].path.split("/");
    options.title = first.length > 1 ? first[0] : items.length > 1 ? `${first[0]} +${items.length - 1}` : first[0];
    at("upl-start").disabled = true;
    at("upl-reading").textContent = text("announcing");
    try {
      const begun = await begin(items, options);
      const known = [...this.transfers].find((transfer) => transfer.jobId === begun.job_id && transfer.running);
      if (!known) this._transfer(begun, items, options);
      this._setItems([]);
    } catch (error) {
      notify(error.message, { error: true });
    } finally {
      at("upl-reading").textContent = "";
      at("upl-start").disabled = !this.items.length;
    }
  }

  _transfer(begun, items, options) {
    const view = this._view({
      job_id: begun.job_id, title: options.title, status: "uploading", created: new Date().toISOString(),
      uploaded_bytes: 0, total_bytes: 0, fingerprint: fingerprint(items),
    }, true);
    const transfer = new Transfer({
      jobId: begun.job_id, items, files: begun.files, concurrency: pageData.concurrency,
      onChange: () => view.drawTransfer(),
      onEnd: (problem) => {
        if (!transfer.left) this.transfers.delete(transfer);
        if (view.transfer === transfer) view.transferEnded(problem);
      },
    });
    this.transfers.add(transfer);
    if (transfer.left) view.attach(transfer);
    else view.poll(0);
  }
}

if (at("upl-drop")) new Page().load();
