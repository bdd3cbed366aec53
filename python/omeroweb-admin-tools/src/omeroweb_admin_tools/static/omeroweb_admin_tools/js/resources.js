// The resource page: figures, charts, services, containers; asked again every half minute.

import { element } from "../../omero_plugin_common/js/dom.js";
import { getJson } from "../../omero_plugin_common/js/http.js";
import { pageData, text } from "../../omero_plugin_common/js/messages.js";
import { Chart } from "./charts.js";
import { showHealth } from "./health.js";
import { amount, bytes } from "./units.js";

const REFRESH_MILLISECONDS = 30000;
const find = (id) => document.getElementById(id);
const charts = new Map();
const FIGURES = [
  ["cpu_usage_percent", "percent", "figureCpu"],
  ["memory_usage_percent", "percent", "figureMemory"],
  ["disk_usage_percent", "percent", "figureDisk"],
  ["network_receive_bps", "bytes_per_second", "figureReceived"],
  ["network_transmit_bps", "bytes_per_second", "figureSent"],
];
const DASHBOARDS = [["dashboard", "dashboardServer"], ["database_dashboard", "dashboardDatabase"],
  ["plugin_database_dashboard", "dashboardPlugin"], ["redis_dashboard", "dashboardRedis"]];

function figure(title, value, note = "") {
  return element("div", { class: "adm-figure" }, element("dt", {}, title),
    element("dd", {}, value, note ? element("small", {}, note) : null));
}

function link(url, label) {
  return element("a", { class: "omp-button", href: url, target: "_blank", rel: "noopener" }, label);
}

function showFigures({ system_metrics: metrics, prometheus }) {
  const shown = FIGURES.map(([key, unit, title]) => figure(text(title), amount(metrics[key], unit)));
  const targets = prometheus.targets_overview;
  if (targets.active) shown.push(figure(text("figureTargets"), `${targets.up} / ${targets.active}`, text("figureTargetsNote")));
  find("figures").replaceChildren(...shown);
}

function showLinks({ grafana, prometheus }) {
  const links = [];
  if (grafana.probe.ok) {
    for (const [key, label] of DASHBOARDS) {
      links.push(link(grafana[`${key}_external_url`] || grafana[`${key}_proxy_url`], text(label)));
    }
  }
  if (prometheus.probe.ok) {
    links.push(link(prometheus.targets_external_url || prometheus.targets_proxy_url, text("linkTargets")));
  }
  const notes = [];
  if (!grafana.base_url) notes.push(text("notRunningHere", { name: "Grafana" }));
  else if (!grafana.probe.ok) notes.push(text("notAnswering", { name: "Grafana", error: grafana.probe.error }));
  if (!prometheus.base_url) notes.push(text("notRunningHere", { name: "Prometheus" }));
  else if (!prometheus.probe.ok) notes.push(text("notAnswering", { name: "Prometheus", error: prometheus.probe.error }));
  find("links").replaceChildren(...links, ...notes.map((note) => element("span", { class: "omp-hint" }, note)));
}

function showCharts(list) {
  for (const chart of list) {
    if (!charts.has(chart.key)) {
      const place = element("div", { class: "adm-chart" });
      find("charts").append(element("section", { class: "omp-card", aria: { label: chart.title } },
        element("h3", {}, chart.title), place));
      charts.set(chart.key, new Chart(place));
    }
    charts.get(chart.key).show(chart);
  }
}

function containerRow(container) {
  const stats = container.stats;
  const state = container.health === "unhealthy" || (container.state !== "running") ? "down"
    : container.health === "starting" ? "warn" : "up";
  const number = (value) => element("td", { class: "omp-number" }, value);
  return element("tr", {}, element("th", { scope: "row" }, container.service),
    element("td", {}, element("span", { class: "adm-badge", "data-state": state }, container.health || container.state)),
    number(stats ? `${stats.cpu_percent.toFixed(1)} %` : "–"),
    number(stats ? `${bytes(stats.memory_bytes)} / ${bytes(stats.memory_limit_bytes)}` : "–"),
    number(stats ? `${bytes(stats.received_bytes)} / ${bytes(stats.sent_bytes)}` : "–"),
    number(stats ? `${bytes(stats.read_bytes)} / ${bytes(stats.written_bytes)}` : "–"),
    number(stats ? String(stats.processes) : "–"));
}

async function showContainers() {
  const { available, reason, containers } = await getJson(pageData.containers);
  find("containers-frame").hidden = !available;
  find("containers-note").textContent = available ? "" : reason;
  find("containers").replaceChildren(...containers.map(containerRow));
}

function tell(error) {
  find("resource-status").textContent = error.message;
}

async function refresh() {
  find("resource-status").textContent = "";
  const work = [
    getJson(pageData.data).then((answer) => { showFigures(answer); showLinks(answer); }).catch(tell),
    getJson(`${pageData.charts}?range=${find("range").value}`).then((answer) => showCharts(answer.charts)).catch(tell),
    showContainers().catch(tell),
  ];
  await Promise.all(work);
  document.documentElement.dataset.loaded = "true";
}

async function keepFresh() {
  await refresh();
  setTimeout(keepFresh, REFRESH_MILLISECONDS * (document.hidden ? 4 : 1));
}

find("range").addEventListener("change", refresh);
showHealth(find("health"), pageData.health);
await keepFresh();
