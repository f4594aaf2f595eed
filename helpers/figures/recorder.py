"""What a figure draws, noted as a list in pixels that a page can paint (`paint.js`).

A matplotlib renderer is an object with a few methods: `draw_path`, `draw_markers`, `draw_image`
and `draw_text`. This one notes the calls instead of painting. Matplotlib has done all
transforms, ticks and sizes of words by then, so the page needs lines, areas, dots, words and
small pictures, and nothing else.

An item of a list is one of

- ``["path", pen, lines]``: a line is ``[closed, x, y, dx, dy, dx, dy, ...]``, in whole numbers
  of ``1 / FINE`` of a pixel, from the top left;
- ``["marks", pen, lines, spots]``: the lines around (0, 0), at each of the spots;
- ``["text", colour, x, y, runs, size, weight, angle, align, below]``: a run is
  ``[words, scale, rise]``, the last two in parts of the size; `y` is where the words are
  anchored, and `below` how far down their baseline is, 0 where they are turned;
- ``["image", place, rows, columns, palette, data]``: a byte for each cell that the palette
  gives a colour or, without a palette, four of RGBA; in base64;
- ``["in", column]``: what follows belongs to this one of the `columns`. On a narrow page they
  go below one another, and what lies in their axes becomes narrower while words keep their
  size;
- ``["keep", x, y, before, framed]``: what follows, a legend, keeps its size and moves as the
  point (x, y) does, up to the next ``["keep"]``. Each entry ends with its words, and begins
  `before` pixels left of them; if `framed` is 1, the first item is a frame around all.

A pen is a dict with what it has of ``fill``, ``stroke``, ``width``, ``cap``, ``join``,
``dash``, ``offset`` and ``clip``; a colour is ``[red, green, blue, alpha]``, 255 and 1 at most.
It has a fifth entry, 1, where the artist's gid is `FIXED`: what is written or drawn on a colour
of its own stays as it is on a dark page.
"""

import base64
import itertools
import math

import numpy as np
from matplotlib.backend_bases import RendererBase
from matplotlib.image import AxesImage
from matplotlib.mathtext import MathTextParser
from matplotlib.path import Path
from matplotlib.spines import Spine
from matplotlib.text import Text
from matplotlib.transforms import Affine2D

FINE = 10
FIXED = "fixed"
CAPS = {"projecting": "square"}  # matplotlib's name of it, and a page's
MARGIN = 50  # pixels around the figure, within which lines are kept whole


class Recorder(RendererBase):
    """Notes what the artists of a canvas draw.

    Parameters
    ----------
    canvas : helpers.figures.canvas.Canvas

    Attributes
    ----------
    palettes : dict of str to str
        Of the colour maps that images have used: 256 colours of RGBA, in base64.
    size : tuple of int
        Width and height in pixels.
    columns : list of [left, right]
        The axes from left to right, in pixels. Those above one another share a column.
    rows : list of [top, bottom]
        The same from above to below.
    """

    def __init__(self, canvas):
        super().__init__()
        self.figure, self._moving = canvas.figure, canvas.moving
        self.size = canvas.size
        self._agg = self.figure.canvas.get_renderer()  # measures words as the picture does
        self.dpi, self.width, self.height = self.figure.dpi, self._agg.width, self._agg.height
        self.palettes, self._items, self._groups, self._text = {}, [], [], None
        self._mathtext, self._at_spots = MathTextParser("path"), False
        self._extents, self._spines, self._stills = {}, {}, {}
        self.columns, self._column_of = self._arranged()
        self.rows = _merged(
            [round(self.height - ax.bbox.y1), round(self.height - ax.bbox.y0)]
            for ax in self.figure.axes
        )

    def moving(self):
        """Return the items of what changes from frame to frame."""
        self._items, column = [], None
        for artist in self._moving:
            if self._column_of[artist.axes] != column:
                column = self._column_of[artist.axes]
                self._items.append(["in", column])
            self._text = artist if isinstance(artist, Text) else None
            if isinstance(artist, AxesImage):
                self._note_image(artist)
            elif isinstance(artist, Spine):
                self._items += self._noted_once(artist)
            else:
                artist.draw(self)
        return self._items

    def still(self):
        """Return the items of everything else, which depends on the axes' limits alone."""
        # The page has paper of its own. And a figure leaves out what is animated when it is
        # drawn, but not images. (Hidden, a title would lose its place.)
        hidden = [a for a in self._moving if isinstance(a, AxesImage) and a.get_visible()]
        hidden.append(self.figure.patch)
        for artist in self._moving:
            artist.set_animated(True)
        for artist in hidden:
            artist.set_visible(False)
        try:
            axes = sorted(self.figure.axes, key=lambda ax: ax.get_zorder())
            parts = [self._still_of(ax, _limits(ax)) for ax in axes]
            return [*itertools.chain(*parts), *self._still_of(None, None)]
        finally:
            for artist in self._moving:
                artist.set_animated(False)
            for artist in hidden:
                artist.set_visible(True)

    def _still_of(self, ax, limits):
        """Return the items of one axes at its limits; of None, those around all axes."""
        if (ax, limits) not in self._stills:
            self._items, self._text, self._ax = [], None, ax
            if ax is not None:
                ax.draw(self)
            else:
                for each in self.figure.axes:
                    each.set_visible(False)
                try:
                    self.figure.draw(self)
                finally:
                    for each in self.figure.axes:
                        each.set_visible(True)
            self._stills[ax, limits] = self._items
        return self._stills[ax, limits]

    def _noted_once(self, spine):
        """Return the items of a spine, which lies above what moves and never changes."""
        if spine not in self._spines:
            items, self._items = self._items, []
            spine.draw(self)
            self._spines[spine], self._items = self._items, items
        return self._spines[spine]

    def limits(self):
        """Return what `still` depends on."""
        return tuple(map(_limits, self.figure.axes))

    def _arranged(self):
        """Return the columns of axes, and for each axes the index of its own."""
        for ax in self.figure.axes:
            ax.apply_aspect()  # a square one is narrower than its place; drawing finds out late
        boxes = {ax: ax.bbox for ax in self.figure.axes}
        columns = _merged([round(box.x0), round(box.x1)] for box in boxes.values())
        column_of = {
            ax: next(i for i, (_, right) in enumerate(columns) if box.x0 < right)
            for ax, box in boxes.items()
        }
        return columns, column_of

    # What matplotlib asks of a renderer.

    def open_group(self, s, gid=None):
        """Remember the gid of the artist that is drawn, and of those it is a part of."""
        self._groups.append(gid)
        if s == "axes":
            self._items.append(["in", self._column_of[self._ax]])
        elif s == "legend":
            self._items.append(["keep", *self._about(self._ax.get_legend())])

    def close_group(self, s):
        """Forget the gid of an artist that has been drawn."""
        self._groups.pop()
        if s == "legend":
            self._items.append(["keep"])

    def get_canvas_width_height(self):
        """Return the size in pixels."""
        return self.width, self.height

    def points_to_pixels(self, points):
        """Return a length in pixels."""
        return points * self.dpi / 72

    def get_text_width_height_descent(self, s, prop, ismath):
        """Return the extent of words, in pixels."""
        key = s, hash(prop), ismath
        if key not in self._extents:
            if len(self._extents) >= 10_000:
                self._extents.clear()
            self._extents[key] = self._agg.get_text_width_height_descent(s, prop, ismath)
        return self._extents[key]

    def draw_path(self, gc, path, transform, rgbFace=None):
        """Note lines and areas."""
        if self._at_spots:  # one of a collection: its transform ends with the way to its spot
            x, y = transform.get_matrix()[:2, 2]
            around_0 = Affine2D(transform.get_matrix()).translate(-x, -y)
            return self._note_marks(
                gc, path, around_0, np.array([[x, self.height - y]]), rgbFace
            )
        lines = self._lines(path, transform, gc, self.height, line=rgbFace is None)
        if lines:
            self._items.append(["path", self._pen(gc, rgbFace), lines])

    def draw_markers(self, gc, marker_path, marker_trans, path, trans, rgbFace=None):
        """Note the same small shape at several spots."""
        spots = trans.transform(path.vertices)
        spots = spots[np.isfinite(spots).all(axis=1)]
        if not len(spots):
            return
        if not spots.any():  # a filled band: to matplotlib a marker at the bottom left
            return self.draw_path(gc, marker_path, marker_trans, rgbFace)
        # As Agg: on whole pixels, and what is not snapped around the middle of one.
        spots[:, 1] = self.height - spots[:, 1]
        spots = np.floor(spots + 0.5) + (0 if gc.get_snap() else 0.5)
        self._note_marks(gc, marker_path, marker_trans, spots, rgbFace)

    def draw_path_collection(
        self, gc, master_transform, paths, all_transforms, offsets, offset_trans, *looks, **more
    ):
        """Note shapes of several sizes or colours."""
        self._at_spots = bool(offset_trans.transform(offsets).any())
        super().draw_path_collection(
            gc, master_transform, paths, all_transforms, offsets, offset_trans, *looks, **more
        )
        self._at_spots = False

    def draw_image(self, gc, x, y, im, transform=None):
        """Note a picture of which matplotlib has made pixels."""
        rows, columns = im.shape[:2]
        top = round(self.height) - math.floor(y + 0.5) - rows
        self._note_cells([math.floor(x + 0.5), top, columns, rows], im[::-1], None)

    def draw_text(self, gc, x, y, s, prop, angle, ismath=False, mtext=None):
        """Note words; x is their left end, y their baseline from the top."""
        # Anchored as the artist is: the page's own type has other widths.
        text = mtext or self._text  # matplotlib does not say whose the lines of several are
        align = text.get_horizontalalignment() if text else "left"
        width = self.get_text_width_height_descent(s, prop, ismath)[0]
        along = {"left": 0, "center": 0.5, "right": 1}[align] * width
        turn = math.radians(angle)
        x, y = float(x) + along * math.cos(turn), float(y) - along * math.sin(turn)
        runs = self._runs(s, prop) if ismath else [[s, 1, 0]]
        size = round(self.points_to_pixels(prop.get_size_in_points()), 2)
        colour, weight = self._colour(gc.get_rgb()), prop.get_weight()
        anchor = y
        if text and not angle:  # words stay off the curve that they name, also on lower axes
            anchor = self.height - float(text.get_transform().transform(text.get_position())[1])
        place = round(x, 1), round(anchor, 1), runs, size, weight, round(angle), align
        self._items.append(["text", colour, *place, round(y - anchor, 1)])

    # How.

    def _about(self, legend):
        """Return the point of a legend that lies in it as it lies in its axes, and its form."""
        around, box = self._ax.bbox, legend.get_window_extent(self)
        x = _alike((box.x0, box.x1), (around.x0, around.x1))
        y = _alike((box.y0, box.y1), (around.y0, around.y1))
        size = legend.prop.get_size_in_points()
        before = self.points_to_pixels(size * (legend.handlelength + legend.handletextpad))
        return round(x), round(self.height - y), round(before), int(legend.get_frame_on())

    def _colour(self, rgba):
        alpha = 1 if rgba[3] is None else round(float(rgba[3]), 2)
        shade = [*(round(255 * float(c)) for c in rgba[:3]), alpha]
        return [*shade, 1] if FIXED in self._groups else shade

    def _pen(self, gc, face):
        pen, clip = {}, gc.get_clip_rectangle()
        if gc.get_linewidth() > 0:
            offset, dashes = gc.get_dashes()
            pen["stroke"] = self._colour(gc.get_rgb())
            pen["width"] = round(self.points_to_pixels(gc.get_linewidth()), 2)
            pen["cap"] = CAPS.get(gc.get_capstyle(), gc.get_capstyle())
            pen["join"] = gc.get_joinstyle()
            if dashes is not None:
                pen["dash"] = [round(self.points_to_pixels(d), 2) for d in dashes]
                pen["offset"] = round(self.points_to_pixels(offset), 2)
        if face is not None:
            # As Agg: the alpha of the artist, if it has one, holds for the face too.
            own = len(face) > 3 and not gc.get_forced_alpha()
            pen["fill"] = self._colour(face if own else (*face[:3], gc.get_alpha()))
        if clip is not None:
            x0, y0, x1, y1 = (math.floor(float(v) + 0.5) for v in clip.extents)
            pen["clip"] = [x0, round(self.height) - y1, x1 - x0, y1 - y0]
        return pen

    def _lines(self, path, transform, gc, top, *, line):
        # Turned upside down before it is snapped to pixels, as Agg does.
        around = -MARGIN, -MARGIN, self.width + MARGIN, self.height + MARGIN
        turned = Affine2D(transform.get_matrix()).scale(1, -1).translate(0, top)
        clean = path.cleaned(
            turned,
            remove_nans=True,
            clip=around if line else None,
            simplify=line and path.should_simplify,
            stroke_width=self.points_to_pixels(gc.get_linewidth()),
            snap=gc.get_snap(),
        )
        keep = clean.codes != Path.STOP
        codes, vertices = clean.codes[keep], clean.vertices[keep]
        if not len(codes):  # none of it is a number, or on the figure
            return []
        starts = np.flatnonzero(codes == Path.MOVETO)
        lines = []
        for start, end in zip(starts, [*starts[1:], len(codes)], strict=True):
            closed = codes[end - 1] == Path.CLOSEPOLY  # its vertex says nothing
            if end - start - closed > 1:
                lines.append([int(closed), *_steps(vertices[start : end - closed])])
        return lines

    def _note_marks(self, gc, path, transform, spots, face):
        lines = self._lines(path, transform, gc, 0, line=False)
        self._items.append(["marks", self._pen(gc, face), lines, _steps(spots)])

    def _runs(self, s, prop):
        """Return mathtext as words, each with its size and how far it is raised."""
        parsed = self._mathtext.parse(s, 72, prop)
        size, runs = prop.get_size_in_points(), []
        glyphs = sorted(((g[1], g[2], *g[-2:]) for g in parsed.glyphs), key=lambda g: g[2])
        base = min((y for fontsize, _, _, y in glyphs if fontsize == size), default=0)
        for fontsize, code, _, y in glyphs:  # y is off by a rounded height
            run = [round(fontsize / size, 2), round(float(y - base) / size, 2)]
            if runs and runs[-1][1:] == run:
                runs[-1][0] += chr(code)
            else:
                runs.append([chr(code), *run])
        return runs

    def _note_image(self, artist):
        array = artist.get_array()
        masked = np.ma.getmaskarray(array)
        if masked.all() or not artist.get_visible():
            return
        x0, y0, x1, y1 = artist.get_window_extent(self).extents
        place = [round(float(v), 2) for v in (x0, self.height - y1, x1 - x0, y1 - y0)]
        palette = None
        if array.ndim == 3 or masked.any():
            cells = artist.to_rgba(array, bytes=True)
        else:  # the index in the colour map, as matplotlib rounds it
            palette, n = artist.cmap.name, artist.cmap.N
            cells = np.clip(artist.norm(array).data * n, 0, n - 1).astype(np.uint8)
            colours = artist.cmap(np.arange(n), bytes=True)
            self.palettes[palette] = base64.b64encode(colours.tobytes()).decode()
        self._note_cells(place, cells[::-1] if artist.origin == "lower" else cells, palette)

    def _note_cells(self, place, cells, palette):
        data = base64.b64encode(np.ascontiguousarray(cells).tobytes()).decode()
        self._items.append(["image", place, *cells.shape[:2], palette, data])


def _alike(part, whole):
    """Return the end of a part that is nearer to an end of the whole, or its middle."""
    before, after = part[0] - whole[0], whole[1] - part[1]
    if abs(before - after) < 0.1 * (whole[1] - whole[0]):
        return sum(part) / 2
    return part[0] if before < after else part[1]


def _merged(intervals):
    """Return intervals in their order, those that overlap made one."""
    merged = []
    for start, end in sorted(intervals):
        if merged and start < merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    return merged


def _limits(ax):
    return (*ax.get_xlim(), *ax.get_ylim())


def _steps(vertices):
    """Return vertices as [x, y, dx, dy, ...] in whole numbers."""
    whole = np.rint(vertices * FINE).astype(np.int32)
    whole[1:] -= whole[:-1].copy()
    return whole.ravel().tolist()
