(async () => {
  const root = document.documentElement;
  const printing = /print-pdf/.test(location.search);
  // On a phone held upright a slide of 1280 pixels cannot be read: there they are one long page.
  const reading = !printing && !mirror.receives && matchMedia("(max-width: 700px) and (orientation: portrait)").matches;
  if (printing) root.dataset.theme = "light";
  const controls = "input, select, textarea, button, summary, a";
  const FOOT = 36; // pixels at the bottom of a slide
  const typed = "input[type=number], input[type=text], select, textarea";

  // No line ends between a formula and the comma after it, or the bracket before it.
  function holdTogether(formula) {
    const word = document.createElement("span");
    word.className = "unbroken";
    const before = formula.previousSibling, after = formula.nextSibling;
    const opens = before?.nodeType === Node.TEXT_NODE && before.data.match(/[^\s]+$/);
    const closes = after?.nodeType === Node.TEXT_NODE && after.data.match(/^[^\s]+/);
    if (!opens && !closes) return;
    formula.replaceWith(word);
    if (opens) word.append(before.splitText(before.length - opens[0].length));
    word.append(formula);
    if (closes) {
      after.splitText(closes[0].length);
      word.append(after);
    }
  }

  await MathJax.startup.promise;
  await Promise.all([document.fonts.ready, MathJax.typesetPromise()]);
  document.querySelectorAll('mjx-container:not([display="true"])').forEach(holdTogether);
  await Promise.all([...document.images].map((image) => image.decode().catch(() => {})));

  const toggle = () => (root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark");
  document.querySelector(".deck-theme").addEventListener("click", toggle);
  if (reading) {
    root.dataset.reading = "";
    document.querySelector(".reveal").className = "page";
    document.querySelector(".slides").className = "";
    dispatchEvent(new Event("resize"));
    // What is too wide is scrolled by a finger, and by keys once Tab has reached it.
    for (const part of document.querySelectorAll(".page :is(section, pre)")) {
      if (part.scrollWidth > part.clientWidth) part.tabIndex = 0;
    }
    root.dataset.deckReady = "1";
    return;
  }

  // Who drags a slider by touch does not turn slides.
  for (const panel of document.querySelectorAll(".baked-panel, .pen")) {
    panel.setAttribute("data-prevent-swipe", "");
  }
  const painted = () => document.querySelector(":is(.baked-panel, .baked-picture):not([data-ready])") === null;
  while (!painted()) await new Promise((resolve) => setTimeout(resolve, 20));
  // Paper has no slider: a page after each panel of the lecture shows it at six values.
  if (printing) {
    for (const slide of document.querySelectorAll('section[data-line="main"]:has(.baked-panel)')) {
      const sheet = document.createElement("section"), heading = document.createElement("p");
      heading.className = "running";
      heading.textContent = slide.querySelector("h1, h2, h3, .running")?.textContent ?? "";
      sheet.dataset.line = "sheet";
      sheet.className = "sheet";
      slide.after(sheet);
      sheet.append(heading, ...slide.querySelector(".baked-panel").sheet());
    }
  }
  const counted = document.querySelectorAll('section[data-line="main"]:not([data-kind="end"])');
  const number = (slide = Reveal.getCurrentSlide()) => {
    if (!slide) return [];
    const at = [...counted].indexOf(slide);
    return at < 0 ? [slide.id.replace("reserve-", "R")] : [at + 1, "/", counted.length];
  };
  // For print the slides are laid out again, as pages, some time after they are ready.
  const laidOut = printing && new Promise((resolve) => Reveal.on("pdf-ready", resolve));
  const timed = document.querySelector("section[data-timing]") !== null;
  await Reveal.initialize({
    width: 1280, height: 720, margin: 0, center: false, hash: true,
    navigationMode: "linear", transition: "none", slideNumber: number, overview: false, progress: false,
    pdfSeparateFragments: false, pdfMaxPagesPerSlide: 1, scrollActivationWidth: null,
    ...(timed && { defaultTiming: 0 }),
    // Arrows, Space and Home belong to a control that has the focus, if a key gave it.
    keyboardCondition: () => !document.activeElement.matches(controls) && !document.querySelector("dialog[open]"),
    plugins: [RevealNotes],
  });

  // Pictures become lower where a slide would be too full: its type stays as large.
  function fit(slide) {
    const pictures = [...slide.querySelectorAll(":is(.baked-panel, .baked-picture) canvas")];
    const end = () => Math.max(...[...slide.children].map((part) => part.offsetTop + part.offsetHeight));
    const over = pictures.length ? end() - (720 - FOOT) : 0;
    if (over <= 0 || slide.dataset.fitted) return;
    slide.dataset.fitted = "";
    for (const canvas of pictures) {
      const around = canvas.parentElement;
      around.style.setProperty("--picture-height", canvas.offsetHeight - over / pictures.length);
      around.dispatchEvent(new Event("fit"));
    }
  }

  // Nobody reaches by Tab what is not shown, and no screen reader reads it.
  function hide() {
    fit(Reveal.getCurrentSlide());
    for (const slide of Reveal.getSlides()) {
      const away = slide !== Reveal.getCurrentSlide();
      slide.inert = away;
      for (const part of slide.querySelectorAll(".fragment")) {
        part.inert = !part.classList.contains("visible");
      }
    }
    const done = ([...counted].indexOf(Reveal.getCurrentSlide()) + 1 || counted.length) / counted.length;
    document.querySelector(".deck-progress").style.width = `${100 * done}%`;
    pen.paint();
  }
  for (const change of ["slidechanged", "fragmentshown", "fragmenthidden"]) {
    if (!printing) Reveal.on(change, hide);
  }
  if (printing) {
    await laidOut;
    for (const slide of Reveal.getSlides()) {
      fit(slide);
      slide.removeAttribute("aria-hidden"); // on paper all are shown: bookmarks, screen readers
    }
  } else hide();

  // All slides by their headings: those of the lecture, and those in reserve.
  const contents = document.createElement("dialog");
  contents.className = "contents";
  contents.setAttribute("aria-label", "All slides");
  Reveal.getSlides().forEach((slide, at) => {
    const link = document.createElement("button"), heading = slide.querySelector("h1, h2, h3, .running");
    link.textContent = `${number(slide)[0]}  ${heading?.textContent ?? ""}`;
    if (slide.querySelector("canvas")) link.textContent += " ◪";
    link.dataset.line = slide.dataset.line;
    link.addEventListener("click", () => {
      contents.close();
      Reveal.slide(at);
    });
    contents.append(link);
  });
  document.body.append(contents);
  function showContents() {
    contents.showModal();
    contents.querySelectorAll("button")[Reveal.getSlides().indexOf(Reveal.getCurrentSlide())].focus();
  }

  // A deck as it was opened: for the second group, or after somebody has played with it.
  function reset() {
    document.querySelectorAll(".baked-panel .reset").forEach((button) => button.click());
    vote.reset();
    pen.wipe(true);
  }
  const code = () => root.toggleAttribute("data-code-shown");
  const whole = () => (document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen());
  for (const [keyCode, key, description, act] of [
    [27, "Esc", "All slides", showContents],
    [67, "C", "The code of this slide", code],
    [68, "D", "Light or dark", toggle],
    [76, "L", "A pointer", () => pen.choose("pointer")],
    [80, "P", "A pen", () => pen.choose("pen")],
    [82, "R", "The deck as it was opened", reset],
    [88, "X", "Wipe off what is drawn on this slide", () => pen.wipe()],
  ]) {
    Reveal.addKeyBinding({ keyCode, key, description }, act);
  }
  Reveal.addKeyBinding({ keyCode: 116, key: "F5", description: "Full screen (a clicker's start)" }, () => {});
  Reveal.on("slidechanged", () => root.removeAttribute("data-code-shown"));

  document.addEventListener("keydown", (event) => {
    const { key } = event, used = document.activeElement;
    const leave = () => {
      event.preventDefault();
      event.stopPropagation();
      used.blur();
    };
    if (key === "F5") {
      // A clicker's start: to load the deck anew would lose sliders and answers.
      leave();
      return whole();
    }
    if (contents.open || !used.matches(controls)) return;
    // A clicker turns slides, wherever the focus is.
    if (key === "PageDown" || key === "PageUp") {
      leave();
      return key === "PageDown" ? Reveal.next() : Reveal.prev();
    }
    if (key === "Escape") return leave();
    // Letters mean nothing to a slider or a button: they go to the deck.
    if (key.length === 1 && key !== " " && !used.matches(typed)) used.blur();
  }, true);
  // What the mouse has used gives the focus back, so that the arrows turn slides again.
  const release = () => document.activeElement.matches(typed) || document.activeElement.blur();
  document.addEventListener("pointerup", release, true);
  document.addEventListener("pointerup", () => setTimeout(release), true); // after a label's click

  root.dataset.deckReady = "1";
})();
