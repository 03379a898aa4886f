// The tree of supervision: each life's number and age; a dot that blinks when a life begins.

import { $, el, put, say } from "./dom.js";
import * as format from "./format.js";
import { now, store } from "./store.js";

const lives = new Map();

export function showTree() {
  const tree = store.parts.tree ?? [];
  put(
    $("tree"),
    ...tree.map((one) => {
      const begun = lives.has(one.path) && lives.get(one.path) !== one.life;
      lives.set(one.path, one.life);
      const running = one.state === "running";
      const dot = el("span", { class: `dot${begun ? " begun" : ""}`, "data-state": one.state, "aria-hidden": "true" });
      const age = el("span", { class: "muted number", "data-since": one.since ?? "" });
      return el(
        "li",
        { class: one.group ? "group" : "", "data-depth": one.depth },
        dot,
        el("span", { class: "name" }, one.name),
        running ? null : el("span", { class: "not-running" }, one.state),
        el("span", { class: "muted number" }, one.group && one.life === 1 ? "" : `life ${one.life}`),
        age,
        one.last_failure ? el("details", { open: !running, class: "failure" }, el("summary", {}, "last failure"), el("p", {}, one.last_failure)) : null,
      );
    }),
  );
  const boxes = (store.parts.boxes ?? []).filter((one) => one.capacity > 0); // without room, full is usual
  say($("boxes"), boxes.length ? `Mailboxes that were full: ${boxes.map((one) => `${one.name} ${one.full} times (of ${one.capacity})`).join(", ")}` : "No mailbox was ever full.");
  const engine = store.parts.engine;
  if (engine) say($("loop"), `loop late ${engine.loop_late_ms} ms, at worst ${engine.loop_worst_ms} ms`);
  ages();
}

export function ages() {
  for (const node of $("tree").querySelectorAll("[data-since]")) {
    if (node.dataset.since) say(node, format.duration(now() - Number(node.dataset.since)));
  }
}
