// Use every panel of pages in Firefox: node use_panels.mjs FIREFOX PAGE...
// Prints, as JSON, what was found on each page.

import { firefox, open } from "./firefox.mjs";

const [executablePath, ...pages] = process.argv.slice(2);

// In the page: what a panel shows, and how long a key takes to show another value.
function seen(panel) {
  const canvas = panel.querySelector("canvas"), { width, height } = canvas;
  const pixels = new Uint32Array(canvas.getContext("2d").getImageData(0, 0, width, height).data.buffer);
  return [pixels.reduce((sum, pixel) => (Math.imul(sum, 31) + pixel) | 0, 0), canvas.ariaLabel ?? canvas.getAttribute("aria-label")];
}

async function use(page, panel) {
  const slider = await panel.$("input[type=range]"), found = { words: [], pictures: [], ms: [] };
  const note = async () => {
    const [picture, words] = await panel.evaluate(seen);
    found.words.push(words);
    found.pictures.push(picture);
  };
  found.name = await slider.evaluate((s) => s.ariaLabel ?? s.getAttribute("aria-label"));
  found.values = 1 + Number(await slider.evaluate((s) => s.max));
  await panel.evaluate((element) => {
    // From the key to the next frame of the screen, and for a reader who cannot see it.
    element.addEventListener("keydown", (event) => {
      requestAnimationFrame(() => setTimeout(() => {
        element.dataset.ms = performance.now() - event.timeStamp;
      }));
    });
  });
  await slider.press("Home");
  await note();
  for (let i = 1; i < found.values; i++) {
    await slider.press("ArrowRight");
    await note();
    found.ms.push(Number(await panel.evaluate((element) => element.dataset.ms)));
  }
  const button = await panel.$(".reset");
  await button.click();
  [, found.reset] = await panel.evaluate(seen);
  for (const radio of await panel.$$("label:has(input:not(:checked))")) {
    const [before] = await panel.evaluate(seen);
    await radio.click();
    const [after] = await panel.evaluate(seen);
    if (before === after) (found.dead ??= []).push(await radio.evaluate((label) => label.textContent));
  }
  return found;
}

const browser = await firefox(executablePath), results = [];
for (const address of pages) {
  const start = performance.now(), { page, problems, outside } = await open(browser, address);
  const ready = performance.now() - start, panels = [];
  for (const panel of await page.$$(".baked-panel")) {
    await panel.evaluate((element) => {
      const slides = globalThis.Reveal?.getSlides() ?? [];
      const at = slides.findIndex((slide) => slide.contains(element));
      if (at >= 0) {
        const { h, v } = Reveal.getIndices(slides[at]);
        Reveal.slide(h, v, 99);
      }
    });
    panels.push(await use(page, panel));
  }
  results.push({ address, ready, panels, problems, outside });
  await page.close();
}
await browser.close();
console.log(JSON.stringify(results));
