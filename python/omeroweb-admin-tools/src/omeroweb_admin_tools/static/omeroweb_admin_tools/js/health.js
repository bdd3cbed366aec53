// How every service is, with the reason and what to do.

import { element } from "../../omero_plugin_common/js/dom.js";
import { getJson } from "../../omero_plugin_common/js/http.js";
import { text } from "../../omero_plugin_common/js/messages.js";

const WORDS = { up: "serviceUp", warn: "serviceWarn", down: "serviceDown" };

function shown(service) {
  const line = element("div", { class: "adm-service" },
    element("span", { class: "adm-badge", "data-state": service.state }, text(WORDS[service.state])),
    element("span", {}, service.title));
  if (service.state !== "up") {
    line.append(element("span", { class: "omp-hint" }, `${service.reason}. ${service.advice}`));
  }
  return line;
}

/** Show the health of all services in `place`, now and every `seconds`. */
export async function showHealth(place, url, seconds = 30) {
  try {
    const { services } = await getJson(url);
    const order = { down: 0, warn: 1, up: 2 };
    services.sort((left, right) => order[left.state] - order[right.state]);
    place.replaceChildren(...services.map(shown));
    if (!services.length) place.textContent = text("noServices");
  } catch (error) {
    place.textContent = error.message;
  }
  setTimeout(() => showHealth(place, url, seconds), seconds * 1000 * (document.hidden ? 4 : 1));
}
