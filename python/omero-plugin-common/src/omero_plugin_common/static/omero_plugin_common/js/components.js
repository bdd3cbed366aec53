// The component page: every shared component with made-up data.

import uPlot from "../vendor/uplot/uPlot.esm.js";
import { confirmDialog } from "./dialog.js";
import { pageData } from "./messages.js";
import { notify } from "./notice.js";
import { JobProgress } from "./progress.js";
import { DataTable } from "./table.js";

const sizes = [12, 7, 99, 41];
const rows = Array.from({ length: pageData.rows }, (_unused, index) => ({
  id: index + 1,
  name: `sample_${index + 1}_${index % 2 ? "red" : "green"}.tif`,
  dataset: `Dataset ${(index % 17) + 1}`,
  size: sizes[index % sizes.length] * (index + 1),
}));

new DataTable(document.getElementById("demo-table"), {
  caption: "Images",
  selectable: true,
  rows,
  columns: [
    { key: "name", title: "Name" },
    { key: "dataset", title: "Dataset" },
    { key: "size", title: "Size", number: true, width: "8rem" },
  ],
});

document.getElementById("demo-dialog").addEventListener("click", async () => {
  const agreed = await confirmDialog({
    title: "Delete 3 annotations?",
    body: "They are removed from 3 images.",
    action: "Delete",
    dangerous: true,
  });
  document.getElementById("demo-answer").textContent = agreed ? "Deleted" : "Kept";
  notify(agreed ? "3 annotations deleted" : "Nothing was deleted");
});

const jobId = new URLSearchParams(location.search).get("job");
const place = document.getElementById("demo-progress");
if (jobId) {
  new JobProgress(place, { url: pageData.poll.replace("{id}", jobId), label: "Count" });
} else {
  const shown = new JobProgress(place, { url: location.pathname, label: "Count" });
  shown.stop();
  shown.show({ state: "running", title: "Count", done: 340, total: 1000, percent: 34, eta_seconds: 95, message: "Counted 340 of 1000", finished: false });
}

const points = Array.from({ length: 2000 }, (_unused, index) => index / 50);
const ink = getComputedStyle(document.body).color;
const chart = document.getElementById("demo-chart");
new uPlot({
  width: Math.max(200, chart.clientWidth),
  height: 220,
  scales: { x: { time: false } },
  legend: { show: false },
  axes: [{ stroke: ink, grid: { stroke: "#8884" } }, { stroke: ink, grid: { stroke: "#8884" } }],
  series: [{}, { stroke: "#2f80d0", width: 2 }],
}, [points, points.map((x) => Math.sin(x) * Math.exp(-x / 20))], chart);
