// Talking to the plugins' JSON views.

import { text } from "./messages.js";

/** What a view refused or failed to do, with a message for people. */
export class ServerError extends Error {
  constructor(message, { status, reference, retryAfter }) {
    super(reference ? text("withReference", { error: message, reference }) : message);
    this.status = status;
    this.reference = reference;
    this.retryAfter = retryAfter;
  }
}

function csrfToken() {
  const found = document.cookie.match(/(?:^|;\s*)csrftoken=([^;]+)/);
  return found ? decodeURIComponent(found[1]) : "";
}

async function answer(response) {
  const isJson = (response.headers.get("Content-Type") || "").includes("application/json");
  const body = isJson ? await response.json() : {};
  if (response.ok) return body;
  if (response.status === 401) throw new ServerError(text("sessionEnded"), { status: 401 });
  throw new ServerError(body.error || body.message || `${response.status} ${response.statusText}`, {
    status: response.status,
    reference: body.reference,
    retryAfter: body.retry_after,
  });
}

async function send(url, options) {
  let response;
  try {
    response = await fetch(url, { credentials: "same-origin", ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ServerError(text("connectionLost"), { status: 0 });
  }
  return response;
}

export async function getJson(url, { signal } = {}) {
  return answer(await send(url, { signal, headers: { Accept: "application/json" } }));
}

/** GET with the ETag seen last; returns null when nothing changed. */
export async function getIfChanged(url, seen) {
  const headers = { Accept: "application/json" };
  if (seen.tag) headers["If-None-Match"] = seen.tag;
  const response = await send(url, { headers, cache: "no-store" });
  if (response.status === 304) return null;
  seen.tag = response.ok ? response.headers.get("ETag") : null;
  return answer(response);
}

export async function sendJson(url, data = {}, { method = "POST", signal } = {}) {
  return answer(
    await send(url, {
      method,
      signal,
      headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": csrfToken() },
      body: JSON.stringify(data),
    }),
  );
}
