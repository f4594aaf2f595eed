"""Gradient descent as a sequence of states, and two ways of clipping gradients."""

import math
from itertools import islice
from typing import NamedTuple

import numpy as np

from helpers.validation import function, generator, positive, positive_int, real_array


class State(NamedTuple):
    """Where training stands after `step` updates.

    `loss` and `gradient_norm` are those of the batch that the next update would use: floats,
    or arrays with one entry per network of a stack. They are inf or nan where they overflowed.
    """

    step: int
    loss: float
    gradient_norm: float
    overflowed: bool  # per network of a stack; its parameters stay as they last were


def train(network, X, y, loss, *, learning_rate, steps, batch_size=None, rng=None, clip=None):
    """Train `network` in place by gradient descent, and yield a `State` before each update.

    A caller that stops asking stops the training. Training ends by itself after the state
    of step `steps`, or once every network has overflowed: its loss, its gradient or the
    update is no longer a finite number. An overflowed network is not updated any more.

    Parameters
    ----------
    network : MLP
        A single one or a stack.
    X : ndarray of shape (n_samples, fan_in)
    y : ndarray of n_samples targets
    loss : callable
        ``loss(output, target) -> (loss, gradient)``, as in `helpers.network`.
    learning_rate : float
        Above 0.
    steps : int
        Number of updates.
    batch_size : int, optional
        Samples per update, drawn without replacement, epoch by epoch; all by default. An
        epoch leaves out the last few samples that do not fill a batch.
    rng : numpy.random.Generator, optional
        Draws the batches; needed with `batch_size` alone.
    clip : callable, optional
        Takes the list of all gradients of a network and returns the clipped ones, for example
        ``partial(clip_by_global_norm, max_norm=1.0)``. It sees each network of a stack alone.

    Yields
    ------
    State

    Raises
    ------
    TypeError, ValueError
        At the call, if an argument is not one of those described.

    Examples
    --------
    >>> from helpers.activations import tanh
    >>> from helpers.datasets import xor
    >>> from helpers.initializers import xavier_normal
    >>> from helpers.network import MLP, binary_cross_entropy
    >>> network = MLP([2, 8, 1], tanh, xavier_normal, np.random.default_rng(0))
    >>> states = train(network, *xor(), binary_cross_entropy, learning_rate=0.5, steps=2000)
    >>> *_, last = states
    >>> last.step, bool(last.loss < 0.05)
    (2000, True)
    """
    X, y = real_array("X", X), np.asarray(y)
    if X.ndim != 2 or len(X) == 0 or y.shape[:1] != X.shape[:1]:
        raise ValueError(
            "X must have shape (n_samples, fan_in) and y as many entries; "
            f"got {X.shape} and {y.shape}"
        )
    function("loss", loss)
    positive("learning_rate", learning_rate)
    positive_int("steps", steps)
    if batch_size is not None:
        generator(rng)
        if positive_int("batch_size", batch_size) > len(X):
            raise ValueError(
                f"batch_size must be at most the {len(X)} samples; got {batch_size}"
            )
    if clip is not None:
        function("clip", clip)
    with np.errstate(over="ignore", invalid="ignore"):
        # What does not fit the network or the loss fails here, not at the first state.
        loss(network.forward(X[:1]).activations[-1], y[:1])
    batches = _batches(len(X), batch_size, rng)
    return _states(network, X, y, loss, learning_rate, steps, batches, clip)


def _states(network, X, y, loss, learning_rate, steps, batches, clip):
    overflowed = np.zeros(network.weights[0].shape[:-2], bool)
    for step, rows in enumerate(islice(batches, steps + 1)):
        with np.errstate(over="ignore", invalid="ignore"):
            trace = network.forward(X[rows])
            value, output_gradient = loss(trace.activations[-1], y[rows])
            gradients = network.backward(trace, output_gradient)
            norm = _norm_per_network(gradients)
            overflowed = overflowed | ~np.isfinite(value) | ~np.isfinite(learning_rate * norm)
        yield State(step, value, norm, overflowed)
        if overflowed.all() or step == steps:
            return
        if overflowed.any():
            gradients = _without(gradients, overflowed)
        if clip is not None:
            gradients = _clipped(gradients, clip)
        network.step(gradients, learning_rate)


def _batches(n_samples, batch_size, rng):
    """Yield indices of samples without end, epoch after epoch in a new order."""
    while batch_size is None:
        yield slice(None)
    while True:
        order = rng.permutation(n_samples)
        for start in range(0, n_samples - batch_size + 1, batch_size):
            yield order[start : start + batch_size]


def _norm_per_network(gradients):
    networks = gradients.weights[0].shape[:-2]
    parts = [g.reshape(*networks, -1) for g in gradients.weights + gradients.biases]
    flat = np.concatenate(parts, axis=-1)
    norm = np.sqrt(np.vecdot(flat, flat))
    if np.isfinite(norm).all():
        return norm
    # Squares overflow long before the numbers do. Relative to the largest they cannot.
    largest = np.abs(flat).max(axis=-1)
    flat /= np.where(largest > 0, largest, 1)[..., None]
    return largest * np.sqrt(np.vecdot(flat, flat))


def _without(gradients, overflowed):
    """Return the gradients with zeros for the networks that have overflowed."""
    keep = ~overflowed[:, None, None]
    return gradients._replace(
        weights=[np.where(keep, g, 0) for g in gradients.weights],
        biases=[np.where(keep, g, 0) for g in gradients.biases],
    )


def _clipped(gradients, clip):
    """Return the gradients, clipped for each network of a stack by itself."""
    given = gradients.weights + gradients.biases
    clipped = [np.empty_like(g) for g in given]
    for network in np.ndindex(given[0].shape[:-2]):  # a single one has the index ()
        for whole, part in zip(clipped, clip([g[network] for g in given]), strict=True):
            whole[network] = part
    n = len(gradients.weights)
    return gradients._replace(weights=clipped[:n], biases=clipped[n:])


def clip_by_value(gradients, limit):
    """Return new gradients with every entry brought into ``[-limit, limit]``.

    The direction changes: with limit 1, (3, 4) becomes (1, 1).

    Parameters
    ----------
    gradients : list of ndarray
    limit : float
        Above 0.

    Returns
    -------
    list of ndarray

    Raises
    ------
    TypeError, ValueError
        If a gradient is not an array of numbers, or `limit` not a number above 0.
    """
    limit = positive("limit", limit)
    return [np.clip(g, -limit, limit) for g in _arrays(gradients)]


def clip_by_global_norm(gradients, max_norm):
    """Return new gradients, scaled down together to a norm of at most `max_norm` [1]_.

    The norm is that of all entries of all arrays; the direction stays. With norm 1,
    (3, 4) becomes (0.6, 0.8).

    Parameters
    ----------
    gradients : list of ndarray
    max_norm : float
        Above 0.

    Returns
    -------
    list of ndarray

    Raises
    ------
    TypeError, ValueError
        If a gradient is not an array of finite numbers, or `max_norm` not a number above 0.

    References
    ----------
    .. [1] R. Pascanu et al., "On the difficulty of training recurrent neural networks",
       ICML 2013, https://arxiv.org/abs/1211.5063, algorithm 1
    """
    max_norm = positive("max_norm", max_norm)
    gradients = _arrays(gradients)
    # One array instead of sixty: deep networks of narrow layers are clipped twice as fast.
    flat = np.concatenate([g.ravel() for g in gradients] or [np.zeros(0)])
    largest = float(np.abs(flat).max(initial=0.0))
    if not math.isfinite(largest):
        raise ValueError("gradients must be finite: no scaling brings back inf or nan")
    if largest == 0:
        return [g.copy() for g in gradients]
    # Relative to the largest entry, so that neither squares nor the norm can overflow.
    norm = math.sqrt(np.sum((flat / largest) ** 2))
    scale = min(1.0, max_norm / largest / norm)
    return [g * g.dtype.type(scale) for g in gradients]


def _arrays(gradients):
    if not isinstance(gradients, (list, tuple)):
        raise TypeError(f"gradients must be a list of arrays; got {gradients!r}")
    return [real_array(f"gradients[{i}]", g) for i, g in enumerate(gradients)]
