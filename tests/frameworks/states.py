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
