// The progress of one job: polls, shows, cancels, starts again.

import { element } from "./dom.js";
import { getIfChanged, sendJson } from "./http.js";
import { text } from "./messages.js";

const POLL_MILLISECONDS = 500;
const SLOWEST_MILLISECONDS = 10000;

/** Write seconds as people say them. */
export function duration(seconds) {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
  return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`;
}

export class JobProgress {
  /**
   * Show a job in `place`. `url` is its polling address (…/jobs/<id>/); `onEnd` is called once with the last state.
   * Polling slows down while the page is hidden or the server doesn't answer, and never gives up by itself.
   */
  constructor(place, { url, label, onEnd = () => {}, poll = POLL_MILLISECONDS }) {
    this.url = url;
    this.onEnd = onEnd;
    this.pause = poll;
    this.failures = 0;
    this.seen = { tag: null };
    this.job = null;
    this.timer = null;
    this.stopped = false;
    this._build(place, label);
    this._onVisible = () => { if (!document.hidden) this._soon(0); };
    document.addEventListener("visibilitychange", this._onVisible);
    this._soon(0);
  }

  /** Stop polling and take the component off the page. */
  remove() {
    this.stop();
    this.root.remove();
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
    document.removeEventListener("visibilitychange", this._onVisible);
  }

  _build(place, label) {
    this.bar = element("progress", { max: "100", aria: { label } });
    this.state = element("span", { class: "omp-job-state", role: "status" });
    this.detail = element("span", {});
    this.cancelButton = element("button", { type: "button", onclick: () => this._act("cancel/") }, text("cancel"));
    this.retryButton = element("button", { type: "button", hidden: true, onclick: () => this._act("retry/") }, text("retry"));
    this.message = element("div", { class: "omp-job-message" });
    const line = element("div", { class: "omp-job-line" }, this.state, this.detail,
      element("span", { class: "omp-job-buttons" }, this.retryButton, this.cancelButton));
    this.root = element("div", { class: "omp-job" }, this.bar, line, this.message);
    place.append(this.root);
  }

  _soon(milliseconds) {
    clearTimeout(this.timer);
    if (!this.stopped) this.timer = setTimeout(() => this._poll(), milliseconds);
  }

  async _poll() {
    try {
      const job = await getIfChanged(this.url, this.seen);
      this.failures = 0;
      if (job) this.show(job);
      if (this.job?.finished) return;
    } catch (error) {
      this.failures += 1;
      this.message.textContent = error.message;
      if (error.status === 401 || error.status === 404) return;
    }
    const slower = this.pause * 2 ** Math.min(this.failures, 6) * (document.hidden ? 8 : 1);
    this._soon(Math.min(SLOWEST_MILLISECONDS, slower));
  }

  async _act(what) {
    this.cancelButton.disabled = this.retryButton.disabled = true;
    try {
      this.show(await sendJson(this.url + what));
      this.seen.tag = null;
      this._soon(0);
    } catch (error) {
      this.message.textContent = error.message;
    } finally {
      this.cancelButton.disabled = this.retryButton.disabled = false;
    }
  }

  /** Show a state as the server describes it. */
  show(job) {
    const ended = job.finished && !this.job?.finished;
    this.job = job;
    if (job.total) this.bar.value = job.percent;
    else if (job.finished) this.bar.value = job.state === "done" ? 100 : 0;
    else this.bar.removeAttribute("value");
    const words = this._words(job);
    if (this.state.textContent !== words) this.state.textContent = words;
    this.state.dataset.state = job.state;
    this.detail.textContent = this._details(job);
    this.message.textContent = job.finished && job.state === "failed" && job.reference
      ? text("withReference", { error: job.error, reference: job.reference }) : job.message;
    this.cancelButton.hidden = job.finished;
    this.retryButton.hidden = !(job.state === "failed" || job.state === "cancelled");
    if (ended) this.onEnd(job);
  }

  _words(job) {
    if (job.state === "queued") return text("jobWaiting");
    if (job.state === "cancelling") return text("jobCancelling");
    if (job.state === "done") return text("jobDone");
    if (job.state === "cancelled") return text("jobCancelled");
    if (job.state === "failed") return text("jobFailed", { error: job.error });
    return job.title;
  }

  _details(job) {
    const parts = [];
    if (job.total) parts.push(text("jobRunning", { done: job.done, total: job.total }));
    if (job.eta_seconds && job.state === "running") parts.push(text("jobTimeLeft", { time: duration(job.eta_seconds) }));
    return parts.join(", ");
  }
}
