// Reports of the research kit, opened in place: each in a sandbox that can reach nothing.

import { $, el, put } from "./dom.js";
import { get } from "./net.js";

export function begin() {
  $("reports-again").addEventListener("click", list);
}

export async function list() {
  const found = await get("/reports").catch(() => []);
  put($("reports"), ...found.map((one) => el("li", {}, el("button", { type: "button", class: "link", onclick: () => open(one.id) }, one.id), el("span", { class: "muted" }, ` ${one.changed}, ${Math.ceil(one.bytes / 1024)} kB`))));
  if (!found.length) put($("reports"), el("li", { class: "muted" }, "there are no reports in the folder"));
}

function open(id) {
  const path = `/reports/${id.split("/").map(encodeURIComponent).join("/")}`;
  const frame = el("iframe", { src: path, sandbox: "allow-scripts", title: `Report ${id}`, class: "report" });
  put($("report"), el("button", { type: "button", class: "quiet", onclick: () => put($("report")) }, "Close the report"), frame);
}
