// The page in a browser: a whole story, told by `steps`. Run by test_page_in_a_browser.py.
//
// CHROMIUM, ADDRESS_FILE, CONFIG, LOG (the engine's), SHOTS (a folder), ODD_ADDRESS_FILE (a page whose
// strategy has markup for a name), WIDE (a strategy to add), REPORT (a command that writes a report, as JSON).
// QW_PICTURES names a folder for the pictures of docs/tour.md; then the run is a minute longer.
// No eval-based waits: the page's own policy forbids them.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const { CHROMIUM, ADDRESS_FILE, CONFIG, LOG, SHOTS, ODD_ADDRESS_FILE, WIDE, REPORT, QW_PICTURES } = process.env;
const AXE = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const MARKUP = "<img src=x onerror=alert(1)>";
const REASON = QW_PICTURES ? "looks wrong" : `a story ${MARKUP}`;
const WAIT_MS = 20000;
const [PRICE, WHY] = ["section:has(#price-title)", "section:has(#why-title)"];
const pause = (ms) => new Promise((resume) => setTimeout(resume, ms));

const complaints = [];
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, colorScheme: "light", timezoneId: "Africa/Johannesburg", locale: "en-US" });
let page = await open();

async function open() {
  const made = await context.newPage();
  made.setDefaultTimeout(WAIT_MS);
  made.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
  made.on("pageerror", (error) => complaints.push(String(error.stack)));
  made.on("dialog", (dialog) => complaints.push(`a script asked: ${dialog.message()}`));
  return made;
}

const address = (file) => fs.readFileSync(file, "utf8").trim();
const text = (selector) => page.locator(selector).first().textContent();
async function shot(name) {
  await page.evaluate("scrollTo(0, 0)");
  await page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });
}

// A picture of the docs: in light, narrow enough for their column, from one element to another, or of one alone.
async function picture(name, first, last) {
  if (!QW_PICTURES) return;
  const scheme = (await page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")) ? "dark" : "light";
  const size = page.viewportSize();
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 1000, height: 800 });
  await page.evaluate("document.activeElement.blur(); scrollTo(0, 0)");
  await pause(1500); // the charts are painted anew
  const path = `${QW_PICTURES}/${name}.png`;
  if (last) {
    const [from, to] = [await page.locator(first).boundingBox(), await page.locator(last).boundingBox()];
    const y = Math.max(0, from.y - 8);
    const clip = { x: 0, y, width: 1000, height: Math.min(800, to.y + to.height + 8 - y) };
    await page.screenshot({ path, fullPage: true, clip });
  } else {
    await page.locator(first).scrollIntoViewIfNeeded(); // a frame is drawn only while it is in sight
    await pause(1000);
    await page.locator(first).screenshot({ path });
  }
  await page.setViewportSize(size);
  await page.emulateMedia({ colorScheme: scheme });
}

// The last seconds of the charts, drawn over as a person does.
async function closer(seconds) {
  if (!QW_PICTURES) return;
  await page.evaluate("scrollTo(0, 0)");
  const { x, y, width, height } = await page.locator("#price .u-over").boundingBox();
  await page.mouse.move(x + width * (1 - seconds / 300), y + height / 4);
  await page.mouse.down();
  await page.mouse.move(x + width - 20, y + height / 3, { steps: 4 });
  await page.mouse.move(x + width - 1, y + height / 3, { steps: 2 });
  await page.mouse.up();
  await page.locator("#spans button", { hasText: "Back to now" }).waitFor();
  await page.mouse.move(5, 5);
}
const wider = () => QW_PICTURES && page.locator("#spans button", { hasText: "Back to now" }).click();

const sideways = () => page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");

async function until(holds, what) {
  const end = Date.now() + WAIT_MS;
  for (;;) {
    const found = await holds();
    if (found) return found;
    assert.ok(Date.now() < end, `not within ${WAIT_MS / 1000} s: ${what}; the state was ${await text("#words")} ${await text("#cause")}`);
    await new Promise((resume) => setTimeout(resume, 150));
  }
}
const untilWords = (words) => until(async () => (await text("#words")).startsWith(words), words);

async function accessible(where) {
  await page.evaluate(AXE);
  const violations = await page.evaluate("axe.run(document).then((found) => found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 150)).join(' | ')}`))");
  assert.deepEqual(violations, [], `axe-core, ${where}`);
}

// What the axis of the price chart is drawn with, as the canvas was told it.
const ticks = () => page.evaluate("window.drawn ?? []");

const steps = {
  async "a page without its address asks for it, and shows nothing"() {
    await page.addInitScript(() => {
      const { fillText } = CanvasRenderingContext2D.prototype;
      window.drawn = [];
      const { now } = Date;
      Date.now = () => now() + 36 * 3600 * 1000; // this machine's clock is off; nothing must go by it
      CanvasRenderingContext2D.prototype.fillText = function (words, ...rest) {
        if (/^\d+\.\d+$/.test(words) && this.canvas.closest("#price")) window.drawn = [...window.drawn.slice(-60), words];
        return fillText.call(this, words, ...rest);
      };
    });
    await page.goto(address(ADDRESS_FILE).split("#")[0]);
    await page.waitForSelector("#login:not([hidden])");
    assert.equal(await page.isVisible("#content"), false);
    await accessible("login");
    complaints.length = 0; // a 401 is an error on the console, as it should be
  },
  async "its address lets in, and is gone from the browser's bar"() {
    await page.fill("#token", address(ADDRESS_FILE));
    await page.click("#login-form button");
    await page.waitForSelector("#content:not([hidden])");
    assert.ok(!page.url().includes("#"), page.url());
  },
  async "the state is in words, and points arrive"() {
    await untilWords("quoting both sides");
    const figure = () => text("#price-figures dd");
    assert.match(await figure(), /^0\.\d{5}$/);
    await until(async () => /^data (now|\d)/.test(await text("#age")), "the age of the data");
    await page.click("#price-table");
    const rows = await page.locator("#dialog-body tbody tr").count();
    await page.click("#dialog-close");
    await until(async () => {
      await page.click("#price-table");
      const more = await page.locator("#dialog-body tbody tr").count();
      await page.click("#dialog-close");
      return more > rows;
    }, "more points");
    await until(async () => (await page.locator("#orders tbody tr").count()) === 4, "four orders");
    if (QW_PICTURES) await pause(60000);
    await closer(60);
    await picture("quoting", "#head", WHY);
    await wider();
  },
  async "tick labels are distinct, at the pair's tick, and times are of 24 hours in UTC"() {
    const labels = (await ticks()).slice(-6);
    const prices = [...new Set(labels)];
    assert.ok(prices.every((label) => /^0\.\d{5}$/.test(label)), String(labels));
    assert.ok(prices.length >= 3, String(labels));
    const log = await text("#log .line .number");
    const utc = new Date().toISOString().slice(11, 13);
    assert.ok(log.startsWith(utc) || new Date().getUTCMinutes() === 0, `${log}, ${utc}`);
    await page.click("#clock");
    await until(async () => (await text("#pair")).includes("local"), "local time");
    await page.click("#clock");
  },
  async "a fill is drawn, and its order has a story"() {
    await until(async () => (await page.locator("#fills button.link").count()) > 0, "a fill");
    await page.locator("#fills button.link").first().click();
    await until(async () => (await text("#dialog-body")).includes("trade:"), "a story");
    await shot("story");
    await page.keyboard.press("Escape");
    await page.click("#price-table"); // a dialog closes by its button as well
    await page.click("#dialog-close");
    assert.equal(await page.isVisible("#dialog"), false);
  },
  async "a fault is seen as a timeline, with what was missing then"() {
    await until(async () => {
      await page.click("#why-table");
      const found = await text("#dialog-body");
      await page.click("#dialog-close");
      return found.includes("missing data or readiness");
    }, "a lapse on the timeline");
    await closer(40);
    await page.click("#earlier");
    await until(async () => (await text("#moment-title")).startsWith("At "), "a moment of the past");
    await until(async () => {
      if (await page.locator("#moment .lapsed").count()) return true;
      await page.click("#earlier");
      return false;
    }, "the moment of a lapse");
    await page.click("#fold");
    await page.waitForSelector('#fold[aria-expanded="true"]');
    await picture("timeline", WHY, WHY);
    await wider();
    await shot("light");
    await page.click("#fold");
    await page.click("#now");
  },
  async "another strategy has its own figures"() {
    await page.locator("#strategies button", { hasText: "0btc0" }).click();
    await until(async () => (await text("#pair")).startsWith("BTC/USDT"), "the other strategy");
    await until(async () => /^\d{5}\.\d\d$/.test(await text("#price-figures dd")), "its price");
    await page.locator("#strategies button", { hasText: "doge" }).click();
    await until(async () => (await text("#pair")).startsWith("DOGE/USDT"), "the first one");
  },
  async "a line of the log with markup stays text"() {
    fs.appendFileSync(LOG, `${JSON.stringify({ timestamp: new Date().toISOString(), level: "warning", event: MARKUP, actor: MARKUP, x: MARKUP })}\n`);
    await until(async () => (await text("#log")).includes(MARKUP), "the line");
    assert.equal(await page.locator("#log img").count(), 0);
    await page.fill("#actor", "<img");
    await until(async () => (await page.locator("#log .line").count()) === 1, "the filter");
    await page.fill("#actor", "");
  },
  async "messages to a person are listed with what became of them, and markup in them stays text"() {
    assert.equal(await page.isVisible("#told-panel"), false); // nobody is to be told, and nobody was
    const of = { timestamp: new Date().toISOString(), level: "info", kind: "given_up", subject: MARKUP, over: false, at: 1 };
    const written = (event, rest) => fs.appendFileSync(LOG, `${JSON.stringify({ ...of, event, ...rest })}\n`);
    written("alert", { text: `first line\n${MARKUP}`, destinations: 2 });
    written("alert_sent", { number: 1, destination: "json" });
    await until(async () => (await text("#told")).includes("waits for 1 of 2"), "a message that waits");
    assert.match(await text("#told"), /given up <img.*first line.*arrived at 1 of 2 at \d\d:/s);
    written("last_words_unsent", { number: 2, destination: MARKUP, cause: "refused" });
    await until(async () => (await text("#told")).includes("did not arrive: refused"), "what did not arrive");
    assert.equal(await page.locator("#told img").count(), 0);
    await page.locator("#told-panel").scrollIntoViewIfNeeded();
    await shot("told");
  },
  async "axe-core finds nothing, in light and in dark"() {
    await accessible("light");
    await page.emulateMedia({ colorScheme: "dark" });
    await until(async () => (await page.evaluate("getComputedStyle(document.body).backgroundColor")) === "rgb(13, 18, 24)", "dark");
    await accessible("dark");
    await shot("dark");
  },
  async "a kill needs the engine's name, and shows its three steps"() {
    await page.click("#kill");
    const go = page.locator("dialog button[type=submit]");
    assert.ok(await go.isDisabled());
    await page.fill("#deed-reason", REASON);
    await page.fill("#deed-name", "Paper");
    assert.ok(await go.isDisabled());
    await accessible("dialog");
    await page.fill("#deed-name", "paper");
    await shot("kill");
    await go.click();
    await until(async () => (await page.locator('.deed[data-deed="kill"] .done').count()) === 3, "asked, durable, flat");
    await untilWords("HALTED");
    assert.equal(await page.locator("img").count(), 0);
    assert.ok((await text("#cause")).includes(REASON));
    assert.ok((await text("#orders")).includes("no order is working"));
    await picture("halted", "#head", PRICE);
  },
  async "the same deed is shown after the page was loaded anew"() {
    await page.reload();
    await until(async () => (await page.locator('.deed[data-deed="kill"] .done').count()) === 3, "the deed");
    await shot("halted");
    await page.click(".deed button");
    await until(async () => (await page.locator(".deed").count()) === 0, "read");
  },
  async "a resume lets it quote again"() {
    await page.click("#resume");
    await page.fill("#deed-name", "paper");
    await page.keyboard.press("Enter");
    await until(async () => (await text("#notes")).includes("resumed"), "resumed");
    await untilWords("quoting both sides");
    await closer(30);
    await picture("resumed", "#head", WHY);
    await wider();
    await page.locator(".deed button").first().click();
  },
  async "a reload shows its differences first"() {
    const changed = fs.readFileSync(CONFIG, "utf8").replace("order_levels = 2", "order_levels = 3").replace('ask_spread = "0.05 %"', 'ask_spread = "0.2 %"');
    fs.writeFileSync(CONFIG, changed);
    await page.click("#reload");
    await until(async () => (await text("#dialog-body")).includes("strategies.doge.order_levels"), "the differences");
    assert.match(await text("#dialog-body"), /strategies\.doge\.ask_spread.*0\.05 %.*0\.2 %/);
    await picture("spread", "#head", "#dialog");
    await page.locator("dialog .row button").click();
    await until(async () => (await text("#notes")).includes("applied"), "applied");
    await until(async () => (await page.locator("#orders tbody tr").count()) === 6, "three levels");
    await page.locator(".deed button").first().click();
  },
  async "a report is opened in place, in a sandbox that lets its scripts run and reach nothing"() {
    await page.locator("#reports button", { hasText: "run.html" }).click();
    const report = page.frameLocator("iframe.report");
    await report.locator("#drawn", { hasText: "drawn by a script" }).waitFor();
    assert.equal(await report.locator("#reached").textContent(), "nothing");
    complaints.splice(0, Infinity, ...complaints.filter((one) => !/\/reports\/run\.html|\/state|localStorage/.test(one)));
    await page.getByText("Close the report").click();
  },
  async "a report of the session that runs is written, listed and drawn"() {
    const [program, ...line] = JSON.parse(REPORT);
    execFileSync(program, line, { stdio: "pipe" });
    await page.click("#reports-again");
    await page.locator("#reports button", { hasText: "session.html" }).click();
    const report = page.frameLocator("iframe.report");
    await report.locator(".chart canvas").first().waitFor();
    await report.locator("a", { hasText: "doge on DOGEUSDT" }).click();
    await picture("report", "iframe.report");
    complaints.splice(0, Infinity, ...complaints.filter((one) => !/\/reports\/session\.html|localStorage/.test(one)));
    await page.getByText("Close the report").click();
  },
  async "a reload that adds a strategy ends the session flat, and the page goes on with the next one"() {
    const kept = await page.evaluate("window.kept = String(Math.random())");
    const log = fs.readFileSync(LOG, "utf8").length;
    fs.appendFileSync(CONFIG, WIDE);
    await page.click("#reload");
    await until(async () => (await text("#dialog-body")).includes("strategies.wide"), "the differences");
    assert.ok((await text("#dialog-body")).includes("a strategy on DOGEUSDT"));
    assert.ok((await text("#dialog-body")).includes("this session ends flat"));
    await shot("reload");
    const heads = new Set();
    await page.locator("dialog .row button").click();
    await until(async () => {
      heads.add(await text("#words"));
      return (await page.locator('.deed[data-deed="reload"] .done').count()) === 3;
    }, "asked, flat, begun");
    const told = [...heads].join(", ");
    assert.ok(heads.has("changing strategies"), told);
    assert.ok(![...heads].some((words) => /^(engine|this page|STOPPING|no strategy)/.test(words)), told);
    const events = fs.readFileSync(LOG, "utf8").slice(log).split("\n").filter(Boolean).map((line) => JSON.parse(line));
    const at = (event) => events.findIndex((one) => one.event === event);
    assert.ok(events[at("engine_end")].flat);
    assert.ok(at("engine_end") < at("strategies_changed") && at("strategies_changed") < at("engine_start"));
    process.kill(Number(process.env.ENGINE_PID), 0); // the same process
    assert.equal(await page.evaluate("window.kept"), kept); // the same page
    const tab = (name) => page.locator("#strategies button", { hasText: name });
    for (const name of ["doge", "wide"]) await until(async () => (await tab(name).textContent()).includes("quoting both sides"), `${name} quotes`);
    const ids = async () => (await page.locator("#orders button.link").evaluateAll((all) => all.map((one) => one.title))).filter(Boolean);
    await until(async () => (await ids()).length === 6 && (await ids()).every((id) => id.includes("-doge-")), "the orders of the first one");
    await tab("wide").click();
    await until(async () => (await ids()).length === 2 && (await ids()).every((id) => id.includes("-wide-")), "the orders of the one that came");
    await until(async () => (await text("#pair")).startsWith("DOGE/USDT"), "on the same pair");
    await shot("two");
    if (QW_PICTURES) await pause(30000);
    await closer(35);
    await picture("two", "#head", WHY);
    await wider();
    await tab("doge").click();
    await page.locator(".deed button").first().click();
  },
  async "a reload that removes it leaves the page with the other ones"() {
    const tab = (name) => page.locator("#strategies button", { hasText: name });
    await tab("wide").click(); // the one that is shown goes
    fs.writeFileSync(CONFIG, fs.readFileSync(CONFIG, "utf8").replace(WIDE, ""));
    await page.click("#reload");
    await until(async () => (await text("#dialog-body")).includes("strategies.wide"), "the differences");
    assert.match(await text("#dialog-body"), /strategies\.wide.*a strategy on DOGEUSDT.*absent/);
    await page.locator("dialog .row button").click();
    await until(async () => (await page.locator('.deed[data-deed="reload"] .done').count()) === 3, "asked, flat, begun");
    await until(async () => (await tab("wide").count()) === 0, "its tab is gone");
    assert.equal(await tab("doge").getAttribute("aria-pressed"), "true");
    await until(async () => (await tab("doge").textContent()).includes("quoting both sides"), "doge quotes");
    const ids = await page.locator("#orders button.link").evaluateAll((all) => all.map((one) => one.title));
    assert.ok(ids.every((id) => !id.includes("-wide-")), String(ids));
    await page.locator(".deed button").first().click();
  },
  async "a kill that is asked for between two sessions holds in the next one"() {
    fs.appendFileSync(CONFIG, WIDE);
    await page.click("#reload");
    await until(async () => (await text("#dialog-body")).includes("strategies.wide"), "the differences");
    await page.locator("dialog .row button").click();
    await page.click("#kill");
    await page.fill("#deed-name", "paper");
    await untilWords("changing strategies");
    await page.keyboard.press("Enter");
    const kill = page.locator('.deed[data-deed="kill"]');
    await until(async () => (await kill.getAttribute("data-kind")) === "good", "the kill has ended well");
    assert.match(await kill.textContent(), /asked.*the halt is durable: killed on the web page.*flat: the venue's list shows/s);
    await until(async () => (await text('.deed[data-deed="reload"]')).includes("the next session has begun"), "the next session");
    await untilWords("HALTED");
    assert.ok((await text("#orders")).includes("no order is working"));
    for (let left = await page.locator(".deed").count(); left > 0; left--) {
      await page.locator(".deed button").first().click();
      await until(async () => (await page.locator(".deed").count()) < left, "read");
    }
    await page.click("#resume");
    await page.fill("#deed-name", "paper");
    await page.keyboard.press("Enter");
    await untilWords("quoting both sides");
    await page.locator(".deed button").first().click();
  },
  async "everything can be reached by keyboard, with a focus that is seen"() {
    await page.locator(".skip").focus(); // what comes first
    const reached = new Set();
    for (let count = 0; count < 60; count++) {
      await page.keyboard.press("Tab");
      reached.add(await page.evaluate("document.activeElement.id || document.activeElement.textContent"));
    }
    for (const id of ["clock", "theme", "kill", "reload", "price-table", "fold", "earlier"]) assert.ok(reached.has(id), `${id} of ${[...reached]}`);
    assert.notEqual(await page.evaluate("getComputedStyle(document.activeElement).outlineStyle"), "none");
  },
  async "on a phone there is one column and no way sideways"() {
    await page.setViewportSize({ width: 390, height: 844 });
    await until(async () => (await sideways()) === 0, "no sideways scroll");
    const small = await page.evaluate("[...document.querySelectorAll('button, input, select')].filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 43.5).map((one) => one.id || one.textContent)");
    assert.deepEqual(small, []);
    const { height } = await page.locator("#price").boundingBox();
    assert.equal(Math.round(height), 230);
    const legend = await page.locator("#price + .legend").boundingBox();
    const next = await page.locator("#why-title").boundingBox();
    assert.ok(legend.y + legend.height < next.y, "the legend covers nothing");
    await accessible("phone");
    await untilWords("quoting both sides");
    assert.equal(await sideways(), 0);
    await shot("phone");
    await page.emulateMedia({ colorScheme: "light" });
    await shot("phone-light");
    await page.setViewportSize({ width: 1280, height: 900 });
  },
  async "a strategy's name with markup stays text"() {
    const first = page;
    page = await open();
    await page.goto(address(ODD_ADDRESS_FILE));
    await untilWords("quoting");
    assert.equal(await page.locator("img").count(), 0);
    assert.ok((await page.title()).startsWith("quoting"));
    await page.close();
    page = first;
  },
  async "where no engine runs the page says since when, and offers the command"() {
    process.kill(Number(process.env.ENGINE_PID), "SIGTERM");
    await until(async () => /^engine does not (run|answer) since/.test(await text("#words")), "no engine");
    assert.equal(await page.isVisible("#kill"), false);
    assert.ok((await text("#notes")).includes(`engine kill ${CONFIG}`));
    await page.screenshot({ path: `${SHOTS}/no-engine.png` });
  },
  async "a page that loses its server says so"() {
    const before = complaints.length;
    process.kill(Number(process.env.PAGE_PID), "SIGTERM");
    await untilWords("this page lost its server");
    await page.screenshot({ path: `${SHOTS}/lost.png` });
    complaints.length = before; // that a connection is refused is on the console, as it should be
  },
  async "nothing was wrong on the console"() {
    assert.deepEqual(complaints, []);
  },
};

try {
  for (const [name, step] of Object.entries(steps)) {
    const began = Date.now();
    await step();
    console.log(`ok ${((Date.now() - began) / 1000).toFixed(1)} s  ${name}`);
  }
} catch (error) {
  await page.screenshot({ path: `${SHOTS}/failed.png`, fullPage: true }).catch(() => {});
  console.log(String(error.stack));
  console.log(complaints.join("\n"));
  process.exitCode = 1;
} finally {
  await browser.close();
}
