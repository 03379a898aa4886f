// The three charts, on one axis of time and with one cursor.

import { el, put } from "./dom.js";
import * as format from "./format.js";
import { shown, store } from "./store.js";
import { C } from "./theme.js";

const { uPlot } = window;
export const KEY = "time";
export const gutter = () => (innerWidth < 700 ? 68 : 84);
const NARROW = () => innerWidth < 700;

// Steps between tick labels: whole multiples of the tick, so that no two labels are alike.
function increments(tick) {
  const found = [];
  for (let size = 1; size < 1e20; size *= 10) for (const one of [1, 2, 5]) found.push(Number((tick * one * size).toPrecision(12)));
  return found;
}

// A label that would be cut off at the right edge is left out.
function timeLabels(u, splits, _axis, _space, step) {
  const room = u.bbox.width / devicePixelRatio - 18;
  return splits.map((at) => (u.valToPos(at, "x") > room ? null : step >= 86400 ? format.day(at * 1000) : step >= 60 ? format.minutes(at * 1000) : format.time(at * 1000)));
}

function axes(labels, incrs) {
  const line = () => C.line;
  const text = () => C.muted;
  const font = "12px system-ui, sans-serif";
  const grid = { stroke: line, width: 1 };
  return [
    { stroke: text, font, grid: { show: false }, ticks: { stroke: line, width: 1, size: 5 }, values: timeLabels, space: 76, size: 32, gap: 6 },
    { stroke: text, font, grid, ticks: { show: false }, size: gutter(), values: labels, incrs, gap: 8, space: 34 },
  ];
}

const tzDate = (seconds) => (format.clockIsLocal() ? new Date(seconds * 1000) : uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"));

class Chart {
  constructor(box, { series, columns, labels, incrs, range, hooks = {}, legend }) {
    this.box = box;
    this.columns = columns;
    this.legend = legend;
    const setCursor = [(u) => this.hover(u)];
    this.plot = new uPlot(
      {
        width: Math.max(box.clientWidth, 200),
        height: box.clientHeight,
        padding: [10, 8, 0, 0],
        legend: { show: false },
        tzDate,
        cursor: { sync: { key: KEY, setSeries: false }, y: false, points: { size: 6 }, drag: { x: true, y: false, setScale: false } },
        select: { show: true },
        scales: { x: { time: true, range: () => shown() }, y: { range } },
        axes: axes(labels, incrs),
        series: [{}, ...series],
        bands: hooks.bands,
        hooks: { setCursor, drawClear: hooks.drawClear ?? [], draw: hooks.draw ?? [], setSelect: [(u) => this.zoom(u)] },
      },
      this.data(),
      box,
    );
    new ResizeObserver(() => this.plot.setSize({ width: box.clientWidth, height: box.clientHeight })).observe(box);
  }

  data() {
    return this.columns.map((column) => (typeof column === "function" ? column() : store.columns[column]));
  }

  paint() {
    this.plot.setData(this.data(), false);
    this.plot.setScale("x", { min: shown()[0], max: shown()[1] });
    if (this.plot.cursor.left < 0) this.hover(this.plot);
  }

  zoom(u) {
    if (u.select.width < 6) return;
    const range = [u.posToVal(u.select.left, "x"), u.posToVal(u.select.left + u.select.width, "x")];
    u.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
    if (range[1] - range[0] > 2) dispatchEvent(new CustomEvent("zoom", { detail: range }));
  }

  hover(u) {
    const at = u.cursor.idx ?? null;
    this.legend(at === null || u.cursor.left < 0 ? null : at);
  }

  destroy() {
    this.plot.destroy();
  }
}

const T = 0, MID = 1, BID = 2, ASK = 3, BASE = 4, REAL = 6, UNREAL = 7, FEES = 8, LOW = 9, HIGH = 10;

function extent(columns, extra = []) {
  let low = Infinity, high = -Infinity;
  const [from, to] = shown();
  const times = store.columns[T];
  for (const column of columns) {
    for (let i = 0; i < column.length; i++) {
      const value = column[i];
      if (value === null || Number.isNaN(value) || times[i] < from || times[i] > to) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  for (const value of extra) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

export function priceChart(box, tick, legend) {
  const step = Number(tick) || 0.01;
  const places = format.places(tick);
  const stepped = uPlot.paths.stepped({ align: 1 });
  const range = () => {
    const fills = visibleFills().map((fill) => Number(fill.price));
    const c = store.columns;
    let [low, high] = extent([c[MID], c[BID], c[ASK], c[LOW], c[HIGH]], fills);
    if (low > high) return [0, 10 * step];
    const margin = Math.max((high - low) * 0.08, 2 * step);
    return [low - margin, high + margin];
  };
  return new Chart(box, {
    columns: [T, MID, BID, ASK, LOW, HIGH],
    legend,
    range,
    incrs: increments(step),
    labels: (_u, splits) => splits.map((value) => value.toFixed(places)),
    series: [
      { stroke: () => C.mid, width: 1, points: { show: false } },
      { stroke: () => C.buy, width: 2, paths: stepped, points: { show: false } },
      { stroke: () => C.sell, width: 2, dash: [6, 4], paths: stepped, points: { show: false } },
      { stroke: null, points: { show: false } },
      { stroke: null, points: { show: false } },
    ],
    hooks: { bands: [{ series: [5, 4], fill: () => C.band }], drawClear: [drawHalts], draw: [drawFills] },
  });
}

export function profitChart(box, legend) {
  const total = () => store.columns[REAL].map((value, i) => (value === null ? null : value + store.columns[UNREAL][i]));
  const range = (_u, low, high) => {
    if (low === null || high === null) return [-1, 1];
    const margin = Math.max((high - low) * 0.1, Math.abs(high) * 1e-4, 1e-6);
    return [low - margin, high + margin];
  };
  return new Chart(box, {
    columns: [T, total, REAL],
    legend,
    range,
    incrs: increments(1e-8),
    labels: (_u, splits, _a, _s, step) => splits.map((value) => value.toFixed(Math.min(8, Math.max(0, Math.ceil(-Math.log10(step) - 1e-9))))),
    series: [
      { stroke: () => C.ink, width: 1.6, points: { show: false } },
      { stroke: () => C.accent, width: 1.4, dash: [5, 4], points: { show: false } },
    ],
  });
}

export function inventoryChart(box, legend) {
  const range = (_u, low, high) => {
    if (low === null || high === null) return [0, 1];
    const margin = Math.max((high - low) * 0.1, Math.abs(high) * 1e-6, 1e-9);
    return [low - margin, high + margin];
  };
  return new Chart(box, {
    columns: [T, BASE],
    legend,
    range,
    incrs: increments(1e-8),
    labels: (_u, splits, _a, _s, step) => splits.map((value) => value.toFixed(Math.min(8, Math.max(0, Math.ceil(-Math.log10(step) - 1e-9))))),
    series: [{ stroke: () => C.ink, width: 1.6, paths: uPlot.paths.stepped({ align: 1 }), points: { show: false } }],
  });
}

function visibleFills() {
  const [from, to] = shown();
  return store.fills.filter((fill) => fill.at >= from * 1000 && fill.at <= to * 1000);
}

// Triangles: up where it was bought, down where it was sold; the area is the quantity.
function drawFills(u) {
  const fills = visibleFills();
  if (!fills.length) return;
  const largest = Math.max(...fills.map((fill) => Number(fill.quantity)));
  const { ctx } = u;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height);
  ctx.clip();
  ctx.lineWidth = 1.5 * ratio;
  ctx.strokeStyle = C.panel;
  for (const fill of fills) {
    const x = u.valToPos(fill.at / 1000, "x", true);
    const y = u.valToPos(Number(fill.price), "y", true);
    const size = (4 + 5 * Math.sqrt(Number(fill.quantity) / largest)) * ratio;
    const way = fill.side === "buy" ? 1 : -1;
    ctx.fillStyle = fill.side === "buy" ? C.buy : C.sell;
    ctx.beginPath();
    ctx.moveTo(x, y - way * size);
    ctx.lineTo(x + size, y + way * size);
    ctx.lineTo(x - size, y + way * size);
    ctx.closePath();
    ctx.fill();
    ctx.stroke();
  }
  ctx.restore();
}

function drawHalts(u) {
  const { ctx } = u;
  for (const run of store.bars.lease ?? []) {
    if (run[2] !== "halted") continue;
    const end = run[4] ? shown()[1] : run[1] / 1000;
    const from = Math.max(u.bbox.left, u.valToPos(run[0] / 1000, "x", true));
    const to = Math.min(u.bbox.left + u.bbox.width, u.valToPos(end, "x", true));
    if (to <= from) continue;
    ctx.save();
    ctx.globalAlpha = 0.16;
    ctx.fillStyle = C.halted;
    ctx.fillRect(from, u.bbox.top, to - from, u.bbox.height);
    ctx.restore();
  }
}

// The fill nearest to the cursor, within a thumb's width.
export function fillNear(u) {
  const { left, top } = u.cursor;
  let nearest = null, best = NARROW() ? 24 : 14;
  if (left === undefined || left < 0) return null;
  for (const fill of visibleFills()) {
    const x = u.valToPos(fill.at / 1000, "x");
    const y = u.valToPos(Number(fill.price), "y");
    const distance = Math.hypot(x - left, top === undefined || top < 0 ? 0 : y - top);
    if (distance < best) [nearest, best] = [fill, distance];
  }
  return nearest;
}

// The own quote under the cursor, with its order where that still works.
export function quoteNear(u, orders) {
  const { idx, left, top } = u.cursor;
  if (idx === null || idx === undefined || left < 0) return null;
  for (const [column, side] of [[BID, "buy"], [ASK, "sell"]]) {
    const price = store.columns[column][idx];
    if (price === null || price === undefined || Math.abs(u.valToPos(price, "y") - top) > 10) continue;
    const order = orders.find((one) => one.side === side && Number(one.price) === price);
    if (order) return { side, quantity: order.quantity, price: order.price, order: order.order };
  }
  return null;
}

export function legendOf(box) {
  const line = el("p", { class: "legend" });
  box.after(line);
  return (items) => put(line, ...items.map(([text, mark]) => el("span", { class: mark ? `key key-${mark}` : "" }, text)));
}
