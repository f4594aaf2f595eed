"""Drawing the weights of a large layer in four libraries, from the same distributions.

Both Keras and JAX draw a truncated normal where they are asked for ``he_normal``; beside ours
they are asked for a normal that is not truncated.
"""

import math
from functools import partial

import jax
import keras
import numpy as np
import torch

from helpers import initializers

jax.config.update("jax_enable_x64", True)  # or float64 is not to be had


def draws(size, dtype):
    """Return for each distribution a dict of functions that draw, one for each library."""
    libraries = {"ours": _ours, "PyTorch": _pytorch, "JAX": _jax, "Keras": _keras}
    shape = (size, size)
    functions = {name: library(shape, dtype) for name, library in libraries.items()}
    return {
        distribution: {name: functions[name][distribution] for name in libraries}
        for distribution in functions["ours"]
    }


def _ours(shape, dtype):
    truncated = partial(initializers.variance_scaling, distribution="truncated_normal")
    chosen = {
        "He, normal": initializers.he_normal,
        "Xavier, uniform": initializers.xavier_uniform,
        "LeCun, truncated normal": truncated,
    }
    options = {"rng": np.random.default_rng(0), "dtype": np.dtype(dtype)}
    return {
        name: partial(initializer, shape, **options) for name, initializer in chosen.items()
    }


def _pytorch(shape, dtype):
    init, options = torch.nn.init, {"generator": torch.Generator().manual_seed(0)}

    def empty():
        return torch.empty(shape, dtype=getattr(torch, dtype))

    std = math.sqrt(1 / shape[0]) / initializers.TRUNCATED_STD  # of the normal that is cut
    limits = {"std": std, "a": -2 * std, "b": 2 * std}
    return {
        "He, normal": lambda: init.kaiming_normal_(empty(), nonlinearity="relu", **options),
        "Xavier, uniform": lambda: init.xavier_uniform_(empty(), **options),
        "LeCun, truncated normal": lambda: init.trunc_normal_(empty(), **limits, **options),
    }


def _jax(shape, dtype):
    """Return compiled functions, which have run once: the compilation is not counted."""
    init, key = jax.nn.initializers, jax.random.key(0)
    chosen = {
        "He, normal": init.variance_scaling(2, "fan_in", "normal"),
        "Xavier, uniform": init.xavier_uniform(),
        "LeCun, truncated normal": init.lecun_normal(),
    }
    functions = {}
    for distribution, initializer in chosen.items():
        compiled = jax.jit(partial(initializer, shape=shape, dtype=dtype)).lower(key).compile()
        functions[distribution] = lambda compiled=compiled: compiled(key).block_until_ready()
    return functions


def _keras(shape, dtype):
    init = keras.initializers
    chosen = {
        "He, normal": init.VarianceScaling(2.0, "fan_in", "untruncated_normal", seed=0),
        "Xavier, uniform": init.GlorotUniform(seed=0),
        "LeCun, truncated normal": init.LecunNormal(seed=0),
    }
    return {
        distribution: lambda initializer=initializer: initializer(
            shape, dtype
        ).block_until_ready()
        for distribution, initializer in chosen.items()
    }


def check(found, expected):
    """Raise AssertionError unless two draw from one distribution: its spread and its reach."""
    weights = [np.abs(np.asarray(draw()[:256], float)) for draw in (found, expected)]
    spreads = [(np.sqrt(np.mean(w**2)), np.quantile(w, 0.999)) for w in weights]
    # Of a normal, a million draws give this quantile to 0.27 %: six of that. The deviation
    # is closer; that of a truncated normal without correction is 12 % off.
    tolerance = 6 * 0.0027 * math.sqrt(1e6 / weights[0].size)
    np.testing.assert_allclose(*spreads, rtol=tolerance)
