"""Training as a sequence of states: gradient descent, Adam, and two ways of clipping."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers.network import MLP, Loss
from helpers.validation import (
    check_callable,
    check_number,
    check_positive,
    check_positive_int,
    check_real_array,
    check_rng,
)


class State(NamedTuple):
    """Where training stands after `step` updates.

    `loss` and `gradient_norm` are those of the batch that the next update would use: floats,
    or arrays with one entry per network of a stack. They are inf or nan where they overflowed.
    """

    step: int
    loss: float | NDArray
    gradient_norm: float | NDArray
    overflowed: bool | NDArray  # such a network keeps the parameters that it had


class Optimizer(Protocol):
    """A rule that turns gradients into updates."""

    def start(self) -> Callable[[NDArray], NDArray]:
        """Return a function from the gradient at one step after another to what is added.

        Gradient and update hold all parameters, on the last axis.
        """


@dataclass(frozen=True)
class GradientDescent:
    """Updates of ``-learning_rate * gradient``."""

    learning_rate: float

    def __post_init__(self) -> None:
        check_positive("learning_rate", self.learning_rate)

    def start(self) -> Callable[[NDArray], NDArray]:
        """Return the function from gradients to updates."""
        rate = float(self.learning_rate)
        return lambda gradient: -rate * gradient


@dataclass(frozen=True)
class Adam:
    """Adam: steps that do not depend on the gradient's scale [1]_.

    Running means of the gradient and of its square, freed of their start at zero, give the
    update ``-learning_rate * mean / (sqrt(square) + epsilon)`` for each parameter. The first
    is ``learning_rate`` long, whatever the gradient.

    Parameters
    ----------
    learning_rate : float
        Above 0.
    beta1, beta2 : float
        How much of the running means is kept at each step. At least 0, below 1.
    epsilon : float
        Above 0.

    References
    ----------
    .. [1] D. Kingma and J. Ba, "Adam: a method for stochastic optimization", ICLR 2015,
       https://arxiv.org/abs/1412.6980, algorithm 1; the defaults are the paper's.
    """

    learning_rate: float = 1e-3
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        check_positive("learning_rate", self.learning_rate)
        check_positive("epsilon", self.epsilon)
        for name in ("beta1", "beta2"):
            if check_number(name, getattr(self, name), minimum=0) >= 1:
                raise ValueError(f"{name} must be below 1; got {getattr(self, name)!r}")

    def start(self) -> Callable[[NDArray], NDArray]:
        """Return the function from gradients to updates; it keeps the running means."""
        rate, epsilon = float(self.learning_rate), float(self.epsilon)
        beta1, beta2 = float(self.beta1), float(self.beta2)
        step = 0
        mean: NDArray | None = None
        square: NDArray | None = None

        def update(gradient: NDArray) -> NDArray:
            nonlocal step, mean, square
            step += 1
            if mean is None or square is None:
                mean, square = np.zeros_like(gradient), np.zeros_like(gradient)
            # In place: of large networks, most of the time would go into new arrays.
            mean *= beta1
            mean += (1 - beta1) * gradient
            square *= beta2
            new = gradient**2
            new *= 1 - beta2
            square += new
            root = np.divide(square, 1 - beta2**step, out=new)
            np.sqrt(root, out=root)
            # A square that overflowed would stop the parameter for good: that is told by nan.
            if not np.isfinite(root.max(initial=0)):
                root[~np.isfinite(root)] = np.nan
            root += epsilon
            change = -rate / (1 - beta1**step) * mean
            change /= root
            return change

        return update


def train(
    network: MLP,
    X: ArrayLike,
    y: ArrayLike,
    loss: Loss,
    *,
    learning_rate: float | None = None,
    steps: int,
    batch_size: int | None = None,
    rng: np.random.Generator | None = None,
    clip: Callable[[list[NDArray]], list[NDArray]] | None = None,
    optimizer: Optimizer | None = None,
) -> Iterator[State]:
    """Train `network` in place, and yield a `State` before each update.

    A caller that stops asking stops the training. Training ends by itself after the state
    of step `steps`, or once every network has overflowed: its loss, its gradient, the update
    or a parameter would no longer be a finite number of the parameters' type. An overflowed
    network is not updated any more.

    Parameters
    ----------
    network : MLP
        A single one or a stack.
    X : ndarray of shape (n_samples, fan_in)
    y : ndarray of n_samples targets
    loss : callable
        ``loss(output, target) -> (loss, gradient)``, as in `helpers.network`.
    learning_rate : float, optional
        Of gradient descent. Above 0.
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
    optimizer : optional
        For example ``Adam()``, instead of `learning_rate`.

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
    X, y = check_real_array("X", X), np.asarray(y)
    if X.ndim != 2 or len(X) == 0 or y.shape[:1] != X.shape[:1]:
        raise ValueError(
            "X must have shape (n_samples, fan_in) and y as many entries; "
            f"got {X.shape} and {y.shape}"
        )
    check_callable("loss", loss)
    if optimizer is None:
        optimizer = GradientDescent(check_positive("learning_rate", learning_rate))
    elif learning_rate is not None:
        raise ValueError(
            "learning_rate must be left out where an optimizer is given, which has its own; "
            f"got {learning_rate!r}"
        )
    elif isinstance(optimizer, type) or not hasattr(optimizer, "start"):
        raise TypeError(f"optimizer must be an object like Adam(); got {optimizer!r}")
    steps = check_positive_int("steps", steps)
    batches: Iterator = repeat(slice(None))
    if batch_size is not None:
        batch_size = check_positive_int("batch_size", batch_size)
        if batch_size > len(X):
            raise ValueError(
                f"batch_size must be at most the {len(X)} samples; got {batch_size}"
            )
        batches = _batches(len(X), batch_size, check_rng(rng))
    if clip is not None:
        check_callable("clip", clip)
    with np.errstate(over="ignore", invalid="ignore"):
        # What does not fit the network or the loss fails here, not at the first state.
        loss(network.forward(X[:1]).activations[-1], y[:1])
    return _states(network, X, y, loss, optimizer.start(), steps, batches, clip)


def _states(network, X, y, loss, update_for, steps, batches, clip):
    networks = network.weights[0].shape[:-2]  # () for a single one
    types = [np.finfo(p.dtype) for p in network.weights + network.biases]
    largest = min(float(kind.max) for kind in types)
    smallest = largest * min(float(kind.eps) for kind in types) / 4
    overflowed = np.zeros(networks, bool)
    for step, rows in enumerate(batches):
        parameters = network.weights + network.biases
        with np.errstate(over="ignore", invalid="ignore"):
            trace = network.forward(X[rows])
            value, output_gradient = loss(trace.activations[-1], y[rows])
            gradients = network.backward(trace, output_gradient)
            gradient = _joined(gradients.weights + gradients.biases, networks)
            norm = _norm(gradient)
            overflowed = overflowed | ~np.isfinite(value) | ~np.isfinite(norm)
            gradient = _zeroed(gradient, overflowed)
            if clip is not None:
                gradient = _clipped(gradient, parameters, networks, clip)
            update = update_for(gradient)
            # Smaller updates leave even the largest number as it is.
            if not max(update.max(), -update.min()) <= smallest:
                after = np.abs(_joined(parameters, networks) + update)
                overflowed = overflowed | ~(after <= largest).all(axis=-1)
        yield State(step, value, norm, overflowed)
        if overflowed.all() or step == steps:
            return
        update = _zeroed(update, overflowed)
        for p, change in zip(parameters, _parts(update, parameters), strict=True):
            p += change


def _batches(n_samples, batch_size, rng):
    """Yield indices of samples without end, epoch after epoch in a new order."""
    while True:
        order = rng.permutation(n_samples)
        for start in range(0, n_samples - batch_size + 1, batch_size):
            yield order[start : start + batch_size]


def _joined(arrays, networks):
    """Return the entries of all arrays on one axis, for each network of a stack."""
    return np.concatenate([a.reshape(*networks, -1) for a in arrays], axis=-1)


def _parts(joined, like):
    """Return what `_joined` has joined, as arrays of the shapes of `like`."""
    parts, start = [], 0
    for a in like:
        end = start + math.prod(a.shape[joined.ndim - 1 :])
        parts.append(joined[..., start:end].reshape(a.shape))
        start = end
    return parts


def _norm(joined):
    norm = np.sqrt(np.vecdot(joined, joined))
    if np.isfinite(norm).all():
        return norm
    # Squares overflow long before the numbers do. Relative to the largest they cannot.
    largest = np.abs(joined).max(axis=-1)
    joined = joined / np.where(largest > 0, largest, 1)[..., None]
    return largest * np.sqrt(np.vecdot(joined, joined))


def _zeroed(joined, overflowed):
    """Return the entries with zeros for the networks that have overflowed."""
    return np.where(overflowed[..., None], 0, joined) if overflowed.any() else joined


def _clipped(gradient, parameters, networks, clip):
    """Return the gradient, clipped for each network of a stack by itself."""
    parts, clipped = _parts(gradient, parameters), np.empty_like(gradient)
    for network in np.ndindex(networks):  # a single one has the index ()
        clipped[network] = _joined(clip([part[network] for part in parts]), ())
    return clipped


def update_ratios(before: MLP, after: MLP) -> NDArray:
    """Return how far the weights of each layer have moved, relative to their size.

    The norm of the change, divided by the norm of the weights before it; biases, which start
    at zero, are left out. With `before` copied between two states of `train`, these are the
    ratios of one step.

    Parameters
    ----------
    before, after : MLP
        Of the same layer sizes; a single network or a stack.

    Returns
    -------
    ndarray of shape (..., n_layers)
        inf where weights that were all zero have moved, nan where they have not.

    Raises
    ------
    ValueError
        If the two networks have different sizes.
    """
    shapes = [[W.shape for W in network.weights] for network in (before, after)]
    if shapes[0] != shapes[1]:
        raise ValueError(
            f"before and after must have the same layer sizes; got {before!r} and {after!r}"
        )
    pairs = zip(before.weights, after.weights, strict=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = [
            np.linalg.norm(new.astype(float) - old, axis=(-2, -1))
            / np.linalg.norm(old.astype(float), axis=(-2, -1))
            for old, new in pairs
        ]
    return np.stack(ratios, axis=-1)


def clip_by_value(gradients: Sequence[ArrayLike], limit: float) -> list[NDArray]:
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
    limit = check_positive("limit", limit)
    return [np.clip(g, -limit, limit) for g in _arrays(gradients)]


def clip_by_global_norm(gradients: Sequence[ArrayLike], max_norm: float) -> list[NDArray]:
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
    max_norm = check_positive("max_norm", max_norm)
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
    return [check_real_array(f"gradients[{i}]", g) for i, g in enumerate(gradients)]
