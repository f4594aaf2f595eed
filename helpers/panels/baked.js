(() => {
  const panel = document.currentScript.closest(".baked-panel");
  const { sources, words } = JSON.parse(panel.querySelector("script[type$=json]").textContent);
  const image = panel.querySelector("img");
  const controls = [...panel.querySelectorAll("form > div")].map((row) => {
    const slider = row.querySelector("input[type=range]");
    const radios = [...row.querySelectorAll("input[type=radio]")];
    const count = slider ? Number(slider.max) + 1 : radios.length;
    const index = () => (slider ? Number(slider.value) : radios.findIndex((r) => r.checked));
    return { row, slider, count, index };
  });

  function show() {
    for (const { row, slider } of controls.filter((c) => c.slider)) {
      const label = JSON.parse(slider.dataset.labels)[Number(slider.value)];
      row.querySelector("output").value = label;
      slider.setAttribute("aria-valuetext", label);
    }
    const shown = controls.reduce((before, c) => before * c.count + c.index(), 0);
    image.src = sources[shown];
    image.alt = words[shown];
    panel.querySelector(".said").textContent = words[shown];
  }

  // From the first value, or from where it stands, to the last; a second click stops it.
  function play(button, slider, count) {
    let timer = null;
    const set = (index) => {
      slider.value = index;
      show();
    };
    const stop = () => {
      clearInterval(timer);
      timer = null;
      button.textContent = "▶";
      button.setAttribute("aria-label", `play ${slider.getAttribute("aria-label")}`);
    };
    const step = () => {
      set(Number(slider.value) + 1);
      if (Number(slider.value) === count - 1) stop();
    };
    button.addEventListener("click", () => {
      if (timer) return stop();
      button.textContent = "■";
      button.setAttribute("aria-label", `stop ${slider.getAttribute("aria-label")}`);
      if (Number(slider.value) === count - 1) set(0);
      timer = setInterval(step, 900);
    });
    slider.addEventListener("input", stop);
  }

  panel.querySelector("form").addEventListener("input", show);
  panel.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
  for (const { row, slider, count } of controls) {
    const button = row.querySelector("button");
    if (button) play(button, slider, count);
  }
})();
