// Which gates are shut, now or at a moment of the past, with what opens each.

import { el, put } from "./dom.js";
import * as format from "./format.js";
import { now, part } from "./store.js";
import { CLASSES } from "./timeline.js";

export function showNow(box) {
  const sides = part("sides") ?? {};
  const lapsed = (part("components") ?? []).filter((one) => !one.holds);
  put(
    box,
    lapsed.length ? el("p", { class: "lapsed" }, `not ready: ${lapsed.map((one) => `${format.name(one.name)} (${one.evidence})`).join("; ")}`) : null,
    ...Object.entries(sides).map(([side, known]) => sideBox(side, known.quoting ? "quoting" : "", known.gates)),
  );
}

export function showMoment(box, bars) {
  const rows = ["buy", "sell"].filter((side) => bars[side]);
  const lease = bars.lease;
  put(
    box,
    lease && lease.kind !== "quoting" ? el("p", { class: "lapsed" }, lease.kind === "halted" ? "halted" : `not ready: ${format.name(lease.code)}`) : null,
    rows.length ? null : el("p", { class: "muted" }, "nobody looked at that moment"),
    ...rows.map((side) => {
      const run = bars[side];
      const told = `${run.kind === "quoting" ? "quoting" : `${CLASSES[run.kind]}: ${format.name(run.code)}`}, ${now() - run.end < 3000 ? `since ${format.time(run.begin)}` : `${format.time(run.begin)} to ${format.time(run.end)}`}`;
      return sideBox(side, told, run.gates);
    }),
  );
}

function sideBox(side, told, gates) {
  const heading = el("h4", { class: `side side-${side}` }, side, told ? el("span", { class: "muted" }, ` ${told}`) : null);
  if (told.startsWith("quoting")) {
    const next = [...new Set(gates.map((gate) => format.name(gate.code)))].join(", ");
    return el("div", {}, heading, el("p", { class: "muted" }, next ? `for its next orders: ${next}` : "no gate is shut"));
  }
  const list = gates.length ? el("ul", { class: "gates" }, ...gates.map(gateLine)) : el("p", { class: "muted" }, "no gate is shut");
  return el("div", {}, heading, list);
}

function gateLine(gate) {
  const inputs = Object.entries(gate.inputs ?? {}).map(([name, value]) => `${name} ${value}`).join(", ");
  const opens = gate.opens ? `opens in ${format.duration(gate.opens - now())}` : "";
  const words = typeof gate.opening === "string" ? gate.opening : (gate.opening?.words ?? "");
  return el(
    "li",
    {},
    el("p", {}, el("code", {}, gate.code), " ", gate.sentence),
    el("p", { class: "muted" }, [inputs, opens, words && `to open it: ${words}`].filter(Boolean).join(" · ")),
  );
}

export function showShares(box) {
  const quoted = part("quoted");
  if (!quoted) return;
  put(
    box,
    ...Object.entries(quoted).map(([side, known]) =>
      el(
        "div",
        {},
        el("p", {}, el("strong", { class: `side side-${side}` }, side), ` quoted ${format.percent(known.share)} of the time`),
        el("ul", { class: "plain muted" }, ...Object.entries(known.not_quoting_s).filter(([, s]) => s >= 0.05).map(([code, s]) => el("li", {}, `${format.name(code)} ${format.duration(s * 1000)}`))),
      ),
    ),
  );
}
