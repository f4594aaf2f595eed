"""Residual branches, layer normalization and attention, with hand-written gradients.

Each piece takes an input of shape ``(n_samples, width)`` and its weights. It returns its
output, and a function ``backward``: that takes the gradient of a loss at the output, and
returns the gradients at the input and at each of the weights, in their order. Axes before the
last two are a stack of independent networks, as in `helpers.network`. There are no biases: they
start at 0.
"""

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers.activations import ACTIVATIONS, Activation
from helpers.validation import (
    check_callable,
    check_choice,
    check_differentiable,
    check_number,
    check_real_array,
)

# From the gradient at an output to those at the input and at each of the weights.
Backward = Callable[[NDArray], tuple[NDArray, ...]]
# A function of an input and weights.
Branch = Callable[..., tuple[NDArray, Backward]]

NORMS = ("none", "pre", "post")


def layer_norm(x: ArrayLike, *, epsilon: float = 1e-5) -> tuple[NDArray, Backward]:
    """Return each row with mean 0 and mean square 1, and `backward` [1]_.

    Parameters
    ----------
    x : array_like of shape (n_samples, width)
    epsilon : float
        Is added to the variance, so that a row of equal numbers becomes 0. Libraries have 1e-5.

    Returns
    -------
    y : ndarray of the shape of `x`
    backward : callable
        From the gradient at `y` to ``(gradient at x,)``.

    Raises
    ------
    TypeError, ValueError
        If `x` is not an array of numbers of two axes or more, or `epsilon` is negative.

    References
    ----------
    .. [1] J. Ba et al., "Layer normalization", 2016, https://arxiv.org/abs/1607.06450; without
       its gain and bias, which start at 1 and 0.

    Examples
    --------
    >>> layer_norm([[1.0, 3.0]], epsilon=0)[0]
    array([[-1.,  1.]])
    """
    x = _rows("x", x)
    y = x - x.mean(axis=-1, keepdims=True)
    variance = np.mean(y * y, axis=-1, keepdims=True)
    spread = np.sqrt(variance + check_number("epsilon", epsilon, minimum=0))
    y /= spread

    def backward(gradient):
        gradient = _like("gradient", gradient, y)
        along = np.mean(gradient * y, axis=-1, keepdims=True)
        dx = gradient - gradient.mean(axis=-1, keepdims=True) - along * y
        return (dx / spread,)

    return y, backward


def feed_forward(
    x: ArrayLike,
    W_1: ArrayLike,
    W_2: ArrayLike,
    *,
    activation: Activation = ACTIVATIONS["relu"],
) -> tuple[NDArray, Backward]:
    """Return ``activation(x @ W_1) @ W_2``, and `backward`.

    Parameters
    ----------
    x : array_like of shape (n_samples, width)
    W_1 : array_like of shape (width, hidden)
    W_2 : array_like of shape (hidden, width_out)
    activation : Activation

    Returns
    -------
    y : ndarray of shape (n_samples, width_out)
    backward : callable
        From the gradient at `y` to those at `x`, `W_1` and `W_2`.

    Raises
    ------
    TypeError, ValueError
        If an array is not one of numbers, shapes do not fit, or `activation` has no derivative.
    """
    activation = check_differentiable("activation", activation)
    x = _rows("x", x)
    W_1 = _weights("W_1", W_1, x.shape[-1])
    W_2 = _weights("W_2", W_2, W_1.shape[-1])
    z = x @ W_1
    h = activation(z)
    y = h @ W_2

    def backward(gradient):
        gradient = _like("gradient", gradient, y)
        dz = (gradient @ W_2.mT) * activation.derivative(z)
        return dz @ W_1.mT, x.mT @ dz, h.mT @ gradient

    return y, backward


def softmax(scores: ArrayLike) -> NDArray:
    """Return ``exp(scores)``, divided by its sum over the last axis.

    Examples
    --------
    >>> softmax([0.0, 0.0])
    array([0.5, 0.5])
    """
    scores = check_real_array("scores", scores)
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))  # cannot overflow
    return powers / powers.sum(axis=-1, keepdims=True)


def attention(
    x: ArrayLike,
    W_q: ArrayLike,
    W_k: ArrayLike,
    W_v: ArrayLike,
    W_o: ArrayLike,
    *,
    scale: float | None = None,
    causal: bool = False,
) -> tuple[NDArray, Backward]:
    """Return what each row takes from all rows, attention of one head, and `backward` [1]_.

    With q, k, v = x @ W_q, x @ W_k, x @ W_v it is ``softmax(scale * q @ k.T) @ v @ W_o``.

    Parameters
    ----------
    x : array_like of shape (n_tokens, width)
    W_q, W_k : array_like of shape (width, d_k)
    W_v : array_like of shape (width, d_v)
    W_o : array_like of shape (d_v, width_out)
    scale : float, optional
        Of the scores; 1 / sqrt(d_k) if not given.
    causal : bool
        Whether a token sees only itself and those before it.

    Returns
    -------
    y : ndarray of shape (n_tokens, width_out)
    backward : callable
        From the gradient at `y` to those at `x`, `W_q`, `W_k`, `W_v` and `W_o`.

    Raises
    ------
    TypeError, ValueError
        If an array is not one of numbers, or shapes do not fit.

    References
    ----------
    .. [1] A. Vaswani et al., "Attention is all you need", NeurIPS 2017,
       https://arxiv.org/abs/1706.03762, eq. 1.
    """
    x = _rows("x", x)
    W_q, W_k, W_v = (
        _weights(name, W, x.shape[-1]) for name, W in (("W_q", W_q), ("W_k", W_k), ("W_v", W_v))
    )
    W_o = _weights("W_o", W_o, W_v.shape[-1])
    d_k = W_q.shape[-1]
    if W_k.shape[-1] != d_k:
        raise ValueError(f"W_k must have as many columns as W_q, {d_k}; got shape {W_k.shape}")
    scale = 1 / math.sqrt(d_k) if scale is None else check_number("scale", scale)
    q, k, v = x @ W_q, x @ W_k, x @ W_v
    scores = scale * (q @ k.mT)
    if causal:
        n = x.shape[-2]
        scores = np.where(np.tri(n, dtype=bool), scores, -np.inf)
    shares = softmax(scores)
    mixed = shares @ v
    y = mixed @ W_o

    def backward(gradient):
        gradient = _like("gradient", gradient, y)
        dmixed = gradient @ W_o.mT
        dshares = dmixed @ v.mT
        # Of a row's softmax p the Jacobian is diag(p) - p p^T.
        off = dshares - np.sum(dshares * shares, axis=-1, keepdims=True)
        dscores = scale * shares * off
        dq, dk, dv = dscores @ k, dscores.mT @ q, shares.mT @ dmixed
        dx = dq @ W_q.mT + dk @ W_k.mT + dv @ W_v.mT
        return dx, x.mT @ dq, x.mT @ dk, x.mT @ dv, mixed.mT @ gradient

    return y, backward


def residual(
    x: ArrayLike,
    branch: Branch,
    weights: Iterable[ArrayLike],
    *,
    norm: str = "none",
    skip: float = 1.0,
    scale: float = 1.0,
) -> tuple[NDArray, Backward]:
    """Return ``skip * x + scale * branch(x, *weights)``, and `backward`.

    Parameters
    ----------
    x : array_like of shape (n_samples, width)
    branch : callable
        `feed_forward`, `attention`, or another that returns an output and its `backward`.
    weights : iterable of array_like
    norm : {"none", "pre", "post"}
        Where a layer normalization stands: nowhere, before the branch, or after the sum.
    skip, scale : float
        Factors of what goes past the branch, and of what the branch adds.

    Returns
    -------
    y : ndarray of the shape of `x`
    backward : callable
        From the gradient at `y` to those at `x` and at each of the weights.

    Raises
    ------
    TypeError, ValueError
        If an argument is not one of those described, or the branch changes the shape.
    """
    x, branch = _rows("x", x), check_callable("branch", branch)
    check_choice("norm", norm, NORMS)
    skip, scale = check_number("skip", skip), check_number("scale", scale)
    inner, back_inner = layer_norm(x) if norm == "pre" else (x, _unchanged)
    added, back_branch = branch(inner, *weights)
    if added.shape != x.shape:
        raise ValueError(
            f"a branch must return the shape of what goes past it, {x.shape}; got {added.shape}"
        )
    total = skip * x + scale * added
    y, back_total = layer_norm(total) if norm == "post" else (total, _unchanged)

    def backward(gradient):
        (dtotal,) = back_total(_like("gradient", gradient, y))
        dinner, *dweights = back_branch(scale * dtotal)
        (dx,) = back_inner(dinner)
        return (skip * dtotal + dx, *dweights)

    return y, backward


def stream(
    x: ArrayLike, blocks: Iterable[tuple[Branch, Iterable[ArrayLike]]], **options: Any
) -> tuple[list[NDArray], Callable[[NDArray], tuple[list[NDArray], list[tuple[NDArray, ...]]]]]:
    """Send a batch through residual blocks, and keep what lies between them.

    Parameters
    ----------
    x : array_like of shape (n_samples, width)
    blocks : iterable of (callable, iterable of array_like)
        Branches and their weights, the first block first.
    **options
        `norm`, `skip` and `scale` of every block; see `residual`.

    Returns
    -------
    places : list of ndarray
        `x`, and the output of each block.
    backward : callable
        From the gradient at the last place to the gradients at all places, and those of the
        weights, a tuple for each block.

    Raises
    ------
    TypeError, ValueError
        If an argument is not one of those described.
    """
    places, backs = [_rows("x", x)], []
    for branch, weights in blocks:
        y, back = residual(places[-1], branch, weights, **options)
        places.append(y)
        backs.append(back)

    def backward(gradient):
        gradients, moved = [gradient], []
        for back in reversed(backs):
            below, *dweights = back(gradients[-1])
            gradients.append(below)
            moved.append(tuple(dweights))
        return gradients[::-1], moved[::-1]

    return places, backward


def _unchanged(gradient):
    return (gradient,)


def _rows(name, value):
    """Return a float array of two axes or more."""
    array = check_real_array(name, value)
    if array.ndim < 2:
        raise ValueError(f"{name} must have shape (n_samples, width); got shape {array.shape}")
    return array


def _weights(name, value, rows):
    """Return a float array of weights with so many rows."""
    array = check_real_array(name, value)
    if array.ndim < 2 or array.shape[-2] != rows:
        raise ValueError(f"{name} must have {rows} rows; got shape {array.shape}")
    return array


def _like(name, value, other):
    """Return a float array of the shape and type of another."""
    array = check_real_array(name, value)
    if array.shape != other.shape:
        raise ValueError(f"{name} must have shape {other.shape}; got {array.shape}")
    return array.astype(other.dtype, copy=False)
