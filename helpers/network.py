"""A multilayer perceptron with hand-written backpropagation, and losses to train it.

Samples are rows. Arrays may carry axes before the last two: a *stack* of independent
networks with the same layer sizes, run by the same code in one sweep (see `stack`).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from itertools import pairwise
from typing import NamedTuple, Protocol, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers.activations import Activation, sigmoid
from helpers.initializers import Initializer
from helpers.validation import (
    check_batch,
    check_callable,
    check_differentiable,
    check_real_array,
    check_rng,
    check_sizes,
)


class Trace(NamedTuple):
    """Everything that a forward pass computed, layer by layer."""

    preactivations: list[NDArray]  # z[l] of shape (n_samples, fan_out), one per layer
    activations: list[
        NDArray
    ]  # h[l]: the input, every hidden layer's output, the network's output


class Gradients(NamedTuple):
    """Gradients of the loss, in the order of the layers."""

    weights: list[NDArray]
    biases: list[NDArray]
    preactivations: list[NDArray]


def exact_matmul(a: NDArray, b: NDArray) -> NDArray:
    """Return ``a @ b``, with every output element summed in the same order.

    A BLAS library sums the columns of a matrix in blocks, some in another order than
    others, so that two identical units can come out different in their last bit. Training
    then drives them apart. This product is slower and treats all units alike.
    """
    return np.einsum("...ij,...jk->...ik", a, b)


class MLP:
    """Dense layers ``z = h @ W + b``; every layer but the last is activated.

    Parameters
    ----------
    layer_sizes : sequence of int
        Width of the input, of each hidden layer, and of the output.
    activation : Activation
        Applied in every hidden layer. The output layer is linear.
    initializer : callable
        ``initializer((fan_in, fan_out), rng)`` gives the weights of a layer.
    rng : numpy.random.Generator
    bias : callable, optional
        ``bias((fan_out,), rng)`` gives the biases of a layer; zeros by default.
    matmul : callable
        The product used forward and backward: `numpy.matmul` or `exact_matmul`.

    Attributes
    ----------
    weights, biases : list of ndarray
        Of shape (fan_in, fan_out) and (fan_out,), one per layer.

    Raises
    ------
    TypeError, ValueError
        If `layer_sizes` is not a sequence of at least 2 positive integers, another argument
        is not of its kind, or an initializer returns an array of the wrong shape.
    """

    def __init__(
        self,
        layer_sizes: Sequence[int],
        activation: Activation,
        initializer: Initializer,
        rng: np.random.Generator,
        *,
        bias: Initializer | None = None,
        matmul: Callable[[NDArray, NDArray], NDArray] = np.matmul,
    ) -> None:
        layer_sizes = check_sizes("layer_sizes", layer_sizes, fewest=2)
        check_rng(rng)
        self.activation = check_differentiable("activation", activation)
        self.matmul = check_callable("matmul", matmul)
        self.weights: list[NDArray] = []
        self.biases: list[NDArray] = []
        for fan_in, fan_out in pairwise(layer_sizes):
            W = _drawn("initializer", initializer, (fan_in, fan_out), rng)
            b = np.zeros(fan_out, W.dtype)
            self.weights.append(W)
            self.biases.append(b if bias is None else _drawn("bias", bias, (fan_out,), rng))

    def __repr__(self) -> str:
        sizes = [self.weights[0].shape[-2], *(b.shape[-1] for b in self.biases)]
        return f"MLP({sizes}, {self.activation.name})"

    def replace(
        self,
        *,
        weights: Iterable[NDArray] | None = None,
        biases: Iterable[NDArray] | None = None,
        activation: Activation | None = None,
    ) -> Self:
        """Return a copy with the given parts replaced; arrays are shared, not copied.

        To train the copy moves the arrays that it shares; see `copy`.

        Raises
        ------
        TypeError
            If `activation` has no derivative.
        """
        network = copy(self)
        if activation is not None:
            network.activation = check_differentiable("activation", activation)
        network.weights = list(self.weights if weights is None else weights)
        network.biases = list(self.biases if biases is None else biases)
        return network

    def copy(self) -> Self:
        """Return a network with arrays of its own."""
        return self.replace(
            weights=[W.copy() for W in self.weights], biases=[b.copy() for b in self.biases]
        )

    def forward(self, x: ArrayLike) -> Trace:
        """Return the `Trace` of a batch `x` of shape ``(n_samples, layer_sizes[0])``.

        It is computed in the type of the weights.

        Raises
        ------
        TypeError, ValueError
            If `x` is not an array of numbers of that shape.
        """
        x = self._in_type_of_weights(x)
        layers = list(self.layers(x))
        return Trace([z for z, _ in layers], [x, *(h for _, h in layers)])

    def layers(self, x: ArrayLike) -> Iterator[tuple[NDArray, NDArray]]:
        """Yield what `forward` returns, one layer after the other: its z and its h.

        What is not kept of a layer makes room for the next: in a wide network that is faster.
        """
        h = self._in_type_of_weights(x)
        for i, (W, b) in enumerate(zip(self.weights, self.biases, strict=True), 1):
            z = self.matmul(h, W)
            z += b  # z is ours: no second array is needed
            h = z if i == len(self.weights) else self.activation(z)
            yield z, h

    def _in_type_of_weights(self, x):
        x = check_batch("x", x, self.weights[0].shape[-2])
        return x.astype(self.weights[0].dtype, copy=False)

    def backward(self, trace: Trace, output_gradient: ArrayLike) -> Gradients:
        """Return the `Gradients`, given the gradient of the loss at the output.

        Raises
        ------
        TypeError, ValueError
            If `output_gradient` is not an array of numbers with the output's shape.
        """
        gradient = check_real_array("output_gradient", output_gradient)
        if gradient.shape != trace.preactivations[-1].shape:
            raise ValueError(
                "output_gradient must have the shape of the network's output, "
                f"{trace.preactivations[-1].shape}; got {gradient.shape}"
            )
        dz = [gradient.astype(trace.preactivations[-1].dtype, copy=False)]
        for W, z in zip(self.weights[:0:-1], trace.preactivations[-2::-1], strict=True):
            dh = self.matmul(dz[-1], W.mT)
            dh *= self.activation.derivative(z)
            dz.append(dh)
        dz.reverse()
        return Gradients(
            [self.matmul(h.mT, d) for h, d in zip(trace.activations[:-1], dz, strict=True)],
            [_sum_of_rows(d) for d in dz],
            dz,
        )

    def step(self, gradients: Gradients, learning_rate: float) -> None:
        """Move every parameter one step of gradient descent, in place."""
        parameters = self.weights + self.biases
        for p, g in zip(parameters, gradients.weights + gradients.biases, strict=True):
            p -= learning_rate * g


def stack(networks: Iterable[MLP]) -> MLP:
    """Return one network that runs several of the same sizes and activation at once.

    Its weights have shape ``(n_networks, fan_in, fan_out)``, its biases
    ``(n_networks, 1, fan_out)``, its outputs ``(n_networks, n_samples, fan_out)``, and the
    losses below give one value per network. Small networks train much faster that way.

    Raises
    ------
    ValueError
        If there is no network, one is a stack, or they differ in more than their parameters.
    """
    networks = list(networks)
    kinds = {(n.activation, n.matmul, *(W.shape for W in n.weights)) for n in networks}
    if len(kinds) != 1 or networks[0].weights[0].ndim != 2:
        raise ValueError(
            "networks must be at least one single network, all of the same layer sizes, "
            f"activation and matmul; got {networks!r}"
        )
    weights = zip(*(network.weights for network in networks), strict=True)
    biases = zip(*(network.biases for network in networks), strict=True)
    return networks[0].replace(
        weights=[np.stack(layer) for layer in weights],
        biases=[np.stack(layer)[:, None] for layer in biases],
    )


def _sum_of_rows(gradient):
    """Return the gradient of biases: one row, or one for each network of a stack."""
    # In the order of `sum`, which takes three times as long where arrays are small.
    total = np.einsum("...ij->...j", gradient)
    return total if total.ndim == 1 else total[..., None, :]


def _drawn(name, initializer, shape, rng):
    given = check_callable(name, initializer)(shape, rng)
    parameters = np.array(check_real_array(f"{name}(shape, rng)", given))  # a copy of our own
    if parameters.shape != shape:
        raise ValueError(
            f"{name} must return an array of shape {shape}; got {parameters.shape}"
        )
    return parameters


class Loss(Protocol):
    """A function of a network's output and the targets.

    It returns the loss, a mean over samples and outputs in natural logarithms, and its
    gradient with respect to the output; for a stack, one loss for each network.
    """

    def __call__(self, output: NDArray, target: NDArray, /) -> tuple[float | NDArray, NDArray]:
        """Return the loss and its gradient."""


def mean_squared_error(
    prediction: ArrayLike, target: ArrayLike
) -> tuple[float | NDArray, NDArray]:
    """Return the mean of ``(prediction - target)**2`` and its gradient.

    Parameters
    ----------
    prediction, target : ndarray of shape (n_samples, n_outputs)

    Returns
    -------
    loss : float
    gradient : ndarray of the shape of `prediction`

    Raises
    ------
    TypeError, ValueError
        If the arguments are not arrays of numbers of one shape.
    """
    error = np.asarray(prediction) - _matching("target", target, "prediction", prediction)
    return (error**2).mean(axis=(-2, -1)), 2 * error / _count(error)


def binary_cross_entropy(
    logits: ArrayLike, target: ArrayLike
) -> tuple[float | NDArray, NDArray]:
    """Return the mean of ``-log p(target)`` and its gradient, for a sigmoid output.

    The network's output is the logit z; the probability of class 1 is sigmoid(z). Computed
    from z itself, so that no logarithm of zero can occur.

    Parameters
    ----------
    logits : ndarray of shape (n_samples, n_outputs)
    target : ndarray of the same shape
        Probabilities of class 1: usually zeros and ones.

    Returns
    -------
    loss : float
    gradient : ndarray of the shape of `logits`

    Raises
    ------
    TypeError, ValueError
        If the arguments are not arrays of numbers of one shape, or a target is outside
        0 to 1.
    """
    target = _matching("target", target, "logits", logits)
    logits = np.asarray(logits)
    if target.size and not (target.min() >= 0 and target.max() <= 1):
        raise ValueError(
            f"target must be from 0 to 1; got {target.min():g} to {target.max():g}"
        )
    losses = np.logaddexp(0, logits) - target * logits
    # As `mean` computes it, in half the time where there are few samples.
    loss = np.add.reduce(losses, axis=(-2, -1)) / _count(losses)
    return loss, (sigmoid(logits) - target) / _count(logits)


def softmax_cross_entropy(
    logits: ArrayLike, labels: ArrayLike
) -> tuple[float | NDArray, NDArray]:
    """Return the mean of ``-log softmax(logits)[label]`` and its gradient.

    Parameters
    ----------
    logits : ndarray of shape (n_samples, n_classes)
    labels : ndarray of int of shape (n_samples,)

    Returns
    -------
    loss : float
    gradient : ndarray of the shape of `logits`

    Raises
    ------
    TypeError, ValueError
        If `labels` are not integers from 0 to n_classes - 1, one per sample.
    """
    logits, labels = check_real_array("logits", logits), np.asarray(labels)
    if logits.ndim < 2:
        raise ValueError(f"logits must have shape (n_samples, n_classes); got {logits.shape}")
    n_samples, n_classes = logits.shape[-2:]
    if labels.dtype.kind not in "iu":
        raise TypeError(f"labels must be integers; got {labels!r}")
    if labels.shape != (n_samples,):
        raise ValueError(
            f"labels must have shape ({n_samples},), one per row of logits; got {labels.shape}"
        )
    if labels.size and not 0 <= labels.min() <= labels.max() < n_classes:
        raise ValueError(
            f"labels must be from 0 to {n_classes - 1}; got {labels.min()} to {labels.max()}"
        )
    shifted = logits - logits.max(axis=-1, keepdims=True)  # exp cannot overflow
    gradient = np.exp(shifted)
    totals = gradient.sum(axis=-1, keepdims=True)
    chosen = ..., np.arange(n_samples), labels
    loss = (np.log(totals)[..., 0] - shifted[chosen]).sum(axis=-1) / n_samples
    gradient /= totals
    gradient[chosen] -= 1
    gradient /= n_samples
    return loss, gradient


def _matching(name, value, other_name, other):
    value = check_real_array(name, value)
    shape = check_real_array(other_name, other).shape
    if len(shape) < 2 or value.shape not in (shape, shape[-2:]):
        raise ValueError(
            f"{name} and {other_name} must have the same shape (n_samples, n_outputs); "
            f"got {value.shape} and {shape}"
        )
    return value


def _count(output):
    return output.shape[-2] * output.shape[-1]
