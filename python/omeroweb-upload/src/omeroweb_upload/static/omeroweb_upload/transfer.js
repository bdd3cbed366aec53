// Sending all files of one upload, several at a time, with pause, rate and time left.

import { getJson, sendJson } from "../omero_plugin_common/js/http.js";
import { pageData } from "../omero_plugin_common/js/messages.js";
import { cleanPath, fingerprint } from "./collect.js";
import { FileSender } from "./tus.js";

const ANNOUNCED_AT_ONCE = 2000;
const RATE_SECONDS = 5;
const KEEP_ALIVE_MILLISECONDS = 60000;

export const address = (name, id) => pageData.urls[name].replace("{id}", id);

const entryOf = ({ file, path, skip }) => ({
  relative_path: cleanPath(path), size: file.size, modified_ms: Math.round(file.lastModified), import_skip: Boolean(skip),
});

/** Announce files; resolves to {job_id, resumed, files}: what the server knows of each, with offsets. */
export async function begin(items, options) {
  const first = items.slice(0, ANNOUNCED_AT_ONCE);
  const begun = await sendJson(pageData.urls.start, {
    ...options, files: first.map(entryOf), fingerprint: fingerprint(items), more_files: items.length > first.length,
  });
  const known = new Map();
  let page = begun;
  for (;;) {
    for (const file of page.files) known.set(file.relative_path, file);
    if (page.next === null) break;
    page = await getJson(`${address("files", begun.job_id)}?after=${page.next}`);
  }
  const missing = items.filter(({ path }) => !known.has(cleanPath(path)));
  for (let start = 0; start < missing.length; start += ANNOUNCED_AT_ONCE) {
    const some = missing.slice(start, start + ANNOUNCED_AT_ONCE);
    const answer = await sendJson(address("announce", begun.job_id), {
      files: some.map(entryOf), more_files: start + ANNOUNCED_AT_ONCE < missing.length,
    });
    for (const file of answer.files) known.set(file.relative_path, file);
  }
  return { job_id: begun.job_id, resumed: begun.resumed, files: [...known.values()] };
}

export class Transfer {
  /** `onChange` is called when numbers change, at most a few times a second; `onEnd(problem)` once it stops. */
  constructor({ jobId, items, files, concurrency, onChange, onEnd }) {
    Object.assign(this, { jobId, concurrency, onChange, onEnd });
    const local = new Map(items.map((item) => [cleanPath(item.path), item.file]));
    this.rows = files.filter((file) => file.state !== "skipped").map((file) => ({
      id: file.upload_id, path: file.relative_path, size: file.size, offset: file.offset, inFlight: 0,
      file: local.get(file.relative_path), done: file.state !== "pending",
    }));
    this.total = this.rows.reduce((sum, row) => sum + row.size, 0);
    this.problem = null;
    this.trouble = "";
    this.running = false;
    this.samples = [];
    this.drawing = null;
    this.arrived = this.rows.reduce((sum, row) => sum + row.offset, 0);
    this.flying = 0;
    this.left = this.rows.filter((row) => !row.done).length;
  }

  get sent() { return this.arrived + this.flying; }

  /** Bytes per second over the last seconds. */
  get rate() {
    if (this.samples.length < 2) return 0;
    const [first, last] = [this.samples[0], this.samples[this.samples.length - 1]];
    return Math.max(0, (last.sent - first.sent) / Math.max(0.25, (last.at - first.at) / 1000));
  }

  get secondsLeft() { return this.rate > 0 ? (this.total - this.sent) / this.rate : null; }

  async start() {
    if (this.running) return;
    this.running = true;
    this.problem = null;
    this.trouble = "";
    this.samples = [];
    this.stopper = new AbortController();
    // Bytes alone do not keep the OMERO session of this browser alive.
    const keeper = setInterval(() => { getJson(address("status", this.jobId)).catch(() => {}); }, KEEP_ALIVE_MILLISECONDS);
    this.waiting = this.rows.filter((row) => !row.done);
    this.next = 0;
    await Promise.all(Array.from({ length: this.concurrency }, () => this._worker()));
    this.running = false;
    clearInterval(keeper);
    clearTimeout(this.drawing);
    this.drawing = null;
    this.onChange();
    this.onEnd(this.problem);
  }

  pause() { this.stopper?.abort(); }

  async _worker() {
    while (this.next < this.waiting.length && !this.stopper.signal.aborted) {
      const row = this.waiting[this.next];
      this.next += 1;
      try {
        await this._sendOne(row);
      } catch (error) {
        row.inFlight = 0;
        if (error.kind === "stopped") return;
        this.problem ??= { kind: error.kind, message: error.message, path: row.path };
        if (error.kind !== "unreadable") this.stopper.abort();
      }
    }
  }

  async _sendOne(row) {
    if (!row.file) return;
    const sender = new FileSender({
      file: row.file, url: address("file", row.id), offset: row.offset, signal: this.stopper.signal,
      onSent: (bytes) => { this.flying += bytes - row.inFlight; row.inFlight = bytes; this._changed(); },
      onOffset: (offset) => { this.arrived += offset - row.offset; row.offset = offset; this._changed(); },
      onTrouble: (message, seconds) => {
        this.trouble = seconds ? { message, seconds } : "";
        this._changed();
      },
    });
    await sender.run();
    row.done = true;
    this.left -= 1;
    this._changed();
  }

  _changed() {
    if (this.drawing) return;
    this.drawing = setTimeout(() => {
      this.drawing = null;
      const at = performance.now();
      this.samples.push({ at, sent: this.sent });
      while (this.samples.length > 2 && at - this.samples[0].at > RATE_SECONDS * 1000) this.samples.shift();
      this.onChange();
    }, 250);
  }
}
