// A page that stays open: node benchmarks/open_page.mjs ADDRESS MINUTES EVERY_S (benchmarks/open_page.py runs it).
// A line of JSON for each look, after the garbage was collected: what is left is what the page keeps.

import { createRequire } from "node:module";

const { chromium } = createRequire(new URL("../tests/web/page.mjs", import.meta.url))("playwright-core");
const [address, minutes, every_s] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });
const page = await browser.newPage({ viewport: { width: 1280, height: 1100 } });
let said = 0;
page.on("console", (message) => { said += 1; console.error(message.text()); });
page.on("pageerror", (error) => { said += 1; console.error(String(error.stack)); });
await page.goto(address);
await page.waitForSelector("#content:not([hidden])");
await page.getByText("2 h", { exact: true }).click();
const cdp = await page.context().newCDPSession(page);
await cdp.send("Performance.enable");
const began = Date.now();
for (;;) {
  await cdp.send("HeapProfiler.collectGarbage");
  const told = (await cdp.send("Performance.getMetrics")).metrics;
  const { JSHeapUsedSize, Nodes, JSEventListeners } = Object.fromEntries(told.map((one) => [one.name, one.value]));
  console.log(JSON.stringify({ minutes: (Date.now() - began) / 60000, heap: JSHeapUsedSize, nodes: Nodes, listeners: JSEventListeners, said }));
  if (Date.now() - began >= minutes * 60000) break;
  await page.waitForTimeout(Math.min(every_s * 1000, Math.max(1, minutes * 60000 - (Date.now() - began))));
}
await browser.close();
