"""What lesson 8 measures in PyTorch, Keras, JAX and scikit-learn.

Each function imports its library itself, draws from a seed of its own, and returns plain
numbers: a notebook calls it through `helpers.recorded.measured_with`. Variances are in units
of the fan: a variance times `fan_in`.
"""

from functools import partial

import numpy as np

from helpers.activations import ACTIVATIONS
from helpers.datasets import digits
from helpers.initializers import he_normal, he_uniform, lecun_normal, xavier_normal
from helpers.network import MLP, softmax_cross_entropy

SEED = 8
SHAPE = (1000, 500)  # of the layer that every scheme is drawn for: inputs, outputs
SIZES = ((256, 100), (100, 256))  # of the layers that start by default: inputs, outputs
OUTPUTS = (50, 100, 200, 400, 800, 1600)
STDS = (0.02, 0.1, 0.5, 1.0, 2.0)
GROUPS = (1, 2, 4, 8, 16, 64)
CHECKED = ("tanh", "relu", "gelu")  # activations whose gradients are compared


def variance(W, fan_in=1.0):
    """Return the variance of weights, times `fan_in`."""
    return float(fan_in * np.var(np.asarray(W, float)))


def kurtosis(W):
    """Return the kurtosis of weights of mean 0: 3 for a normal, 1.8 for a uniform."""
    W = np.asarray(W, float)
    return float(np.mean(W**4) / np.mean(W**2) ** 2)


def _start(W, b, fan_in):
    return [variance(W, fan_in), float(np.sqrt(fan_in) * np.abs(np.asarray(b)).max())]


def pytorch_starts():
    """Return variance and largest bias of `Linear` and `Conv2d`, for each of `SIZES`."""
    import torch
    from torch import nn

    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(SEED)
        layers = [(nn.Linear(m, n), nn.Conv2d(m // 4, n // 4, 2)) for m, n in SIZES]
        return [
            [_start(layer.weight, layer.bias, m) for layer in pair]
            for pair, (m, _) in zip(layers, SIZES, strict=True)
        ]


def keras_starts():
    """Return the same of `Dense` and `Conv2D`."""
    import keras

    keras.utils.set_random_seed(SEED)
    found = []
    for m, n in SIZES:
        dense, convolution = keras.layers.Dense(n), keras.layers.Conv2D(n // 4, 2)
        dense.build((None, m))
        convolution.build((None, 8, 8, m // 4))
        found.append([_start(one.kernel, one.bias, m) for one in (dense, convolution)])
    return found


def sklearn_starts():
    """Return the same of the hidden layer of `MLPClassifier`."""
    from sklearn.neural_network import MLPClassifier

    found = []
    for m, n in SIZES:
        # It draws when it is first trained: with a step of (almost) no length.
        model = MLPClassifier((n,), random_state=SEED, learning_rate_init=1e-12)
        model.partial_fit(np.zeros((1, m)), [0], classes=[0, 1])
        found.append([_start(model.coefs_[0], model.intercepts_[0], m)])
    return found


def _facts(draws):
    return [[variance(W, SHAPE[0]), kurtosis(W)] for W in draws]


def our_schemes():
    """Return variance and kurtosis of LeCun's, Xavier's and He's normal, and He's uniform."""
    rng = np.random.default_rng(SEED)
    return _facts(
        draw(SHAPE, rng) for draw in (lecun_normal, xavier_normal, he_normal, he_uniform)
    )


def pytorch_schemes():
    """Return the same of PyTorch."""
    from torch import Generator, empty
    from torch.nn import init

    W, rng = empty(SHAPE[::-1]), Generator().manual_seed(SEED)
    calls = (
        partial(init.kaiming_normal_, nonlinearity="linear"),
        init.xavier_normal_,
        init.kaiming_normal_,
        init.kaiming_uniform_,
    )
    return _facts(call(W, generator=rng) for call in calls)


def keras_schemes():
    """Return the same of Keras."""
    from keras import initializers

    names = ("LecunNormal", "GlorotNormal", "HeNormal", "HeUniform")
    return _facts(getattr(initializers, name)(seed=SEED)(SHAPE) for name in names)


def jax_schemes():
    """Return the same of JAX."""
    import jax

    names = ("lecun_normal", "glorot_normal", "he_normal", "he_uniform")
    key = jax.random.key(SEED)
    return _facts(getattr(jax.nn.initializers, name)()(key, SHAPE) for name in names)


def jax_kernels():
    """Return the variance over He's of kernels for `jax.lax.conv`, for each of `OUTPUTS`.

    They have 16 channels and windows of 3 x 3; first drawn without a word on the axes, then
    with their names.
    """
    import jax

    he, key, fan_in = jax.nn.initializers.he_normal, jax.random.key(SEED), 16 * 9
    return [
        [variance(draw(key, (n, 16, 3, 3)), fan_in / 2) for n in OUTPUTS]
        for draw in (he(), he(in_axis=1, out_axis=0))
    ]


def pytorch_cut():
    """Return the variance over std**2 of `trunc_normal_`, for each of `STDS`."""
    from torch import Generator, empty
    from torch.nn.init import trunc_normal_

    W, rng = empty(500, 500), Generator().manual_seed(SEED)
    return [variance(trunc_normal_(W, std=std, generator=rng), std**-2) for std in STDS]


def keras_cut():
    """Return the same of `TruncatedNormal`."""
    from keras.initializers import TruncatedNormal

    draws = [TruncatedNormal(stddev=std, seed=SEED)((500, 500)) for std in STDS]
    return [variance(W, std**-2) for W, std in zip(draws, STDS, strict=True)]


def jax_scaled():
    """Return the same of `variance_scaling`, with a truncated normal."""
    import jax

    scaling, key = jax.nn.initializers.variance_scaling, jax.random.key(SEED)
    kinds = [scaling(500 * std**2, "fan_in", "truncated_normal") for std in STDS]
    draws = [draw(key, (500, 500)) for draw in kinds]
    return [variance(W, std**-2) for W, std in zip(draws, STDS, strict=True)]


def pytorch_groups():
    """Return the variance over the right one of a convolution in each number of `GROUPS`.

    From 64 channels to 64: He's by fan_in, Xavier's, and He's by fan_out.
    """
    from torch import Generator
    from torch.nn import Conv2d, init

    rng = Generator().manual_seed(SEED)
    backward = partial(init.kaiming_normal_, mode="fan_out")
    calls = ((init.kaiming_normal_, 2), (init.xavier_normal_, 1), (backward, 2))
    found = []
    for call, scale in calls:
        kernels = [Conv2d(64, 64, 3, groups=g).weight.detach() for g in GROUPS]
        draws = [[call(W, generator=rng).numpy().copy() for _ in range(20)] for W in kernels]
        pairs = zip(draws, GROUPS, strict=True)
        found.append([variance(W, 9 * 64 / g / scale) for W, g in pairs])
    return found


def pytorch_traps():
    """Return the variance over He's of a transposed and a depthwise convolution.

    From 8 channels to 64, and of 64 each for itself: as `kaiming_normal_` is called, and
    with what mends it.
    """
    from torch import Generator
    from torch.nn import Conv2d, ConvTranspose2d, init

    rng = Generator().manual_seed(SEED)

    def ratio(W, channels):
        draws = [init.kaiming_normal_(W, generator=rng).numpy().copy() for _ in range(20)]
        return variance(draws, 9 * channels / 2)

    up = ConvTranspose2d(8, 64, 3).weight.detach()
    each = Conv2d(64, 64, 3, groups=64).weight.detach()
    return [[ratio(up, 8), ratio(up.transpose(0, 1), 8)], [ratio(each, 1), ratio(each, 1)]]


def keras_traps():
    """Return the same of Keras, where another scale mends both."""
    from keras import initializers, layers

    def ratios(layer, channels, inputs, scale):
        layer.build((None, 8, 8, channels))
        calls = (initializers.HeNormal, partial(initializers.VarianceScaling, scale))
        draws = [
            [np.asarray(call(seed=SEED + s)(layer.kernel.shape)) for s in range(20)]
            for call in calls
        ]
        return [variance(W, 9 * inputs / 2) for W in draws]

    up, each = layers.Conv2DTranspose(64, 3), layers.DepthwiseConv2D(3)
    return [ratios(up, 8, 8, 2 * 64 / 8), ratios(each, 64, 1, 2 * 64)]


def pytorch_parts():
    """Return what an LSTM, attention and an encoder start with: each number in fans."""
    import torch
    from torch import nn

    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(SEED)
        lstm, attention = nn.LSTM(50, 100), nn.MultiheadAttention(64, 4)
        block = nn.TransformerEncoderLayer(64, 4, 128, batch_first=True)
        blocks = nn.TransformerEncoder(block, 3).layers
        return {
            "largest": max(10 * p.abs().max().item() for p in lstm.parameters()),
            "attention": variance(attention.in_proj_weight, 64),
            "copies": torch.equal(blocks[0].linear1.weight, blocks[2].linear1.weight),
        }


def keras_parts():
    """Return what an LSTM starts with, gate by gate, and whether one object draws twice."""
    import keras

    keras.utils.set_random_seed(SEED)
    lstm = keras.layers.LSTM(100)
    lstm.build((None, 5, 50))
    R = np.asarray(lstm.cell.recurrent_kernel)  # four gates side by side
    he = keras.initializers.HeNormal()
    layers = [keras.layers.Dense(64, kernel_initializer=he) for _ in range(2)]
    keras.Sequential([keras.Input((64,)), *layers])
    return {
        "gates": [variance(gate, 100) for gate in np.hsplit(R, 4)],
        "bias": np.reshape(lstm.cell.bias, (4, 100)).mean(axis=1),
        "orthonormal": bool(np.allclose(R @ R.T, np.eye(100), atol=1e-5)),
        "copies": np.array_equal(*(np.asarray(layer.kernel) for layer in layers)),
    }


def jax_keys():
    """Return whether two arrays are equal: drawn with one key, and with one each."""
    import jax

    he, key = jax.nn.initializers.he_normal(), jax.random.key(SEED)
    own = [he(part, (64, 64)) for part in jax.random.split(key, 2)]
    return [np.array_equal(*pair) for pair in ([he(key, (64, 64)) for _ in range(2)], own)]


def gradients():
    """Return root mean squares of the gradients by layer, by our backward pass and PyTorch's.

    For each activation of `CHECKED`, on 200 digits.
    """
    import torch
    from torch.nn import functional

    found, (X, y) = [], (part[:200] for part in digits())
    for name in CHECKED:
        rng = np.random.default_rng(SEED)
        network = MLP([64, 128, 128, 10], ACTIVATIONS[name], xavier_normal, rng)
        trace = network.forward(X)
        ours = network.backward(trace, softmax_cross_entropy(trace.activations[-1], y)[1])
        weights = [torch.tensor(W, requires_grad=True) for W in network.weights]
        h = torch.tensor(X)
        for W in weights[:-1]:
            h = getattr(functional, name)(h @ W)
        functional.cross_entropy(h @ weights[-1], torch.tensor(y)).backward()
        theirs = [W.grad.numpy() for W in weights]
        sizes = [[np.sqrt(np.mean(W**2)) for W in pass_] for pass_ in (ours.weights, theirs)]
        found.append(sizes)
    return found
