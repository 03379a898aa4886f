// Light and dark, and the colours of what is drawn on canvas: read once per theme, not per point.

const KINDS = ["quoting", "waits", "setting", "missing", "halted"];
const NAMES = ["ink", "muted", "line", "panel", "buy", "sell", "mid", "band", "accent", "good", ...KINDS];
const CHOICES = ["auto", "light", "dark"];
const listeners = [];

export const C = { patterns: {} };
let choice = localStorage.getItem("theme") ?? "auto";

export const themeChoice = () => choice;
export const onTheme = (listener) => listeners.push(listener);

export function nextTheme() {
  choice = CHOICES[(CHOICES.indexOf(choice) + 1) % CHOICES.length];
  localStorage.setItem("theme", choice);
  apply();
}

export function apply() {
  if (choice === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = choice;
  const style = getComputedStyle(document.documentElement);
  for (const name of NAMES) C[name] = style.getPropertyValue(`--${name}`).trim();
  for (const kind of KINDS) C.patterns[kind] = pattern(kind, C[kind]);
  for (const listener of listeners) listener();
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", apply);

// A pattern for each class, so that colour is never alone.
function pattern(kind, colour) {
  const size = 8;
  const tile = document.createElement("canvas");
  tile.width = tile.height = size;
  const on = tile.getContext("2d");
  on.fillStyle = colour;
  on.strokeStyle = colour;
  on.lineWidth = 1.6;
  if (kind === "quoting") on.fillRect(0, 0, size, size);
  if (kind === "waits") {
    on.globalAlpha = 0.3;
    on.fillRect(0, 0, size, size);
    on.globalAlpha = 1;
    on.fillRect(0, 0, 1, size);
    on.fillRect(4, 0, 1, size);
  }
  if (kind === "setting") {
    on.globalAlpha = 0.3;
    on.fillRect(0, 0, size, size);
    on.globalAlpha = 1;
    diagonals(on, size, 1);
  }
  if (kind === "missing") {
    on.globalAlpha = 0.2;
    on.fillRect(0, 0, size, size);
    on.globalAlpha = 1;
    diagonals(on, size, 1);
    diagonals(on, size, -1);
  }
  if (kind === "halted") {
    on.fillRect(0, 0, size, size);
    on.fillStyle = C.panel;
    on.fillRect(3, 0, 2, size);
  }
  return tile;
}

function diagonals(on, size, way) {
  on.beginPath();
  for (const shift of [-size, 0, size]) {
    on.moveTo(shift, way > 0 ? size : 0);
    on.lineTo(shift + size, way > 0 ? 0 : size);
  }
  on.stroke();
}
