// After paint.js, in the script of a panel: helpers/panels/baked.py.

const panel = document.currentScript.closest("figure");
const canvas = panel.querySelector("canvas"), image = panel.querySelector("img");
const { width, height } = canvas;
const rows = [...panel.querySelectorAll("form > div")].map((row) => {
  const slider = row.querySelector("input[type=range]");
  const radios = [...row.querySelectorAll("input[type=radio]")];
  const count = slider ? Number(slider.max) + 1 : radios.length;
  const index = () => (slider ? Number(slider.value) : radios.findIndex((r) => r.checked));
  return { row, slider, count, index };
});
const grounds = new Map(); // what does not move is painted once

async function unpacked(text) {
  const stream = new Blob([bytes(text)]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const data = await new Response(stream).json();
  for (const name in data.palettes) data.palettes[name] = bytes(data.palettes[name]);
  return data;
}

function layer(scale) {
  const one = document.createElement("canvas");
  [one.width, one.height] = [Math.round(width * scale), Math.round(height * scale)];
  return one;
}

function ground(data, still, scale, page) {
  const key = `${still} ${scale} ${page.dark} ${page.paper} ${page.type}`;
  if (!grounds.has(key)) {
    if (grounds.size >= 12) grounds.clear();
    const one = layer(scale), ctx = one.getContext("2d");
    ctx.scale(scale, scale);
    paint(ctx, data.stills[still].map((i) => data.pieces[i]), page);
    grounds.set(key, one);
  }
  return grounds.get(key);
}

// Sharp on any screen, also zoomed, and on paper.
const sharpness = () => Math.max(2, Math.min(4, (devicePixelRatio * canvas.clientWidth) / width || 0));

function show(data) {
  for (const { row, slider } of rows.filter((r) => r.slider)) {
    const label = JSON.parse(slider.dataset.labels)[Number(slider.value)];
    row.querySelector("output").value = label;
    slider.setAttribute("aria-valuetext", label);
  }
  const [still, moving, words] = data.frames[rows.reduce((n, r) => n * r.count + r.index(), 0)];
  const page = { ...look(panel), palettes: data.palettes }, scale = sharpness();
  if (canvas.width !== Math.round(width * scale)) {
    [canvas.width, canvas.height] = [Math.round(width * scale), Math.round(height * scale)];
  }
  const ctx = canvas.getContext("2d");
  ctx.setTransform(1, 0, 0, 1, 0, 0);
  ctx.clearRect(0, 0, canvas.width, canvas.height);
  ctx.drawImage(ground(data, still, scale, page), 0, 0);
  ctx.scale(scale, scale);
  paint(ctx, moving.map((i) => data.pieces[i]), page);
  canvas.setAttribute("aria-label", words);
  return words;
}

// From the first value, or from where it stands, to the last; a second click stops it, and so
// does another slide.
function play(button, slider, count) {
  const name = slider.getAttribute("aria-label");
  let timer = null;
  const set = (value) => {
    slider.value = value;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const stop = () => {
    clearInterval(timer);
    timer = null;
    button.textContent = "▶";
    button.setAttribute("aria-label", `play ${name}`);
  };
  const step = () => {
    if (!panel.checkVisibility({ visibilityProperty: true })) return stop();
    set(Number(slider.value) + 1);
    if (Number(slider.value) === count - 1) stop();
  };
  button.addEventListener("click", () => {
    if (timer) return stop();
    if (Number(slider.value) === count - 1) set(0);
    button.textContent = "■";
    button.setAttribute("aria-label", `stop ${name}`);
    timer = setInterval(step, Math.max(60, Math.min(900, 6000 / count)));
  });
  slider.addEventListener("input", (event) => event.isTrusted && stop());
}

const form = panel.querySelector("form");
form?.addEventListener("submit", (event) => event.preventDefault());
unpacked(panel.querySelector("script[type='text/plain']").textContent).then((data) => {
  [canvas.hidden, image.hidden] = [false, true];
  const again = () => show(data), said = panel.querySelector(".said");
  form?.addEventListener("input", () => {
    said.textContent = again();
  });
  for (const { row, slider, count } of rows) {
    const button = row.querySelector("button");
    if (button) play(button, slider, count);
  }
  again();
  // Another theme, type, zoom or size of the page.
  const themes = new MutationObserver(again);
  for (const element of [document.documentElement, document.body]) {
    themes.observe(element, { attributes: true, attributeFilter: ["class", "style", "data-theme"] });
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  new ResizeObserver(again).observe(canvas);
  document.fonts.ready.then(again);
  panel.dataset.ready = "";
});
