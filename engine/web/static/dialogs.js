// The one dialog of the page: tables, an order's story, and deeds.

import { $, el, put, say, table } from "./dom.js";
import * as format from "./format.js";
import { get } from "./net.js";

const dialog = $("dialog");
$("dialog-close").addEventListener("click", () => dialog.close());
dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());

export function open(title, ...content) {
  say($("dialog-title"), title);
  put($("dialog-body"), ...content);
  if (!dialog.open) dialog.showModal();
}
export const close = () => dialog.close();

export function openTable(title, heads, rows, empty = "nothing yet") {
  const made = el("table");
  table(made, heads, rows, empty);
  open(title, el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": title }, made));
}

export async function story(order) {
  open(`Order ${order}`, el("p", { class: "muted" }, "reading the ledger"));
  try {
    const told = await get(`/orders/${encodeURIComponent(order)}`);
    const spread = told.spread === null ? "" : `, ${format.percent(told.spread, 3)} from the mid price ${told.mid_price}`;
    const rows = [
      ...told.events.map((one) => [one.at, `${one.status}${Number(one.filled) ? `, ${one.filled} filled` : ""}${one.reason ? `: ${one.reason}` : ""}`, one.after_s]),
      ...told.fills.map((one) => [one.traded_at, `trade: ${one.quantity} at ${one.price}, fee ${one.fee} ${one.fee_currency}`, one.after_s]),
    ].sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
    const made = el("table");
    table(made, [["time", ""], ["after", "number"], ["what happened", ""]], rows.map(([at, words, after]) => [format.time(Date.parse(at)), `${after.toFixed(3)} s`, words]), "");
    const end = told.ended ? `Ended ${told.status} after ${told.lived_s.toFixed(3)} s, ${told.filled} of ${told.quantity} filled${told.reason ? `: ${told.reason}` : ""}.` : `Not ended as far as is known: ${told.status}.`;
    open(`Order ${order}`, el("p", {}, `${told.side} ${told.quantity} at ${told.price}${spread}; decided by ${told.strategy} on ${format.dated(Date.parse(told.decided_at))}.`), el("div", { class: "scroll" }, made), el("p", {}, end));
  } catch (error) {
    open(`Order ${order}`, el("p", {}, error.message));
  }
}
