// Sending a form with a file.

/** POST fields as multipart; resolves to the JSON of the answer, or throws with its message. */
export async function sendForm(url, fields) {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  const token = document.cookie.match(/(?:^|;\s*)csrftoken=([^;]+)/);
  const response = await fetch(url, {
    method: "POST",
    credentials: "same-origin",
    headers: { Accept: "application/json", "X-CSRFToken": token ? decodeURIComponent(token[1]) : "" },
    body,
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error || `${response.status} ${response.statusText}`);
  return answer;
}
