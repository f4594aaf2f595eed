(async () => {
  const root = document.documentElement;
  const printing = /print-pdf/.test(location.search);
  if (printing) root.dataset.theme = "light";
  const controls = "input, select, textarea, button, summary, a";

  await Promise.all([document.fonts.ready, MathJax.startup.promise.then(() => MathJax.typesetPromise())]);
  await Promise.all([...document.images].map((image) => image.decode().catch(() => {})));
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
  document.addEventListener("pointerup", () => setTimeout(() => document.activeElement.blur()), true);

  root.dataset.deckReady = "1";
})();
