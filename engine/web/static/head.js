// The head: state words, age of the data, strategies; and notes about what is wrong.

import { $, el, put, say } from "./dom.js";
import * as deeds from "./deeds.js";
import * as format from "./format.js";
import * as messages from "./messages.js";
import { names, now, part, store } from "./store.js";

const LOST_MS = 15000;
let lostSince = null;

export function lost(why) {
  lostSince ??= { at: now(), why };
  lostSince.why = why;
}
export const found = () => (lostSince = null);

// Kind, words, cause, and when it opens by itself.
function state(name) {
  if (lostSince) return { kind: "lost", words: "this page lost its server", cause: lostSince.why };
  const absent = store.parts.absent;
  if (absent) {
    if (absent.kind === "changing") return { kind: "changing", words: "changing strategies", cause: absent.why };
    if (absent.kind === "other") return { kind: "lost", words: "engine not understood", cause: absent.why };
    return { kind: "lost", words: `engine does not ${absent.kind === "silent" ? "answer" : "run"} since ${format.time(absent.since)}`, cause: absent.why };
  }
  return store.parts[`${name}/state`] ?? { kind: "lost", words: "no strategy yet", cause: "" };
}

export function showHead(choose) {
  const engine = store.parts.engine;
  say($("engine"), engine?.engine ?? store.about.engine ?? "Quotewright");
  say($("venue"), engine ? `${engine.venue}, up ${format.duration(now() - engine.started)}` : "");
  const shownState = state(store.strategy);
  $("state").dataset.kind = shownState.kind;
  say($("words"), shownState.words);
  say($("cause"), shownState.cause ?? "");
  say($("countdown"), shownState.opens > now() ? `opens in ${format.duration(shownState.opens - now())}` : "");
  document.title = `${shownState.words} – ${store.about.engine ?? "Quotewright"}`;
  showTabs(choose);
  showButtons();
}

export function showAge(heardMs, pointMs) {
  const silent = performance.now() - heardMs;
  if (silent > LOST_MS) lost("nothing was heard from it for 15 s; more than six tabs of one browser get nothing at all");
  const age = performance.now() - pointMs;
  say($("age"), pointMs ? `data ${age < 1000 ? "now" : `${format.duration(age)} old`}` : "no data yet");
  $("beat").classList.toggle("late", age > 3000);
}

function showTabs(choose) {
  const all = names();
  $("strategies").hidden = all.length < 2;
  if (all.length < 2) return;
  const key = JSON.stringify([all, store.strategy, all.map((name) => [state(name).kind, state(name).words])]);
  if ($("strategies").dataset.key === key) return;
  $("strategies").dataset.key = key;
  put($("strategies"), ...all.map((name) => el("button", { type: "button", "aria-pressed": String(name === store.strategy), "data-kind": state(name).kind, onclick: () => choose(name) }, el("span", { class: "mark", "aria-hidden": "true" }), `${name} `, el("span", { class: "muted" }, state(name).words))));
}

// Nothing is offered where no engine answers, but that of a moment between two sessions.
const absent = () => store.parts.absent && store.parts.absent.kind !== "changing";

function showButtons() {
  $("buttons").hidden = store.about.read_only !== false || Boolean(absent() || lostSince);
  $("resume").disabled = !store.parts.engine?.halt;
  $("reload").disabled = state(store.strategy).kind === "changing";
}

export function showNotes() {
  const { parts, about } = store;
  const notes = deeds.show();
  if (about.read_only) notes.push(el("p", { class: "note", "data-kind": "wait" }, "This page only looks (--read-only)."));
  if (absent() && !lostSince && about.read_only === false) {
    notes.push(el("p", { class: "note", "data-kind": "wait" }, "While no engine answers, a terminal can halt it: ", el("code", {}, `engine kill ${about.config}`), ". That needs its key, which this page must not have."));
  }
  if (parts.ledger?.trouble) notes.push(el("p", { class: "note", "data-kind": "bad" }, `Fills and orders are not up to date: ${parts.ledger.trouble}`));
  if (messages.trouble() && !absent()) notes.push(el("p", { class: "note", "data-kind": "bad" }, `Messages to a person do not arrive: ${messages.trouble()}`));
  if (parts.log?.trouble) notes.push(el("p", { class: "note", "data-kind": "wait" }, `No log is shown: ${parts.log.trouble}`));
  const key = notes.map((note) => note.textContent).join("\n");
  if ($("notes").dataset.key === key) return;
  $("notes").dataset.key = key;
  put($("notes"), ...notes);
}

export const tick = () => part("state")?.instrument?.tick ?? "0.01";
