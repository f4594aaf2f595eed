"""A panel for what takes seconds: it is shown while it runs, and can be stopped.

Between two pieces of the work the kernel reads its messages. So a click on Stop, or another
value of a control, takes effect after one piece and one picture. The last run that came to an
end stays in the picture, to be compared with the next.
"""

import asyncio
import time
from collections.abc import Callable
from typing import NamedTuple

import ipywidgets as widgets

from helpers.figures.baked import Choice
from helpers.panels.panel import Panel, _label, _read, one_blas_thread

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

    A change of a control starts another run, and one that has not ended is dropped. Of what the
    last run with other settings came to the figure gets ``before=(words, data)``, where the
    words say which settings have changed; None without a kernel, where there was no other.

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
        self._ended, self.before = None, None  # settings and data of the last runs that ended
        super().__init__(figure, self._finished, controls, bake, opening)
        controls_above, *pictures = self.children
        self.children = [controls_above, self._run_controls(), *pictures]

    def _finished(self, **settings):
        *_, end = self.run(**settings)
        return end.data()

    def redraw(self):
        """Run to the end at the current settings, and draw that."""
        settings = self.settings
        self._begins(settings)
        with one_blas_thread():
            data = self.compute(**settings)
        self._put(self._beside_the_last(data, settings))
        self._ended = settings, data

    def _begins(self, settings):
        """Keep what the last run came to, if it had other settings."""
        if self._ended and self._ended[0] != settings:
            self.before = self._ended

    def _beside_the_last(self, data, settings):
        """Let the figure show a run beside the one before, and return that in words."""
        if self.before is None:
            return self._said(data, settings)
        theirs, shown = self.before
        changed = ", ".join(
            f"{self.controls[name].description} {_label(value)}"
            for name, value in theirs.items()
            if settings[name] != value
        )
        return self._said({**data, "before": (changed, shown)}, settings)

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
        self._begins(settings)
        progress, began, drawn = None, time.monotonic(), 0.0
        self.stop.disabled = False
        try:
            while True:
                progress, ended = _go_on(work, progress)
                if ended:
                    return self._end(progress, settings)
                if (now := time.monotonic()) - drawn >= PICTURE:
                    self._show(progress, settings, left=_seconds_left(progress, now - began))
                    drawn = time.monotonic()
                await asyncio.sleep(0.002)  # lets the messages that wait come in
                if self._stale:
                    return None
                if self._stopped:
                    return self._end(progress, settings, stopped=True)
        finally:
            work.close()
            self.stop.disabled = True

    def _show(self, progress, settings, *, stopped=False, left=""):
        self.bar.value = progress.done / progress.total
        self.progress.value = f"{'stopped at ' if stopped else ''}{progress}{left}"
        with one_blas_thread():
            data = progress.data()
        words = self._beside_the_last(data, settings)
        self._put(f"Stopped at {progress}. {words}" if stopped else words)
        return data

    def _end(self, progress, settings, *, stopped=False):
        self._ended = settings, self._show(progress, settings, stopped=stopped)


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
