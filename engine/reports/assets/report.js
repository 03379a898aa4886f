"use strict";
// Draws the charts of a report. Text goes in as text, never as markup.
(() => {
  const runs = JSON.parse(document.getElementById("data").textContent);
  const root = document.documentElement;
  const phone = matchMedia("(max-width: 600px)");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const DAY = 86400;
  let colours = {};
  let drawn = [];

  // --- words

  const two = (number) => String(number).padStart(2, "0");

  function clock(seconds, apart) {
    const at = new Date(Math.round(seconds * 1000));
    const day = `${two(at.getUTCMonth() + 1)}-${two(at.getUTCDate())}`;
    const time = `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
    if (apart >= DAY) return day;
    if (apart >= 60) return time === "00:00" ? day : time;
    const whole = `${time}:${two(at.getUTCSeconds())}`;
    return apart >= 1 ? whole : `${whole}.${String(at.getUTCMilliseconds()).padStart(3, "0")}`;
  }

  function moment(seconds) {
    const at = new Date(Math.round(seconds * 1000)).toISOString();
    return `${at.slice(0, 10)} ${at.slice(11, 23)}`;
  }

  const minus = (text) => text.replace("-", "\u2212");

  function places(apart) {
    return Math.min(12, Math.max(0, Math.ceil(-Math.log10(apart) - 1e-9)));
  }

  function short(value) {
    if (value === null || value === undefined) return "\u2013";
    return minus(String(Number(value.toPrecision(7))));
  }

  function make(tag, text, name) {
    const element = document.createElement(tag);
    if (text !== undefined) element.textContent = text;
    if (name) element.className = name;
    return element;
  }

  // --- axes

  // Whole multiples of 1, 2 or 5 in a power of ten, never closer than the smallest step there is.
  function splits(least) {
    return (chart, axis, low, high, step) => {
      const wanted = Math.max(step, least);
      const power = Math.pow(10, Math.floor(Math.log10(wanted) + 1e-9));
      const apart = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= wanted * 0.999999);
      const found = [];
      for (let n = Math.ceil(low / apart - 1e-9); n * apart <= high + apart * 1e-9; n++) {
        found.push(n * apart);
        if (found.length > 50) break;
      }
      return found;
    };
  }

  function numbers(digits) {
    return (chart, ticks) => {
      const apart = ticks.length > 1 ? Math.abs(ticks[1] - ticks[0]) : Math.abs(ticks[0]) || 1;
      const shown = digits === null ? places(apart) : Math.max(digits, 0);
      return ticks.map((tick) => minus(tick.toFixed(shown).replace(/^-(0(\.0*)?)$/, "$1")));
    };
  }

  const TIMES = [
    0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600,
    900, 1800, 3600, 7200, 10800, 21600, 43200, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 28 * DAY, 91 * DAY,
    364 * DAY, 3640 * DAY,
  ];

  function timeSplits(begin) {
    return (chart, axis, low, high) => {
      const room = Math.max(2, Math.floor(chart.bbox.width / devicePixelRatio / 84));
      const apart = TIMES.find((one) => (high - low) / one <= room) || TIMES[TIMES.length - 1];
      const found = [];
      for (let n = Math.ceil((begin + low) / apart - 1e-6); n * apart <= begin + high; n++) {
        found.push(n * apart - begin);
        if (found.length > 100) break;
      }
      return found;
    };
  }

  function times(begin) {
    return (chart, ticks) => {
      const apart = ticks.length > 1 ? ticks[1] - ticks[0] : 1;
      return ticks.map((tick) => clock(begin + tick, apart));
    };
  }

  function axis(options) {
    return {
      stroke: colours.soft, font: "12px system-ui, sans-serif", gap: 4,
      grid: { stroke: colours.grid, width: 1 }, ticks: { stroke: colours.line, width: 1, size: 4 },
      ...options,
    };
  }

  function valueAxis(least, digits) {
    return axis({
      side: 3, space: 34, splits: splits(least), values: numbers(digits),
      size: (chart, labels) =>
        labels ? Math.max(38, Math.max(...labels.map((one) => one.length)) * 7 + 14) : 50,
    });
  }

  // --- charts

  // Series of their own times brought onto one. What holds is told at every time, and so is a gap:
  // uPlot ends one at the next time there is, whoever's.
  function together(lines, end) {
    const x = [...new Set([0, end, ...lines.flatMap((line) => line.x)])]
      .sort((one, other) => one - other);
    const columns = lines.map((line) => {
      const values = new Map(line.x.map((at, place) => [at, line.y[place]]));
      let held = null;
      return x.map((at) => {
        if (values.has(at)) held = values.get(at);
        return line.holds ? held : values.get(at);
      });
    });
    return [x, ...columns];
  }

  const stepped = uPlot.paths.stepped({ align: 1, alignGaps: 1 });
  const nowhere = () => null;

  function draw(figure, run, data, options, parts) {
    const box = figure.querySelector(".plot");
    box.replaceChildren();
    const group = figure.dataset.run;
    const isTime = options.time !== false;
    const legend = figure.querySelector(".legend");
    const chart = new uPlot(
      {
        width: Math.max(200, box.clientWidth),
        height: options.height,
        padding: [8, 26, 0, options.left || 0],
        legend: { show: false },
        cursor: {
          y: false, points: { size: 6 },
          drag: { x: isTime, y: false },
          sync: isTime ? { key: `run-${group}` } : undefined,
        },
        scales: {
          x: { time: false, range: options.range || ((u, low, high) => [low, high]) },
          y: { range: options.yRange || fitted },
        },
        axes: [
          axis(
            isTime
              ? { splits: timeSplits(run.begin), values: times(run.begin), space: 84, size: 30 }
              : { size: 30, ...options.xAxis },
          ),
          options.yAxis,
        ],
        series: [{}, ...parts.map((part) => part.series)],
        hooks: {
          draw: options.draw ? [options.draw] : [],
          setCursor: [(u) => tell(legend, run, u, parts, options)],
          setScale: isTime ? [(u, key) => follow(u, key, group)] : [],
        },
      },
      data,
      box,
    );
    drawn.push({ chart, box, group, isTime, height: options.height });
    tell(legend, run, chart, parts, options);
    return chart;
  }

  // A flat line needs room above and below too.
  function fitted(chart, low, high) {
    if (low === null || low === undefined) return [0, 1];
    const room = (high - low) * 0.08 || Math.abs(high) * 0.001 || 1;
    return [low - room, high + room];
  }

  let following = false;
  function follow(chart, key, group) {
    if (key !== "x" || following) return;
    following = true;
    const { min, max } = chart.scales.x;
    for (const other of drawn) {
      if (other.isTime && other.group === group && other.chart !== chart) {
        other.chart.setScale("x", { min, max });
      }
    }
    following = false;
  }

  function tell(legend, run, chart, parts, options) {
    const index = chart.cursor ? chart.cursor.idx : null;
    const items = [];
    if (index !== null && index !== undefined && options.at) {
      items.push(make("span", options.at(chart, index)));
    }
    parts.forEach((part, number) => {
      const item = make("span");
      item.append(make("i", undefined, `${part.mark} ${part.colour}`), part.name);
      const known = index !== null && index !== undefined;
      const value = known ? chart.data[number + 1][index] : undefined;
      if (value !== undefined && value !== null) item.append(" ", make("b", part.write(value)));
      items.push(item);
    });
    for (const extra of options.extra || []) items.push(make("span", extra));
    legend.replaceChildren(...items);
  }

  function triangles(chart, run, marks, colour, up) {
    const context = chart.ctx;
    const ratio = devicePixelRatio;
    const largest = marks.q.reduce((one, other) => Math.max(one, other), 1e-30);
    const crowd = marks.x.length > 150 ? 0.6 : 1;  // where many are, they would hide the lines
    const { left, top, width, height } = chart.bbox;
    context.save();
    context.beginPath();
    context.rect(left, top, width, height);
    context.clip();
    context.fillStyle = colour;
    context.strokeStyle = colours.card;
    context.lineWidth = ratio;
    marks.x.forEach((at, place) => {
      const x = chart.valToPos(at, "x", true);
      const y = chart.valToPos(marks.y[place], "y", true);
      if (x < left - 20 || x > left + width + 20) return;
      const half = (3 + 4 * Math.sqrt(marks.q[place] / largest)) * ratio * crowd;
      const way = up ? 1 : -1;
      context.beginPath();
      context.moveTo(x, y);
      context.lineTo(x - half, y + way * half * 1.6);
      context.lineTo(x + half, y + way * half * 1.6);
      context.closePath();
      context.fill();
      context.stroke();
    });
    context.restore();
  }

  const charts = {
    price(figure, run) {
      const lines = [{ ...run.mid, holds: run.steps }, { ...run.bid, holds: true },
        { ...run.ask, holds: true }];
      const marks = [run.buys, run.sells].map((one) => ({ x: one.x, y: one.y }));
      if (![...lines, ...marks].some((line) => line.x.length)) return false;
      const all = [...lines, ...marks];
      const write = (value) => minus(value.toFixed(run.decimals + 1).replace(/0$/, ""));
      const hidden = run.buys.hidden + run.sells.hidden;
      const part = (name, colour, mark, series) => ({ name, colour, mark, series, write });
      const line = (colour, more) => ({
        stroke: colours[colour], width: 2, paths: stepped, points: { show: false }, ...more,
      });
      const mid = run.steps
        ? line("mid", { width: 1 })
        : { stroke: colours.mid, paths: nowhere, points: { show: true, size: 4, fill: colours.mid } };
      draw(figure, run, together(all, run.end), {
        height: phone.matches ? 230 : 340,
          yAxis: valueAxis(Math.pow(10, -run.decimals), run.decimals),
        at: (u, index) => moment(run.begin + u.data[0][index]),
        extra: hidden ? [`${hidden} smaller fills are not drawn`] : [],
        draw: (u) => {
          triangles(u, run, run.buys, colours.buy, true);
          triangles(u, run, run.sells, colours.sell, false);
        },
      }, [
        part(run.steps ? "mid" : "mid at decisions", "mid", run.steps ? "solid" : "dot", mid),
        part("best own bid", "buy", "solid", line("buy")),
        part("best own ask", "sell", "dashed", line("sell", { dash: [6, 4] })),
        part("bought", "buy", "up", { stroke: colours.buy, paths: nowhere, points: { show: false } }),
        part("sold", "sell", "down", { stroke: colours.sell, paths: nowhere, points: { show: false } }),
      ]);
      return table(figure, ["time", "side", "price", "quantity"], [
        ...run.buys.x.map((x, n) => [x, "buy", run.buys.y[n], run.buys.q[n]]),
        ...run.sells.x.map((x, n) => [x, "sell", run.sells.y[n], run.sells.q[n]]),
      ].sort((one, other) => one[0] - other[0])
        .map(([x, side, price, q]) => [moment(run.begin + x), side, write(price), short(q)]));
    },

    inventory(figure, run) {
      return simple(figure, run, run.inventory, run.base, true);
    },

    worth(figure, run) {
      return simple(figure, run, run.worth, run.quote, run.steps);
    },

    gates(figure, run) {
      if (!run.gates.length) return false;
      const rows = run.gates;
      const tall = 34;
      const bars = (u) => {
        const context = u.ctx;
        const ratio = devicePixelRatio;
        const { left, top, width, height } = u.bbox;
        context.save();
        context.beginPath();
        context.rect(left, top, width, height);
        context.clip();
        rows.forEach((row, number) => {
          const y = Math.round(top + (height / rows.length) * number);
          context.fillStyle = colours.text;
          context.font = `${12 * ratio}px system-ui, sans-serif`;
          context.textBaseline = "top";
          context.textAlign = "left";
          context.fillText(`${row.side}: ${row.name}`, left + 4 * ratio, y + 2 * ratio);
          context.fillStyle = colours[row.side];
          // Whole pixels, each as strong as the share of its time: parts that touch have no seam,
          // and many short ones do not look like a long one.
          const shares = new Float64Array(Math.ceil(width) + 1);
          for (const [from, to, share] of row.spans) {
            const begin = u.valToPos(from, "x", true) - left;
            const end = u.valToPos(to, "x", true) - left;
            const last = Math.min(shares.length - 1, Math.floor(end));
            for (let pixel = Math.max(0, Math.floor(begin)); pixel <= last; pixel++) {
              shares[pixel] += share * Math.max(0, Math.min(end, pixel + 1) - Math.max(begin, pixel));
            }
          }
          for (let pixel = 0; pixel < shares.length; pixel++) {
            if (!shares[pixel]) continue;
            let end = pixel + 1;
            while (shares[pixel] > 0.99 && shares[end] > 0.99) end++;
            context.globalAlpha = Math.min(1, 0.6 + 0.4 * shares[pixel]);
            context.fillRect(left + pixel, y + 18 * ratio, end - pixel, 10 * ratio);
            pixel = end - 1;
          }
          context.globalAlpha = 1;
        });
        context.restore();
      };
      draw(figure, run, [[0, run.end], [null, null], [null, null]], {
        height: rows.length * tall + 40,
        left: 26,
          yRange: () => [0, 1],
        yAxis: axis({ side: 3, size: 10, splits: () => [], values: () => [], grid: { show: false } }),
        draw: bars,
        extra: run.gates_hidden ? [`${run.gates_hidden} more gates are in the table below`] : [],
      }, [
        { name: "buy side shut", colour: "buy", mark: "block", write: String,
          series: { paths: nowhere, points: { show: false } } },
        { name: "sell side shut", colour: "sell", mark: "block", write: String,
          series: { paths: nowhere, points: { show: false } } },
      ]);
      return table(figure, ["side", "gate", "from", "to", "of it"], rows.flatMap((row) =>
        row.spans.map(([from, to, share]) =>
          [row.side, row.name, moment(run.begin + from), moment(run.begin + to),
            `${Math.round(share * 100)} %`])));
    },

    markouts(figure, run) {
      if (!run.markouts) return false;
      const { seconds, sides } = run.markouts;
      const names = Object.keys(sides);
      const styles = { both: [], buy: [2, 3], sell: [8, 4] };
      const marks = { both: "solid", buy: "dotted", sell: "dashed" };
      const label = (place) => (seconds[place] ? `${seconds[place]} s` : "captured");
      draw(figure, run, [seconds.map((_, place) => place), ...names.map((name) => sides[name])], {
        time: false,
        height: phone.matches ? 220 : 260,
        range: () => [-0.3, seconds.length - 0.7],
        yRange: (u, low, high) => fitted(u, Math.min(low, 0), Math.max(high, 0)),
        yAxis: valueAxis(1e-6, null),
        xAxis: {
          splits: () => seconds.map((_, place) => place),
          values: (u, ticks) => ticks.map(label),
        },
        at: (u, index) => label(index),
      }, names.map((name) => ({
        name, colour: name, mark: marks[name], write: (value) => `${minus(value.toFixed(2))} bps`,
        series: {
          stroke: colours[name], width: name === "both" ? 2.5 : 1.5, dash: styles[name],
          points: { show: true, size: 7, fill: colours.card },
        },
      })));
      return table(figure, ["side", ...seconds.map((_, place) => label(place))],
        names.map((name) => [name, ...sides[name].map((one) => one === null ? "\u2013" : minus(one.toFixed(2)))]));
    },

    hours(figure, run) {
      if (!run.hours.some(([bought, sold]) => bought || sold)) return false;
      const bars = uPlot.paths.bars({ size: [0.7, 40] });
      const hours = run.hours.map((_, hour) => hour);
      draw(figure, run, [hours, run.hours.map((one) => one[0]), run.hours.map((one) => -one[1])], {
        time: false,
        height: phone.matches ? 200 : 220,
        range: () => [-0.7, 23.7],
        yRange: (u, low, high) => fitted(u, Math.min(low, 0), Math.max(high, 0)),
        yAxis: valueAxis(1e-8, null),
        xAxis: {
          splits: () => hours.filter((hour) => hour % (phone.matches ? 6 : 3) === 0),
          values: (u, ticks) => ticks.map((hour) => `${two(hour)}:00`),
        },
        at: (u, index) => `${two(index)}:00 to ${two(index)}:59`,
      }, [["bought", "buy"], ["sold, below zero", "sell"]].map(([name, colour]) => ({
        name, colour, mark: "block", write: (value) => short(Math.abs(value)),
        series: { stroke: colours[colour], fill: colours[colour], width: 0, paths: bars, points: { show: false } },
      })));
      return table(figure, ["hour", "bought", "sold"],
        run.hours.map(([bought, sold], hour) => [`${two(hour)}:00`, short(bought), short(sold)]));
    },
  };

  function simple(figure, run, line, unit, holds) {
    if (!line.x.length) return false;
    draw(figure, run, together([{ ...line, holds }], run.end), {
      height: phone.matches ? 180 : 200,
      yRange: (u, low, high) => fitted(u, low === null ? 0 : Math.min(low, 0), high === null ? 0 : Math.max(high, 0)),
      yAxis: valueAxis(1e-9, null),
      at: (u, index) => moment(run.begin + u.data[0][index]),
    }, [{
      name: unit, colour: "accent", mark: holds ? "solid" : "dot", write: short,
      series: holds
        ? { stroke: colours.accent, fill: colours.area, width: 2, paths: stepped, points: { show: false } }
        : { stroke: colours.accent, paths: nowhere, points: { show: true, size: 4, fill: colours.accent } },
    }]);
    return table(figure, ["time", unit],
      line.x.map((x, n) => [moment(run.begin + x), short(line.y[n])]));
  }

  // The last values, made when they are asked for.
  const SHOWN = 50;
  function table(figure, head, rows) {
    const details = figure.querySelector("details");
    details.ontoggle = () => {
      if (!details.open) return;
      const whole = make("table");
      const header = make("tr");
      for (const name of head) {
        const cell = make("th", name);
        cell.scope = "col";
        header.append(cell);
      }
      const top = make("thead");
      top.append(header);
      const body = make("tbody");
      for (const row of rows.slice(-SHOWN)) {
        const line = make("tr");
        row.forEach((text, place) => {
          const cell = make(place ? "td" : "th", text);
          if (!place) cell.scope = "row";
          line.append(cell);
        });
        body.append(line);
      }
      whole.append(top, body);
      const more = rows.length > SHOWN ? [make("p", `The last ${SHOWN} of ${rows.length}.`, "note")] : [];
      details.querySelector(".box").replaceChildren(...more, whole);
    };
    details.hidden = false;
    return true;
  }

  function drawAll() {
    for (const { chart } of drawn) chart.destroy();
    drawn = [];
    const style = getComputedStyle(root);
    colours = {};
    for (const name of ["card", "text", "soft", "line", "grid", "mid", "buy", "sell", "both", "accent", "area"]) {
      colours[name] = style.getPropertyValue(`--${name}`).trim();
    }
    for (const figure of document.querySelectorAll(".chart")) {
      const run = runs[Number(figure.dataset.run)];
      if (!charts[figure.dataset.chart](figure, run)) {
        const box = figure.querySelector(".plot");
        box.removeAttribute("role");
        box.removeAttribute("aria-label");
        box.replaceChildren(make("p", figure.dataset.reason, "empty"));
        figure.querySelector("details").hidden = true;
        figure.querySelector(".legend").hidden = true;
      }
    }
  }

  document.getElementById("theme").addEventListener("click", () => {
    const now = root.dataset.theme || (dark.matches ? "dark" : "light");
    root.dataset.theme = now === "dark" ? "light" : "dark";
    drawAll();
  });
  dark.addEventListener("change", drawAll);
  phone.addEventListener("change", drawAll);
  addEventListener("beforeprint", drawAll);
  new ResizeObserver(() => {
    for (const { chart, box, height } of drawn) {
      const width = Math.max(200, box.clientWidth);
      if (width !== chart.width) chart.setSize({ width, height });
    }
  }).observe(document.querySelector("main"));
  drawAll();
})();
