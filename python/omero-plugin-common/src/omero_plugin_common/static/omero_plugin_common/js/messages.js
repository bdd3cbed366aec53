// Texts and data that the server put into the page.

function fromPage(id) {
  const element = document.getElementById(id);
  return element ? JSON.parse(element.textContent) : {};
}

const texts = fromPage("omp-messages");

/** The data the view gave its script. */
export const pageData = fromPage("omp-page-data");

/** A text of the message catalogue, with {placeholders} filled in. */
export function text(name, values = {}) {
  const pattern = texts[name];
  if (pattern === undefined) throw new Error(`There is no message called ${name} on this page.`);
  return pattern.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? String(values[key]) : whole));
}
