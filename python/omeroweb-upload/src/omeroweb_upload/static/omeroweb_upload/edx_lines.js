// Element lines and their names over the chart.

const NAME_FONT = 12;
const ROWS = 5;
const GAP = 4;

/**
 * Draw for each overlay its lines (as tall as their weight) and its labels.
 * overlays: [{symbol, colour, lines: [[name, energy, weight]], labels: [energy]}].
 */
export function drawLines(plot, overlays, ink, paper) {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio || 1;
  const { min, max } = plot.scales.x;
  const inside = (energy) => energy >= min && energy <= max;
  const at = (energy) => Math.round(plot.valToPos(energy, "x", true));
  const bottom = bbox.top + bbox.height;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const overlay of overlays) {
    ctx.strokeStyle = overlay.colour;
    ctx.lineWidth = ratio;
    ctx.setLineDash([3 * ratio, 3 * ratio]);
    for (const [, energy, weight] of overlay.lines) {
      if (!inside(energy)) continue;
      const height = bbox.height * (0.12 + 0.78 * weight);
      ctx.beginPath();
      ctx.moveTo(at(energy), bottom);
      ctx.lineTo(at(energy), bottom - height);
      ctx.stroke();
    }
  }
  ctx.setLineDash([]);
  names(ctx, placed(ctx, overlays, { inside, at, bbox, ratio }), { ink, paper, ratio });
  ctx.restore();
}

/** Put names into rows from the top, each where its row is still free; what finds no room is left out. */
function placed(ctx, overlays, { inside, at, bbox, ratio }) {
  ctx.font = `600 ${NAME_FONT * ratio}px system-ui, sans-serif`;
  const wanted = overlays
    .flatMap((overlay) => overlay.labels.filter(inside).map((energy) => ({ text: overlay.symbol, colour: overlay.colour, x: at(energy) })))
    .sort((left, right) => left.x - right.x);
  const ends = new Array(ROWS).fill(-Infinity);
  const found = [];
  for (const name of wanted) {
    const width = ctx.measureText(name.text).width + 2 * GAP * ratio;
    const left = Math.min(Math.max(name.x - width / 2, bbox.left), bbox.left + bbox.width - width);
    const row = ends.findIndex((end) => end + GAP * ratio <= left);
    if (row < 0) continue;
    ends[row] = left + width;
    const height = (NAME_FONT + 6) * ratio;
    found.push({ ...name, left, width, height, top: bbox.top + 4 * ratio + row * (height + 3 * ratio) });
  }
  return found;
}

function names(ctx, boxes, { ink, paper, ratio }) {
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  for (const box of boxes) {
    ctx.strokeStyle = box.colour;
    ctx.lineWidth = ratio;
    ctx.beginPath();
    ctx.moveTo(box.x, box.top + box.height);
    ctx.lineTo(box.x, box.top + box.height + 14 * ratio);
    ctx.stroke();
    ctx.fillStyle = paper;
    ctx.fillRect(box.left, box.top, box.width, box.height);
    ctx.strokeRect(box.left, box.top, box.width, box.height);
    ctx.fillStyle = ink;
    ctx.fillText(box.text, box.left + box.width / 2, box.top + box.height / 2);
  }
}
