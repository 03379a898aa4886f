// Figures as text and tables: legends of the charts, profit, inventory, orders and fills.

import { $, el, figures, say, table } from "./dom.js";
import * as charts from "./charts.js";
import * as dialogs from "./dialogs.js";
import * as format from "./format.js";
import * as head from "./head.js";
import { get } from "./net.js";
import { now, part, store } from "./store.js";

const TOLD = 50;

const last = (column) => store.columns[column].at(-1);
const value = (column, at) => (at === null ? last(column) : store.columns[column][at]);
const when = (at) => (at === null ? "newest" : format.time(store.columns[0][at] * 1000));

export function priceLegend(at, plot) {
  const tick = head.tick();
  const fill = at === null ? null : charts.fillNear(plot);
  const quote = at === null || fill ? null : charts.quoteNear(plot, part("orders") ?? []);
  if (quote) return [[when(at), ""], [`${quote.side} ${quote.quantity} at ${quote.price} is working, ${quote.order}`, quote.side]];
  return [
    [when(at), ""],
    [`mid ${format.price(value(1, at), tick)}`, "mid"],
    [`own bid ${format.price(value(2, at), tick)}`, "bid"],
    [`own ask ${format.price(value(3, at), tick)}`, "ask"],
    fill ? [`${fill.side === "buy" ? "bought" : "sold"} ${fill.quantity} at ${fill.price}, ${fill.order}`, fill.side] : ["▲ bought  ▼ sold", ""],
  ];
}

export function profitLegend(at) {
  const realised = value(6, at), unrealised = value(7, at);
  const whole = realised === null || realised === undefined ? null : realised + unrealised;
  return [[when(at), ""], [`all ${whole === null ? "–" : format.signed(whole)}`, "ink"], [`realised ${realised === null || realised === undefined ? "–" : format.signed(realised)}`, "accent"]];
}

export const inventoryLegend = (at) => [[when(at), ""], [`holds ${format.amount(value(4, at))} ${part("state")?.instrument?.base ?? ""}`, "ink"]];

export function showFigures() {
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
export function showOrders() {
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
export function showFills() {
  const newest = [...store.fills].sort((a, b) => b.at - a.at || b.number - a.number).slice(0, 8);
  table($("fills"), FILLS, newest.map(fillRow), "no fill in the time that is shown");
}

export function tableOf(title, heads, columns) {
  const count = store.columns[0].length;
  const rows = [];
  for (let i = count - 1; i >= Math.max(0, count - TOLD); i--) rows.push([format.time(store.columns[0][i] * 1000), ...columns.map((column) => column(i))]);
  dialogs.openTable(`${title}: the last ${TOLD} values`, [["time", ""], ...heads.map((name) => [name, "number"])], rows);
}

export const number = (column, digits) => (i) => format.amount(store.columns[column][i], digits);

const MORE = {
  orders: [["time", ""], ["side", ""], ["price", "number"], ["quantity", "number"], ["filled", "number"], ["status", ""], ["order", ""]],
  fills: FILLS,
};
const moreRow = (kind) => (one) => (kind === "fills" ? fillRow(one) : [format.time(one.at), one.side, format.price(one.price, head.tick()), one.quantity, one.filled, one.status, orderButton(one.order)]);

export async function pages(kind, before) {
  const rows = await get(`/${kind}${before ? `?before=${before}` : ""}`).catch((error) => error);
  if (rows instanceof Error) {
    dialogs.open(kind, el("p", {}, rows.message));
    return;
  }
  dialogs.openTable(kind === "orders" ? "Orders, newest first" : "Fills, newest first", MORE[kind], rows.reverse().map(moreRow(kind)));
  if (rows.length === 500) $("dialog-body").append(el("button", { type: "button", onclick: () => pages(kind, rows.at(-1).number) }, "Older ones"));
}
