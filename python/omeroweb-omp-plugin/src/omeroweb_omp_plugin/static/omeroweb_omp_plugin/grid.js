// The preview: one row per image, one column per key, cells that can be corrected; only rows in view are in the page.

import { element } from "../omero_plugin_common/js/dom.js";
import { text } from "../omero_plugin_common/js/messages.js";

const ROW_PIXELS = 34;
const SPARE_ROWS = 6;
const FIXED = 3; // tick, name, container
const WORDS = { a: "cellAdd", c: "cellChange", s: "cellSame", x: "cellConflict", b: "cellBeside", d: "cellDelete" };
const SIGNS = { a: "+", c: "~", s: "=", x: "!", b: "!", d: "−" };

export class PreviewGrid {
  /** onCorrect(id, key, value) and onTick(id, ticked) tell what the person changed. */
  constructor(place, { onCorrect, onTick }) {
    Object.assign(this, { onCorrect, onTick });
    this.rows = [];
    this.view = [];
    this.columns = [];
    this.unticked = new Set();
    this.corrected = new Map();
    this.at = { row: 0, column: FIXED };
    this.editing = null;
    this.head = element("tr", { aria: { rowindex: 1 } });
    this.body = element("tbody");
    this.table = element("table", { class: "omp-table omp-grid", role: "grid" },
      element("caption", {}, text("previewCaption")), element("thead", {}, this.head), this.body);
    this.frame = element("div", { class: "omp-table-frame omp-grid-frame", tabindex: "-1" }, this.table);
    this.drawn = new Map();
    this.frame.addEventListener("scroll", () => this._soon(), { passive: true });
    this.body.addEventListener("keydown", (event) => this._onKey(event));
    this.body.addEventListener("click", (event) => this._onClick(event));
    this.body.addEventListener("dblclick", (event) => this._onDouble(event));
    new ResizeObserver(() => this._soon()).observe(this.frame);
    place.append(this.frame);
  }

  /** Show another preview; the place in the table is kept when the images are the same. */
  show(preview, { filter, unticked, corrected }) {
    const same = preview.rows.length === this.rows.length && preview.rows[0]?.[0] === this.rows[0]?.[0];
    Object.assign(this, { rows: preview.rows, columns: preview.columns, unticked, corrected });
    this.table.setAttribute("aria-colcount", FIXED + this.columns.length + 1);
    this.head.replaceChildren(
      element("th", { scope: "col", class: "omp-tick" }, element("span", { class: "omp-unseen" }, text("columnTick"))),
      element("th", { scope: "col", class: "omp-wide" }, text("columnName")),
      element("th", { scope: "col" }, text("columnContainer")),
      ...this.columns.map((key) => element("th", { scope: "col", title: key }, key)),
      element("th", { scope: "col", class: "omp-wide" }, text("columnProblems")));
    this.table.style.width = `max(100%, ${2.6 + 16 + 10 + 10 * this.columns.length + 16}rem)`;
    this.filterBy(filter, same);
  }

  filterBy(filter, keepPlace = false) {
    const kept = {
      all: () => true,
      changed: (row) => /[abcd]/.test(row[4]) && row[7],
      unmatched: (row) => row[3].every((value) => value === null),
      conflicts: (row) => /[xb]/.test(row[4]),
      problems: (row) => row[6].length > 0,
      corrected: (row) => this.corrected.has(row[0]),
    }[filter];
    this.view = this.rows.filter(kept);
    this.table.setAttribute("aria-rowcount", this.view.length + 1);
    if (!keepPlace) {
      this.frame.scrollTop = 0;
      this.at = { row: 0, column: FIXED };
    }
    this.at.row = Math.max(0, Math.min(this.at.row, this.view.length - 1));
    this.at.column = Math.min(this.at.column, FIXED + this.columns.length);
    this._draw();
  }

  _soon() {
    if (this.waiting) return;
    this.waiting = requestAnimationFrame(() => { this.waiting = null; this._draw(true); });
  }

  /** Put the rows in view into the page; while scrolling, those that stay in view are kept as they are. */
  _draw(scrolling = false) {
    if (this.editing) return;
    if (!scrolling) this.drawn.clear();
    const height = this.frame.clientHeight || 400;
    const first = Math.max(0, Math.floor(this.frame.scrollTop / ROW_PIXELS) - SPARE_ROWS);
    const last = Math.min(this.view.length, first + Math.ceil(height / ROW_PIXELS) + 2 * SPARE_ROWS);
    const focused = this.body.contains(document.activeElement);
    const drawn = new Map();
    for (let index = first; index < last; index += 1) drawn.set(index, this.drawn.get(index) ?? this._row(this.view[index], index));
    this.drawn = drawn;
    this.body.replaceChildren(this._spacer(first), ...drawn.values(), this._spacer(this.view.length - last));
    if (focused) this._cell()?.focus({ preventScroll: true });
  }

  _spacer(count) {
    const cell = element("td", { colspan: FIXED + this.columns.length + 1 });
    cell.style.height = `${count * ROW_PIXELS}px`;
    return element("tr", { class: "omp-spacer", hidden: count === 0, aria: { hidden: "true" } }, cell);
  }

  _row(row, index) {
    const [id, name, container, values, states, olds, problems, may] = row;
    const tick = element("input", { type: "checkbox", tabindex: "-1", disabled: !may, aria: { label: text("selectRow", { name }) } });
    tick.checked = may && !this.unticked.has(id);
    const cells = [
      element("td", { class: "omp-tick" }, tick),
      element("th", { scope: "row", title: name }, name),
      element("td", { title: container }, container),
      ...this.columns.map((key, place) => this._value(key, values[place], states[place], olds[place], id)),
      element("td", { class: problems.length ? "omp-problem" : null, title: problems.join("\n") }, problems.join(" ")),
    ];
    cells.forEach((cell, column) => {
      cell.setAttribute("tabindex", index === this.at.row && column === this.at.column ? "0" : "-1");
      cell.setAttribute("aria-colindex", column + 1);
      if (cell.localName === "td") cell.setAttribute("role", "gridcell");
    });
    return element("tr", { "data-index": index, "data-id": id, class: may ? null : "omp-forbidden", aria: { rowindex: index + 2 } }, ...cells);
  }

  _value(key, value, state, old, id) {
    const edited = this.corrected.get(id)?.[key] !== undefined;
    const cell = element("td", { class: `omp-cell omp-state-${state.trim() || "none"}${edited ? " omp-edited" : ""}` });
    if (state === " ") return cell;
    cell.dataset.sign = SIGNS[state];
    cell.title = text(WORDS[state], { old: old ?? "", value: value ?? "" });
    // What is struck through is what the image will not have.
    const [stays, goes] = { x: [old, value], b: [`${value} · ${old}`, null], d: [null, old] }[state] ?? [value, old];
    cell.append(stays ?? "");
    if (goes !== undefined && goes !== null) cell.append(" ", element("del", {}, goes));
    return cell;
  }

  _cell() {
    return this.body.querySelector(`tr[data-index="${this.at.row}"]`)?.children[this.at.column];
  }

  _place(event) {
    const cell = event.target.closest("td, th");
    const row = cell?.closest("tr[data-index]");
    return row ? { row: Number(row.dataset.index), column: [...row.children].indexOf(cell) } : null;
  }

  _onClick(event) {
    const place = this._place(event);
    if (!place || this.editing) return;
    this.at = place;
    if (place.column === 0) this._tick(event.target.localName === "input" ? event.target.checked : null);
    this._draw();
    this._cell()?.focus({ preventScroll: true });
  }

  _onDouble(event) {
    const place = this._place(event);
    if (!place || this.editing) return;
    this.at = place;
    this._edit();
  }

  _tick(ticked = null) {
    const row = this.view[this.at.row];
    if (row[7]) this.onTick(row[0], ticked ?? this.unticked.has(row[0]));
  }

  _onKey(event) {
    if (this.editing || !this.view.length) return;
    const page = Math.max(1, Math.floor(this.frame.clientHeight / ROW_PIXELS) - 2);
    const moves = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1], PageDown: [page, 0], PageUp: [-page, 0],
      Home: event.ctrlKey ? [-Infinity, 0] : [0, -Infinity], End: event.ctrlKey ? [Infinity, 0] : [0, Infinity] };
    const move = moves[event.key];
    if (move) this._go(this.at.row + move[0], this.at.column + move[1]);
    else if (event.key === " " && this.at.column === 0) { this._tick(); this._draw(); this._cell()?.focus(); }
    else if (event.key === "Enter" || event.key === "F2") this._edit();
    else if (event.key === "Delete") this._commit("");
    else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey && event.key !== " ") this._edit(event.key);
    else return;
    event.preventDefault();
  }

  _go(row, column) {
    this.at = { row: Math.min(this.view.length - 1, Math.max(0, row)), column: Math.min(FIXED + this.columns.length, Math.max(0, column)) };
    const top = this.at.row * ROW_PIXELS;
    const room = this.frame.clientHeight - 2 * ROW_PIXELS;
    if (top < this.frame.scrollTop) this.frame.scrollTop = top;
    else if (top > this.frame.scrollTop + room) this.frame.scrollTop = top - room;
    this._draw();
    this._cell()?.focus({ preventScroll: true });
    this._cell()?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  _key() {
    const key = this.columns[this.at.column - FIXED];
    return key !== undefined && this.view[this.at.row]?.[7] ? key : null;
  }

  _edit(start = null) {
    const key = this._key();
    const cell = this._cell();
    if (key === null || !cell) return;
    const row = this.view[this.at.row];
    const input = element("input", { class: "omp-cell-input", maxlength: 10000, aria: { label: text("correctCell", { name: row[1], key }) } });
    input.value = start ?? row[3][this.at.column - FIXED] ?? "";
    this.editing = input;
    cell.replaceChildren(input);
    input.focus();
    if (start === null) input.select();
    const finish = (keep, move) => {
      if (this.editing !== input) return;
      this.editing = null;
      if (keep) this._commit(input.value);
      else this._draw();
      this._go(this.at.row + (move === "down" ? 1 : 0), this.at.column + (move === "right" ? 1 : 0));
    };
    input.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter") finish(true, "down");
      else if (event.key === "Escape") finish(false);
      else if (event.key === "Tab" && !event.shiftKey) { finish(true, "right"); event.preventDefault(); }
    });
    input.addEventListener("blur", () => {
      if (this.editing !== input) return;
      this.editing = null;
      this._commit(input.value);
    });
  }

  _commit(value) {
    const key = this._key();
    const row = this.view[this.at.row];
    if (key === null) return;
    const place = this.at.column - FIXED;
    if (value.trim() !== (row[3][place] ?? "")) {
      row[3][place] = value.trim() || null;
      this.onCorrect(row[0], key, value.trim());
    }
    this._draw();
  }
}
