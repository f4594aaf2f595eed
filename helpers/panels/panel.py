"""The mechanism of every panel.

One call has three lives. In JupyterLab the page paints what the kernel sends while a slider is
dragged (`page`), and shows pictures of the kernel's where it cannot. The output saved in the
notebook holds the first picture and its description, for readers on a web page. And with the
environment variable COURSE_BAKE=1 the output is HTML that can show each of chosen settings
(`baked`), so that the controls work on a page without a kernel.
"""

import asyncio
import base64
import html
import itertools
import math
import numbers
import os
from functools import lru_cache

import ipywidgets as widgets
from threadpoolctl import ThreadpoolController

from helpers.figures import baked
from helpers.figures.recorder import Recorder
from helpers.panels.page import PagePicture

MOST_BYTES = 1_200_000  # of a panel on a page, so that a deck stays under 6 MB
FINEST = 45  # values of a slider on a page
KEPT = 500  # lists of some 5 kB, so that dragging back to a value takes no computing

# A second BLAS thread competes with the browser for the processor.
_BLAS = ThreadpoolController()


def one_blas_thread():
    """Return a context in which products of matrices take one thread."""
    return _BLAS.limit(limits=1, user_api="blas")


class Panel(widgets.VBox):
    """Controls above a figure that follows them.

    Parameters
    ----------
    figure : object
        From `helpers.figures`: ``update(**data)`` draws and returns a sentence, ``canvas``
        holds the pixels.
    compute : callable
        ``compute(**settings) -> data``. It is pure: the same settings give the same data.
    controls : dict of str to ipywidgets.Widget
        Named like the settings.
    bake : dict of str to sequence
        For some controls, the values to bake, among them the control's own; `...` stands for
        every value of a slider.
    opening : dict, optional
        Settings to open at, in place of the controls' own values.

    Raises
    ------
    TypeError, ValueError
        If there is no such setting, or its control does not reach the value.
    """

    def __init__(self, figure, compute, controls, bake, opening=None):
        self.figure, self.compute, self.controls, self.bake = figure, compute, controls, bake
        self._task, self._stale = None, False
        self._noted_at = lru_cache(KEPT)(self._noted_at)
        for name, control in controls.items():
            control.description = control.description or name
        for name, value in (opening or {}).items():
            _open_at(controls, name, value)
            if self.bake.get(name, ...) is not ...:
                self.bake = {**self.bake, name: _around(controls[name], self.bake[name])}
        self.opening = self.settings
        for control in controls.values():
            control.observe(self._changed, "value")
            _fill_column(control)
        # As many columns of controls as fit; the figure keeps its size on a wide page.
        columns = "repeat(auto-fit, minmax(24em, 1fr))"
        layout = {"grid_template_columns": columns, "grid_gap": "4px", "padding": "4px 0"}
        grid = [widgets.GridBox(self._cells(), layout=layout)] if controls else []
        self.picture, self.painted = widgets.HTML(), PagePicture(figure.canvas)
        self.painted.observe(self._page_changed, "runs")
        self._hidden = widgets.VBox([self.painted], layout={"display": "none"})
        super().__init__([*grid, self.picture, self._hidden], layout={"max_width": "1080px"})
        self.redraw()

    @property
    def settings(self):
        """Each control's current value, rounded as displayed."""
        return {name: _read(control, control.value) for name, control in self.controls.items()}

    def frame(self, settings):
        """Return the picture at `settings` as PNG, and its words."""
        words = self._shown(settings)
        return self.figure.canvas.png(), words

    def _shown(self, settings):
        """Let the figure show some settings, and return what it shows in words."""
        settings = {name: _read(self.controls[name], v) for name, v in settings.items()}
        with one_blas_thread():
            data = self.compute(**settings)
        return self._said(data, settings)

    def _said(self, data, settings):
        words, self._drawn = self.figure.update(**data), settings
        named = "; ".join(
            f"{self.controls[name].description} {_label(value)}"
            for name, value in settings.items()
        )
        return f"{words} Settings: {named}." if named else words

    def redraw(self):
        """Draw the figure at the current settings."""
        if self.painted.runs:
            self._paint(self._noted_at(**self.settings))
        else:
            self._put(self._shown(self.settings))

    def _noted_at(self, **settings):
        return self.painted.note(self._shown(settings))

    def _paint(self, noted):
        """Let the page paint a list."""
        self.png, self.words = None, noted["words"]
        self.painted.show(noted)
        self.picture.value = ""
        self._choose_between(painted=True)

    def _put(self, words):
        """Put on the page what the figure shows: as a list where that can be painted."""
        if self.painted.runs:
            return self._paint(self.painted.note(words))
        self.png, self.words = self.figure.canvas.png(), words
        width, height = self.figure.canvas.size
        self.picture.value = (
            f'<img width="{width}" height="{height}" decoding="sync" '
            'style="max-width: 100%; height: auto" '
            f'alt="{html.escape(words)}" src="data:image/png;base64,{_base64(self.png)}">'
        )
        self._choose_between(painted=False)

    def _choose_between(self, *, painted):
        shown, hidden = self._hidden, self.picture
        if not painted:
            shown, hidden = hidden, shown
        shown.layout.display = None  # first, so that the page never jumps
        hidden.layout.display = "none"

    def _page_changed(self, _change):
        """Change over to the page's own painting, or back where it failed."""
        if self.painted.failure:
            self.log.warning("A page cannot paint a panel: %s", self.painted.failure)
        if self._drawn != self.settings:  # the list of these settings was kept
            self._shown(self.settings)
        self._put(self.words)

    def _cells(self):
        """Return the controls, the last of them with a button beside it that resets all."""
        self.reset_button = widgets.Button(description="Reset", layout={"width": "4.5em"})
        self.reset_button.on_click(self.reset)
        *others, last = self.controls.values()
        last.layout.flex = "1 1 auto"
        return [*others, widgets.HBox([last, self.reset_button])]

    def reset(self, _button=None):
        """Put every control where it was when the panel opened."""
        for name, value in self.opening.items():
            self.controls[name].value = value

    # Live: the latest values win. A burst of changes sets the mark `_stale` many times, and
    # costs one redraw, of the values found when it starts.

    def _changed(self, _change=None):
        self._stale = True
        if self._task is not None:
            return
        try:
            self._task = asyncio.get_running_loop().create_task(self._follow())
        except RuntimeError:  # no event loop, so no burst: plain Python
            self._stale = False
            self.redraw()

    async def _follow(self):
        try:
            while self._stale:
                await asyncio.sleep(0.002)  # lets the messages that wait come in first
                self._stale = False
                await self._redrawn()
        except Exception as error:  # where nobody waits for it, it would end unseen
            self.log.exception("A panel could not be drawn")
            reason = html.escape(f"{type(error).__name__}: {error}")
            self.picture.value = (
                f'<p role="alert">This picture could not be drawn. {reason}</p>'
            )
            self._choose_between(painted=False)
        finally:
            self._task = None

    async def _redrawn(self):
        self.redraw()

    # ipywidgets 7 shows a widget by this method, and then IPython asks for nothing else.
    _ipython_display_ = None

    def _repr_mimebundle_(self, **kwargs):
        if os.environ.get("COURSE_BAKE") == "1":
            return {"text/html": self._baked(), "text/plain": self.words}, {}
        words = self.words if self.png else self._shown(self.settings)
        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        data = {
            "application/vnd.jupyter.widget-view+json": view,
            "text/plain": words,
            "image/png": _base64(self.figure.canvas.kept()),
        }
        return data, {"image/png": {"alt": words}}

    def _baked(self):
        """Return HTML that holds a frame for every combination of the values to bake."""
        settings, album = self.settings, baked.Album(Recorder(self.figure.canvas))
        choices = [
            _choice(self.controls[name], _values(self.controls[name], values))
            for name, values in self.bake.items()
        ]
        values = [_values(self.controls[name], v) for name, v in self.bake.items()]
        # The main slider, which is the first, moves most: what a panel keeps for its other
        # settings, such as weights, serves all its values.
        found = {}
        for turned in itertools.product(*values[1:], *values[:1]):
            chosen = (*turned[-1:], *turned[:-1])
            start = len(album.frames)
            settings |= dict(zip(self.bake, chosen, strict=True))
            for words in self._frames(settings):
                album.add(words)
            found[chosen] = album.frames[start:]
        album.frames = [
            frame for chosen in itertools.product(*values) for frame in found[chosen]
        ]
        held = ", ".join(
            f"{self.controls[name].description}: {_label(value)}"
            for name, value in self.settings.items()
            if name not in self.bake
        )
        held = held and f"Here with {held}."
        choices += self._more_choices()
        page = baked.page(choices, album, self.figure.canvas.size, held, self.png)
        if len(page) > MOST_BYTES:
            raise ValueError(
                f"bake must make a page of at most {MOST_BYTES} bytes; the {len(album.frames)} "
                f"frames of {type(self.figure).__name__} take {len(page)}"
            )
        return page

    def _frames(self, settings):
        """Let the figure show what is baked of some settings; yield the words of each frame."""
        yield self._shown(settings)

    def _more_choices(self):
        """Return the choices among the frames of one setting."""
        return []


def _base64(data):
    return base64.b64encode(data).decode()


def _label(value):
    return f"{value:g}" if isinstance(value, float) else str(value)


def _read(control, value):
    """Return a value rounded as its control shows it: typed in again, it gives the same."""
    if isinstance(value, float) and hasattr(control, "readout_format"):
        return float(f"{value:{control.readout_format}}")
    return value


def _values(control, values):
    """Return the values to bake: those given, or for `...` every value of a slider.

    Of a fine slider it is every second, third ..., its own among them, `FINEST` at most.
    """
    if values is not ...:
        return tuple(values)
    log = isinstance(control, widgets.FloatLogSlider)
    now = math.log(control.value, control.base) if log else control.value
    count = round((control.max - control.min) / control.step)
    own = round((now - control.min) / control.step)
    every = -(-count // (FINEST - 2))
    places = sorted({0, *range(own % every, count + 1, every), count})
    found = [control.min + place * control.step for place in places]
    if log:
        found = [control.base**value for value in found]
    found = [type(control.value)(_read(control, value)) for value in found]
    found[places.index(own)] = control.value
    return tuple(dict.fromkeys(found))


def _open_at(controls, name, value):
    """Put a control where its panel is to open, or say why it cannot."""
    if name not in controls:
        raise TypeError(f"a panel opens at settings of {', '.join(controls)}; got {name!r}")
    control = controls[name]
    if not hasattr(control, "options"):
        value = _place(name, value, control)
    elif value not in control.options:
        options = ", ".join(map(repr, control.options))
        raise ValueError(f"{name} must be one of {options}; got {value!r}")
    control.value = value


def _place(name, value, slider):
    """Return the value of a slider at a number, or at the step that is nearest to it.

    A whole number must be a step; a slider of powers takes any.
    """
    low, high, kind = slider.min, slider.max, "a number"
    if isinstance(slider, widgets.FloatLogSlider):
        low, high = slider.base**low, slider.base**high
    whole = isinstance(slider, widgets.IntSlider)
    if whole:
        kind = "a whole number" if slider.step == 1 else f"a number in steps of {slider.step}"
    number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not number or not low <= value <= high or (whole and (value - low) % slider.step):
        low, high = (_label(_read(slider, end)) for end in (low, high))
        raise ValueError(f"{name} must be {kind} from {low} to {high}; got {value!r}")
    if not isinstance(slider, widgets.FloatLogSlider):
        value = low + slider.step * round((value - low) / slider.step)
    return _read(slider, type(slider.value)(value))


def _around(control, values):
    """Return values to bake in which the control's own has taken the place of the nearest."""
    if control.value in values:
        return values
    options = getattr(control, "options", None)
    place = options.index if options else float
    nearest = min(values, key=lambda value: abs(place(value) - place(control.value)))
    return tuple(control.value if value == nearest else value for value in values)


def _choice(control, values):
    """Return a `Choice` of one of `values` that starts at `control`'s own."""
    if len(values) < 2 or control.value not in values:
        raise ValueError(
            f"bake[{control.description!r}] must have at least 2 values, among them "
            f"{control.value!r}; got {values!r}"
        )
    return baked.Choice(
        name=control.description,
        labels=[_label(value) for value in values],
        start=values.index(control.value),
        buttons=isinstance(control, widgets.ToggleButtons),
    )


def _fill_column(control):
    """Give a control the width of its column, and its label that of the others."""
    control.style.description_width = "9em"
    control.layout.width = "auto"
    if isinstance(control, widgets.ToggleButtons):  # left alone, one below the other
        control.add_class("widget-inline-hbox")
        control.style.button_width = "auto"


def picture(figure, **data):
    """Return a panel without controls: a figure that shows `data`."""
    return Panel(figure, lambda: data, {}, {})


def seed_slider(maximum=20):
    """Return the slider that draws new weights."""
    return widgets.IntSlider(1, 1, maximum, description="weights (seed)")
