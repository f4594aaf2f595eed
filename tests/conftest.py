"""What all tests share."""

import os

import numpy as np
import pytest


@pytest.fixture
def rng():
    """Return a fresh generator; ``TEST_SEED=7 make test`` runs all on another seed."""
    return np.random.default_rng(int(os.environ.get("TEST_SEED", "0")))
