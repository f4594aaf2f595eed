// After paint.js: a panel's picture in JupyterLab and its like (helpers/panels/page.py).

function render({ model, el }) {
  const [size, columns, palettes] = [model.get("size"), model.get("columns"), {}];
  const shown = picture(el, { size, columns, palettes, least: 1, largest: 1 });
  let painted = false, waits = false; // in this frame of the screen, and for the next one

  function show() {
    if (!model.get("moving")) return;
    try {
      for (const [name, data] of Object.entries(model.get("palettes"))) palettes[name] = bytes(data);
      const [key, moving] = ["still", "moving"].map((name) => model.get(name));
      shown.show({ key, still: JSON.parse(key), moving: JSON.parse(moving), words: model.get("words") });
    } catch (error) {
      report(String(error));
    }
  }

  // The kernel goes on with pictures where something is wrong.
  function report(failure) {
    model.set({ runs: !failure, failure });
    model.save_changes();
  }

  // At once, when all that one message changes has changed; but once for each frame of the
  // screen: where messages come faster, the newest wins.
  function soon() {
    waits = painted;
    if (painted) return;
    painted = true;
    queueMicrotask(show);
    requestAnimationFrame(() => {
      painted = false;
      if (waits) soon();
    });
  }

  const traits = ["still", "moving", "words"].map((name) => `change:${name}`);
  for (const trait of traits) model.on(trait, soon);
  el.append(shown.canvas);
  show();
  report("");
  return () => {
    for (const trait of traits) model.off(trait, soon);
    shown.release();
  };
}

export default { render };
