// Paint the lists of helpers/figures/recorder.py on a canvas; see there what their items are.

const FINE = 10;
const SMALLEST = 0.8; // a picture becomes no smaller: its type of 14 pixels is one of 11 then
const NARROWEST = 260; // pixels of axes beside others
const NARROWEST_IN_A_HALL = 110; // where the type is large, and one row has to do
const LEAST_OF_AXES = 0.6; // what is left of their width and height: else the type is smaller
const LEAST_OF_A_DIAGRAM = 0.85; // where the axes are the whole picture, and all words lie in them
const images = new Map(); // from the bytes of an item to a small canvas

const bytes = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));

const numbers = (colour) => colour.match(/[\d.]+/g).map(Number);

// How a page looks around an element: whether it is dark, its paper, and the type of its words.
function look(element) {
  const { color, fontFamily } = getComputedStyle(element);
  const [r, g, b] = numbers(color), dark = 0.3 * r + 0.59 * g + 0.11 * b > 128;
  let paper = dark ? [18, 18, 18] : [255, 255, 255];
  for (let around = element; around; around = around.parentElement) {
    const [x, y, z, alpha = 1] = numbers(getComputedStyle(around).backgroundColor);
    if (alpha === 1) {
      paper = [x, y, z];
      break;
    }
  }
  return { dark, paper, type: fontFamily };
}

// White is the page's paper. In the dark, greys change places and other colours are mixed with
// white, but for what is fixed because it lies on a colour.
function colour([r, g, b, a, fixed], { dark, paper }) {
  const turn = r === g && g === b ? (v) => 232 - (v * 214) / 255 : (v) => v + (255 - v) * 0.3;
  let shade = [r, g, b];
  if (!fixed && r + g + b === 765) shade = paper;
  else if (!fixed && dark) shade = shade.map(turn);
  return `rgba(${shade.join()}, ${a})`;
}

const sum = (values) => values.reduce((a, b) => a + b, 0);

const font = ({ type }, size, weight) => `${weight} ${size}px ${type}`;

// How wide the runs of a text are.
function widthsOf(ctx, page, runs, size, weight) {
  return runs.map(([words, scale]) => {
    ctx.font = font(page, size * scale, weight);
    return ctx.measureText(words).width;
  });
}

// Where the columns of a picture go in the room there is. First the picture becomes smaller as a
// whole. Then axes become narrower, or go below one another, and what is around them keeps its
// size. `x` and `y` say where a point of a column goes; `x(v, true)` if it lies in the axes.
// `wanted` is how large the type is to be at least, also where axes are narrow then.
function arrange([width, height], columns, room, largest, wanted) {
  const zoom = Math.min(largest, Math.max(wanted, room / width)), inner = room / zoom;
  const narrowest = wanted > 1 ? NARROWEST_IN_A_HALL : NARROWEST;
  const parts = columns.map(([left, right], i) => {
    const gap = left - (i ? columns[i - 1][1] : 0), last = i + 1 === columns.length;
    const after = last ? width - right : Math.min(14, columns[i + 1][0] - right);
    return { left, right, gap, after, wide: right - left };
  });
  // The words beside a row of axes, and the least that axes need to stand beside others.
  const around = (row) => sum(row.map(({ gap }) => gap)) + row.at(-1).after;
  const least = (row) => sum(row.map(({ wide }) => Math.min(wide, wanted > 1 ? narrowest : Math.max(narrowest, 0.9 * wide))));
  const fits = (row) => around(row) + least(row) <= inner;
  const whole = inner >= width - 0.5, rows = whole ? [parts] : inRows(parts, fits);
  let kept = 1; // of the width of axes
  rows.forEach((row, i) => {
    const axes = sum(row.map(({ wide }) => wide));
    const slope = whole ? 1 : Math.max(0.1, (inner - around(row)) / axes);
    kept = Math.min(kept, slope);
    let at = 0;
    for (const part of row) {
      const { left, right, gap, wide } = part, from = at + gap, to = from + wide * slope;
      part.x = (v, inside) => {
        if (inside || (v > left && v < right)) return from + (v - left) * slope;
        return v <= left ? from + v - left : to + v - right;
      };
      part.y = i * height;
      at = to;
    }
  });
  const size = { width: Math.min(width, inner), height: rows.length * height };
  return { zoom, ...size, parts, y: (v) => v, squeezed: wanted > 1, kept };
}

// Make axes lower, so that a picture is not higher than there is room. What is above, below and
// between them keeps its size.
function lower(place, height, axes, room) {
  if (!axes?.length || place.height !== height || !(height * place.zoom > room)) return place;
  const tall = sum(axes.map(([top, bottom]) => bottom - top));
  const slope = Math.max(0.3, (room / place.zoom - (height - tall)) / tall);
  let lost = 0;
  const rows = axes.map(([top, bottom]) => {
    const at = top - lost;
    lost += (bottom - top) * (1 - slope);
    return { top, bottom, at, lost };
  });
  const y = (v, inside) => {
    const row = rows.findLast(({ top }) => v > top), next = rows.find(({ top }) => v <= top);
    if (row && v < row.bottom) return row.at + (v - row.top) * slope;
    if (!inside) return v - (row?.lost ?? 0);
    const near = !row || (next && next.top - v < v - row.bottom) ? next : row;
    return near.at + (v - near.top) * slope;
  };
  return { ...place, height: height - lost, y, kept: Math.min(place.kept, slope) };
}

// The largest type, up to what is wanted, with which enough is left of the axes and each entry of
// a legend has its line.
function placed({ size, columns, rows, largest }, room, wanted, high, legends, measure) {
  const least = rows?.[0]?.[0] === 0 ? LEAST_OF_A_DIAGRAM : LEAST_OF_AXES;
  for (let type = wanted; ; type -= 0.05) {
    const wide = arrange(size, columns, room, largest, type);
    const lines = inLines(legends, wide, measure);
    const place = lower(wide, size[1], rows, high - lines.height * wide.zoom);
    const fits = place.kept >= least && place.height <= size[1] && !lines.beyond;
    if (type <= 1.1 || fits) return { ...raised(place, rows, lines), rows };
  }
}

// Return a list without its legends, and the legends: the items of each entry, which its words
// end. In axes that have become small a legend would cover curves.
function apart(items) {
  const rest = [], legends = [];
  let column = 0, open = null;
  for (const item of items) {
    const [kind, value, , before, framed] = item;
    if (kind === "in") column = value;
    if (kind === "keep") {
      open = value === undefined ? null : { column, before, frame: framed, entries: [[]] };
      if (open) legends.push(open);
    } else if (!open) rest.push(item);
    else if (open.frame) open.frame = 0;
    else {
      open.entries.at(-1).push(item);
      if (kind === "text") open.entries.push([]);
    }
  }
  return [rest, legends];
}

// Where the entries of legends go: into lines as wide as the axes and what is right of them. Of
// each part `lines` says how high its own are.
function inLines(legends, { parts, width }, measure) {
  const spots = [];
  let beyond = false;
  for (const { column, before, entries } of legends) {
    const part = parts[column], next = parts[column + 1], start = part.x(part.left, true);
    const end = next?.y === part.y ? next.x(next.left, true) - 12 : width;
    let at = start, top = 0;
    for (const items of entries.filter((entry) => entry.length)) {
      const [, , x, y, runs, size, weight, , , below] = items.at(-1), wide = before + measure(runs, size, weight);
      if (at > start && at + wide > end) [at, top] = [start, top + 1.25 * size];
      spots.push({ items, column, shift: [at + before - x, top + size - y - below] });
      beyond ||= at + wide > end;
      at += wide + 0.9 * size;
      part.lines = top + 1.25 * size + 2;
    }
  }
  return { spots, height: Math.max(0, ...parts.map(({ lines = 0 }) => lines)), beyond };
}

// Leave room for the lines of legends between axes and the titles above them.
function raised(place, rows, { spots, height }) {
  if (!height) return place;
  const top = rows[0][0], { y, parts } = place, down = ({ lines = 0 }) => height - lines;
  return {
    ...place,
    height: place.height + height,
    y: (v, inside, part) => y(v, inside) + (v > top - 3 ? height : down(part)),
    legends: spots.map(({ items, column, shift: [x, y] }) => ({ items, column, shift: [x, y + top - 2 + down(parts[column])] })),
  };
}

// Return the parts in as few rows as fit, each of as many but for the last.
function inRows(parts, fits) {
  for (let count = parts.length; count > 1; count--) {
    const rows = [];
    for (let i = 0; i < parts.length; i += count) rows.push(parts.slice(i, i + count));
    if (rows.every(fits)) return rows;
  }
  return parts.map((part) => [part]);
}

// A painter goes through a list: it knows the column of what it paints, and whether that is to
// keep its size.
class Painter {
  constructor(ctx, { parts, rows, y, width, squeezed }, page) {
    Object.assign(this, { ctx, parts, rows, inRow: y, squeezed, wide: width, page, shift: null, written: new Map() });
    this.in(0);
  }

  paint(items) {
    for (const [kind, ...rest] of items) {
      this.ctx.save();
      this[kind](...rest);
      this.ctx.restore();
    }
  }

  in(column) {
    this.part = this.parts[column];
  }

  keep(x, y) {
    this.shift = x === undefined ? null : [this.part.x(x) - x, this.inRow(y, false, this.part) - y];
  }

  x(v, inside) {
    return this.shift ? v + this.shift[0] : this.part.x(v, inside);
  }

  y(v, inside) {
    return (this.shift ? v + this.shift[1] : this.inRow(v, inside, this.part)) + this.part.y;
  }

  path(pen, lines) {
    const path = new Path2D();
    for (const line of lines) {
      each(line.slice(1), (x, y, first) => {
        const [h, v] = [this.x(x, pen.clip), this.y(y, pen.clip)];
        if (first) path.moveTo(h, v);
        else path.lineTo(h, v);
      });
      if (line[0]) path.closePath();
    }
    this.draw(pen, [path]);
  }

  marks(pen, lines, spots) {
    const shape = new Path2D(), paths = [];
    for (const line of lines) {
      each(line.slice(1), (x, y, first) => (first ? shape.moveTo(x, y) : shape.lineTo(x, y)));
      if (line[0]) shape.closePath();
    }
    each(spots, (x, y) => {
      paths.push(new Path2D());
      paths.at(-1).addPath(shape, { e: this.x(x, pen.clip), f: this.y(y, pen.clip) });
    });
    this.draw(pen, paths);
  }

  text(shade, x, y, runs, size, weight, angle, align, below) {
    const { ctx, page } = this, widths = widthsOf(ctx, page, runs, size, weight), whole = sum(widths);
    let at = { left: 0, center: -whole / 2, right: -whole }[align];
    const inAxes = x > this.part.left && x < this.part.right && this.rows?.some(([top, bottom]) => y > top && y < bottom);
    const v = this.y(y) + below, down = angle || inAxes ? v : this.free(x, v, at, whole, size, align);
    if (down === null) return;
    const from = this.x(x) + at; // words above all axes do not become narrower with them
    const beyond = from < 0 ? from : Math.max(0, Math.min(from, from + whole - this.wide));
    const outside = this.squeezed && !angle ? beyond : 0;
    ctx.translate(this.x(x) - outside, down);
    ctx.rotate((-angle * Math.PI) / 180);
    ctx.fillStyle = colour(shade, page);
    runs.forEach(([words, scale, rise], i) => {
      ctx.font = font(page, size * scale, weight);
      ctx.fillText(words, at, -rise * size);
      at += widths[i];
    });
  }

  // How far down words beside axes go, so that they do not lie on those before them on a line, or
  // on the line above. Numbers would, at an axis that has become smaller: they are left out, which
  // is null. Names of curves, which stand right of it from below to above, move up.
  free(x, v, at, whole, size, align) {
    if (!this.squeezed || this.shift !== null) return v;
    const from = this.x(x) + at, above = this.written.get(`|${x}`);
    if (above !== undefined && Math.abs(v - above) < 0.8 * size) {
      if (align !== "left") return null;
      v = above - 0.9 * size;
    }
    const line = `${Math.round(v)}`, last = this.written.get(line);
    if (last !== undefined && from < last + 3 && from + whole > last) return null;
    this.written.set(line, from + whole).set(`|${x}`, v);
    return v;
  }

  image([left, top, width, height], rows, columns, palette, data) {
    const from = this.x(left, true), to = this.x(left + width, true);
    this.ctx.imageSmoothingEnabled = false;
    const cells = small(rows, columns, this.page.palettes, palette, data);
    const above = this.y(top, true);
    this.ctx.drawImage(cells, from, above, to - from, this.y(top + height, true) - above);
  }

  draw(pen, paths) {
    const { ctx, page } = this;
    if (pen.clip) {
      const [left, top, width, height] = pen.clip;
      const from = this.x(left, true), to = this.x(left + width, true);
      ctx.beginPath();
      const above = this.y(top, true);
      ctx.rect(from, above, to - from, this.y(top + height, true) - above);
      ctx.clip();
    }
    if (pen.fill) ctx.fillStyle = colour(pen.fill, page);
    if (pen.stroke) {
      ctx.strokeStyle = colour(pen.stroke, page);
      [ctx.lineWidth, ctx.lineCap, ctx.lineJoin, ctx.miterLimit] = [pen.width, pen.cap, pen.join, 4];
      ctx.setLineDash(pen.dash ?? []);
      ctx.lineDashOffset = pen.offset ?? 0;
    }
    for (const path of paths) {
      if (pen.fill) ctx.fill(path);
      if (pen.stroke) ctx.stroke(path);
    }
  }
}

// Call `visit(x, y, first)` for the points of [x, y, dx, dy, ...].
function each(steps, visit) {
  let x = 0, y = 0;
  for (let i = 0; i < steps.length; i += 2) {
    x += steps[i];
    y += steps[i + 1];
    visit(x / FINE, y / FINE, !i);
  }
}

function small(rows, columns, palettes, name, data) {
  const key = `${name} ${columns} ${data}`, palette = palettes[name];
  if (!images.has(key)) {
    if (images.size > 500) images.clear();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [columns, rows];
    const image = new ImageData(columns, rows), cells = bytes(data);
    if (palette) cells.forEach((c, i) => image.data.set(palette.subarray(4 * c, 4 * c + 4), 4 * i));
    else image.data.set(cells);
    canvas.getContext("2d").putImageData(image, 0, 0);
    images.set(key, canvas);
  }
  return images.get(key);
}

function layer(width, height) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [Math.round(width), Math.round(height)];
  return canvas;
}

// A picture in an element, as wide as there is room, that follows the page's theme, type, size
// and zoom. `least` is how sharp it is at least: pixels of the canvas for one of the page.
// `largest` is by how much it may grow where there is more room.
function picture(around, { size, columns, rows, palettes, least, largest }) {
  const canvas = layer(...size), ctx = canvas.getContext("2d"), grounds = new Map();
  let frame = null, printed = false;
  canvas.setAttribute("role", "img");
  canvas.style.maxWidth = "100%"; // it never makes its element wider

  function sharpness() {
    if (printed) return 4;
    const shown = canvas.getBoundingClientRect().width / canvas.offsetWidth || 1;
    return Math.max(least, Math.min(4, devicePixelRatio * shown));
  }

  function paintStill(its, still, place, scale, page) {
    its.fillStyle = colour([255, 255, 255, 1], page);
    its.fillRect(0, 0, canvas.width, canvas.height);
    its.scale(scale, scale);
    const painter = new Painter(its, place, { ...page, palettes });
    painter.paint(still);
    for (const { items, column, shift } of place.legends ?? []) {
      painter.in(column);
      painter.shift = shift;
      painter.paint(items);
    }
  }

  // What does not move is painted once.
  function ground(still, place, scale, page) {
    const key = JSON.stringify([frame.key, canvas.width, canvas.height, page]);
    if (!grounds.has(key)) {
      if (grounds.size >= 12) grounds.clear();
      const one = layer(canvas.width, canvas.height);
      paintStill(one.getContext("2d"), still, place, scale, page);
      grounds.set(key, one);
    }
    return grounds.get(key);
  }

  function again() {
    if (!frame || !around.isConnected) return;
    const style = getComputedStyle(around), page = look(around);
    const wanted = Number(style.getPropertyValue("--picture-zoom")) || SMALLEST;
    const high = Number(style.getPropertyValue("--picture-height")) || Infinity;
    const room = around.clientWidth || size[0];
    const [still, legends] = wanted > 1 ? apart(frame.still) : [frame.still, []];
    const place = placed({ size, columns, rows, largest }, room, wanted, high, legends, (...text) => sum(widthsOf(ctx, page, ...text)));
    canvas.style.width = `${place.width * place.zoom}px`;
    const scale = sharpness() * place.zoom;
    const [width, height] = [place.width, place.height].map((v) => Math.round(v * scale));
    if (canvas.width !== width || canvas.height !== height) {
      [canvas.width, canvas.height] = [width, height];
    }
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    if (printed) {
      paintStill(ctx, still, place, scale, page); // as words and lines: a page keeps them so
    } else {
      ctx.drawImage(ground(still, place, scale, page), 0, 0);
      ctx.scale(scale, scale);
    }
    new Painter(ctx, place, { ...page, palettes }).paint(frame.moving);
    canvas.dataset.zoom = place.zoom;
    canvas.setAttribute("aria-label", frame.words);
  }

  const themes = new MutationObserver(again), room = new ResizeObserver(again);
  for (const element of [document.documentElement, document.body]) {
    const attributeFilter = ["class", "style", "data-theme", "data-jp-theme-light"];
    themes.observe(element, { attributes: true, attributeFilter });
  }
  room.observe(around);
  around.addEventListener("fit", again); // the properties that the look of a page gives it
  const gone = new AbortController(), { signal } = gone;
  addEventListener("resize", again, { signal });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again, { signal });
  for (const [event, value] of [["beforeprint", true], ["afterprint", false]]) {
    const print = () => {
      printed = value;
      again();
    };
    addEventListener(event, print, { signal });
  }
  document.fonts.ready.then(again);
  return {
    canvas,
    show(next) {
      frame = next;
      again();
    },
    release() {
      gone.abort();
      themes.disconnect();
      room.disconnect();
    },
  };
}
