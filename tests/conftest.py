"""What all tests share."""

import os
import sys

import numpy as np
import pytest


@pytest.fixture
def rng():
    """Return a fresh generator; ``TEST_SEED=7 make test`` runs all on another seed."""
    return np.random.default_rng(int(os.environ.get("TEST_SEED", "0")))


@pytest.fixture(autouse=True, scope="module")
def _close_widgets():
    """Let go of a module's widgets: ipywidgets keeps them, and the pictures of panels."""
    yield
    if "ipywidgets" in sys.modules:
        sys.modules["ipywidgets"].Widget.close_all()
