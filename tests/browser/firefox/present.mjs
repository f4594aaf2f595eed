// Present a deck in Firefox as in a hall: node present.mjs FIREFOX PAGE
// Prints, as JSON, what was found.

import { firefox, open } from "./firefox.mjs";

const [executablePath, address] = process.argv.slice(2);
const browser = await firefox(executablePath, {
  "dom.disable_open_during_load": false, // the speaker view is a window of its own
});
const { page, problems, outside } = await open(browser, address, { width: 1024, height: 768 });
await page.waitForSelector("html[data-deck-ready]");
const found = { problems, outside };
const SLIDER = "section.present .baked-panel input[type=range]";

const now = () => page.evaluate("Reveal.getSlides().indexOf(Reveal.getCurrentSlide())");
const value = () => page.$eval(SLIDER, (slider) => slider.value);

// Show the first slide of the lecture that has something, with all its parts.
async function show(selector) {
  await page.evaluate((wanted) => {
    Reveal.slide(Reveal.getSlides().findIndex((s) => s.dataset.line === "main" && s.querySelector(wanted)), 0, 99);
  }, selector);
  return now();
}

// A finger of WebDriver BiDi, of which Firefox makes touch events. (To the touches that puppeteer
// has a function for, Firefox 153 answers with an error.)
async function drag([fromX, fromY], [toX, toY]) {
  const at = (i) => ({ x: Math.round(fromX + ((toX - fromX) * i) / 10), y: Math.round(fromY + ((toY - fromY) * i) / 10) });
  const move = (i) => ({ type: "pointerMove", ...at(i) });
  const moves = Array.from({ length: 10 }, (_, i) => move(i + 1));
  await page.mainFrame().browsingContext.performActions([{
    type: "pointer",
    id: "finger",
    parameters: { pointerType: "touch" },
    actions: [move(0), { type: "pointerDown", button: 0 }, ...moves, { type: "pointerUp", button: 0 }],
  }]);
}

async function jump() {
  const seen = [];
  while ((await now()) < 4) await page.keyboard.press("PageDown");
  await page.keyboard.press("Escape");
  await (await page.$$(".contents button"))[1].click();
  const landed = await now();
  while ((await now()) < 4) {
    await page.keyboard.press(" ");
    seen.push(await now());
  }
  return { landed, seen };
}

async function focus() {
  await show(".baked-panel");
  const reached = [];
  for (let i = 0; i < 30; i++) {
    await page.keyboard.press("Tab");
    reached.push(await page.evaluate(() => {
      const at = document.activeElement, slide = at.closest("section");
      if (slide) return slide === Reveal.getCurrentSlide() ? "the slide" : "another slide";
      return at === document.body || at.closest("footer, .controls, .slide-number") ? "around it" : at.outerHTML;
    }));
  }
  return reached;
}

async function touch() {
  const here = await show(".baked-panel"), before = await value();
  const { x, y, width, height } = await (await page.$(SLIDER)).boundingBox();
  const events = await page.evaluateHandle(() => {
    const kinds = new Set();
    for (const kind of ["touchstart", "touchmove", "pointerdown"]) {
      addEventListener(kind, (event) => kinds.add(`${kind} ${event.pointerType ?? ""}`.trim()), { capture: true });
    }
    return kinds;
  });
  await drag([x + 0.8 * width, y + height / 2], [x + 2, y + height / 2]);
  const moved = { before, after: await value(), here, there: await now() };
  await page.evaluate("Reveal.slide(1)");
  await drag([800, 700], [300, 700]);
  return { ...moved, events: await events.evaluate((kinds) => [...kinds]), swiped: await now() };
}

async function reset() {
  await show(".predict");
  await (await page.$("section.present .vote input")).type("7");
  await (await page.$("section.present summary")).click();
  await show(".baked-panel");
  const before = await page.$eval(SLIDER, (slider) => slider.defaultValue);
  await (await page.$(SLIDER)).press("Home");
  const moved = await value();
  await page.keyboard.press("r");
  const open_ = await page.$$eval("details[open]", (all) => all.length);
  const hands = await page.$$eval(".vote input", (all) => all.map((field) => field.value).join(""));
  return { before, moved, after: await value(), open: open_, hands };
}

async function mirror() {
  await show(".baked-panel");
  const popup = new Promise((resolve) => page.once("popup", resolve));
  await page.keyboard.press("s");
  const speaker = await popup;
  await speaker.waitForFunction(() => document.querySelectorAll("iframe").length === 2);
  const copies = () => speaker.frames().slice(1);
  while (copies().length < 2) await new Promise((resolve) => setTimeout(resolve, 50));
  for (const copy of copies()) await copy.waitForSelector("html[data-deck-ready]");
  const cell = await page.$eval("section.present .baked-panel", (panel) => panel.closest("[data-cell]").dataset.cell);
  const [here] = copies(), there = `[data-cell="${cell}"] input[type=range]`;
  const before = await here.$eval(there, (slider) => slider.value);
  await page.bringToFront();
  await (await page.$(SLIDER)).press("End");
  const wanted = await value();
  await here.waitForFunction((selector, is) => document.querySelector(selector).value === is, {}, there, wanted);
  await show(".predict");
  await (await page.$("section.present summary")).click();
  await here.waitForSelector(".predict details[open]");
  const notes = await speaker.$eval(".speaker-controls-notes .value", (element) => element.textContent.length);
  await speaker.close();
  return { before, wanted, notes };
}

for (const act of [jump, focus, touch, reset, mirror]) {
  try {
    found[act.name] = await act();
  } catch (error) {
    found[act.name] = { failed: String(error) };
  }
}
await browser.close();
console.log(JSON.stringify(found));
