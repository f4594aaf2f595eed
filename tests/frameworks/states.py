"""What looking into a model must leave as it was."""

import random
from contextlib import contextmanager

import numpy as np
import torch


@contextmanager
def random_states_kept():
    """Expect that the global generators of Python, NumPy and PyTorch are not drawn from."""
    before = _states()
    yield
    after = _states()
    assert torch.equal(after[0], before[0])
    np.testing.assert_array_equal(after[1], before[1])
    assert after[2] == before[2]


def _states():
    numpys = np.random.get_state()[1].copy()  # noqa: NPY002 (it is what is looked after)
    return torch.get_rng_state(), numpys, random.getstate()


@contextmanager
def left_as_it_was(model):
    """Expect that a model, and the global generators, are as they were.

    Parameters and buffers have the same numbers, gradients and flags; modules the same modes,
    hooks, and whatever else they keep as attributes.
    """
    before = _state_of(model)
    with random_states_kept():
        yield
    after = _state_of(model)
    assert before.keys() == after.keys()
    for name, was in before.items():
        if isinstance(was, np.ndarray):
            np.testing.assert_array_equal(after[name], was, err_msg=str(name))
        else:
            assert was is after[name] or was == after[name], name


def _state_of(model):
    """Return all that a model holds, by name: objects, and copies of numbers."""
    if not isinstance(model, torch.nn.Module):  # of Keras
        weights = {v.path: np.array(v.numpy()) for v in model.variables}
        return weights | {(v.path, "trainable"): v.trainable for v in model.variables}
    found = {}
    for name, module in model.named_modules():
        for key, value in vars(module).items():
            if isinstance(value, dict):
                found |= {(name, key, k): (id(v), v) for k, v in value.items()}
            else:
                found[name, key] = id(value), value  # kept, so that no other gets its id
    for name, tensor in (*model.named_parameters(), *model.named_buffers()):
        found[name] = _numbers(tensor)
        found[name, "flag"] = tensor.requires_grad
        if tensor.grad is not None:
            found[name, "grad"], found[name, "same"] = (
                _numbers(tensor.grad),
                (id(tensor.grad), tensor.grad),
            )
    return found


def _numbers(tensor):
    return tensor.detach().double().numpy().copy()
