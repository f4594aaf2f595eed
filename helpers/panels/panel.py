"""The mechanism of every panel.

One call has three lives. In JupyterLab the kernel redraws the figure while a slider is
dragged. The output saved in the notebook holds the first picture and its description, for
readers on a web page. And with the environment variable COURSE_BAKE=1 the output is HTML with a
picture for each of chosen settings, so that the controls work on a page without a kernel.
"""

import asyncio
import base64
import html
import itertools
import math
import os

import ipywidgets as widgets
from threadpoolctl import ThreadpoolController

from helpers.panels import baked

MAX_BAKED_FRAMES = 60  # a figure; at some 20 kB each a deck stays under 10 MB

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
        For some controls, the values to bake, among them the control's own.
    """

    def __init__(self, figure, compute, controls, bake):
        self.figure, self.compute, self.controls, self.bake = figure, compute, controls, bake
        self._task, self._stale = None, False
        for name, control in controls.items():
            control.description = control.description or name
            control.observe(self._changed, "value")
            _fill_column(control)
        # As many columns of controls as fit; the figure keeps its size on a wide page.
        columns = "repeat(auto-fit, minmax(24em, 1fr))"
        layout = {"grid_template_columns": columns, "grid_gap": "4px", "padding": "4px 0"}
        grid = [widgets.GridBox(list(controls.values()), layout=layout)] if controls else []
        self.picture = widgets.HTML()
        super().__init__([*grid, self.picture], layout={"max_width": "1080px"})
        self.redraw()

    @property
    def settings(self):
        """Each control's current value, rounded as displayed."""
        return {name: _read(control, control.value) for name, control in self.controls.items()}

    def frame(self, settings, *, small=False):
        """Return the picture at `settings` as PNG, or small as WebP, and its words."""
        settings = {name: _read(self.controls[name], v) for name, v in settings.items()}
        with one_blas_thread():
            data = self.compute(**settings)
        return self._drawn(data, settings, small=small)

    def _drawn(self, data, settings, *, small=False):
        words = self.figure.update(**data)
        named = "; ".join(
            f"{self.controls[name].description} {_label(value)}"
            for name, value in settings.items()
        )
        canvas = self.figure.canvas
        if named:
            words = f"{words} Settings: {named}."
        return canvas.webp() if small else canvas.png(), words

    def redraw(self):
        """Draw the figure at the current settings."""
        self._put(*self.frame(self.settings))

    def _put(self, png, words):
        self.png, self.words = png, words
        width, height = self.figure.canvas.size
        self.picture.value = (
            f'<img width="{width}" height="{height}" decoding="sync" '
            'style="max-width: 100%; height: auto" '
            f'alt="{html.escape(words)}" src="data:image/png;base64,{_base64(png)}">'
        )

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
        finally:
            self._task = None

    async def _redrawn(self):
        self.redraw()

    # ipywidgets 7 shows a widget by this method, and then IPython asks for nothing else.
    _ipython_display_ = None

    def _repr_mimebundle_(self, **kwargs):
        if os.environ.get("COURSE_BAKE") == "1":
            return {"text/html": self._baked(), "text/plain": self.words}, {}
        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        data = {
            "application/vnd.jupyter.widget-view+json": view,
            "text/plain": self.words,
            "image/png": _base64(self.png),
        }
        return data, {"image/png": {"alt": self.words}}

    def _baked(self):
        """Return HTML that holds a picture for every combination of the values to bake."""
        if not self.controls:
            return baked.picture(self.frame({}, small=True), self.figure.canvas.size)
        choices = [_choice(self.controls[name], values) for name, values in self.bake.items()]
        count = math.prod(len(choice.labels) for choice in choices)
        if count > MAX_BAKED_FRAMES:
            raise ValueError(f"bake must make at most {MAX_BAKED_FRAMES} frames; got {count}")
        settings = self.settings
        frames = [
            self.frame({**settings, **dict(zip(self.bake, values, strict=True))}, small=True)
            for values in itertools.product(*self.bake.values())
        ]
        held = ", ".join(
            f"{self.controls[name].description}: {_label(value)}"
            for name, value in settings.items()
            if name not in self.bake
        )
        held = held and f"Here with {held}."
        return baked.page(choices, frames, self.figure.canvas.size, held)


def _base64(data):
    return base64.b64encode(data).decode()


def _label(value):
    return f"{value:g}" if isinstance(value, float) else str(value)


def _read(control, value):
    """Return a value rounded as its control shows it: typed in again, it gives the same."""
    if isinstance(value, float) and hasattr(control, "readout_format"):
        return float(f"{value:{control.readout_format}}")
    return value


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
