// Files and images as a tree: each file under its image, or waiting for one.

import { element } from "../omero_plugin_common/js/dom.js";
import { text } from "../omero_plugin_common/js/messages.js";

const KB = 1024;

export class AssociationTree {
  /**
   * images: [{id, name, path, folder}], files: [{source, name, path, title, size, image_id, rule, fixed}];
   * `thumbnail(id)` and `show(file)` give addresses, `onChange` is called after every change.
   */
  constructor(place, { images, files, thumbnail, show, onChange }) {
    Object.assign(this, { place, images, files, thumbnail, show, onChange });
    this.byId = new Map(images.map((image) => [image.id, image]));
    this.chosen = new Map();
    this.query = "";
    this.useRules();
  }

  /** Put every file where the rules put it. */
  useRules() {
    for (const file of this.files) this.chosen.set(file.source, file.image_id);
    this._draw();
  }

  takeAllOff() {
    for (const file of this.files) this.chosen.set(file.source, null);
    this._draw();
  }

  filter(query) {
    this.query = query.trim().toLowerCase();
    this._draw();
  }

  /** What the server takes: a link for each file that has an image. */
  links() {
    return this.files
      .filter((file) => this.chosen.get(file.source) !== null)
      .map((file) => ({ image_id: this.chosen.get(file.source), source: file.source }));
  }

  get placed() {
    return this.links().length;
  }

  _draw(focusOn = null) {
    const waiting = [];
    const under = new Map();
    for (const file of this.files) {
      const image = this.chosen.get(file.source);
      if (image === null || !this.byId.has(image)) waiting.push(file);
      else under.set(image, [...(under.get(image) ?? []), file]);
    }
    const parts = waiting.length ? [this._waiting(waiting)] : [];
    this.place.replaceChildren(element("ul", { class: "edx-tree" }, ...parts, ...this._folders(under)));
    if (focusOn) this.place.querySelector(`select[data-source="${CSS.escape(focusOn)}"]`)?.focus();
    this.onChange(this);
  }

  _waiting(files) {
    return element("li", { class: "edx-waiting" }, element("span", { class: "edx-name" }, text("notPlaced")),
      element("ul", {}, ...files.filter((file) => this._fits(file.path)).map((file) => this._file(file))));
  }

  _folders(under) {
    const folders = new Map();
    for (const image of this.images) {
      const files = under.get(image.id) ?? [];
      if (!this._fits(image.path) && !files.some((file) => this._fits(file.path))) continue;
      folders.set(image.folder, [...(folders.get(image.folder) ?? []), this._image(image, files)]);
    }
    return [...folders].map(([folder, images]) => {
      const list = element("ul", { class: "edx-images" }, ...images);
      if (!folder) return element("li", {}, list);
      return element("li", {}, element("details", { class: "edx-folder", open: true }, element("summary", {}, folder), list));
    });
  }

  _fits(path) {
    return !this.query || path.toLowerCase().includes(this.query);
  }

  _image(image, files) {
    const picture = element("img", { src: this.thumbnail(image.id), alt: "", loading: "lazy", width: 64, height: 64 });
    const list = files.length
      ? element("ul", {}, ...files.map((file) => this._file(file)))
      : element("span", { class: "edx-empty" }, "–");
    return element("li", { class: "edx-image" }, picture, element("div", {},
      element("span", { class: "edx-name" }, image.name), list));
  }

  _file(file) {
    const image = this.chosen.get(file.source);
    const rule = image === null ? "" : (image === file.image_id ? file.rule : text("chosenByHand"));
    const about = [file.title && file.title !== file.name ? file.title : "", rule].filter(Boolean).join(" · ");
    const size = text("bytesOfFile", { size: Math.max(1, Math.round(file.size / KB)).toLocaleString() });
    const name = element("span", { class: "edx-file-name" }, file.name, element("span", { class: "edx-rule" }, about || size));
    const shown = this.show(file);
    const link = shown && element("a", { href: shown, target: "_blank", rel: "noopener",
      aria: { label: `${text("showSpectrum")} ${file.name}` } }, text("showSpectrum"));
    return element("li", { class: "edx-file" }, name, this._choice(file), link);
  }

  /** A list of all images would be long for every file, so it is filled when it is about to be used. */
  _choice(file) {
    const image = this.byId.get(this.chosen.get(file.source));
    const first = image ? element("option", { value: image.id, selected: true }, image.name)
      : element("option", { value: "", selected: true }, text("noImage"));
    const select = element("select", { "data-source": file.source, aria: { label: text("chooseImage", { name: file.name }) } }, first);
    const fill = () => this._fill(select, file);
    select.addEventListener("pointerdown", fill, { once: true });
    select.addEventListener("focus", fill, { once: true });
    select.addEventListener("change", () => {
      this.chosen.set(file.source, select.value ? Number(select.value) : null);
      this._draw(file.source);
    });
    return select;
  }

  _fill(select, file) {
    if (select.dataset.filled) return;
    select.dataset.filled = "true";
    const current = this.chosen.get(file.source);
    const option = (image) => element("option", { value: image.id, selected: image.id === current },
      image.path === image.name ? image.name : image.path);
    const near = this.images.filter((image) => image.folder === file.folder);
    const far = this.images.filter((image) => image.folder !== file.folder);
    select.replaceChildren(element("option", { value: "", selected: current === null }, text("noImage")), ...[...near, ...far].map(option));
  }
}
