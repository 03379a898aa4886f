// The page itself: logs in, listens, and paints what has changed, at most twice a second.

import { $, el, put, say } from "./dom.js";
import * as charts from "./charts.js";
import * as deeds from "./deeds.js";
import * as dialogs from "./dialogs.js";
import * as figures from "./figures.js";
import * as format from "./format.js";
import * as gates from "./gates.js";
import * as head from "./head.js";
import * as log from "./log.js";
import * as messages from "./messages.js";
import * as net from "./net.js";
import * as reports from "./reports.js";
import * as supervision from "./supervision.js";
import * as theme from "./theme.js";
import { CLASSES, Timeline, changes } from "./timeline.js";
import { SPANS, heard, names, now, part, shown, store, takeBars, takeFill, takePoint, takeRun, takeSeries } from "./store.js";

const PAINT_MS = 500;
const SLOWEST_MS = 2000;
const AGAIN_MS = 1000;
const TOLD = 50;

let plots = null;
let timeline = null;
let chosen = null;
let lastId = 0;
let heardAt = performance.now();
let pointAt = 0;
let paintedAt = 0;
let stream = null;
const dirty = new Set(["all"]);

// --- what comes -------------------------------------------------------------------------------

const TAKE = {
  status(changed) {
    Object.assign(store.parts, changed);
    for (const name of Object.keys(changed)) dirty.add(name.split("/").at(-1));
    if (changed.engine) chooseFirst();
  },
  point(rows) {
    for (const [name, ...row] of rows) {
      if (name !== store.strategy) continue;
      pointAt = performance.now();
      if (takePoint(row)) fetchShown();
    }
    dirty.add("point");
  },
  fill(fills) {
    fills.forEach(takeFill);
    dirty.add("fills");
  },
  gate(runs) {
    for (const [name, bar, ...run] of runs) if (name === store.strategy) takeRun(bar, run);
    dirty.add("gate");
  },
  log(lines) {
    log.take(lines);
    dirty.add("log");
  },
  missed() {
    refresh();
  },
};

async function listenForEver() {
  for (;;) {
    if (document.hidden) {
      await new Promise((resume) => document.addEventListener("visibilitychange", resume, { once: true }));
      continue;
    }
    stream = new AbortController();
    try {
      await net.listen(lastId, stream.signal, (event, data, id) => {
        heardAt = performance.now();
        head.found();
        if (id > 0) {
          lastId = id;
          heard(id);
        }
        TAKE[event]?.(data);
      });
      head.lost("it has ended the stream");
    } catch (error) {
      if (error.status === 401) {
        askForAddress("The server has been started anew, or this login has expired: open the address that it printed, or paste it here.");
        return;
      }
      if (!stream.signal.aborted) head.lost(error instanceof net.Answer ? error.message : "it cannot be reached");
    }
    await new Promise((resume) => setTimeout(resume, AGAIN_MS));
  }
}

// A hidden page gives its stream back: a browser has only six for one host.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) stream?.abort();
  else dirty.add("all");
});

// --- what is fetched --------------------------------------------------------------------------

async function refresh() {
  const told = await net.get("/state");
  net.rememberCsrf(told.about.csrf);
  heard(told.now);
  heardAt = performance.now();
  store.about = told.about;
  store.parts = told.parts;
  store.log = [];
  log.take(told.log);
  chooseFirst();
  dirty.add("all");
}

function chooseFirst() {
  if (names().length && !names().includes(store.strategy)) choose(names()[0]);
}

function choose(name) {
  store.strategy = name;
  chosen = null;
  timeline?.choose(null);
  fetchShown();
  dirty.add("all");
}

let fetching = 0;
let first = true;
async function fetchShown() {
  if (!store.strategy) return;
  const mine = ++fetching;
  const [from, to] = shown().map((s) => Math.round(s * 1000));
  const range = `strategy=${encodeURIComponent(store.strategy)}&from=${from}&to=${to + 60000}`;
  try {
    const [series, bars] = await Promise.all([net.get(`/series?${range}&points=1500`), net.get(`/timeline?${range}`)]);
    if (mine !== fetching) return;
    takeSeries(series);
    if (first) {
      first = false;
      // A process that has just begun to look has little to show.
      if (series.time.length < 2 || series.time[0] > now() / 1000 - 300) return setSpan(300);
    }
    takeBars(bars);
    dirty.add("all");
  } catch {
    // told by the stream's own troubles; the next look tries again
  }
}

// --- what is painted --------------------------------------------------------------------------

let tickOfPlots = null;
function makePlots() {
  const tick = head.tick();
  if (plots && tickOfPlots === tick) return;
  tickOfPlots = tick;
  plots?.forEach((plot) => plot.destroy());
  document.querySelectorAll(".legend").forEach((one) => one.remove());
  const told = { price: charts.legendOf($("price")), profit: charts.legendOf($("profit")), inventory: charts.legendOf($("inventory")) };
  plots = [
    charts.priceChart($("price"), tick, (at) => told.price(figures.priceLegend(at, plots?.[0]?.plot))),
    charts.profitChart($("profit"), (at) => told.profit(figures.profitLegend(at))),
    charts.inventoryChart($("inventory"), (at) => told.inventory(figures.inventoryLegend(at))),
  ];
  timeline.plots = plots.map((plot) => plot.plot);
  plots[0].plot.over.addEventListener("click", () => {
    const near = charts.fillNear(plots[0].plot) ?? charts.quoteNear(plots[0].plot, part("orders") ?? []);
    if (near) dialogs.story(near.order);
  });
}

function showMoment() {
  if (chosen === null) {
    say($("moment-title"), "Now");
    gates.showNow($("moment"));
  }
}

async function explain(ms) {
  chosen = ms;
  timeline.choose(ms);
  if (ms === null) {
    showMoment();
    return;
  }
  say($("moment-title"), `At ${format.dated(ms)}`);
  const bars = await net.get(`/moment?strategy=${encodeURIComponent(store.strategy)}&at=${Math.round(ms)}`).catch(() => ({}));
  if (chosen === ms) gates.showMoment($("moment"), bars);
}

const COMMON = {
  state: ["figures"], top: ["figures", "orders"], orders: ["orders", "figures"], sides: ["moment"], components: ["moment"],
  quoted: ["shares"], profit: ["figures"], captured: ["figures"], inventory: ["figures"], tree: ["tree"], boxes: ["tree"], engine: ["tree"], told: ["told"], messengers: ["told"], absent: ["told"],
  point: ["charts", "figures"], fills: ["charts", "fills"], gate: ["charts"], log: ["log"],
  all: ["figures", "orders", "moment", "shares", "tree", "charts", "fills", "log", "told"],
};
const SHOW = {
  figures: figures.showFigures,
  orders: figures.showOrders,
  fills: figures.showFills,
  moment: showMoment,
  shares: () => gates.showShares($("shares")),
  tree: supervision.showTree,
  told: messages.showTold,
  log: log.showLog,
  charts() {},
};

function paint() {
  if (document.hidden) return;
  head.showAge(heardAt, pointAt);
  head.showHead(choose);
  head.showNotes();
  $("content").hidden = !store.strategy;
  if (!store.strategy) return;
  if (part("state")?.instrument || !plots) makePlots();
  const urgent = dirty.has("all") || dirty.has("fills");
  const what = new Set([...dirty].flatMap((name) => COMMON[name] ?? []));
  dirty.clear();
  for (const name of what) SHOW[name]();
  // A window that has moved by less than a pixel looks the same.
  const pixelMs = Math.min(SLOWEST_MS, ((shown()[1] - shown()[0]) * 1000) / Math.max(100, $("price").clientWidth));
  if (urgent || performance.now() - paintedAt >= pixelMs) {
    paintedAt = performance.now();
    for (const plot of plots) plot.paint();
    timeline.paint();
  }
  log.showLog();
  supervision.ages();
  for (const node of document.querySelectorAll("[data-age]")) if (node.dataset.age) say(node, format.duration(now() - Number(node.dataset.age)));
}

// --- buttons ----------------------------------------------------------------------------------

function showSpans() {
  const buttons = SPANS.map(([words, seconds]) => el("button", { type: "button", class: "quiet", "aria-pressed": String(!store.zoom && store.span === seconds), onclick: () => setSpan(seconds) }, words));
  if (store.zoom) buttons.unshift(el("button", { type: "button", class: "quiet", onclick: () => setSpan(store.span) }, "Back to now"));
  put($("spans"), ...buttons);
}

function setSpan(seconds) {
  store.span = seconds;
  store.zoom = null;
  showSpans();
  fetchShown();
}

addEventListener("zoom", (event) => {
  store.zoom = event.detail;
  showSpans();
  fetchShown();
});

function step(way) {
  const all = changes();
  const from = chosen ?? now();
  const next = way < 0 ? all.filter((at) => at < from).at(-1) : all.find((at) => at > from);
  explain(next ?? (way < 0 ? chosen : null));
}

function wire() {
  $("theme").addEventListener("click", () => {
    theme.nextTheme();
    showTools();
  });
  $("clock").addEventListener("click", () => {
    format.useLocalClock(!format.clockIsLocal());
    showTools();
    plots?.forEach((plot) => plot.plot.redraw(false, true));
    dirty.add("all");
  });
  $("price-table").addEventListener("click", () => {
    const price = (column) => (i) => format.price(store.columns[column][i], head.tick());
    figures.tableOf("Price", ["mid", "own bid", "own ask"], [price(1), price(2), price(3)]);
  });
  $("profit-table").addEventListener("click", () => figures.tableOf("Profit", ["realised", "unrealised", "fees"], [figures.number(6), figures.number(7), figures.number(8)]));
  $("inventory-table").addEventListener("click", () => figures.tableOf("Inventory", ["base", "quote"], [figures.number(4), figures.number(5)]));
  $("why-table").addEventListener("click", () => {
    const rows = ["lease", "buy", "sell"].flatMap((bar) => (store.bars[bar] ?? []).map((run) => [run[0], bar, run]));
    rows.sort((a, b) => b[0] - a[0]);
    dialogs.openTable(`Why am I not quoting: the last ${TOLD} changes`, [["since", ""], ["", ""], ["state", ""], ["gate", ""]], rows.slice(0, TOLD).map(([at, bar, run]) => [format.time(at), bar, CLASSES[run[2]], format.name(run[3] || "–")]));
  });
  $("orders-more").addEventListener("click", () => figures.pages("orders"));
  $("fills-more").addEventListener("click", () => figures.pages("fills"));
  $("fold").addEventListener("click", () => {
    timeline.unfolded = !timeline.unfolded;
    $("fold").setAttribute("aria-expanded", String(timeline.unfolded));
    timeline.paint();
  });
  $("earlier").addEventListener("click", () => step(-1));
  $("later").addEventListener("click", () => step(1));
  $("now").addEventListener("click", () => explain(null));
  put($("classes"), ...Object.entries(CLASSES).map(([kind, words]) => el("li", {}, el("span", { class: "swatch", "data-kind": kind, "aria-hidden": "true" }), words)));
  showTools();
  showSpans();
}

function showTools() {
  const choice = theme.themeChoice();
  say($("theme"), choice === "auto" ? "Theme: auto" : `Theme: ${choice}`);
  say($("clock"), format.clockIsLocal() ? "Local time" : "UTC");
}

// --- the start --------------------------------------------------------------------------------

function askForAddress(why) {
  $("login").hidden = false;
  $("content").hidden = true;
  if (why) say($("login-why"), why);
}

async function enter(address) {
  try {
    if (address) await net.login(address);
    await refresh();
  } catch (error) {
    // A used address may be all the same that of a browser which is logged in.
    const known = address ? await refresh().then(() => true, () => false) : false;
    if (!known) {
      askForAddress(error.status === 401 && address ? error.message : error.status === 401 ? "" : error.message);
      return;
    }
  }
  $("login").hidden = true;
  if (store.about.reports) {
    $("reports-panel").hidden = false;
    reports.list();
  }
  listenForEver();
}

theme.onTheme(() => {
  for (const swatch of document.querySelectorAll(".swatch")) swatch.style.backgroundImage = `url(${theme.C.patterns[swatch.dataset.kind].toDataURL()})`;
  plots?.forEach((plot) => plot.plot.redraw(false, true));
  timeline?.paint();
});
timeline = new Timeline($("timeline"), explain);
wire();
theme.apply();
deeds.begin();
log.begin();
reports.begin();
$("login-form").addEventListener("submit", (event) => {
  event.preventDefault();
  enter($("token").value);
});
setInterval(() => requestAnimationFrame(paint), PAINT_MS);
enter(location.hash.length > 1 ? location.hash : "");
