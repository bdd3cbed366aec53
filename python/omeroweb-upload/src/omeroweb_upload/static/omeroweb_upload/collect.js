// Files from a drop or a picker, with their paths; thousands of them without freezing the page.

const PAUSE_EVERY = 200;

const breathe = () => new Promise((resolve) => { setTimeout(resolve, 0); });

/** Files of an <input type="file">: [{file, path}]. */
export async function fromInput(input, onCount = () => {}) {
  const found = [];
  for (const file of input.files) {
    found.push({ file, path: file.webkitRelativePath || file.name });
    if (found.length % PAUSE_EVERY === 0) {
      onCount(found.length);
      await breathe();
    }
  }
  return found;
}

/** Files and folders of a drop; the entries must be taken before the first pause, or the browser forgets them. */
export async function fromDrop(transfer, onCount = () => {}) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.() ?? null);
  const loose = [...transfer.files];
  const found = [];
  const waiting = entries.filter(Boolean);
  if (!waiting.length) return loose.map((file) => ({ file, path: file.name }));
  while (waiting.length) {
    const entry = waiting.pop();
    if (entry.isDirectory) {
      waiting.push(...await children(entry));
    } else {
      found.push({ file: await fileOf(entry), path: entry.fullPath.replace(/^\//, "") });
    }
    if (found.length % PAUSE_EVERY === 0) {
      onCount(found.length);
      await breathe();
    }
  }
  return found;
}

/** A folder's entries; the browser gives at most 100 at a time. */
async function children(folder) {
  const reader = folder.createReader();
  const all = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => { reader.readEntries(resolve, reject); });
    if (!some.length) return all;
    all.push(...some);
  }
}

function fileOf(entry) {
  return new Promise((resolve, reject) => { entry.file(resolve, reject); });
}

/** The path as the server writes it. */
export function cleanPath(path) {
  return path.normalize("NFC").replaceAll("\\", "/");
}

/** Put new files behind those chosen already; a path chosen again takes the newer file. */
export function merge(chosen, added) {
  const byPath = new Map(chosen.map((item) => [cleanPath(item.path), item]));
  for (const item of added) byPath.set(cleanPath(item.path), item);
  return [...byPath.values()];
}

/** A digest of paths, sizes and times: the same folder chosen again has the same one. */
export function fingerprint(items) {
  let first = 0xdeadbeef;
  let second = 0x41c6ce57;
  const lines = items.map(({ file, path }) => `${cleanPath(path)}\n${file.size}\n${file.lastModified}`).sort();
  for (const line of lines) {
    for (let index = 0; index < line.length; index += 1) {
      const code = line.charCodeAt(index);
      first = Math.imul(first ^ code, 2654435761);
      second = Math.imul(second ^ code, 1597334677);
    }
    first = Math.imul(first ^ 10, 2654435761);
  }
  const hex = (number) => (number >>> 0).toString(16).padStart(8, "0");
  return `${items.length}-${hex(first)}${hex(second)}`;
}
