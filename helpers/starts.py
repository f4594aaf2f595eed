"""How a deep residual network may start, and what its first step does.

A network is a stream of `depth` branches of two layers with ReLU, as wide as the stream. Drawn
by `draw_branches`, a branch keeps the mean square of its input; a `Start` then scales its
weights, or what it adds. `STARTS` holds those of the literature by name, each as a function of
the depth.
"""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers.initializers import normal
from helpers.residual import feed_forward, stream
from helpers.validation import (
    check_choice,
    check_positive_int,
    check_real_array,
    check_rng,
)

Branches = Sequence[tuple[NDArray, NDArray]]


class Start(NamedTuple):
    """Factors of a branch's weights, and how it is joined to the stream (`residual`)."""

    first: float = 1.0  # of the first layer's weights
    last: float = 1.0  # of the last layer's
    norm: str = "none"
    skip: float = 1.0
    scale: float = 1.0


# Of a transformer with N layers each has two branches: there the depth is 2 N.
STARTS: dict[str, Callable[[int], Start]] = {
    "plain": lambda depth: Start(),
    "1/√L in the weights": lambda depth: Start(last=depth**-0.5),
    "1/√L in front": lambda depth: Start(scale=depth**-0.5),
    # Goyal et al. 2017, https://arxiv.org/abs/1706.02677, section 5.1, by the gain of a batch
    # normalization; ReZero and SkipInit by a factor in front.
    "last layer 0": lambda depth: Start(last=0.0),
    # Zhang et al. 2019, https://arxiv.org/abs/1901.09321: L^(-1/(2m - 2)) for m = 2 layers.
    "Fixup": lambda depth: Start(first=depth**-0.5, last=0.0),
    "pre-norm": lambda depth: Start(norm="pre"),
    # Radford et al. 2019, "Language models are unsupervised multitask learners", section 2.3.
    "pre-norm, 1/√L": lambda depth: Start(last=depth**-0.5, norm="pre"),
    "post-norm": lambda depth: Start(norm="post"),
    # Wang et al. 2022, https://arxiv.org/abs/2203.00555: (2 N)^(1/4) and (8 N)^(-1/4).
    "DeepNorm": lambda depth: Start(
        first=(4 * depth) ** -0.25, last=(4 * depth) ** -0.25, norm="post", skip=depth**0.25
    ),
}
RULES: dict[str, Callable[[NDArray], NDArray]] = {
    "gradient": lambda gradient: gradient,  # gradient descent
    "sign": np.sign,  # Adam's first step
}


def draw_branches(
    depth: int,
    width: int,
    rng: np.random.Generator,
    *,
    networks: int | None = None,
    dtype: type = float,
) -> list[tuple[NDArray, NDArray]]:
    """Return He's weights for the first layer of each branch, and LeCun's for the last.

    Parameters
    ----------
    depth, width : int
    rng : numpy.random.Generator
    networks : int, optional
        Of a stack of independent networks; a single one by default.
    dtype : type

    Returns
    -------
    list of (ndarray, ndarray)
        Each of shape (width, width), or (networks, width, width).

    Raises
    ------
    TypeError, ValueError
        If an argument is not one of those described.
    """
    depth, width = check_positive_int("depth", depth), check_positive_int("width", width)
    stack = () if networks is None else (check_positive_int("networks", networks),)
    shape, rng = (*stack, width, width), check_rng(rng)
    return [
        (
            normal(shape, rng, std=math.sqrt(2 / width), dtype=dtype),
            normal(shape, rng, std=math.sqrt(1 / width), dtype=dtype),
        )
        for _ in range(depth)
    ]


def send(
    start: str, branches: Branches, x: ArrayLike
) -> tuple[list[NDArray], Callable[[NDArray], tuple[list[NDArray], list[tuple[NDArray, ...]]]]]:
    """Send a batch through branches that start by a name of `STARTS`; see `residual.stream`.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> places, backward = send("last layer 0", draw_branches(5, 4, rng), np.ones((2, 4)))
    >>> bool((places[5] == places[0]).all())
    True
    """
    blocks, options = _blocks(start, branches)
    return stream(x, blocks, **options)


def _blocks(start, branches):
    """Return blocks with scaled weights, and how they are joined."""
    check_choice("start", start, STARTS)
    first, last, norm, skip, scale = STARTS[start](len(branches))
    blocks = [
        # As numbers of Python: those of NumPy would turn single precision into double.
        (feed_forward, (float(first) * W_1, float(last) * W_2))
        for W_1, W_2 in branches
    ]
    return blocks, {"norm": norm, "skip": skip, "scale": scale}


def first_step(
    start: str,
    branches: Branches,
    x: ArrayLike,
    readout: ArrayLike,
    target: ArrayLike,
    *,
    rule: str = "gradient",
) -> tuple[NDArray, Callable[[float], NDArray]]:
    """Return the output of a network, and a function from a learning rate to that after a step.

    The loss is half the mean square of ``output - target``; all weights of the branches move.

    Parameters
    ----------
    start : str
        One of `STARTS`.
    branches : list of (ndarray, ndarray)
        As `draw_branches` returns them.
    x : array_like of shape (n_samples, width)
    readout : array_like of shape (width, 1)
        What makes the output of the end of the stream; it stays.
    target : array_like of shape (n_samples, 1)
    rule : {"gradient", "sign"}
        Whether a weight moves by the rate times its gradient, or by the rate, against the sign
        of its gradient.

    Returns
    -------
    output : ndarray of shape (n_samples, 1)
    after : callable

    Raises
    ------
    TypeError, ValueError
        If an argument is not one of those described.
    """
    move = RULES[check_choice("rule", rule, RULES)]
    readout = check_real_array("readout", readout)
    blocks, options = _blocks(start, branches)
    places, backward = stream(x, blocks, **options)
    output = places[-1] @ readout
    error = (output - check_real_array("target", target)) / output.shape[-2]
    _, gradients = backward(error @ readout.mT)
    moves = [tuple(move(gradient) for gradient in weights) for weights in gradients]

    def after(rate):
        stepped = [
            (branch, [W - float(rate) * dW for W, dW in zip(weights, dweights, strict=True)])
            for (branch, weights), dweights in zip(blocks, moves, strict=True)
        ]
        return stream(x, stepped, **options)[0][-1] @ readout

    return output, after
