// Paint a list of helpers/figures/recorder.py on a canvas; see there what its items are.

const FINE = 10;
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

function trace(path, [closed, ...steps], left = 0, top = 0) {
  let x = 0, y = 0;
  for (let i = 0; i < steps.length; i += 2) {
    x += steps[i];
    y += steps[i + 1];
    if (i) path.lineTo(left + x / FINE, top + y / FINE);
    else path.moveTo(left + x / FINE, top + y / FINE);
  }
  if (closed) path.closePath();
}

function draw(ctx, pen, paths, page) {
  if (pen.clip) {
    ctx.beginPath();
    ctx.rect(...pen.clip);
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

const kinds = {
  path(ctx, page, pen, lines) {
    const path = new Path2D();
    for (const line of lines) trace(path, line);
    draw(ctx, pen, [path], page);
  },

  marks(ctx, page, pen, lines, spots) {
    let x = 0, y = 0;
    const paths = [];
    for (let i = 0; i < spots.length; i += 2) {
      x += spots[i];
      y += spots[i + 1];
      paths.push(new Path2D());
      for (const line of lines) trace(paths.at(-1), line, x / FINE, y / FINE);
    }
    draw(ctx, pen, paths, page);
  },

  text(ctx, page, shade, x, y, runs, size, weight, angle, align) {
    const font = (scale) => `${weight} ${size * scale}px ${page.type}`;
    const widths = runs.map(([words, scale]) => {
      ctx.font = font(scale);
      return ctx.measureText(words).width;
    });
    const whole = widths.reduce((a, b) => a + b, 0);
    let at = { left: 0, center: -whole / 2, right: -whole }[align];
    ctx.translate(x, y);
    ctx.rotate((-angle * Math.PI) / 180);
    ctx.fillStyle = colour(shade, page);
    runs.forEach(([words, scale, rise], i) => {
      ctx.font = font(scale);
      ctx.fillText(words, at, -rise * size);
      at += widths[i];
    });
  },

  image(ctx, { palettes }, place, rows, columns, palette, data) {
    ctx.imageSmoothingEnabled = false;
    ctx.drawImage(small(rows, columns, palettes, palette, data), ...place);
  },
};

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

// `page` is a `look`, with `palettes`: bytes by name.
function paint(ctx, items, page) {
  for (const [kind, ...rest] of items) {
    ctx.save();
    kinds[kind](ctx, page, ...rest);
    ctx.restore();
  }
}
