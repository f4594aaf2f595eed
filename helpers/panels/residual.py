"""The panels of lesson 9."""

import math
from functools import cache, lru_cache
from itertools import pairwise

import ipywidgets as widgets
import numpy as np

from helpers import figures
from helpers.figures.residual import SCALED, STEPPED
from helpers.language import (
    entropy,
    expected_first_loss,
    first_losses,
    normal_entropy,
)
from helpers.panels.networks import inputs
from helpers.panels.panel import Panel, seed_slider
from helpers.residual import softmax
from helpers.starts import RULES, STARTS, draw_branches, first_step, send

DEEPEST, WIDTH, SAMPLES = 100, 64, 16
SHOWN = (
    "plain",
    "1/√L in the weights",
    "pre-norm",
    "pre-norm, 1/√L",
    "post-norm",
    "last layer 0",
)


def stream_panel(**opening):
    """Follow signal and gradient along a residual stream (lesson 9).

    Branches of two layers with ReLU, 64 units wide; `gain` multiplies the last layer's weights.
    A deeper stream has the branches of a less deep one, and more.

    Parameters
    ----------
    **opening
        Settings to open at, by the names of the controls; see `Panel`.

    Returns
    -------
    Panel
    """

    def compute(depth, start, gain, seed):
        drawn = [(W_1, gain * W_2) for W_1, W_2 in _branches(seed)[:depth]]
        x = inputs(SAMPLES, WIDTH).astype(float)
        x /= np.sqrt(np.mean(x**2))
        places, backward = send(start, drawn, x)
        gradients, _ = backward(np.random.default_rng(0).standard_normal(x.shape))
        gradient = np.array([np.mean(g**2) for g in gradients])
        signal = np.array([np.mean(place**2) for place in places])
        return {
            "start": start,
            "measured": (signal, gradient / gradient[-1]),
            "theory": wide_stream(start, depth, gain),
            "shares": shares_of(places),
        }

    controls = {
        "depth": widgets.IntSlider(24, 2, DEEPEST, description="branches L"),
        "gain": widgets.FloatSlider(1.0, min=0.25, max=2, step=0.25, description="branch gain"),
        "start": widgets.ToggleButtons(options=list(SHOWN)),
        "seed": seed_slider(),
    }
    bake = {"depth": ..., "start": SHOWN, "gain": (0.5, 1.0)}
    return Panel(figures.StreamInDepth(), compute, controls, bake, opening)


@lru_cache(maxsize=4)
def _branches(seed):
    return draw_branches(DEEPEST, WIDTH, np.random.default_rng(seed))


def wide_stream(start, depth, gain=1.0):
    """Return mean squares of signal and gradient in wide layers, from no branch to all.

    Both are 1 where they start.
    """
    _, last, norm, _, scale = STARTS[start](depth)
    added = (gain * last * scale) ** 2  # beside what a branch is given
    branches = np.arange(depth + 1)
    if norm == "post":
        return np.ones(depth + 1), np.ones(depth + 1)
    signal = 1 + added * branches if norm == "pre" else (1 + added) ** branches.astype(float)
    # What the rest of the stream multiplies the signal by, it multiplies the gradient by.
    return signal, signal[-1] / signal


def shares_of(places):
    """Return what the start and each branch have in the mean square of a stream's end.

    The part of a place that points as the place before it is what went past the branch.
    """
    passed = []
    for before, after in pairwise(places):
        squares = np.vdot(before, before) * np.vdot(after, after)
        passed.append(np.vdot(before, after) ** 2 / squares)
    left = np.append(np.cumprod(passed[::-1])[::-1], 1.0)  # of each place, at the end
    return np.append(left[0], (1 - np.array(passed)) * left[1:])


DEPTHS = np.array([4, 16, 64])
NARROW, NETWORKS, BATCH = 32, 8, 16


def first_step_panel(**opening):
    """See how far one step moves the output, for deeper and deeper streams (lesson 9).

    Means over eight networks, 32 units wide, of 16 inputs with random targets.

    Parameters
    ----------
    **opening
        Settings to open at, by the names of the controls; see `Panel`.

    Returns
    -------
    Panel
    """

    def compute(rate, rule, seed):
        changes, losses = {}, {}
        for start in STEPPED:
            found = [_moved(start, int(depth), rule, seed, rate) for depth in DEPTHS]
            changes[start], losses[start] = np.transpose(found)
        return {"rule": rule, "depths": DEPTHS, "changes": changes, "losses": losses}

    controls = {
        "rate": widgets.FloatLogSlider(
            1e-4, min=-5, max=-1, step=0.125, readout_format=".2g", description="learning rate"
        ),
        "rule": widgets.ToggleButtons(options=list(RULES), description="step by"),
        "seed": seed_slider(),
    }
    bake = {"rate": ..., "rule": tuple(RULES), "seed": (1, 2)}
    return Panel(figures.FirstStep(), compute, controls, bake, opening)


def _moved(start, depth, rule, seed, rate):
    """Return the change of the output, and the loss beside that before: geometric means."""
    output, target, after = _ready(start, depth, rule, seed)
    moved = after(rate)
    change = np.mean((moved - output) ** 2, axis=(-2, -1)) / 2
    losses = (np.mean((one - target) ** 2, axis=(-2, -1)) for one in (moved, output))
    now, before = losses
    return np.exp(np.log(2 * change).mean() / 2), np.exp(np.log(now / before).mean())


@lru_cache(maxsize=2 * len(STEPPED) * len(DEPTHS))
def _ready(start, depth, rule, seed):
    """Return outputs, targets, and what takes a step of a rate."""
    branches, x, readout, target = _problem(seed)
    found = first_step(start, branches[:depth], x, readout, target, rule=rule)
    return found[0], target, found[1]


@lru_cache(maxsize=2)
def _problem(seed):
    rng = np.random.default_rng(seed)
    branches = draw_branches(int(DEPTHS[-1]), NARROW, rng, networks=NETWORKS)
    x, target = (rng.standard_normal((NETWORKS, BATCH, n)) for n in (NARROW, 1))
    readout = rng.standard_normal((NETWORKS, NARROW, 1)) / NARROW**0.5
    return branches, x, readout, target


TOKENS, QUERIES = 64, 200
SIZES = 2 ** np.arange(2, 9)  # of d_k, measured for all scales
FACTORS = dict(zip(SCALED, (lambda d: 1.0, lambda d: d**-0.5, lambda d: 1 / d), strict=True))
VOCABULARY, EMBEDDED = 2000, 256
STDS = np.array([0.005, 0.01, 0.1, 0.2, 0.4, 0.02, EMBEDDED**-0.5, 1.0])


def attention_panel(**opening):
    """See attention's shares and entropy, and the first loss by its embedding (lesson 9).

    64 tokens, with queries and keys of independent standard normal numbers, of which a smaller
    d_k has the first. A vocabulary of 2000 tokens, embedded in 256 numbers.

    Parameters
    ----------
    **opening
        Settings to open at, by the names of the controls; see `Panel`.

    Returns
    -------
    Panel
    """

    def compute(d_k, scale, share, seed):
        found = softmax(FACTORS[scale](d_k) * _scores(seed, d_k))
        losses, own = _losses(seed, share)
        return {
            "d_k": d_k,
            "scale": scale,
            "shares": np.sort(found[0])[::-1],
            "entropy": float(entropy(found).mean()),
            "entropies": (SIZES, _entropies(seed)),
            "expected": _expected_entropies(),
            "stds": STDS,
            "losses": {"own": _losses(seed, 0.0)[0], "tied": losses},
            "formula": {"own": _formula(0.0), "tied": _formula(share)},
            "own": own,
        }

    controls = {
        "d_k": widgets.IntSlider(64, 4, 256, 4),
        "scale": widgets.ToggleButtons(options=list(SCALED), value="1", description="scores ×"),
        "share": widgets.FloatSlider(
            0.5, min=0, max=1, step=0.1, description="own share, tied"
        ),
        "seed": seed_slider(),
    }
    bake = {"d_k": ..., "scale": tuple(SCALED), "share": (0.0, 0.5, 1.0)}
    return Panel(figures.AttentionAndFirstLoss(), compute, controls, bake, opening)


@lru_cache(maxsize=4)
def _tokens(seed):
    rng = np.random.default_rng(seed)
    return [rng.standard_normal((n, int(SIZES[-1]))) for n in (QUERIES, TOKENS)]


def _scores(seed, d_k):
    queries, keys = _tokens(seed)
    return queries[:, :d_k] @ keys[:, :d_k].T


@lru_cache(maxsize=4)
def _entropies(seed):
    return {
        name: np.array(
            [entropy(softmax(factor(d) * _scores(seed, int(d)))).mean() for d in SIZES]
        )
        for name, factor in FACTORS.items()
    }


@cache
def _expected_entropies():
    """Return values of d_k, and the entropy of normal scores as spread as there, by scale."""
    sizes = np.geomspace(4, 256, 25)

    def expected(deviation):  # of the same numbers, so that the curve is smooth
        return normal_entropy(TOKENS, deviation, np.random.default_rng(0))

    found = {
        name: np.array([expected(factor(d) * d**0.5) for d in sizes])
        for name, factor in FACTORS.items()
    }
    return sizes, found


@lru_cache(maxsize=32)
def _losses(seed, share):
    rng = np.random.default_rng(seed)
    return first_losses(VOCABULARY, EMBEDDED, STDS, rng, share=share, dtype=np.float32)


@lru_cache(maxsize=16)
def _formula(share):
    """Return stds and losses, half-way to where few logits decide."""
    stds = np.geomspace(0.004, math.sqrt(math.log(VOCABULARY) / EMBEDDED), 40)
    losses = [
        expected_first_loss(VOCABULARY, EMBEDDED, float(std), share=share) for std in stds
    ]
    return stds, np.array(losses)
