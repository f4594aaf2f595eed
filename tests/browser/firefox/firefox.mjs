// Start a Firefox that shows files and nothing of the network, and open a page that is ready.

import puppeteer from "puppeteer-core";

const READY = "() => !document.querySelector(':is(.baked-panel, .baked-picture):not([data-ready])')";
const NOWHERE = { "network.proxy.type": 1, "network.proxy.http": "127.0.0.1", "network.proxy.http_port": 9 };

export const firefox = (executablePath, extraPrefsFirefox = {}) => puppeteer.launch({
  browser: "firefox",
  executablePath,
  extraPrefsFirefox: { ...NOWHERE, ...extraPrefsFirefox },
});

// Returns the page, what went wrong in it, and what it asked for beside the file.
export async function open(browser, address, size = { width: 1280, height: 720 }) {
  const page = await browser.newPage(), problems = [], outside = [];
  await page.setViewport(size);
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("request", (request) => {
    if (!/^(file|data|blob|about):/.test(request.url())) outside.push(request.url());
  });
  await page.goto(address);
  await page.waitForFunction(READY);
  return { page, problems, outside };
}
