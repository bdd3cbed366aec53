// A table for many rows: sorts, filters, selects, and keeps only the rows in view in the page.

import { element } from "./dom.js";
import { text } from "./messages.js";

const ROW_PIXELS = 36;
const SPARE_ROWS = 8;

/** Compare values the way people sort: numbers by size, texts with their numbers by size. */
const order = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
function compare(left, right) {
  if (typeof left === "number" && typeof right === "number") return left - right;
  return order.compare(String(left ?? ""), String(right ?? ""));
}

export class DataTable {
  /**
   * columns: [{key, title, number?: bool, width?: "8rem", cell?: (row) => Node|string}];
   * rows: objects with a unique `id`. `selectable` adds tick boxes; `onSelect` gets the set of chosen ids.
   */
  constructor(place, { caption, columns, rows = [], selectable = false, onSelect = () => {} }) {
    Object.assign(this, { caption, columns, selectable, onSelect });
    this.selected = new Set();
    this.sort = { key: null, down: false };
    this.query = "";
    this.active = 0;
    this._build(place);
    this.setRows(rows);
  }

  setRows(rows) {
    this.rows = rows;
    this.haystacks = rows.map((row) => this.columns.map((column) => row[column.key] ?? "").join("\u0000").toLowerCase());
    this._arrange();
  }

  _build(place) {
    this.filter = element("input", { type: "search", oninput: () => { this.query = this.filter.value; this._arrange(); } });
    this.count = element("span", { class: "omp-table-count", role: "status" });
    this.head = element("tr", { aria: { rowindex: 1 } }, ...this._headCells());
    this.body = element("tbody");
    this.table = element("table", { class: "omp-table", role: "grid", aria: { multiselectable: String(this.selectable) } },
      element("caption", {}, this.caption), element("thead", {}, this.head), this.body);
    this.frame = element("div", { class: "omp-table-frame", onscroll: () => this._draw() }, this.table);
    this.frame.addEventListener("keydown", (event) => this._onKey(event));
    this.frame.addEventListener("click", (event) => this._onClick(event));
    place.append(element("div", { class: "omp-table-tools" },
      element("label", {}, text("filterRows"), this.filter), this.count), this.frame);
    new ResizeObserver(() => this._draw()).observe(this.frame);
  }

  _headCells() {
    const cells = this.columns.map((column) => {
      const cell = element("th", { scope: "col", "data-key": column.key, class: column.number ? "omp-number" : null,
        aria: { sort: "none" } },
        element("button", { type: "button", onclick: () => this._sortBy(column.key) }, column.title));
      if (column.width) cell.style.width = column.width;
      return cell;
    });
    if (this.selectable) {
      this.all = element("input", { type: "checkbox", onchange: () => this._selectAll(this.all.checked),
        aria: { label: text("selectAllRows") } });
      cells.unshift(element("th", { scope: "col", class: "omp-tick" }, this.all));
    }
    return cells;
  }

  _sortBy(key) {
    this.sort = { key, down: this.sort.key === key && !this.sort.down };
    for (const cell of this.head.querySelectorAll("[data-key]")) {
      const mine = cell.dataset.key === key;
      cell.setAttribute("aria-sort", mine ? (this.sort.down ? "descending" : "ascending") : "none");
    }
    this._arrange();
  }

  _arrange() {
    const words = this.query.toLowerCase().split(/\s+/).filter(Boolean);
    this.view = this.rows.filter((_row, index) => words.every((word) => this.haystacks[index].includes(word)));
    const { key, down } = this.sort;
    if (key !== null) this.view.sort((left, right) => (down ? -1 : 1) * compare(left[key], right[key]));
    this.active = Math.min(this.active, Math.max(0, this.view.length - 1));
    this.frame.scrollTop = 0;
    this.active = 0;
    this._draw();
    this._tell();
  }

  _tell() {
    const shown = this.view.length ? text("rowsShown", { shown: this.view.length, total: this.rows.length }) : text("noRows");
    const chosen = this.selected.size ? `, ${text("rowsSelected", { count: this.selected.size })}` : "";
    this.count.textContent = shown + chosen;
    this.table.setAttribute("aria-rowcount", this.view.length + 1);
    if (this.all) {
      const ticked = this.view.filter((row) => this.selected.has(row.id)).length;
      this.all.checked = ticked > 0 && ticked === this.view.length;
      this.all.indeterminate = ticked > 0 && ticked < this.view.length;
    }
  }

  _draw() {
    if (!this.view) return;
    const height = this.frame.clientHeight || 400;
    const first = Math.max(0, Math.floor(this.frame.scrollTop / ROW_PIXELS) - SPARE_ROWS);
    const last = Math.min(this.view.length, first + Math.ceil(height / ROW_PIXELS) + 2 * SPARE_ROWS);
    const hadFocus = this.body.contains(document.activeElement);
    const rows = [];
    for (let index = first; index < last; index += 1) rows.push(this._row(this.view[index], index));
    this.body.replaceChildren(this._spacer(first), ...rows, this._spacer(this.view.length - last));
    if (hadFocus) this._rowAt(this.active)?.focus({ preventScroll: true });
  }

  _spacer(count) {
    const cell = element("td", { colspan: this.columns.length + (this.selectable ? 1 : 0) });
    cell.style.height = `${count * ROW_PIXELS}px`;
    return element("tr", { class: "omp-spacer", role: "presentation", hidden: count === 0, aria: { hidden: "true" } }, cell);
  }

  _row(row, index) {
    const cells = this.columns.map((column) => element("td", { role: "gridcell", class: column.number ? "omp-number" : null },
      column.cell ? column.cell(row) : String(row[column.key] ?? "")));
    const aria = { rowindex: index + 2 };
    if (this.selectable) {
      const ticked = this.selected.has(row.id);
      aria.selected = String(ticked);
      const name = String(row[this.columns[0].key] ?? row.id);
      const box = element("input", { type: "checkbox", tabindex: "-1", aria: { label: text("selectRow", { name }) } });
      box.checked = ticked;
      cells.unshift(element("td", { role: "gridcell", class: "omp-tick" }, box));
    }
    return element("tr", { "data-index": index, tabindex: index === this.active ? "0" : "-1", aria }, ...cells);
  }

  _rowAt(index) {
    return this.body.querySelector(`[data-index="${index}"]`);
  }

  _onClick(event) {
    const found = event.target.closest("tr[data-index]");
    if (!found || event.target.closest("a, button")) return;
    this.active = Number(found.dataset.index);
    if (this.selectable) this._toggle(this.view[this.active]);
    this._draw();
    this._rowAt(this.active)?.focus({ preventScroll: true });
  }

  _onKey(event) {
    if (!event.target.closest("tbody") || !this.view.length) return;
    const page = Math.max(1, Math.floor(this.frame.clientHeight / ROW_PIXELS) - 2);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    if (event.key in steps) {
      this.active = Math.min(this.view.length - 1, Math.max(0, this.active + steps[event.key]));
      this._reveal();
    } else if (event.key === " " && this.selectable) {
      this._toggle(this.view[this.active]);
      this._draw();
    } else return;
    event.preventDefault();
  }

  _reveal() {
    const top = this.active * ROW_PIXELS;
    const room = this.frame.clientHeight - 2 * ROW_PIXELS;
    if (top < this.frame.scrollTop) this.frame.scrollTop = top;
    else if (top > this.frame.scrollTop + room) this.frame.scrollTop = top - room;
    this._draw();
    this._rowAt(this.active)?.focus({ preventScroll: true });
  }

  _toggle(row) {
    if (this.selected.has(row.id)) this.selected.delete(row.id);
    else this.selected.add(row.id);
    this._tell();
    this.onSelect(this.selected);
  }

  _selectAll(ticked) {
    for (const row of this.view) {
      if (ticked) this.selected.add(row.id);
      else this.selected.delete(row.id);
    }
    this._draw();
    this._tell();
    this.onSelect(this.selected);
  }
}
