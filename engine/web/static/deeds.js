// Kill, resume and reload: each asks first, and shows its steps one by one.

import { $, el, put, table } from "./dom.js";
import * as dialogs from "./dialogs.js";
import * as format from "./format.js";
import { post } from "./net.js";
import { store } from "./store.js";

const STEPS = {
  kill: [["asked", "asked"], ["durable", "halt is durable"], ["flat", "flat is proven by the venue's list"]],
  resume: [["asked", "asked"], ["resumed", "resumed"]],
  reload: [["asked", "asked"], ["applied", "applied"]],
};
const ANEW = [["asked", "asked"], ["applied", "taken over, and the session ends flat"], ["begun", "the next session has begun"]];
const stepsOf = (deed) => (deed.begins_anew ? ANEW : STEPS[deed.kind]);

export function begin() {
  $("kill").addEventListener("click", () => byName("kill", "Kill: cancel every order, and quote no more", true));
  $("resume").addEventListener("click", () => byName("resume", "Resume: lift the halt", false));
  $("reload").addEventListener("click", reload);
}

// The button is dead until the engine's name has been typed.
function byName(kind, title, withReason) {
  const name = store.about.engine;
  const typed = el("input", { id: "deed-name", type: "text", autocomplete: "off", spellcheck: "false", autocapitalize: "none" });
  const reason = el("input", { id: "deed-reason", type: "text", maxlength: 300, autocomplete: "off" });
  const go = el("button", { type: "submit", class: kind === "kill" ? "danger" : "", disabled: true }, kind === "kill" ? "Kill" : "Resume");
  const trouble = el("p", { class: "trouble", role: "alert" });
  const words = kind === "kill"
    ? "Nothing is placed any more, every order of this engine is cancelled, and it stays so through restarts until somebody resumes."
    : `The halt stands: ${store.parts.engine?.halt || "none does"}. Its cause should be understood.`;
  typed.addEventListener("input", () => (go.disabled = typed.value !== name));
  const form = el(
    "form",
    { class: "deed-form" },
    el("p", {}, words),
    withReason ? el("label", { for: "deed-reason" }, "Why (it is shown wherever the halt is)") : null,
    withReason ? reason : null,
    el("label", { for: "deed-name" }, "To go on, type the engine's name: ", el("strong", {}, name)),
    typed,
    el("div", { class: "row" }, go),
    trouble,
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    go.disabled = true;
    try {
      await post(`/${kind}`, { name: typed.value, reason: reason.value });
      dialogs.close();
    } catch (error) {
      trouble.textContent = error.message;
      go.disabled = false;
    }
  });
  dialogs.open(title, form);
  typed.focus();
}

// The button is dead until what would change has been seen.
async function reload() {
  const box = el("div", {}, el("p", { class: "muted" }, "comparing the file with what the engine runs with"));
  dialogs.open("Reload: take over the file as it is now", box);
  try {
    const told = await post("/reload", { dry_run: true });
    const go = el("button", { type: "button", disabled: !(told.fine && told.changes.length) }, "Take over");
    const trouble = el("p", { class: "trouble", role: "alert" });
    const made = el("table");
    table(made, [["key", ""], ["now", "number"], ["then", "number"], ["", ""]], told.changes.map((one) => [one.key, one.old || "absent", one.new || "absent", one.refused ? `refused: ${one.refused}` : ""]), "nothing differs from what the engine runs with");
    go.addEventListener("click", async () => {
      go.disabled = true;
      try {
        await post("/reload", { dry_run: false });
        dialogs.close();
      } catch (error) {
        trouble.textContent = error.message;
      }
    });
    const how = told.begins_anew
      ? "Strategies come or go: this session ends flat, with the venue's proof, and the next one begins with all of it within seconds. Without the proof the engine ends."
      : "All of it is taken over between two decisions, or nothing is.";
    put(box, el("p", {}, how), ...told.problems.map((one) => el("p", { class: "trouble" }, String(one))), el("div", { class: "scroll" }, made), el("div", { class: "row" }, go), trouble);
  } catch (error) {
    put(box, el("p", { class: "trouble" }, error.message));
  }
}

// Every deed that nobody has read to its end stays in sight, also after the page was loaded anew.
export function show() {
  const unread = (store.parts.deeds ?? []).filter((deed) => !deed.read);
  return unread.map((deed) => {
    const done = Object.fromEntries(deed.steps.map((one) => [one.step, one]));
    const known = new Set(stepsOf(deed).map(([step]) => step));
    const rows = stepsOf(deed).map(([step, words]) => {
      const one = done[step];
      return el("li", { class: one ? "done" : "open" }, one ? `${format.time(one.at)} ${one.words}` : words);
    });
    const others = deed.steps.filter((one) => !known.has(one.step)).map((one) => el("li", { class: one.step === "again" ? "done" : "wrong" }, `${format.time(one.at)} ${one.words}`));
    const left = deed.left.length ? el("p", { class: "wrong" }, `may be left at the venue: ${deed.left.join(", ")}`) : null;
    const read = deed.ended && !store.about.read_only ? el("button", { type: "button", class: "quiet", onclick: () => post(`/deeds/${deed.number}/read`) }, "I have read this") : null;
    return el("div", { class: "note deed", "data-kind": deed.ended ? (deed.well ? "good" : "bad") : "wait", "data-deed": deed.kind }, el("p", {}, el("strong", {}, deed.kind)), el("ol", { class: "steps-done" }, ...rows, ...others), left, read);
  });
}
