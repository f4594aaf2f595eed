"""The mechanism of every panel.

One call has three lives. In JupyterLab the kernel redraws the figure while a slider is
dragged. With the environment variable COURSE_BAKE=1 the same call bakes a picture for chosen
settings, so that the controls work on a page without a kernel. And the output saved in the
notebook holds the first picture and its description, for readers on a web page.
"""

import asyncio
import base64
import html
import math
import os

import ipywidgets as widgets
import numpy as np
from threadpoolctl import ThreadpoolController

MAX_BAKED_FRAMES = 60  # a figure; at some 20 kB each a deck stays under 10 MB

# A second BLAS thread competes with the browser for the processor: 131 ms a redraw, not 102.
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
        self.figure, self.compute, self.controls = figure, compute, controls
        self._task, self._stale = None, False
        for name, control in controls.items():
            control.description = control.description or name
        if os.environ.get("COURSE_BAKE") == "1":
            shown, picture, note = self._baked(bake)
        else:
            shown, picture, note = list(controls.values()), widgets.HTML(), []
            for control in shown:
                control.observe(self._changed, "value")
        for control in shown:
            _fill_column(control)
        # As many columns of controls as fit; the figure keeps its size on a wide page.
        columns = "repeat(auto-fit, minmax(24em, 1fr))"
        layout = {"grid_template_columns": columns, "grid_gap": "4px", "padding": "4px 0"}
        grid = widgets.GridBox(shown, layout=layout)
        self.picture = picture
        super().__init__([grid, picture, *note], layout={"max_width": "1080px"})
        self.redraw()

    @property
    def settings(self):
        """The present value of every control as it is read on it, by name."""
        return {name: _read(control, control.value) for name, control in self.controls.items()}

    def frame(self, settings, *, small=False):
        """Return the picture at `settings` as PNG bytes, and what it shows in words."""
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
        return self.figure.canvas.png(small=small), f"{words} Settings: {named}."

    def redraw(self):
        """Draw the figure at the present settings."""
        self._put(*self.frame(self.settings))

    def _put(self, png, words):
        self.png, self.words = png, words
        if isinstance(self.picture, widgets.HTML):
            self.picture.value = self._image(png, words)

    def _image(self, png, words):
        height, width, _ = np.shape(self.figure.canvas.figure.canvas.buffer_rgba())
        return (
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
        except Exception as error:  # it would end unseen in a log
            reason = html.escape(f"{type(error).__name__}: {error}")
            self.picture.value = (
                f'<p role="alert">This picture could not be drawn. {reason}</p>'
            )
        finally:
            self._task = None

    async def _redrawn(self):
        self.redraw()

    # Baked: a stack of stacks of pictures, one level for each control.

    def _baked(self, bake):
        count = math.prod(len(values) for values in bake.values())
        if count > MAX_BAKED_FRAMES:
            raise ValueError(f"bake must make at most {MAX_BAKED_FRAMES} frames; got {count}")
        choices = {name: _choice(self.controls[name], values) for name, values in bake.items()}

        def frames(settings, names):
            if not names:
                return widgets.HTML(self._image(*self.frame(settings, small=True)))
            name, *others = names
            pictures = [frames({**settings, name: v}, others) for v in bake[name]]
            level = widgets.Stack(pictures, selected_index=choices[name].index)
            widgets.jslink((choices[name], "index"), (level, "selected_index"))
            return level

        picture = frames(self.settings, list(bake))
        held = [
            f"{control.description}: {_label(self.settings[name])}"
            for name, control in self.controls.items()
            if name not in bake
        ]
        note = [widgets.HTML(f"<p>Here with {', '.join(held)}.</p>")] if held else []
        return list(choices.values()), picture, note

    # Saved: the first picture and its words, beside the widget.

    def _repr_mimebundle_(self, **kwargs):
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        saved = {"text/plain": self.words, "image/png": _base64(self.png)}
        return {**data, **saved}, {**metadata, "image/png": {"alt": self.words}}


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
    """Return a control that picks one of `values` by index, starting at `control`'s own."""
    if len(values) < 2 or control.value not in values:
        raise ValueError(
            f"bake[{control.description!r}] must have at least 2 values, among them "
            f"{control.value!r}; got {values!r}"
        )
    words = isinstance(control.value, str)
    kind = widgets.ToggleButtons if words else widgets.SelectionSlider
    return kind(
        options=[(_label(value), value) for value in values],
        value=control.value,
        description=control.description,
    )


def _fill_column(control):
    """Give a control the width of its column, and its label that of the others."""
    control.style.description_width = "9em"
    control.layout.width = "auto"
    if isinstance(control, widgets.ToggleButtons):  # left alone, one below the other
        control.add_class("widget-inline-hbox")
        control.style.button_width = "auto"


def seed_slider(maximum=20):
    """Return the slider that draws new weights."""
    return widgets.IntSlider(1, 1, maximum, description="weights (seed)")
