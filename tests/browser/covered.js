// Notes what each canvas of a page shows, as curves, dots and words, and says what of that cannot be
// read: `atEnds(element)`. To be run before the scripts of the page.
(() => {
  const shapes = new WeakMap(), shown = new WeakMap();
  const linesOf = (path) => shapes.get(path) ?? shapes.set(path, []).get(path);
  const before = (object, name, note) => {
    const own = object[name];
    object[name] = function (...given) {
      note.call(this, ...given);
      return own.apply(this, given);
    };
  };

  before(Path2D.prototype, "moveTo", function (x, y) { linesOf(this).push([[x, y]]); });
  before(Path2D.prototype, "lineTo", function (x, y) { linesOf(this).at(-1)?.push([x, y]); });
  before(Path2D.prototype, "addPath", function (path, { e, f }) {
    shapes.set(this, linesOf(path).map((line) => line.map(([x, y]) => [x + e, y + f])));
  });

  const all = CanvasRenderingContext2D.prototype;
  const log = (canvas) => shown.get(canvas) ?? shown.set(canvas, { curves: [], words: [], measured: [] }).get(canvas);
  const place = (ctx, [x, y]) => {
    const { a, b, c, d, e, f } = ctx.getTransform();
    return [a * x + c * y + e, b * x + d * y + f];
  };
  // The ground of a picture, painted apart, is what is seen before anything moves.
  before(all, "drawImage", function (source) {
    if (source.width !== this.canvas.width || !shown.has(source)) return;
    const { curves, words, measured } = log(source);
    shown.set(this.canvas, { curves: [...curves], words: [...words], measured: [...measured] });
  });
  before(all, "rect", function (x, y, width, height) {
    this.within = [place(this, [x, y]), place(this, [x + width, y + height])].flat();
  });
  before(all, "restore", function () { this.within = null; });
  // What is cut off at the axes and has a colour of its own is a curve, or a dot of one.
  before(all, "stroke", function (path) {
    const colour = this.strokeStyle;
    if (!path || !this.within || !/^#/.test(colour) || new Set(colour.slice(1).match(/../g)).size < 2) return;
    // Of two points is what joins the units of a network, and ends below their numbers.
    const lines = linesOf(path).filter((line) => line.length > 2).map((line) => line.map((point) => place(this, point)));
    log(this.canvas).curves.push({ colour, lines, within: this.within });
  });
  const own = all.measureText;
  before(all, "measureText", function (text) { log(this.canvas).measured.push(text); });
  before(all, "fillText", function (text, x, y) {
    const size = Number(this.font.match(/([\d.]+)px/)[1]), { width } = own.call(this, text);
    const corners = [place(this, [x, y]), place(this, [x + width, y - 0.7 * size])];
    const [[left, right], [top, bottom]] = [0, 1].map((i) => corners.map((corner) => corner[i]).sort((p, q) => p - q));
    const { a, b, e, f } = this.getTransform();
    log(this.canvas).words.push({ text, at: `${e} ${f}`, box: [left, top, right, bottom], size: size * Math.hypot(a, b), oblique: Math.abs(a * b) > 1e-6 });
  });

  const inside = ([x, y], [left, top, right, bottom]) => x > left && x < right && y > top && y < bottom;

  // Points at every second pixel of a line.
  function along(line) {
    return line.flatMap(([x, y], i) => {
      const [u, v] = line[i + 1] ?? [x, y], steps = Math.max(1, Math.round(Math.hypot(u - x, v - y) / 2));
      return Array.from({ length: steps }, (_, k) => [x + ((u - x) * k) / steps, y + ((v - y) * k) / steps]);
    });
  }

  const ONE_DOT = 300; // points; it may come by a name on its way

  // Of each colour the share of its curves and dots that words lie on, with these words.
  function covered(canvas) {
    const { curves, words } = log(canvas), by = {};
    for (const { colour, lines, within } of curves) {
      const points = lines.flatMap(along).filter((point) => inside(point, within));
      const found = (by[colour] ??= { points: 0, under: 0, words: new Set() });
      found.points += points.length;
      for (const point of points) {
        const over = words.find(({ box }) => inside(point, box));
        if (!over) continue;
        found.under += 1;
        found.words.add(over.text);
      }
    }
    return Object.entries(by).filter(([, { under, points }]) => under && points > ONE_DOT)
      .map(([colour, { points, under, words }]) => [under / points, colour, [...words].join(" | ")]);
  }

  // Words on other words or cut off. The parts of a text, as of 10 with its exponent, lie at one place.
  function misplaced(canvas) {
    const words = log(canvas).words.filter(({ text, oblique }) => text.trim() && !oblique), fine = 1.5 * (canvas.width / canvas.offsetWidth || 1);
    const meet = ([a, b, c, d], [e, f, g, h]) => Math.min(c, g) - Math.max(a, e) > fine && Math.min(d, h) - Math.max(b, f) > fine;
    const out = ([left, top, right, bottom]) => left < -fine || top < -fine || right > canvas.width + fine || bottom > canvas.height + fine;
    return words.flatMap(({ text, at, box }, i) => [
      ...(out(box) ? [`${text} is cut off`] : []),
      ...words.slice(i + 1).filter((other) => other.at !== at && meet(box, other.box)).map((other) => `${text} on ${other.text}`),
    ]);
  }

  // Words of which the painter knows how wide they are, and that it left out. Numbers at an axis
  // may be.
  function missing(canvas) {
    const { words, measured } = log(canvas), painted = new Set(words.map(({ text }) => text));
    return measured.filter((text) => /[a-z]{2}/i.test(text) && !painted.has(text)).map((text) => `${text} is missing`);
  }

  // In pixels of the page, of the largest part of each text: exponents are smaller.
  function smallest(canvas) {
    const sizes = {}, fine = canvas.getBoundingClientRect().width / canvas.width;
    for (const { at, size } of log(canvas).words) sizes[at] = Math.max(sizes[at] ?? 0, size * fine);
    return Math.min(...Object.values(sizes));
  }

  // What each picture in an element shows as it opens, and with each control at both ends.
  window.atEnds = (element) => {
    const found = [];
    const look = (setting) => element.querySelectorAll("canvas").forEach((canvas) => {
      found.push({ setting, covered: covered(canvas), misplaced: [...misplaced(canvas), ...missing(canvas)], smallest: smallest(canvas) });
    });
    look("opened");
    for (const control of element.querySelectorAll("input[type=range], input[type=radio]")) {
      const isSlider = control.type === "range", name = control.ariaLabel ?? control.closest("label").textContent;
      for (const end of isSlider ? [control.min, control.max] : [true]) {
        control[isSlider ? "value" : "checked"] = end;
        control.dispatchEvent(new Event("input", { bubbles: true }));
        look(`${name} ${end}`);
      }
    }
    element.querySelector(".reset")?.click();
    return found;
  };
})();
