// What a browser takes to show the page: node benchmarks/web_page.mjs ADDRESS SPAN (benchmarks/web.py runs it).

import { createRequire } from "node:module";

const { chromium } = createRequire(new URL("../tests/web/page.mjs", import.meta.url))("playwright-core");
const SECONDS = 30;
const [address, span] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });
const page = await browser.newPage({ viewport: { width: 1280, height: 1100 } });
await page.goto(address);
await page.waitForSelector("#content:not([hidden])");
await page.getByText(span, { exact: true }).click();
await page.waitForTimeout(3000);
const cdp = await page.context().newCDPSession(page);
await cdp.send("Performance.enable", { timeDomain: "threadTicks" });
const look = async () => Object.fromEntries((await cdp.send("Performance.getMetrics")).metrics.map((one) => [one.name, one.value]));
const before = await look();
await page.waitForTimeout(SECONDS * 1000);
const after = await look();
const share = (name) => (((after[name] - before[name]) / SECONDS) * 100).toFixed(2);
console.log(`${span}: thread time ${share("TaskDuration")} % of a core (script ${share("ScriptDuration")} %), heap ${(after.JSHeapUsedSize / 1e6).toFixed(1)} MB`);
await browser.close();
