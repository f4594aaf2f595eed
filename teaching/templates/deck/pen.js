// A pen and a pointer: what is drawn stays with its slide until it is wiped off.
const pen = (() => {
  const strokes = new Map(); // from a slide to its lines, in the pixels of a slide
  const paper = document.createElement("canvas");
  paper.className = "pen";
  paper.setAttribute("aria-hidden", "true");
  document.body.append(paper);
  let mode = null, line = null, dot = null;

  const of = (slide) => strokes.get(slide) ?? strokes.set(slide, []).get(slide);
  const slide = () => Reveal.getCurrentSlide();

  // Where a slide of 1280 × 720 lies in the window.
  function frame() {
    const box = document.querySelector(".slides").getBoundingClientRect();
    return { left: box.left, top: box.top, scale: box.width / 1280 };
  }

  function inSlide({ clientX, clientY }) {
    const { left, top, scale } = frame();
    return [(clientX - left) / scale, (clientY - top) / scale];
  }

  function paint() {
    const { left, top, scale } = frame(), fine = devicePixelRatio;
    [paper.width, paper.height] = [innerWidth * fine, innerHeight * fine];
    const ctx = paper.getContext("2d"), style = getComputedStyle(document.documentElement);
    ctx.setTransform(scale * fine, 0, 0, scale * fine, left * fine, top * fine);
    Object.assign(ctx, { lineWidth: 3.5, lineCap: "round", lineJoin: "round" });
    ctx.strokeStyle = ctx.fillStyle = style.getPropertyValue("--pen");
    for (const points of of(slide())) {
      ctx.beginPath();
      for (const [x, y] of points) ctx.lineTo(x, y);
      ctx.stroke();
    }
    if (!dot) return;
    ctx.beginPath();
    ctx.arc(...dot, 8, 0, 2 * Math.PI);
    ctx.fill();
  }

  function choose(wanted) {
    mode = mode === wanted ? null : wanted;
    paper.dataset.mode = mode ?? "";
    dot = line = null;
    paint();
  }

  paper.addEventListener("pointerdown", (event) => {
    if (mode !== "pen") return;
    line = [inSlide(event), inSlide(event)];
    of(slide()).push(line);
    paper.setPointerCapture(event.pointerId);
    paint();
  });
  paper.addEventListener("pointermove", (event) => {
    if (mode === "pointer") dot = inSlide(event);
    else if (line) line.push(...(event.getCoalescedEvents?.() ?? [event]).map(inSlide));
    else return;
    paint();
  });
  for (const end of ["pointerup", "pointercancel"]) {
    paper.addEventListener(end, () => (line = null));
  }
  addEventListener("resize", () => Reveal.isReady() && paint());

  function wipe(all) {
    if (all) strokes.clear();
    else strokes.delete(slide());
    paint();
  }

  return { choose, paint, wipe, strokes: () => of(slide()) };
})();
