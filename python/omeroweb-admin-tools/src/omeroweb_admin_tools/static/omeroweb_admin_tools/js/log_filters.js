// Choosing levels, services and files.

import { element } from "../../omero_plugin_common/js/dom.js";
import { text } from "../../omero_plugin_common/js/messages.js";

export function levelBoxes(place, levels, chosen) {
  place.replaceChildren(...levels.map((name) => {
    const box = element("input", { type: "checkbox", name: "level", value: name });
    box.checked = chosen.has(name);
    return element("label", {}, box, name);
  }));
}

/** Tick boxes for every service's own output and internal files; nothing ticked means everything. */
export class SourceTree {
  constructor(place, summary, onChange) {
    Object.assign(this, { place, summary, onChange });
    this.containers = new Set();
    this.files = new Set();
    place.addEventListener("change", (event) => this._toggle(event.target));
  }

  choose(containers, files) {
    this.containers = new Set(containers);
    this.files = new Set(files);
    this._tell();
  }

  fill({ services }) {
    const boxes = [];
    for (const { service, files } of services) {
      boxes.push(this._box("containers", service, `${service} (${text("ownOutput")})`));
      for (const file of files) boxes.push(this._box("files", `${service}_internal/${file}`, `${service}: ${file}`));
    }
    this.place.replaceChildren(...boxes);
  }

  addTo(parameters) {
    for (const name of this.containers) parameters.append("container", name);
    for (const name of this.files) parameters.append("internal_file", name);
  }

  _box(kind, value, label) {
    const box = element("input", { type: "checkbox", "data-kind": kind, value });
    box.checked = this[kind].has(value);
    return element("label", {}, box, label);
  }

  _toggle(box) {
    const chosen = this[box.dataset.kind];
    if (box.checked) chosen.add(box.value);
    else chosen.delete(box.value);
    this._tell();
    this.onChange();
  }

  _tell() {
    const count = this.containers.size + this.files.size;
    this.summary.textContent = count ? text("chosenSources", { count }) : text("allServices");
  }
}
