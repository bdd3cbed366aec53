// Keys for AI providers: test, save, delete. A stored key never comes back to the browser.

import { confirmDialog } from "../omero_plugin_common/js/dialog.js";
import { element } from "../omero_plugin_common/js/dom.js";
import { sendJson } from "../omero_plugin_common/js/http.js";
import { pageData, text } from "../omero_plugin_common/js/messages.js";

const { urls, available } = pageData.ai;

class KeyCard {
  constructor(provider) {
    this.provider = provider;
    const named = { title: provider.title };
    this.state = element("span", { class: "omp-ai-state" });
    this.status = element("p", { role: "status", class: "omp-ai-status" });
    this.key = element("input", { type: "password", name: "key", placeholder: text("aiKeyFor", named), maxlength: "500", autocomplete: "off", spellcheck: "false", aria: { label: text("aiKeyFor", named) } });
    this.test = element("button", { type: "button", aria: { label: text("aiTestOf", named) }, onclick: () => this.run(urls.test) }, text("aiTest"));
    this.save = element("button", { type: "submit", class: "omp-primary", aria: { label: text("aiSaveOf", named) } }, text("aiSave"));
    this.remove = element("button", { type: "button", class: "omp-danger", aria: { label: text("aiDeleteOf", named) }, onclick: () => this.forget() }, text("aiDelete"));
    this.form = element("form", { class: "omp-ai-key" }, ...(provider.allowed ? [this.key, this.test, this.save] : []), this.remove);
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.run(urls.save); });
    this.element = element("li", { class: "omp-ai-provider" }, element("div", { class: "omp-ai-name" }, element("h3", {}, provider.title), this.state),
      element("p", { class: "omp-hint" }, provider.allowed ? provider.address : text("aiNotAllowed")), this.form, this.status);
    this.show();
  }

  show() {
    const { stored, needs_key: needed, allowed } = this.provider;
    this.state.textContent = stored ? text("aiKeyStored") : text(needed === false ? "aiKeyNotNeeded" : "aiKeyMissing");
    this.state.dataset.stored = stored;
    this.remove.hidden = !stored;
    this.form.hidden = !allowed && !stored;
  }

  tell(message, failed = false) {
    this.status.textContent = message;
    this.status.classList.toggle("omp-error", failed);
  }

  async whileBusy(work) {
    const buttons = [this.test, this.save, this.remove];
    buttons.forEach((button) => { button.disabled = true; });
    try {
      await work();
    } catch (error) {
      this.tell(error.message, true);
    }
    buttons.forEach((button) => { button.disabled = false; });
    this.show();
  }

  run(url) {
    return this.whileBusy(async () => {
      this.tell(text("aiTesting"));
      const answer = await sendJson(url, { provider: this.provider.id, api_key: this.key.value });
      if (url === urls.save) {
        this.provider.stored = true;
        this.key.value = "";
      }
      this.tell(answer.message);
    });
  }

  async forget() {
    const named = { title: this.provider.title };
    const agreed = await confirmDialog({ title: text("aiDeleteTitle", named), body: text("aiDeleteBody"), action: text("aiDelete"), dangerous: true });
    if (!agreed) return;
    await this.whileBusy(async () => {
      await sendJson(urls.delete, { provider: this.provider.id });
      this.provider.stored = false;
      this.tell(text("aiDeleted", named));
    });
  }
}

const list = document.getElementById("omp-ai-keys");
if (available.length) list.replaceChildren(...available.map((provider) => new KeyCard(provider).element));
else list.replaceChildren(element("li", {}, text("aiNobody")));
