// Sending one file to its tus address, piece by piece, for as long as it takes.

const SMALLEST_PIECE = 1024 * 1024;
const LARGEST_PIECE = 32 * 1024 * 1024;
const PIECE_SECONDS = 4;
const STALL_MILLISECONDS = 60000;
const LONGEST_PAUSE_SECONDS = 15;
const MOST_BAD_PIECES = 5;

/** Why sending ended before the file did. `kind`: "stopped", "login", "refused" (ask the person), "unreadable", "gone". */
export class SendError extends Error {
  constructor(kind, message) {
    super(message);
    this.kind = kind;
  }
}

function csrfToken() {
  const found = document.cookie.match(/(?:^|;\s*)csrftoken=([^;]+)/);
  return found ? decodeURIComponent(found[1]) : "";
}

async function checksumOf(bytes) {
  if (!globalThis.crypto?.subtle) return null;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return `sha256 ${btoa(String.fromCharCode(...digest))}`;
}

/** One request; resolves to {status, offset, message}. Status 0 is a network that went away. */
function request(method, url, { headers = {}, body = null, signal, onProgress = () => {} }) {
  return new Promise((resolve) => {
    const xhr = new XMLHttpRequest();
    let watch = null;
    const alive = () => {
      clearTimeout(watch);
      watch = setTimeout(() => xhr.abort(), STALL_MILLISECONDS);
    };
    const end = () => {
      clearTimeout(watch);
      signal?.removeEventListener("abort", stop);
      const text = xhr.getResponseHeader("Upload-Offset");
      resolve({ status: xhr.status, offset: text === null ? null : Number(text), message: messageOf(xhr) });
    };
    const stop = () => xhr.abort();
    xhr.open(method, url);
    xhr.setRequestHeader("Tus-Resumable", "1.0.0");
    xhr.setRequestHeader("X-CSRFToken", csrfToken());
    for (const [name, value] of Object.entries(headers)) xhr.setRequestHeader(name, value);
    xhr.upload.onprogress = (event) => { alive(); onProgress(event.loaded); };
    xhr.onloadend = end;
    signal?.addEventListener("abort", stop);
    alive();
    xhr.send(body);
  });
}

function messageOf(xhr) {
  if (!(xhr.getResponseHeader("Content-Type") || "").includes("json")) return "";
  try {
    return JSON.parse(xhr.responseText).error || "";
  } catch {
    return "";
  }
}

export class FileSender {
  /**
   * `url` is the file's tus address, `offset` what has arrived. `onSent(bytes)` gets what is under way beyond the offset,
   * `onOffset(bytes)` what has arrived; `onTrouble(message, seconds)` says why it waits and for how long, "" when it goes on.
   */
  constructor({ file, url, offset, signal, onSent, onOffset, onTrouble }) {
    Object.assign(this, { file, url, offset, signal, onSent, onOffset, onTrouble });
    this.piece = 8 * 1024 * 1024;
    this.failures = 0;
    this.badPieces = 0;
  }

  /** Resolves when all has arrived; rejects with SendError. */
  async run() {
    while (this.offset < this.file.size) {
      this._stopIfAsked();
      const piece = this.file.slice(this.offset, Math.min(this.file.size, this.offset + this.piece));
      const answer = await this._send(piece, await this._checksum(piece));
      this._stopIfAsked();
      if (answer.status === 204 && answer.offset !== null) this._arrived(answer.offset);
      else await this._recover(answer);
    }
  }

  _stopIfAsked() {
    if (this.signal.aborted) throw new SendError("stopped", "");
  }

  async _checksum(piece) {
    try {
      return await checksumOf(await piece.arrayBuffer());
    } catch (error) {
      throw new SendError("unreadable", error.message);
    }
  }

  /** The browser sends the piece from the file itself: its bytes need not go through the page once more. */
  async _send(piece, checksum) {
    const headers = { "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(this.offset) };
    if (checksum) headers["Upload-Checksum"] = checksum;
    const began = performance.now();
    const answer = await request("PATCH", this.url, { headers, body: piece, signal: this.signal, onProgress: this.onSent });
    const seconds = Math.max(0.001, (performance.now() - began) / 1000);
    if (answer.status === 204) {
      const wanted = (piece.size / seconds) * PIECE_SECONDS;
      this.piece = Math.round(Math.min(LARGEST_PIECE, Math.max(SMALLEST_PIECE, wanted)));
    }
    return answer;
  }

  _arrived(offset) {
    this.offset = offset;
    this.failures = 0;
    this.badPieces = 0;
    this.onSent(0);
    this.onOffset(offset);
    this.onTrouble("", 0);
  }

  async _recover(answer) {
    this.onSent(0);
    if (answer.status === 401 || answer.status === 403) throw new SendError("login", answer.message);
    if (answer.status === 404 || answer.status === 410) throw new SendError("gone", answer.message);
    if (answer.status === 413 || answer.status === 507) throw new SendError("refused", answer.message);
    if (answer.status === 460) {
      this.badPieces += 1;
      if (this.badPieces > MOST_BAD_PIECES) throw new SendError("refused", answer.message);
    }
    await this._pause(answer);
    // Where the server stands is known only to the server.
    const head = await request("HEAD", this.url, { signal: this.signal });
    this._stopIfAsked();
    if (head.status === 200 && head.offset !== null) {
      this.offset = head.offset;
      this.onOffset(head.offset);
    } else if (head.status === 404 || head.status === 410) {
      throw new SendError("gone", answer.message);
    } else if (head.status === 401) {
      throw new SendError("login", answer.message);
    }
  }

  async _pause(answer) {
    if (answer.status === 409 || answer.status === 460) return;
    const seconds = Math.min(LONGEST_PAUSE_SECONDS, 0.5 * 2 ** Math.min(this.failures, 6)) * (0.75 + Math.random() / 4);
    this.failures += 1;
    this.piece = Math.max(SMALLEST_PIECE, this.piece / 2);
    if (this.failures > 1) this.onTrouble(answer.message, Math.ceil(seconds));
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, seconds * 1000);
      this.signal.addEventListener("abort", () => { clearTimeout(timer); resolve(); }, { once: true });
    });
    this._stopIfAsked();
  }
}
