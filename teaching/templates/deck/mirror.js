// The speaker view holds two copies of the deck. What is done in the deck is done in them too:
// sliders, choices and opened answers. A copy sends nothing.
const mirror = (() => {
  const controls = "input, select, textarea, button, details";
  const receives = /receiver/.test(location.search);
  let speaker = null;

  if (!receives) {
    const open = window.open;
    window.open = (...how) => (speaker = open.apply(window, how));
  }

  // A control is known by its cell, and by its number among the controls of the cell.
  function place(control) {
    const cell = control.closest("[data-cell]");
    return cell && [cell.dataset.cell, [...cell.querySelectorAll(controls)].indexOf(control)];
  }

  function send(control, done) {
    const at = place(control);
    if (receives || !at || !speaker || speaker.closed) return;
    const { value, checked, open } = control;
    for (let i = 0; i < speaker.frames.length; i++) {
      speaker.frames[i].postMessage({ namespace: "deck", at, done, value, checked, open }, "*");
    }
  }

  function repeat({ at: [cell, number], done, value, checked, open }) {
    const parts = document.querySelector(`[data-cell="${CSS.escape(cell)}"]`);
    const control = parts?.querySelectorAll(controls)[number];
    if (!control) return;
    if (done === "click") return control.click();
    if (done === "toggle") return void (control.open = open);
    if (control.type === "radio" || control.type === "checkbox") control.checked = checked;
    else control.value = value;
    control.dispatchEvent(new Event("input", { bubbles: true }));
  }

  document.addEventListener("input", (event) => send(event.target, "input"), true);
  document.addEventListener("toggle", (event) => send(event.target, "toggle"), true);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    // What a player does is seen as input.
    if (button && !button.matches(".play")) send(button, "click");
  }, true);
  window.addEventListener("message", ({ data }) => {
    if (receives && data?.namespace === "deck") repeat(data);
  });
  return { receives };
})();
