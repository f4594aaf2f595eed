// After paint.js: a panel's picture in JupyterLab and its like (helpers/panels/canvas.py).

function render({ model, el }) {
  const [size, columns, palettes] = [model.get("size"), model.get("columns"), {}];
  const shown = picture(el, { size, columns, palettes, least: 1, largest: 1 });
  let waits = null;

  function show() {
    waits = null;
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

  // Once for all that one message changes, and the newest only if messages come faster than the
  // screen shows them.
  const soon = () => {
    waits ??= requestAnimationFrame(show);
  };
  const traits = ["still", "moving", "words"].map((name) => `change:${name}`);
  for (const trait of traits) model.on(trait, soon);
  el.append(shown.canvas);
  show();
  report("");
  return () => {
    for (const trait of traits) model.off(trait, soon);
    cancelAnimationFrame(waits);
    shown.release();
  };
}

export default { render };
