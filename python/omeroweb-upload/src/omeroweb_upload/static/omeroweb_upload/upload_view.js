// One upload on the page: its transfer, its check, questions, import, results.

import { confirmDialog } from "../omero_plugin_common/js/dialog.js";
import { element } from "../omero_plugin_common/js/dom.js";
import { getJson, sendJson } from "../omero_plugin_common/js/http.js";
import { text } from "../omero_plugin_common/js/messages.js";
import { notify } from "../omero_plugin_common/js/notice.js";
import { duration } from "../omero_plugin_common/js/progress.js";
import { showFollowUp } from "./edx_follow_up.js";
import { showQuestion, showResults } from "./results.js";
import { sizeText } from "./sizes.js";
import { address } from "./transfer.js";

const POLL_MILLISECONDS = 1000;
const SLOWEST_MILLISECONDS = 15000;
const ENDED = ["done", "error", "cancelled"];

export class UploadView {
  constructor(place, upload, { first = false } = {}) {
    this.id = upload.job_id;
    this.transfer = null;
    this.failures = 0;
    this.shown = "";
    this._build(upload);
    if (first) place.prepend(this.root);
    else place.append(this.root);
    this.show(upload);
  }

  _build(upload) {
    this.bar = element("progress", { max: "1", aria: { label: upload.title || upload.job_id } });
    this.state = element("span", { class: "upl-state", role: "status" });
    this.detail = element("span", { class: "upl-detail" });
    this.trouble = element("p", { class: "upl-trouble", role: "alert" });
    this.pauseButton = element("button", { type: "button", hidden: true, onclick: () => this._pause() }, text("pause"));
    this.cancelButton = element("button", { type: "button", onclick: () => this._cancel() }, text("cancel"));
    this.retryButton = element("button", { type: "button", hidden: true, onclick: () => this._act("retry") }, text("retryFailed"));
    this.removeButton = element("button", { type: "button", hidden: true, onclick: () => this._remove() }, text("removeStaged"));
    this.question = element("div", {});
    this.results = element("div", {});
    this.followUp = element("div", {});
    const started = new Date(upload.created).toLocaleString();
    this.root = element("article", { class: "upl-upload", "data-upload": upload.job_id },
      element("header", {}, element("h3", {}, upload.title || upload.job_id),
        element("span", { class: "omp-hint" }, text("startedAt", { time: started }))),
      this.bar, element("p", { class: "upl-line" }, this.state, this.detail), this.trouble, this.question, this.results, this.followUp,
      element("div", { class: "upl-buttons" }, this.pauseButton, this.retryButton, this.removeButton, this.cancelButton));
  }

  /** Take over the sending of files on this page. */
  attach(transfer) {
    this.transfer = transfer;
    this.pauseButton.hidden = false;
    transfer.start();
    this.drawTransfer();
  }

  drawTransfer() {
    const transfer = this.transfer;
    if (!transfer) return; // cancelled meanwhile; what was on its way still tells of itself
    this.bar.value = transfer.total ? transfer.sent / transfer.total : 1;
    const numbers = { done: sizeText(transfer.sent), total: sizeText(transfer.total) };
    this._say(transfer.running ? text("transferring", numbers) : text("paused"));
    const parts = [text("filesLeft", { count: transfer.left })];
    if (transfer.running && transfer.rate) {
      const rate = sizeText(Math.round(transfer.rate));
      const left = transfer.secondsLeft;
      parts.unshift(left === null ? text("rateOnly", { rate }) : text("rateAndTime", { rate, time: duration(left) }));
    }
    this.detail.textContent = parts.join(", ");
    this.trouble.textContent = transfer.trouble
      ? text("retrying", { reason: transfer.trouble.message || text("connectionLost"), seconds: transfer.trouble.seconds }) : "";
    this.pauseButton.textContent = transfer.running ? text("pause") : text("resume");
  }

  transferEnded(problem) {
    if (!this.transfer) return;
    this.drawTransfer();
    if (problem) {
      this.trouble.textContent = problem.kind === "unreadable"
        ? text("fileUnreadable", { name: problem.path }) : problem.message || text("connectionLost");
    }
    if (this.transfer.left === 0 || problem?.kind === "gone") {
      this.transfer = null;
      this.pauseButton.hidden = true;
      this.poll(0);
    }
  }

  _pause() {
    if (this.transfer.running) this.transfer.pause();
    else this.transfer.start();
    this.drawTransfer();
  }

  poll(milliseconds = POLL_MILLISECONDS) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this._poll(), milliseconds);
  }

  async _poll() {
    const turn = this.turn = (this.turn ?? 0) + 1;
    try {
      const status = await getJson(address("status", this.id));
      if (turn !== this.turn) return; // asked again meanwhile: the later answer counts
      this.failures = 0;
      if (!this.transfer) this.trouble.textContent = "";
      this.show(status);
      // Of a cancelled upload, what OMERO was at when it was cancelled may still become images.
      if (!ENDED.includes(status.status) || status.sets?.importing) this.poll();
    } catch (error) {
      if (turn !== this.turn) return;
      this.failures += 1;
      this.trouble.textContent = error.message;
      if (error.status !== 404 && error.status !== 401) {
        this.poll(Math.min(SLOWEST_MILLISECONDS, POLL_MILLISECONDS * 2 ** this.failures));
      }
    }
  }

  /** Show what the server says. */
  show(status) {
    if (this.transfer && status.status === "uploading") return;
    const total = status.total_bytes || 0;
    const sets = status.sets ?? { total: 0, imported: 0, failed: 0, skipped: 0 };
    this.cancelButton.hidden = ENDED.includes(status.status);
    this.retryButton.hidden = !status.retryable;
    this.removeButton.hidden = !status.retryable;
    this.state.dataset.state = status.status;
    this.detail.textContent = status.status === "uploading" ? `${sizeText(status.uploaded_bytes)} / ${sizeText(total)}` : "";
    const changed = `${status.status}${sets.imported}${sets.failed}${sets.total}`;
    // What the details said of an upload that has ended stays.
    if (changed !== this.shown || !ENDED.includes(status.status)) this._say(this._words(status, sets));
    this._draw(status, sets, total);
    if (changed !== this.shown && status.status !== "uploading") {
      this.shown = changed;
      this._details(status);
    }
  }

  _draw(status, sets, total) {
    const importable = sets.total - sets.skipped;
    this.bar.hidden = ENDED.includes(status.status);
    if (status.status === "uploading") this.bar.value = total ? status.uploaded_bytes / total : 0;
    else if (status.status === "importing" && importable) this.bar.value = (sets.imported + sets.failed) / importable;
    else this.bar.removeAttribute("value");
  }

  _words(status, sets) {
    const words = {
      checking: () => text("checkingFiles"),
      importing: () => text("importingSets", { done: sets.imported + sets.failed, total: sets.total - sets.skipped }),
      uploading: () => text("chooseAgain"),
      cancelled: () => text("uploadCancelled"),
    };
    return (words[status.status] ?? (() => status.status_label))();
  }

  async _details(status) {
    try {
      const found = await getJson(address("sets", this.id));
      const images = found.sets.reduce((sum, one) => sum + one.image_ids.length, 0);
      if (status.status === "done") this._say(images === 1 ? text("importDoneOne") : text("importDone", { count: images }));
      if (status.status === "error") {
        this._say(found.sets.length ? text("importFailed", { failed: status.sets?.failed ?? 0, count: images }) : status.status_label);
        this.trouble.textContent = status.errors?.[0] ?? "";
      }
      showResults(this.results, found);
      if (ENDED.includes(status.status)) showFollowUp(this.followUp, status, address("status", this.id));
      if (status.confirmation_required) showQuestion(this.question, found, (skip) => this._confirm(skip));
      else this.question.replaceChildren();
    } catch (error) {
      this.trouble.textContent = error.message;
    }
  }

  _say(words) {
    if (this.state.textContent !== words) this.state.textContent = words;
  }

  async _confirm(skipDuplicates) {
    await this._act("confirm", skipDuplicates ? "?duplicates=skip" : "");
  }

  async _act(what, query = "", body = {}) {
    try {
      await sendJson(address(what, this.id) + query, body);
      this.shown = "";
      this.poll(0);
    } catch (error) {
      notify(error.message, { error: true });
    }
  }

  async _remove() {
    await this._act("prune", "", { keep_paths: [] });
    notify(text("removedStaged"));
  }

  async _cancel() {
    const question = { title: text("cancelTitle"), body: text("cancelBody"), action: text("cancelAction"), refusal: text("cancelRefusal") };
    if (!await confirmDialog(question)) return;
    this.transfer?.pause();
    this.transfer = null;
    this.pauseButton.hidden = true;
    await this._act("cancel");
  }
}
