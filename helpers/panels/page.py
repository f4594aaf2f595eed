"""The picture of a live panel: its figure as a list, which the page paints (`paint.js`)."""

import anywidget
import traitlets

from helpers.figures.baked import as_json, script
from helpers.figures.recorder import Recorder


class PagePicture(anywidget.AnyWidget):
    """What a figure shows, painted by the page.

    Its script says whether it runs: an old browser, or a server without anywidget's extension,
    cannot run it.

    Parameters
    ----------
    canvas : helpers.figures.canvas.Canvas

    Attributes
    ----------
    runs : bool
        Whether a page can show it.
    failure : str
        Why a page that could cannot any more.
    """

    _esm = script("paint") + script("live", package="helpers.panels")
    size = traitlets.List().tag(sync=True)
    columns = traitlets.List().tag(sync=True)
    palettes = traitlets.Dict().tag(sync=True)
    still = traitlets.Unicode().tag(sync=True)  # JSON: one value to compare, not thousands
    moving = traitlets.Unicode().tag(sync=True)
    words = traitlets.Unicode().tag(sync=True)
    runs = traitlets.Bool().tag(sync=True)
    failure = traitlets.Unicode().tag(sync=True)

    def __init__(self, canvas):
        self._recorder, self._stills = Recorder(canvas), {}
        super().__init__(size=self._recorder.size, columns=self._recorder.columns)

    def note(self, words):
        """Return what the page needs to paint what the figure shows now, said in words."""
        recorder = self._recorder
        limits = recorder.limits()
        if limits not in self._stills:
            self._stills[limits] = as_json(recorder.still())
        moving = as_json(recorder.moving())
        return {
            "palettes": dict(recorder.palettes),
            "still": self._stills[limits],
            "moving": moving,
            "words": words,
        }

    def show(self, noted):
        """Let the page paint what was noted."""
        with self.hold_sync():  # one message
            for name, value in noted.items():
                setattr(self, name, value)
