// After paint.js, in the script of a panel: baked.py.

const panel = document.currentScript.closest("figure");
const image = panel.querySelector("img");
const rows = [...panel.querySelectorAll("form > div")].map((row) => {
  const slider = row.querySelector("input[type=range]");
  const radios = [...row.querySelectorAll("input[type=radio]")];
  const count = slider ? Number(slider.max) + 1 : radios.length;
  const index = () => (slider ? Number(slider.value) : radios.findIndex((r) => r.checked));
  return { row, slider, count, index };
});

async function unpacked(text) {
  const stream = new Blob([bytes(text)]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const data = await new Response(stream).json();
  for (const name in data.palettes) data.palettes[name] = bytes(data.palettes[name]);
  return data;
}

// Show the frame that the controls choose, and return its words.
function show(data, shown, around) {
  for (const { row, slider } of rows.filter((r) => r.slider)) {
    const label = JSON.parse(slider.dataset.labels)[Number(slider.value)];
    row.querySelector("output").value = label;
    slider.setAttribute("aria-valuetext", label);
  }
  const [key, moving, words] = data.frames[rows.reduce((n, r) => n * r.count + r.index(), 0)];
  const items = (indexes) => indexes.map((i) => data.pieces[i]);
  around?.append(shown.canvas);
  shown.show({ key, still: items(data.stills[key]), moving: items(moving), words });
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
  form.addEventListener("reset", stop);
}

const form = panel.querySelector("form");
form?.addEventListener("submit", (event) => event.preventDefault());
unpacked(panel.querySelector("script[type='text/plain']").textContent).then((data) => {
  const shown = picture(panel, { ...data, least: 2, largest: Infinity }), said = panel.querySelector(".said");
  const say = () => {
    said.textContent = show(data, shown);
  };
  form?.addEventListener("input", say);
  form?.querySelector(".reset").addEventListener("click", () => {
    form.reset();
    say();
  });
  for (const { row, slider, count } of rows) {
    const button = row.querySelector("button:not(.reset)");
    if (button) play(button, slider, count);
  }
  // Six pictures that tell what the main slider does, each with its value: for print.
  panel.sheet = () => {
    const main = rows.reduce((best, row) => (row.slider && row.count > (best?.count ?? 1) ? row : best), null);
    if (!main) return [];
    const count = Math.min(6, main.count), before = main.slider.value, made = [];
    for (let i = 0; i < count; i++) {
      main.slider.value = Math.round((i * (main.count - 1)) / (count - 1));
      const figure = document.createElement("figure"), caption = document.createElement("figcaption");
      figure.className = "baked-picture";
      figure.dataset.ready = "";
      show(data, picture(figure, { ...data, least: 2, largest: Infinity }), figure);
      caption.textContent = `${main.slider.getAttribute("aria-label")}: ${main.row.querySelector("output").value}`;
      figure.append(caption);
      made.push(figure);
    }
    main.slider.value = before;
    show(data, shown);
    return made;
  };
  image.replaceWith(shown.canvas);
  show(data, shown);
  panel.dataset.ready = "";
});
