// Times and numbers as people read them. Times are UTC and 24 h unless local time was chosen.

let local = localStorage.getItem("clock") === "local";

export const clockIsLocal = () => local;
export function useLocalClock(yes) {
  local = yes;
  localStorage.setItem("clock", yes ? "local" : "utc");
}

const two = (number) => String(number).padStart(2, "0");
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

function parts(ms) {
  const date = new Date(ms);
  return local
    ? { d: date.getDate(), m: date.getMonth(), H: date.getHours(), M: date.getMinutes(), S: date.getSeconds() }
    : { d: date.getUTCDate(), m: date.getUTCMonth(), H: date.getUTCHours(), M: date.getUTCMinutes(), S: date.getUTCSeconds() };
}

export function time(ms) {
  const p = parts(ms);
  return `${two(p.H)}:${two(p.M)}:${two(p.S)}`;
}

export function minutes(ms) {
  const p = parts(ms);
  return `${two(p.H)}:${two(p.M)}`;
}

export function day(ms) {
  const p = parts(ms);
  return `${p.d} ${MONTHS[p.m]}`;
}

export const zone = () => (local ? "local" : "UTC");
export const dated = (ms) => `${day(ms)} ${time(ms)} ${zone()}`;

export function duration(ms) {
  const s = Math.max(0, ms) / 1000;
  if (s < 10) return `${s.toFixed(1)} s`;
  if (s < 60) return `${Math.floor(s)} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${Math.floor(s % 60)} s`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return `${Math.floor(s / 86400)} d ${Math.floor((s % 86400) / 3600)} h`;
}

// As many places as the pair's tick has.
export function places(tick) {
  const text = String(tick ?? "0.01");
  if (text.includes("e-")) return Number(text.split("e-")[1]);
  return (text.split(".")[1] ?? "").length;
}

export function price(value, tick) {
  return value === null || value === undefined || Number.isNaN(value) ? "–" : Number(value).toFixed(places(tick));
}

export function amount(value, digits = 8) {
  if (value === null || value === undefined || Number.isNaN(Number(value))) return "–";
  const text = Number(value).toFixed(digits);
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

export function signed(value, digits = 6) {
  const number = Number(value);
  return `${number < 0 ? "−" : "+"}${Math.abs(number).toFixed(digits)}`;
}

export const percent = (fraction, digits = 1) => `${(Number(fraction) * 100).toFixed(digits)} %`;
export const name = (code) => code.replaceAll("_", " ");
