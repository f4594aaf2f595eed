"""Our network forward and backward, against the automatic differentiation of PyTorch and JAX.

All compute in double precision, on the same weights. Sums of a few numbers of size 1 then err
by some 1e-15, so 1e-10 of the largest entry is a wide margin for rounding, and far below what
any mistake in an equation makes.
"""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - as everyone calls it

from helpers import network
from helpers.activations import ACTIVATIONS
from helpers.initializers import he_normal, normal
from helpers.network import MLP

SIZES, N_SAMPLES = [5, 8, 6, 3], 16
TOLERANCE = 1e-10

IN_TORCH = {
    "identity": lambda z: z,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": F.relu,
    "leaky_relu": F.leaky_relu,
    "elu": F.elu,
    "selu": F.selu,
    "gelu": F.gelu,
    "softplus": F.softplus,
}
IN_JAX = {
    **{name: getattr(jax.nn, name) for name in IN_TORCH.keys() - {"tanh", "gelu"}},
    "tanh": jnp.tanh,
    "gelu": functools.partial(jax.nn.gelu, approximate=False),
}
LOSSES_IN_TORCH = {
    "mean_squared_error": F.mse_loss,
    "binary_cross_entropy": F.binary_cross_entropy_with_logits,
    "softmax_cross_entropy": F.cross_entropy,
}
LOSSES_IN_JAX = {  # it has no losses, but what they are made of
    "mean_squared_error": lambda z, target: jnp.mean((z - target) ** 2),
    "binary_cross_entropy": lambda z, target: (
        -jnp.mean(target * jax.nn.log_sigmoid(z) + (1 - target) * jax.nn.log_sigmoid(-z))
    ),
    "softmax_cross_entropy": lambda z, labels: (
        -jnp.mean(jax.nn.log_softmax(z)[jnp.arange(len(labels)), labels])
    ),
}


@functools.cache
def problem(activation, loss):
    """Return a network, a batch and its targets."""
    rng = np.random.default_rng(0)
    bias = functools.partial(normal, std=0.5)
    model = MLP(SIZES, ACTIVATIONS[activation], he_normal, rng, bias=bias)
    shape = (N_SAMPLES, SIZES[-1])
    labels = loss == "softmax_cross_entropy"
    target = rng.integers(0, SIZES[-1], N_SAMPLES) if labels else rng.random(shape)
    return model, rng.standard_normal((N_SAMPLES, SIZES[0])), target


# Each returns, by the names in `PARTS`, a list of arrays.


@functools.cache
def ours(activation, loss):
    model, x, target = problem(activation, loss)
    trace = model.forward(x)
    value, gradient = getattr(network, loss)(trace.activations[-1], target)
    gradients = model.backward(trace, gradient)
    return {
        "loss": [value],
        "pre-activations": trace.preactivations,
        "activations": trace.activations[1:],
        "gradients of weights": gradients.weights,
        "gradients of biases": gradients.biases,
        "gradients of pre-activations": gradients.preactivations,
    }


@functools.cache
def in_torch(activation, loss):
    """Run layers as PyTorch stores them, with the transpose of our weights."""
    model, x, target = problem(activation, loss)
    weights = [torch.tensor(W.T, requires_grad=True) for W in model.weights]
    biases = [torch.tensor(b, requires_grad=True) for b in model.biases]
    preactivations, activations = [], [torch.tensor(x)]
    for W, b in zip(weights, biases, strict=True):
        preactivations.append(F.linear(activations[-1], W, b))
        preactivations[-1].retain_grad()
        is_output = len(preactivations) == len(weights)
        activate = IN_TORCH["identity" if is_output else activation]
        activations.append(activate(preactivations[-1]))
    value = LOSSES_IN_TORCH[loss](activations[-1], torch.tensor(target))
    value.backward()
    return {
        "loss": [value.item()],
        "pre-activations": [z.detach().numpy() for z in preactivations],
        "activations": [h.detach().numpy() for h in activations[1:]],
        "gradients of weights": [W.grad.numpy().T for W in weights],
        "gradients of biases": [b.grad.numpy() for b in biases],
        "gradients of pre-activations": [z.grad.numpy() for z in preactivations],
    }


@functools.cache
def in_jax(activation, loss):
    """Run layers as a function of an offset, too: its gradient is the pre-activation's."""
    model, x, target = problem(activation, loss)

    def forward(weights, biases, offsets):
        preactivations, activations = [], [x]
        for W, b, offset in zip(weights, biases, offsets, strict=True):
            preactivations.append(activations[-1] @ W + b + offset)
            is_output = len(preactivations) == len(weights)
            activate = IN_JAX["identity" if is_output else activation]
            activations.append(activate(preactivations[-1]))
        value = LOSSES_IN_JAX[loss](activations[-1], target)
        return value, (preactivations, activations[1:])

    offsets = [np.zeros((N_SAMPLES, n)) for n in SIZES[1:]]
    with jax.enable_x64(True):
        differentiate = jax.value_and_grad(forward, argnums=(0, 1, 2), has_aux=True)
        (value, (z, h)), gradients = differentiate(model.weights, model.biases, offsets)
        parts = {
            "loss": [value],
            "pre-activations": z,
            "activations": h,
            "gradients of weights": gradients[0],
            "gradients of biases": gradients[1],
            "gradients of pre-activations": gradients[2],
        }
        return jax.tree.map(np.asarray, parts)


PARTS = list(ours("identity", "mean_squared_error"))
FRAMEWORKS = {"PyTorch": in_torch, "JAX": in_jax}


def relative_error(arrays, expected):
    """Return the largest difference, relative to the largest entry of its array."""
    return max(
        np.abs(a - e).max() / np.abs(e).max() for a, e in zip(arrays, expected, strict=True)
    )


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("loss", LOSSES_IN_TORCH)
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_ours_and_theirs_agree(framework, activation, loss, part):
    theirs = FRAMEWORKS[framework](activation, loss)[part]
    assert relative_error(ours(activation, loss)[part], theirs) < TOLERANCE


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_what_is_off_by_a_billionth_is_seen(framework, part):
    theirs = FRAMEWORKS[framework]("tanh", "mean_squared_error")[part]
    off = [a * (1 + 1e-9) for a in ours("tanh", "mean_squared_error")[part]]
    assert relative_error(off, theirs) > TOLERANCE


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize(
    ("one", "other"), [("relu", "leaky_relu"), ("elu", "selu"), ("gelu", "relu")]
)
def test_an_activation_is_not_taken_for_one_that_resembles_it(framework, one, other):
    theirs = FRAMEWORKS[framework](one, "mean_squared_error")["gradients of weights"]
    error = relative_error(ours(other, "mean_squared_error")["gradients of weights"], theirs)
    assert error > 1e6 * TOLERANCE


def test_double_precision_is_given_back_in_jax():
    in_jax("tanh", "mean_squared_error")
    assert jnp.zeros(1).dtype == np.float32
