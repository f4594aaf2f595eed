"""Panels: controls above a figure that follows them.

Each module is named after its lesson and holds functions that return a `Panel`; `panel` holds
the mechanism, `live` that of what takes seconds, `networks` what several of them send signals
through.
"""

from helpers.panels.beyond import correlation_panel, length_panel, spectrum_panel
from helpers.panels.frameworks import defaults_panel
from helpers.panels.he import depth_panel, units_panel
from helpers.panels.one_step import line_panel, network_panel, rate_panel, step_panel
from helpers.panels.panel import MOST_BYTES, Panel, picture
from helpers.panels.random import layer_panel, ridges_panel, scale_panel, vote_panel
from helpers.panels.residual import attention_panel, first_step_panel, stream_panel
from helpers.panels.start_here import sum_panel
from helpers.panels.training import training_panel
from helpers.panels.xavier import fans_panel
from helpers.panels.zero import symmetry_panel

PANELS = (
    sum_panel,
    network_panel,
    step_panel,
    rate_panel,
    line_panel,
    symmetry_panel,
    layer_panel,
    scale_panel,
    ridges_panel,
    vote_panel,
    fans_panel,
    depth_panel,
    units_panel,
    training_panel,
    length_panel,
    correlation_panel,
    spectrum_panel,
    defaults_panel,
    stream_panel,
    first_step_panel,
    attention_panel,
)

__all__ = [
    "MOST_BYTES",
    "PANELS",
    "Panel",
    "picture",
    *(make.__name__ for make in PANELS),
]
