"""What all tests share."""

import gc
import os
import sys

import numpy as np
import pytest
from hypothesis import settings

# The same inputs in each run, however long one takes, and no file of examples kept.
settings.register_profile("course", derandomize=True, deadline=None, database=None)
settings.load_profile("course")


@pytest.fixture
def rng():
    """Return a fresh generator; ``TEST_SEED=7 make test`` runs all on another seed."""
    return np.random.default_rng(int(os.environ.get("TEST_SEED", "0")))


def pytest_collection_finish():
    """Search less for garbage, and not in what was imported and collected, which stays."""
    gc.freeze()
    gc.set_threshold(20_000)


@pytest.fixture(scope="session")
def let_go():
    """Return a function that frees what panels hold, which is hundreds of megabytes.

    ipywidgets keeps each widget until it is closed, and their modules keep what they drew.
    """

    def let_go():
        if "ipywidgets" in sys.modules:
            sys.modules["ipywidgets"].Widget.close_all()
        for name, module in list(sys.modules.items()):
            if name.startswith("helpers.panels."):
                for value in vars(module).values():
                    getattr(value, "cache_clear", bool)()

    return let_go


@pytest.fixture(autouse=True, scope="module")
def _let_go_of_what_a_module_holds(let_go):
    yield
    let_go()
