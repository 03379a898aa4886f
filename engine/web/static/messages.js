// Messages to a person: how each destination gets on, and what became of the newest messages.

import { $, el, put, table } from "./dom.js";
import * as format from "./format.js";
import { store } from "./store.js";

// In words, why messages do not arrive; empty where they do.
export function trouble() {
  const known = store.parts.messengers;
  if (!known) return "";
  const away = known.destinations.flatMap((one, at) => (one.trouble ? [`no. ${at + 1} (${one.name}): ${one.trouble}; ${waiting(one)}`] : []));
  if (known.heartbeat_trouble) away.push(`heartbeat: ${known.heartbeat_trouble}`);
  return away.join("; ");
}

const waiting = (one) => `${one.waiting} waiting`;

export function showTold() {
  const { messengers, told = [], absent } = store.parts;
  $("told-panel").hidden = !messengers && !told.length;
  if ($("told-panel").hidden) return;
  put($("messengers"), ...(messengers?.destinations ?? []).map(destination), messengers?.heartbeat_trouble ? el("li", { class: "wrong" }, `the heartbeat fails: ${messengers.heartbeat_trouble}`) : null);
  const gone = absent?.kind === "ended";
  table($("told"), [["time", ""], ["message", ""], ["what became of it", ""]], told.map((one) => [format.dated(one.at), message(one), outcome(one, gone)]), "none was sent lately");
}

function destination(one, at) {
  const counts = [`${one.sent} sent`, waiting(one), one.dropped ? `${one.dropped} left out` : null, one.failed ? `${one.failed} attempts failed` : null];
  const said = `no. ${at + 1} (${one.name}): ${counts.filter(Boolean).join(", ")}`;
  return one.trouble ? el("li", { class: "wrong" }, `${said}; they do not arrive: ${one.trouble}`) : el("li", {}, said);
}

const message = (one) => el("div", { class: "message" }, el("strong", {}, one.title), el("p", {}, one.text));

function outcome(one, gone) {
  const arrived = one.outcomes.filter((each) => each.arrived);
  const others = one.outcomes.filter((each) => !each.arrived).map((each) => el("p", { class: "wrong" }, `no. ${each.number} (${each.name}): ${each.words}`));
  const open = one.destinations - one.outcomes.length;
  if (open > 0) others.push(one.waits && !gone ? el("p", {}, `waits for ${open} of ${one.destinations}`) : el("p", { class: "wrong" }, `never reached ${open} of ${one.destinations}, as far as is known: the engine ended before`));
  const first = arrived.length ? el("p", {}, `arrived ${arrived.length === one.destinations ? "" : `at ${arrived.length} of ${one.destinations} `}at ${format.time(Math.max(...arrived.map((each) => each.at)))}`) : null;
  return el("div", {}, first, ...others);
}
