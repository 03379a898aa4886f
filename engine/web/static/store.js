// What the page knows: the newest parts, and of the strategy that is shown its figures in the time shown.

export const COLUMNS = ["time", "mid", "bid", "ask", "base", "quote", "realised", "unrealised", "fees", "mid_min", "mid_max"];
export const SPANS = [["5 min", 300], ["30 min", 1800], ["2 h", 7200], ["24 h", 86400]];
const POINTS_MAX = 3000;
const RUNS_MAX = 4000; // of a bar, as the server keeps
const FILLS_MAX = 2000;

export const store = {
  about: {},
  parts: {},
  strategy: null,
  span: 1800,
  zoom: null, // [from, to] in seconds, while it does not follow the clock
  columns: COLUMNS.map(() => []),
  fills: [],
  bars: {},
  log: [],
};

let serverMs = 0;
let heardAt = 0;

// The server's clock, carried on by one that nobody can set: this machine's may be off.
export function heard(ms) {
  if (ms > 0) {
    serverMs = ms;
    heardAt = performance.now();
  }
}
export const now = () => serverMs + (performance.now() - heardAt);

export const part = (name) => store.parts[`${store.strategy}/${name}`];
export const names = () => store.parts.engine?.strategies ?? [];

export function shown() {
  const end = now() / 1000;
  return store.zoom ?? [end - store.span, end];
}

export function takeSeries(series) {
  store.columns = COLUMNS.map((name) => series[name]);
  store.fills = series.fills;
}

// True when there are so many points that the series is to be fetched anew.
export function takePoint(row) {
  const times = store.columns[0];
  const last = times.at(-1);
  if (last !== undefined && row[0] <= last) return false;
  if (last !== undefined && Math.floor(last) === Math.floor(row[0])) store.columns.forEach((column) => column.pop());
  store.columns.forEach((column, at) => column.push(at < row.length ? row[at] : row[1]));
  return times.length > POINTS_MAX;
}

export function takeRun(bar, run) {
  const runs = (store.bars[bar] ??= []);
  const newest = runs.at(-1);
  if (newest && newest[4]) newest[1] = endOf(newest);
  // What is told of a moment goes before what was known of it; what came later is told again.
  while (runs.length && runs.at(-1)[0] >= run[0]) runs.pop();
  const before = runs.at(-1);
  if (before) {
    before[1] = Math.min(before[1], run[0]);
    before.length = 4;
  }
  run[4] = true; // it goes on until another one begins
  runs.push(run);
  if (runs.length > RUNS_MAX) runs.shift();
}

// Where a run ends: the last one of a bar goes on for as long as the engine answers.
export function endOf(run) {
  if (!run[4]) return run[1];
  const absent = store.parts.absent;
  return absent ? Math.max(run[1], Math.min(absent.since, now())) : now();
}

export function takeFill(fill) {
  if (fill.strategy !== store.strategy || store.fills.some((one) => one.number === fill.number)) return;
  store.fills.push(fill);
  if (store.fills.length > FILLS_MAX) store.fills.shift();
}

export function takeBars(bars) {
  store.bars = bars;
  for (const runs of Object.values(bars)) if (runs.length) runs.at(-1)[4] = !store.parts.absent;
}
