// The panel in which people ask an AI provider for a rule, after seeing what will be sent.
//
//   mountAiPanel(element, {
//     data,          // what services.ai_page.ai_page_data put into the page
//     request,       // () => ({targets, recipe, names}): for which images; names are of the variables
//     onSuggestion,  // (found) => …: somebody pressed "Use this"; found.recipe goes into studio.setRecipe
//   })

import { element } from "../omero_plugin_common/js/dom.js";
import { getJson, sendJson } from "../omero_plugin_common/js/http.js";
import { text } from "../omero_plugin_common/js/messages.js";
import { reviewDialog } from "./ai_review.js";
import { suggestionView } from "./ai_suggestion.js";

const title = (provider) => (provider.needs_key && !provider.stored ? text("aiWithoutKey", { title: provider.title }) : provider.title);

class AiPanel {
  constructor(place, { data, request, onSuggestion }) {
    Object.assign(this, { data, request, onSuggestion });
    this.providers = data.available.filter((provider) => provider.allowed);
    this.models = new Map();
    this.result = element("div", { class: "omp-ai-result", role: "status" });
    this.problem = element("p", { class: "omp-error", role: "alert", hidden: true });
    const inside = this.providers.length ? [this.buildForm(), this.problem, this.result] : [element("p", {}, text("aiNobody"))];
    this.details = element("details", { class: "omp-ai" }, element("summary", {}, text("aiAskTitle")), ...inside);
    this.details.addEventListener("toggle", () => this.opened());
    place.replaceChildren(this.details);
  }

  buildForm() {
    const options = this.providers.map((provider) => element("option", { value: provider.id }, title(provider)));
    this.provider = element("select", { name: "provider" }, ...options);
    const ready = this.providers.find((provider) => provider.stored || !provider.needs_key);
    this.provider.value = (ready || this.providers[0]).id;
    this.list = element("datalist", { id: "omp-ai-models" });
    this.model = element("input", { name: "model", list: "omp-ai-models", required: true, autocomplete: "off", spellcheck: "false" });
    this.hide = element("input", { type: "checkbox", name: "hide" });
    this.hideHint = element("p", { class: "omp-hint" }, text("aiHideRequired"));
    this.show = element("button", { type: "submit" }, text("aiShow"));
    this.cancel = element("button", { type: "button", hidden: true, onclick: () => this.waiting?.abort() }, text("aiCancel"));
    this.provider.addEventListener("change", () => this.providerChanged());
    const form = element("form", { class: "omp-ai-form" },
      element("p", { class: "omp-hint" }, text("aiAskHint")),
      element("label", { class: "omp-field" }, element("span", {}, text("aiProvider")), this.provider),
      element("label", { class: "omp-field" }, element("span", {}, text("aiModel")), this.model), this.list,
      element("label", { class: "omp-check" }, this.hide, text("aiHideNames")), this.hideHint,
      element("div", { class: "omp-ai-line" }, this.show, this.cancel, element("a", { href: this.data.urls.keys }, text("aiManageKeys"))));
    form.addEventListener("submit", (event) => { event.preventDefault(); this.ask(); });
    return form;
  }

  chosen() {
    return this.providers.find((provider) => provider.id === this.provider.value);
  }

  opened() {
    if (this.details.open && this.providers.length) this.providerChanged();
  }

  async providerChanged() {
    const provider = this.chosen();
    this.tell("");
    this.hide.checked = provider.hides;
    this.hide.disabled = provider.hides;
    this.hideHint.hidden = !provider.hides;
    this.list.replaceChildren();
    this.model.value = "";
    if (provider.needs_key && !provider.stored) return;
    this.model.placeholder = text("aiLoadingModels");
    try {
      if (!this.models.has(provider.id)) this.models.set(provider.id, await getJson(`${this.data.urls.models}?provider=${encodeURIComponent(provider.id)}`));
      if (this.chosen() !== provider) return;
      const found = this.models.get(provider.id);
      this.list.replaceChildren(...found.models.map((model) => element("option", { value: model.id }, model.title)));
      if (!this.model.value) this.model.value = found.default_model;
    } catch (error) {
      if (this.chosen() === provider) this.tell(error.message);
    }
    this.model.placeholder = "";
  }

  tell(message) {
    this.problem.textContent = message;
    this.problem.hidden = !message;
  }

  async ask() {
    this.tell("");
    const provider = this.chosen();
    const wanted = { ...this.request(), provider: provider.id, model: this.model.value.trim(), pseudonymise: this.hide.checked };
    if (!wanted.targets.length) {
      this.tell(text("aiChooseImages"));
      return;
    }
    this.show.disabled = true;
    try {
      const shown = await sendJson(this.data.urls.preview, wanted);
      // Where the focus goes back to when the review is closed.
      this.show.disabled = false;
      this.show.focus();
      if (await reviewDialog(shown)) await this.send({ ...wanted, digest: shown.digest }, shown.title);
    } catch (error) {
      if (error.name !== "AbortError") this.tell(error.message);
    }
    this.show.disabled = false;
  }

  async send(wanted, recipient) {
    this.show.disabled = true;
    this.waiting = new AbortController();
    this.cancel.hidden = false;
    this.result.replaceChildren(element("p", {}, element("progress", { aria: { label: text("aiWaiting", { title: recipient }) } }), " ", text("aiWaiting", { title: recipient })));
    try {
      const found = await sendJson(this.data.urls.suggest, wanted, { signal: this.waiting.signal });
      this.result.replaceChildren(suggestionView(found, () => this.use(found)));
    } catch (error) {
      this.result.replaceChildren();
      throw error;
    } finally {
      this.cancel.hidden = true;
      this.waiting = null;
    }
  }

  use(found) {
    this.onSuggestion(found);
    this.result.replaceChildren(element("p", {}, text("aiUsed")));
  }
}

export function mountAiPanel(place, options) {
  return new AiPanel(place, options);
}
