// The page itself: logs in, listens, and paints what has changed, at most twice a second.

import { $, el, figures, put, say, table } from "./dom.js";
import * as charts from "./charts.js";
import * as deeds from "./deeds.js";
import * as dialogs from "./dialogs.js";
import * as format from "./format.js";
import * as gates from "./gates.js";
import * as head from "./head.js";
import * as log from "./log.js";
import * as net from "./net.js";
import * as reports from "./reports.js";
import * as supervision from "./supervision.js";
import * as theme from "./theme.js";
import { CLASSES, Timeline, changes } from "./timeline.js";
import { SPANS, heard, names, now, part, shown, store, takeBars, takePoint, takeRun, takeSeries } from "./store.js";

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
    for (const fill of fills) {
      if (fill.strategy === store.strategy && !store.fills.some((one) => one.number === fill.number)) store.fills.push(fill);
    }
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
    charts.priceChart($("price"), tick, (at) => told.price(priceLegend(at))),
    charts.profitChart($("profit"), (at) => told.profit(profitLegend(at))),
    charts.inventoryChart($("inventory"), (at) => told.inventory(inventoryLegend(at))),
  ];
  timeline.plots = plots.map((plot) => plot.plot);
  plots[0].plot.over.addEventListener("click", () => {
    const fill = charts.fillNear(plots[0].plot);
    if (fill) dialogs.story(fill.order);
  });
}

const last = (column) => store.columns[column].at(-1);
const value = (column, at) => (at === null ? last(column) : store.columns[column][at]);
const when = (at) => (at === null ? "newest" : format.time(store.columns[0][at] * 1000));

function priceLegend(at) {
  const tick = head.tick();
  const fill = at === null ? null : charts.fillNear(plots[0].plot);
  return [
    [when(at), ""],
    [`mid ${format.price(value(1, at), tick)}`, "mid"],
    [`own bid ${format.price(value(2, at), tick)}`, "bid"],
    [`own ask ${format.price(value(3, at), tick)}`, "ask"],
    fill ? [`${fill.side === "buy" ? "bought" : "sold"} ${fill.quantity} at ${fill.price}, ${fill.order}`, fill.side] : ["▲ bought  ▼ sold", ""],
  ];
}

function profitLegend(at) {
  const realised = value(6, at), unrealised = value(7, at);
  const whole = realised === null || realised === undefined ? null : realised + unrealised;
  return [[when(at), ""], [`all ${whole === null ? "–" : format.signed(whole)}`, "ink"], [`realised ${realised === null || realised === undefined ? "–" : format.signed(realised)}`, "accent"]];
}

const inventoryLegend = (at) => [[when(at), ""], [`holds ${format.amount(value(4, at))} ${part("state")?.instrument?.base ?? ""}`, "ink"]];

function showFigures() {
  const state = part("state") ?? {};
  const { tick, base = "", quote = "" } = state.instrument ?? {};
  say($("pair"), state.instrument ? `${base}/${quote}, prices in ${quote}, ${format.zone()}` : "");
  const top = part("top");
  const bid = last(2), ask = last(3);
  const away = (price) => (top && price ? ` (${format.percent(Math.abs(price / Number(top.mid) - 1), 3)})` : "");
  figures($("price-figures"), [
    ["mid", top ? format.price(top.mid, tick) : "no book"],
    ["best bid", top ? format.price(top.bid, tick) : "–"],
    ["best ask", top ? format.price(top.ask, tick) : "–"],
    ["own bid", `${format.price(bid, tick)}${away(bid)}`, "side-buy"],
    ["own ask", `${format.price(ask, tick)}${away(ask)}`, "side-sell"],
  ]);
  const profit = part("profit");
  if (profit) {
    const whole = Number(profit.realised) + Number(profit.unrealised);
    const fees = Object.entries(profit.fees).map(([name, paid]) => `${format.amount(paid, 6)} ${name}`).join(", ");
    const captured = part("captured")?.captured;
    const mid = Number(top?.mid ?? NaN);
    const paid = Object.entries(profit.fees).reduce((sum, [name, one]) => sum + Number(one) * (name === base ? mid : 1), 0);
    const known = captured !== undefined && captured !== null;
    figures($("profit-figures"), [
      [`all, ${quote}`, format.signed(whole), whole < 0 ? "negative" : ""],
      ["spread captured", known ? format.signed(captured) : "–"],
      ["from inventory", known && !Number.isNaN(paid) ? format.signed(whole - captured + paid) : "–"],
      ["realised", format.signed(profit.realised)],
      ["unrealised", format.signed(profit.unrealised)],
      ["fees", fees || "none"],
      ["fills", String(profit.fills)],
    ]);
  }
  const inventory = part("inventory");
  const held = Object.entries(inventory?.balances ?? {}).map(([name, one]) => [name, format.amount(one.total)]);
  const share = inventory?.base_share;
  figures($("inventory-figures"), [...held, ["position", format.amount(profit?.position ?? null)], [`worth in ${base}`, share === null || share === undefined ? "–" : format.percent(share)]]);
}

const orderButton = (order) => el("button", { type: "button", class: "link", title: order, "aria-label": `story of order ${order}`, onclick: () => dialogs.story(order) }, order.split("-").slice(-2).join("-"));

const ORDERS = [["side", ""], ["price", "number"], ["from mid", "number"], ["quantity", "number"], ["filled", "number"], ["age", "number"], ["status", ""], ["level", "number"], ["order", ""]];
function showOrders() {
  const mid = Number(part("top")?.mid);
  const tick = head.tick();
  const rows = [...(part("orders") ?? [])].sort((a, b) => Number(b.price) - Number(a.price));
  table($("orders"), ORDERS, rows.map((one) => [
    el("span", { class: `side side-${one.side}` }, one.side),
    format.price(one.price, tick),
    mid ? format.percent(Math.abs(Number(one.price) / mid - 1), 3) : "–",
    one.quantity,
    one.filled,
    el("span", { "data-age": one.since ?? "" }, one.since ? format.duration(now() - one.since) : "–"),
    one.status,
    String(one.level),
    orderButton(one.order),
  ]), "no order is working");
}

const FILLS = [["time", ""], ["side", ""], ["quantity", "number"], ["price", "number"], ["fee", "number"], ["order", ""]];
const fillRow = (one) => [format.time(one.at), el("span", { class: `side side-${one.side}` }, one.side === "buy" ? "bought" : "sold"), one.quantity, format.price(one.price, head.tick()), Number(one.fee) ? `${one.fee} ${one.fee_currency}` : "–", orderButton(one.order)];
function showFills() {
  const newest = [...store.fills].sort((a, b) => b.at - a.at || b.number - a.number).slice(0, 8);
  table($("fills"), FILLS, newest.map(fillRow), "no fill in the time that is shown");
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
  quoted: ["shares"], profit: ["figures"], captured: ["figures"], inventory: ["figures"], tree: ["tree"], boxes: ["tree"], engine: ["tree"],
  point: ["charts", "figures"], fills: ["charts", "fills"], gate: ["charts"], log: ["log"],
  all: ["figures", "orders", "moment", "shares", "tree", "charts", "fills", "log"],
};
const SHOW = {
  figures: showFigures,
  orders: showOrders,
  fills: showFills,
  moment: showMoment,
  shares: () => gates.showShares($("shares")),
  tree: supervision.showTree,
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

function tableOf(title, heads, columns) {
  const count = store.columns[0].length;
  const rows = [];
  for (let i = count - 1; i >= Math.max(0, count - TOLD); i--) rows.push([format.time(store.columns[0][i] * 1000), ...columns.map((column) => column(i))]);
  dialogs.openTable(`${title}: the last ${TOLD} values`, [["time", ""], ...heads.map((name) => [name, "number"])], rows);
}

const number = (column, digits) => (i) => format.amount(store.columns[column][i], digits);

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
    tableOf("Price", ["mid", "own bid", "own ask"], [price(1), price(2), price(3)]);
  });
  $("profit-table").addEventListener("click", () => tableOf("Profit", ["realised", "unrealised", "fees"], [number(6), number(7), number(8)]));
  $("inventory-table").addEventListener("click", () => tableOf("Inventory", ["base", "quote"], [number(4), number(5)]));
  $("why-table").addEventListener("click", () => {
    const rows = ["lease", "buy", "sell"].flatMap((bar) => (store.bars[bar] ?? []).map((run) => [run[0], bar, run]));
    rows.sort((a, b) => b[0] - a[0]);
    dialogs.openTable(`Why am I not quoting: the last ${TOLD} changes`, [["since", ""], ["", ""], ["state", ""], ["gate", ""]], rows.slice(0, TOLD).map(([at, bar, run]) => [format.time(at), bar, CLASSES[run[2]], format.name(run[3] || "–")]));
  });
  $("orders-more").addEventListener("click", () => pages("orders"));
  $("fills-more").addEventListener("click", () => pages("fills"));
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

const MORE = {
  orders: [["time", ""], ["side", ""], ["price", "number"], ["quantity", "number"], ["filled", "number"], ["status", ""], ["order", ""]],
  fills: FILLS,
};
const moreRow = (kind) => (one) => (kind === "fills" ? fillRow(one) : [format.time(one.at), one.side, format.price(one.price, head.tick()), one.quantity, one.filled, one.status, orderButton(one.order)]);

async function pages(kind, before) {
  const rows = await net.get(`/${kind}${before ? `?before=${before}` : ""}`).catch((error) => error);
  if (rows instanceof Error) {
    dialogs.open(kind, el("p", {}, rows.message));
    return;
  }
  dialogs.openTable(kind === "orders" ? "Orders, newest first" : "Fills, newest first", MORE[kind], rows.reverse().map(moreRow(kind)));
  if (rows.length === 500) $("dialog-body").append(el("button", { type: "button", onclick: () => pages(kind, rows.at(-1).number) }, "Older ones"));
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
