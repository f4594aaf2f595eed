"""The panel of lesson 0."""

import math

import ipywidgets as widgets
import numpy as np

from helpers import figures
from helpers.panels.panel import Panel


def sum_panel(**opening):
    """Show how widely a weighted sum of n inputs scatters (lesson 0).

    Inputs and weights are drawn from N(0, 1), so that the sum has variance n.

    Parameters
    ----------
    **opening
        Settings to open at, by the names of the controls; see `Panel`.

    Returns
    -------
    Panel
    """
    rng = np.random.default_rng(0)
    most, samples = 1000, 2000
    products = rng.standard_normal((samples, most)) * rng.standard_normal((samples, most))
    sums = products.cumsum(axis=1)  # column n - 1 holds the sums of the first n products
    edges = np.linspace(-figures.SumOfInputs.REACH, figures.SumOfInputs.REACH, 111)

    def compute(n):
        z = sums[:, n - 1]
        heights, _ = np.histogram(z, edges)
        return {
            "n": n,
            "heights": heights,
            "edges": edges,
            "measured": np.sqrt(np.mean(z**2)),
            "predicted": math.sqrt(n),
        }

    controls = {"n": widgets.IntSlider(100, 1, most, description="inputs n")}
    bake = {"n": ...}
    return Panel(figures.SumOfInputs(), compute, controls, bake, opening)
