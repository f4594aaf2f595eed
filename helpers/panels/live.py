"""A panel for what takes seconds: it is shown while it runs, and can be stopped.

Between two pieces of the work the kernel reads its messages. So a click on Stop, or another
value of a control, takes effect after one piece and one picture.
"""

import asyncio
import time
from collections.abc import Callable
from typing import NamedTuple

import ipywidgets as widgets

from helpers.figures.baked import Choice
from helpers.panels.panel import Panel, _read, one_blas_thread

BAKED_STEPS = 25
PIECE, PICTURE = 0.02, 0.09  # seconds of work between two messages, and between two pictures


class Progress(NamedTuple):
    """How far a run has come."""

    done: int
    total: int
    data: Callable  # () -> what the figure shows; called at once, or never

    def __str__(self):
        return f"step {self.done} of {self.total}"


class LivePanel(Panel):
    """A panel whose picture is the end of a run, and which shows the run on request.

    A change of a control starts another run, and the one before is dropped.

    Parameters
    ----------
    figure, controls, bake, opening
        As for `Panel`.
    run : callable
        Generator function: ``run(**settings)`` yields a `Progress` after each piece of work, of
        at most some 50 ms. The pieces do not depend on which of them are drawn.
    """

    def __init__(self, figure, run, controls, bake, opening=None):
        self.run, self._stopped = run, False
        super().__init__(figure, self._finished, controls, bake, opening)
        controls_above, *pictures = self.children
        self.children = [controls_above, self._run_controls(), *pictures]

    def _finished(self, **settings):
        *_, end = self.run(**settings)
        return end.data()

    # On a page without a kernel, the run has a slider of its own.

    def _frames(self, settings):
        settings = {name: _read(self.controls[name], v) for name, v in settings.items()}
        wanted, words = list(self._steps()), None
        with one_blas_thread():
            for progress in self.run(**settings):
                if progress.done == wanted[0]:
                    words = self._said(progress.data(), settings)
                    yield words
                    wanted.pop(0)
            if wanted:  # it ended before: what it came to is shown to the last step
                words = self._said(progress.data(), settings)
        for _ in wanted:
            yield words

    def _more_choices(self):
        labels = [str(step) for step in self._steps()]
        return [Choice("step", labels, start=len(labels) - 1, buttons=False)]

    def _steps(self):
        """Return the steps of a run that are baked, from 0 to the last."""
        total = next(self.run(**self.settings)).total
        return sorted({round(total * i / (BAKED_STEPS - 1)) for i in range(BAKED_STEPS)})

    def _run_controls(self):
        self.again = widgets.Button(description="Train again", icon="play")
        self.stop = widgets.Button(description="Stop", icon="stop", disabled=True)
        self.bar = widgets.FloatProgress(1, min=0, max=1)
        self.progress = widgets.Label()
        self.again.on_click(self._changed)
        self.stop.on_click(self._stop)
        return widgets.HBox([self.again, self.stop, self.bar, self.progress])

    def _changed(self, _change=None):
        self._stopped = False
        super()._changed()

    def _stop(self, _button):
        self._stopped = True

    async def _redrawn(self):
        """Run to the end, or until something else is wanted."""
        settings, work = self.settings, self.run(**self.settings)
        progress, began, drawn = None, time.monotonic(), 0.0
        self.stop.disabled = False
        try:
            while True:
                progress, ended = _go_on(work, progress)
                if ended:
                    return self._show(progress, settings)
                if (now := time.monotonic()) - drawn >= PICTURE:
                    self._show(progress, settings, left=_seconds_left(progress, now - began))
                    drawn = time.monotonic()
                await asyncio.sleep(0.002)  # lets the messages that wait come in
                if self._stale:
                    return None
                if self._stopped:
                    return self._show(progress, settings, stopped=True)
        finally:
            work.close()
            self.stop.disabled = True

    def _show(self, progress, settings, *, stopped=False, left=""):
        self.bar.value = progress.done / progress.total
        self.progress.value = f"{'stopped at ' if stopped else ''}{progress}{left}"
        with one_blas_thread():
            data = progress.data()
        words = self._said(data, settings)
        self._put(f"Stopped at {progress}. {words}" if stopped else words)


def _go_on(work, progress):
    """Do a piece of the work; return where it stands then, and whether it has ended."""
    end = time.monotonic() + PIECE
    with one_blas_thread():
        for progress in work:
            if time.monotonic() >= end:
                return progress, False
    return progress, True


def _seconds_left(progress, seconds):
    """Say how long the rest takes, if it is worth saying."""
    left = seconds * (progress.total / max(progress.done, 1) - 1)
    return f", about {left:.0f} s left" if left >= 1 and seconds > 0.2 else ""
