// Bars of state on the price chart's axis: runs of equal state, on whole pixels.

import { el } from "./dom.js";
import { KEY, gutter } from "./charts.js";
import { endOf, shown, store } from "./store.js";
import { C } from "./theme.js";

const RIGHT = 8; // as the charts' padding
const HEIGHT = 20;
const SMALL = 12;
const GAP = 8;
const WORST_LAST = ["quoting", "waits", "setting", "missing", "halted"];
const MAIN = ["lease", "buy", "sell"];

export const CLASSES = {
  quoting: "quoting, or ready",
  waits: "waits, opens by itself",
  setting: "held back by a setting or limit",
  missing: "missing data or readiness",
  halted: "halted or stopping",
};

export class Timeline {
  constructor(box, choose) {
    this.box = box;
    this.unfolded = false;
    this.chosen = null;
    this.canvas = el("canvas", { "aria-hidden": "true" });
    this.cursor = el("div", { class: "cursor", hidden: true });
    this.mark = el("div", { class: "chosen", hidden: true });
    this.label = el("p", { class: "visually-hidden", id: "timeline-words" });
    box.append(this.canvas, this.cursor, this.mark, this.label);
    this.canvas.addEventListener("click", (event) => choose(Math.round(this.timeAt(event.offsetX) * 1000)));
    this.canvas.addEventListener("mousemove", (event) => this.point(event.offsetX));
    this.canvas.addEventListener("mouseleave", () => this.point(null));
    new ResizeObserver(() => this.paint()).observe(box);
    window.uPlot.sync(KEY).sub({ pub: (type, _self, x, _y, w) => type === "mousemove" && this.follow(x, w) });
  }

  bars() {
    const components = Object.keys(store.bars).filter((bar) => bar.startsWith("component ")).sort();
    return this.unfolded ? ["lease", ...components, "buy", "sell"] : MAIN;
  }

  width() {
    return Math.max(10, this.box.clientWidth - gutter() - RIGHT);
  }

  timeAt(x) {
    const [from, to] = shown();
    return from + ((x - gutter()) / this.width()) * (to - from);
  }

  follow(x, w) {
    this.cursor.hidden = x < 0;
    this.cursor.style.left = `${gutter() + (x / w) * this.width()}px`;
  }

  point(x) {
    this.cursor.hidden = x === null || x < gutter();
    if (x === null) return;
    this.cursor.style.left = `${x}px`;
    for (const plot of this.plots ?? []) plot.setCursor({ left: x - gutter(), top: 10 }, false);
  }

  paint() {
    const bars = this.bars();
    const heights = bars.map((bar) => (bar.startsWith("component ") ? SMALL : HEIGHT));
    const height = heights.reduce((sum, one) => sum + one + GAP, GAP);
    const ratio = devicePixelRatio;
    const width = this.box.clientWidth;
    const { canvas } = this;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height}px`;
    }
    const on = canvas.getContext("2d");
    on.setTransform(1, 0, 0, 1, 0, 0);
    on.clearRect(0, 0, canvas.width, canvas.height);
    const fills = Object.fromEntries(WORST_LAST.map((kind) => [kind, on.createPattern(C.patterns[kind], "repeat")]));
    const [from, to] = shown().map((s) => s * 1000);
    const left = Math.round(gutter() * ratio);
    const scale = (this.width() * ratio) / (to - from);
    let y = GAP;
    bars.forEach((bar, at) => {
      const top = Math.round(y * ratio), tall = Math.round(heights[at] * ratio);
      on.fillStyle = C.line;
      on.globalAlpha = 0.35;
      on.fillRect(left, top, Math.round(this.width() * ratio), tall);
      on.globalAlpha = 1;
      this.drawRuns(on, store.bars[bar] ?? [], { from, to, left, scale, top, tall, fills });
      on.fillStyle = heights[at] === SMALL ? C.muted : C.ink;
      on.font = `${(heights[at] === SMALL ? 10 : 13) * ratio}px system-ui, sans-serif`;
      on.textBaseline = "middle";
      on.textAlign = "right";
      on.fillText(short(bar, heights[at] === SMALL), left - 8 * ratio, top + tall / 2, left - 10 * ratio);
      y += heights[at] + GAP;
    });
    this.placeMark();
  }

  drawRuns(on, runs, { from, to, left, scale, top, tall, fills }) {
    const seen = runs.filter((run) => endOf(run) >= from && run[0] <= to);
    for (const kind of WORST_LAST) {
      on.fillStyle = fills[kind];
      let painted = -1;
      for (const run of seen) {
        if (run[2] !== kind) continue;
        const begin = Math.max(left, left + Math.floor((Math.max(run[0], from) - from) * scale));
        const end = Math.max(begin + 1, left + Math.ceil((Math.min(endOf(run), to) - from) * scale));
        if (end <= painted) continue;
        on.fillRect(Math.max(begin, painted), top, end - Math.max(begin, painted), tall);
        painted = end;
      }
    }
  }

  choose(ms) {
    this.chosen = ms;
    this.placeMark();
  }

  placeMark() {
    const [from, to] = shown();
    const at = this.chosen === null ? null : (this.chosen / 1000 - from) / (to - from);
    this.mark.hidden = at === null || at < 0 || at > 1;
    if (!this.mark.hidden) this.mark.style.left = `${gutter() + at * this.width()}px`;
  }
}

const short = (bar, small) => (small ? bar.replace("component ", "").replaceAll("_", " ").replace(" initialized", "") : bar);

// The moments at which any side or the lease changed, for those who step through them by keyboard.
export function changes() {
  const found = new Set();
  for (const bar of MAIN) for (const run of store.bars[bar] ?? []) found.add(run[0]);
  return [...found].sort((a, b) => a - b);
}
