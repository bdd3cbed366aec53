// Numbers as people read them.

const BINARY = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

export function bytes(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  let size = Math.abs(value);
  let unit = 0;
  while (size >= 1024 && unit < BINARY.length - 1) { size /= 1024; unit += 1; }
  const digits = unit === 0 || size >= 100 ? 0 : 1;
  return `${value < 0 ? "−" : ""}${size.toFixed(digits)} ${BINARY[unit]}`;
}

function short(value) {
  if (Math.abs(value) >= 100) return value.toFixed(0);
  return String(Number(value.toPrecision(3)));
}

export function amount(value, unit) {
  if (value === null || value === undefined) return "–";
  if (unit === "percent") return `${short(value)} %`;
  if (unit === "bytes") return bytes(value);
  if (unit === "bytes_per_second") return `${bytes(value)}/s`;
  if (unit === "per_second") return `${short(value)}/s`;
  return short(value);
}

export function day(timestamp) {
  return timestamp ? new Date(timestamp).toLocaleDateString() : "–";
}

export function moment(timestamp) {
  return timestamp ? new Date(timestamp).toLocaleString() : "–";
}
