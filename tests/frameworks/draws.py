"""How each framework is asked for weights.

Each function returns a *draw*, ``draw(shape, seed) -> array``, which takes a shape and returns
an array in our layout, ``(..., fan_in, fan_out)``, whatever the framework's own is.
"""

import math
import random
from contextlib import contextmanager

import jax
import keras
import numpy as np
import torch
from sklearn.neural_network import MLPClassifier

from helpers.initializers import TRUNCATED_STD
from tests.frameworks.laws import fan


def shape_in_torch(shape):
    """Return PyTorch's shape, ``(fan_out, fan_in, ...)``, for one in our layout."""
    *field, n_in, n_out = shape
    return (n_out, n_in, *field)


def array_from_torch(tensor):
    """Return a tensor of PyTorch's as an array in our layout, which Keras and JAX share."""
    array = tensor.detach().numpy()
    return array if array.ndim == 1 else np.moveaxis(array, (0, 1), (-1, -2))


def in_torch(name, **options):
    """Draw with a function of ``torch.nn.init``."""

    def draw(shape, seed):
        generator = torch.Generator().manual_seed(seed)
        fill, tensor = getattr(torch.nn.init, name), torch.empty(shape_in_torch(shape))
        return array_from_torch(fill(tensor, generator=generator, **options))

    return draw


def truncated_in_torch(scale, mode):
    """Draw with ``trunc_normal_``, told what it leaves to its caller.

    Its bounds are absolute, and its `std` is that of the normal before it is cut.
    """

    def draw(shape, seed):
        std = math.sqrt(scale / fan(mode, shape)) / TRUNCATED_STD
        return in_torch("trunc_normal_", std=std, a=-2 * std, b=2 * std)(shape, seed)

    return draw


def in_keras(name, **options):
    """Draw with a class of ``keras.initializers``."""
    initializer = getattr(keras.initializers, name)
    return lambda shape, seed: keras.ops.convert_to_numpy(
        initializer(seed=seed, **options)(shape)
    )


def in_jax(name, *options):
    """Draw with a function of ``jax.nn.initializers``."""
    initializer = getattr(jax.nn.initializers, name)(*options)
    return lambda shape, seed: np.asarray(initializer(jax.random.key(seed), shape))


def torch_layer(part):
    """Draw the "weight" or the "bias" that a dense or convolution layer starts with."""

    def draw(shape, seed):
        *field, n_in, n_out = shape
        with torch.random.fork_rng():  # a layer draws from the global generator alone
            torch.manual_seed(seed)
            linear = torch.nn.Linear(n_in, n_out) if not field else None
            layer = linear or torch.nn.Conv2d(n_in, n_out, field)
        return array_from_torch(getattr(layer, part))

    return draw


def keras_layer(part):
    """Draw the "kernel" or the "bias" that a dense or convolution layer starts with."""

    def draw(shape, seed):
        *field, n_in, n_out = shape
        with _standard_library_seeded(seed):  # the default initializers find their seeds there
            dense = keras.layers.Dense(n_out) if not field else None
            layer = dense or keras.layers.Conv2D(n_out, field)
        layer.build((None, *field, n_in))
        return keras.ops.convert_to_numpy(getattr(layer, part).value)

    return draw


@contextmanager
def _standard_library_seeded(seed):
    state = random.getstate()
    random.seed(seed)
    try:
        yield
    finally:
        random.setstate(state)


def sklearn_layer(part, activation="relu"):
    """Draw what scikit-learn's first layer starts with: "coefs_" or "intercepts_".

    It draws when it is fitted, by one step that is too small here to change a bit.
    """

    def draw(shape, seed):
        n_in, n_out = shape
        model = MLPClassifier(
            n_out, activation, solver="sgd", learning_rate_init=1e-300, random_state=seed
        )
        model.partial_fit(np.zeros((1, n_in)), [0], classes=[0, 1])
        return getattr(model, part)[0]

    return draw


ZEROS = {
    "PyTorch": lambda shape, seed: array_from_torch(
        torch.nn.init.zeros_(torch.ones(shape_in_torch(shape)))
    ),
    "Keras": lambda shape, seed: keras.ops.convert_to_numpy(keras.initializers.Zeros()(shape)),
    "JAX": lambda shape, seed: np.asarray(
        jax.nn.initializers.zeros(jax.random.key(seed), shape)
    ),
}
