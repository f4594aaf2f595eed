"""Our optimizers and clippings against PyTorch's: the same parameters after fifty steps."""

from functools import partial

import numpy as np
import pytest
import torch

from helpers.activations import tanh
from helpers.initializers import he_normal, normal
from helpers.network import MLP, mean_squared_error, stack
from helpers.training import Adam, GradientDescent, clip_by_global_norm, clip_by_value, train

STEPS = 50
# In double precision fifty steps leave some 1e-14; a wrong bias correction changes 1e-3.
# PyTorch adds 1e-6 to the norm by which it clips, a hundred-thousandth of it.
TOLERANCE = {"none": 1e-10, "value": 1e-10, "norm": 1e-5}

OPTIMIZERS = {
    "gradient descent": (GradientDescent(0.1), lambda p: torch.optim.SGD(p, lr=0.1)),
    "Adam": (Adam(), torch.optim.Adam),
    "Adam with options": (
        Adam(0.02, beta1=0.7, beta2=0.99, epsilon=1e-3),
        lambda p: torch.optim.Adam(p, lr=0.02, betas=(0.7, 0.99), eps=1e-3),
    ),
    "Adam without memory": (
        Adam(0.02, beta1=0, beta2=0),
        lambda p: torch.optim.Adam(p, lr=0.02, betas=(0.0, 0.0)),
    ),
}
CLIPPINGS = {
    "none": (None, lambda p: None),
    "norm": (
        partial(clip_by_global_norm, max_norm=0.1),
        lambda p: torch.nn.utils.clip_grad_norm_(p, 0.1),
    ),
    "value": (
        partial(clip_by_value, limit=0.05),
        lambda p: torch.nn.utils.clip_grad_value_(p, 0.05),
    ),
}


def network(seed):
    return MLP(
        [3, 8, 2], tanh, he_normal, np.random.default_rng(seed), bias=partial(normal, std=0.1)
    )


def trained_in_torch(model, X, y, make, clip):
    """Return weights and biases as PyTorch leaves them."""
    arrays = [*model.weights, *model.biases]
    (W1, W2, b1, b2) = parameters = [torch.tensor(a, requires_grad=True) for a in arrays]
    optimizer = make(parameters)
    for _ in range(STEPS):
        optimizer.zero_grad()
        output = torch.tanh(torch.tensor(X) @ W1 + b1) @ W2 + b2
        torch.nn.functional.mse_loss(output, torch.tensor(y)).backward()
        clip(parameters)
        optimizer.step()
    return [p.detach().numpy() for p in parameters]


@pytest.mark.parametrize("clipping", CLIPPINGS)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_parameters_after_many_steps_are_those_of_pytorch(name, clipping):
    ours, theirs = OPTIMIZERS[name]
    clip, clip_in_torch = CLIPPINGS[clipping]
    within = TOLERANCE[clipping]
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((16, 3)), rng.standard_normal((16, 2))
    expected = [
        trained_in_torch(network(seed), X, y, theirs, clip_in_torch) for seed in range(2)
    ]
    options = {"steps": STEPS, "optimizer": ours, "clip": clip}

    alone = network(0)
    list(train(alone, X, y, mean_squared_error, **options))
    for found, right in zip([*alone.weights, *alone.biases], expected[0], strict=True):
        np.testing.assert_allclose(found, right, rtol=0, atol=within)

    together = stack([network(0), network(1)])
    list(train(together, X, y, mean_squared_error, **options))
    for k, (found, *right) in enumerate(
        zip([*together.weights, *together.biases], *expected, strict=True)
    ):
        shape = found.shape if k < 2 else (2, *right[0].shape)
        np.testing.assert_allclose(found.reshape(shape), right, rtol=0, atol=within)
