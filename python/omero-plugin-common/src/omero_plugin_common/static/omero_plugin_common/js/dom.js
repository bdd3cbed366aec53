// Making elements without markup in strings.

/** element("button", {type: "button", class: "x", onclick: f, aria: {label: "…"}}, "Text", child) */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (key === "class") made.className = value;
    else if (key === "aria") for (const [part, state] of Object.entries(value)) made.setAttribute(`aria-${part}`, state);
    else if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}
