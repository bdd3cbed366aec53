// What is chosen on the page: images, how their names are read, corrections, what happens to existing pairs.
//
// Parts of the page listen for "targets", "recipe" and "preview" on `studio` and change it through its methods; the
// AI assistance does the same: setRecipe({mode: "regex", pattern}) and setValues([{img_id, values}]).

class Studio extends EventTarget {
  constructor() {
    super();
    this.targets = [];
    this.recipe = {};
    this.corrections = new Map();
    this.policy = "merge";
    this.preview = null;
    this.unticked = new Set();
  }

  _tell(what) {
    this.dispatchEvent(new Event(what));
  }

  setTargets(targets) {
    this.targets = targets;
    this.corrections.clear();
    this.unticked.clear();
    this._tell("targets");
  }

  /** Change parts of the recipe: mode, separators, pattern, labels, names, types, source, level, … */
  setRecipe(parts) {
    this.recipe = { ...this.recipe, ...parts };
    this._tell("recipe");
  }

  setPolicy(policy) {
    this.policy = policy;
    this._tell("recipe");
  }

  /** Replace one cell; an empty value takes the pair away. */
  correct(id, key, value) {
    const cells = this.corrections.get(id) || {};
    cells[key] = value === "" ? null : value;
    this.corrections.set(id, cells);
    this._tell("recipe");
  }

  /** Take over values that were found elsewhere, one list per image, in the order of the variables. */
  setValues(rows) {
    const keys = this.keys();
    for (const { img_id: id, values } of rows) {
      const cells = {};
      values.forEach((value, place) => { cells[keys[place] || `Var${place + 1}`] = value || null; });
      this.corrections.set(Number(id), cells);
    }
    this._tell("recipe");
  }

  clearCorrections() {
    this.corrections.clear();
    this._tell("recipe");
  }

  keys() {
    return (this.recipe.names || []).map((name, place) => name.trim() || `Var${place + 1}`);
  }

  setPreview(preview) {
    this.preview = preview;
    this._tell("preview");
  }

  /** What the server takes for a preview. */
  request() {
    return {
      targets: this.targets,
      recipe: this.recipe,
      corrections: Object.fromEntries(this.corrections),
      policy: this.policy,
    };
  }
}

export const studio = new Studio();
