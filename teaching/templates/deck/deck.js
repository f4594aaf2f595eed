(async () => {
  const root = document.documentElement;
  const printing = /print-pdf/.test(location.search);
  if (printing) root.dataset.theme = "light";
  const controls = "input, select, textarea, button, summary, a";

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
  // Notes are those of the slide, and not of the fragment before them, which comes later.
  for (const notes of document.querySelectorAll(".fragment .notes")) {
    notes.closest("section").append(notes);
  }
  // For print the slides are laid out again, as pages, some time after they are ready.
  const laidOut = printing && new Promise((resolve) => Reveal.on("pdf-ready", resolve));
  await Reveal.initialize({
    width: 1280, height: 720, margin: 0, center: false,
    navigationMode: "linear", transition: "none", slideNumber: "c/t", hash: true,
    pdfSeparateFragments: false, pdfMaxPagesPerSlide: 1,
    scrollLayout: "compact",  // on a phone held upright the slides are one long page
    // Arrows, Space and Home belong to a control that has the focus, if a key gave it.
    keyboardCondition: () => !document.activeElement.matches(controls),
    plugins: [RevealNotes],
  });

  const toggle = () => (root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark");
  document.querySelector(".deck-theme").addEventListener("click", toggle);
  Reveal.addKeyBinding({ keyCode: 68, key: "D", description: "Light or dark" }, toggle);

  // A clicker turns slides, wherever the focus is.
  document.addEventListener("keydown", (event) => {
    const turn = { PageDown: () => Reveal.next(), PageUp: () => Reveal.prev() }[event.key];
    if (!turn || !document.activeElement.matches(controls)) return;
    event.preventDefault();
    event.stopPropagation();
    document.activeElement.blur();
    turn();
  }, true);
  // What the mouse has used gives the focus back, so that the arrows turn slides again.
  const release = () => document.activeElement.blur();
  document.addEventListener("pointerup", release, true);
  document.addEventListener("pointerup", () => setTimeout(release), true); // after a label's click

  await laidOut;
  root.dataset.deckReady = "1";
})();
