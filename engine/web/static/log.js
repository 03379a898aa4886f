// The newest lines of the log as sentences, filtered by level and by what they are about.

import { $, el, put } from "./dom.js";
import * as format from "./format.js";
import { store } from "./store.js";

const KEPT = 400, SHOWN = 200;
const RANK = { debug: 0, info: 1, warning: 2, error: 3, critical: 4 };
let paused = false;
let changed = true;

export function begin() {
  $("pause").addEventListener("click", () => {
    paused = !paused;
    $("pause").setAttribute("aria-pressed", String(paused));
    $("pause").textContent = paused ? "Go on" : "Pause";
    changed = true;
  });
  $("level").addEventListener("change", () => (changed = true));
  $("actor").addEventListener("input", () => (changed = true));
}

export function take(lines) {
  store.log.push(...lines);
  store.log.splice(0, Math.max(0, store.log.length - KEPT));
  changed = true;
}

export function showLog() {
  if (!changed || (paused && $("log").childElementCount)) return;
  changed = false;
  const least = RANK[$("level").value] ?? -1;
  const about = $("actor").value.toLowerCase();
  const lines = store.log.filter((line) => (RANK[line.level] ?? 1) >= least && (!about || `${line.actor} ${line.event}`.toLowerCase().includes(about)));
  put($("log"), ...lines.slice(-SHOWN).reverse().map(lineOf));
  if (!lines.length) put($("log"), el("p", { class: "muted" }, store.parts.log?.trouble || "no line like that"));
}

function lineOf(line) {
  const rest = Object.entries(line.rest).map(([key, value]) => `${key}=${value}`).join("  ");
  return el(
    "div",
    { class: "line", "data-level": line.level },
    el("span", { class: "number muted" }, format.time(line.at)),
    el("span", { class: "level" }, line.level === "info" ? "" : line.level),
    el("span", {}, line.words, rest ? el("span", { class: "muted rest" }, ` ${rest}`) : null, ...line.causes.map((cause) => el("span", { class: "because" }, `because ${cause}`))),
  );
}
