// Opens a report from disk in Chromium: looks at it in light, dark and on a phone, and says what is
// wrong, as JSON lines. Called by tests/engine/reports/test_page_in_a_browser.py.
//   node report_page.mjs CHROMIUM PAGE FOLDER_OF_NODE_MODULES [FOLDER_FOR_PICTURES]
import { createRequire } from "node:module";

const [chromiumPath, page, modules, pictures] = process.argv.slice(2);
const require = createRequire(`${modules}/package.json`);
const { chromium } = require("playwright-core");
const axe = require.resolve("axe-core/axe.min.js");

const say = (view, what, more) => console.log(JSON.stringify({ view, what, more }));
const browser = await chromium.launch({
  executablePath: chromiumPath, args: ["--no-sandbox", "--disable-gpu"],
});

const views = {
  light: { colorScheme: "light", viewport: { width: 1280, height: 900 } },
  dark: { colorScheme: "dark", viewport: { width: 1280, height: 900 } },
  phone: { colorScheme: "light", viewport: { width: 390, height: 844 } },
};

// Whether a canvas has anything drawn on it, and how its labels differ, is not seen by axe.
function look() {
  const root = document.documentElement;
  const charts = [...document.querySelectorAll(".chart")].map((chart) => {
    const canvas = chart.querySelector("canvas");
    const pixels = canvas && canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    return {
      name: chart.dataset.chart,
      drawn: Boolean(pixels && pixels.some((value) => value)),
      empty: chart.querySelector(".empty")?.textContent ?? "",
    };
  });
  return {
    sideways: root.scrollWidth - root.clientWidth,
    background: getComputedStyle(document.body).backgroundColor,
    charts,
    legends: [...document.querySelectorAll(".legend")].map((one) => one.textContent),
    headings: [...document.querySelectorAll("h2")].map((one) => one.textContent),
    images: document.querySelectorAll("img").length,
  };
}

for (const [view, options] of Object.entries(views)) {
  const context = await browser.newContext({ ...options, locale: "en-US", timezoneId: "America/New_York", bypassCSP: false });
  const tab = await context.newPage();
  tab.on("console", (message) => say(view, "console", message.text()));
  tab.on("pageerror", (error) => say(view, "error", error.stack));
  tab.on("request", (request) => {
    const url = request.url();
    if (url !== `file://${page}` && !url.startsWith("data:")) say(view, "request", url);
  });
  await tab.goto(`file://${page}`);
  const seen = await tab.evaluate(look);
  say(view, "seen", seen);
  const plot = tab.locator(".chart[data-chart=price] .u-over").first();
  await plot.hover();
  say(view, "hover", await tab.locator(".chart[data-chart=price] .legend").first().textContent());
  const box = await plot.boundingBox();
  const across = async (share) => tab.mouse.move(box.x + box.width * share, box.y + box.height / 2);
  await across(0.3);
  await tab.mouse.down();
  await across(0.45);
  await across(0.6);
  await tab.mouse.up();
  await across(0.02);
  const inventory = tab.locator(".chart[data-chart=inventory] .legend").first();
  say(view, "closer", [
    await tab.locator(".chart[data-chart=price] .legend").first().textContent(),
    await inventory.textContent(),
  ]);
  await plot.dblclick();
  await across(0.02);
  say(view, "whole again", await inventory.textContent());
  const details = tab.locator(".chart[data-chart=price] details").first();
  await details.locator("summary").click();
  await details.locator("tbody tr").first().waitFor();  // it is made once the browser has told
  say(view, "table", await details.locator("tbody tr").count());
  await details.locator("summary").click();
  if (pictures) await tab.screenshot({ path: `${pictures}/${view}.png`, fullPage: true });
  await tab.locator("#theme").click();
  say(view, "switched", await tab.evaluate(() => getComputedStyle(document.body).backgroundColor));
  await context.close();
  // The page lets no other script in, axe's neither, so axe looks at it without the policy.
  const open = await browser.newContext({ ...options, bypassCSP: true });
  const copy = await open.newPage();
  await copy.goto(`file://${page}`);
  await copy.addScriptTag({ path: axe });
  // What passes is counted alone: to gather each element of it took a third of the time.
  const found = await copy.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  for (const violation of found.violations) {
    say(view, "axe", `${violation.id}: ${violation.nodes.map((node) => node.target).join(", ").slice(0, 300)}`);
  }
  say(view, "axe passes", found.passes.length);
  await open.close();
}
await browser.close();
