"""Figures: one small class each, which draws what it is given and computes nothing.

A figure builds its axes once. ``update(...)`` moves its artists and returns a sentence that
says what the figure shows at these settings; ``canvas`` turns it into pixels. Each module is
named after its lesson; `canvas` holds what they share.
"""

from helpers.figures import backend  # noqa: F401 (before any import of Matplotlib)
from helpers.figures.beyond import CorrelationMap, LengthMap, Spectra
from helpers.figures.frameworks import DefaultsInDepth, ModelInDepth
from helpers.figures.he import RectifiersInDepth, SignalInDepth
from helpers.figures.one_step import (
    LineThroughXor,
    LossAlongGradient,
    NetworkDiagram,
    WorkedStep,
)
from helpers.figures.random import NetworksVote, OneLayer, RidgesInDepth, ScaleInDepth
from helpers.figures.residual import AttentionAndFirstLoss, FirstStep, StreamInDepth
from helpers.figures.start_here import SumOfInputs
from helpers.figures.training import TrainingRun
from helpers.figures.xavier import ForwardAndBackward
from helpers.figures.zero import HiddenUnits

__all__ = [
    "AttentionAndFirstLoss",
    "CorrelationMap",
    "DefaultsInDepth",
    "FirstStep",
    "ForwardAndBackward",
    "HiddenUnits",
    "LengthMap",
    "LineThroughXor",
    "LossAlongGradient",
    "ModelInDepth",
    "NetworkDiagram",
    "NetworksVote",
    "OneLayer",
    "RectifiersInDepth",
    "RidgesInDepth",
    "ScaleInDepth",
    "SignalInDepth",
    "Spectra",
    "StreamInDepth",
    "SumOfInputs",
    "TrainingRun",
    "WorkedStep",
]
