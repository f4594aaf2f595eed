"""Tests against the frameworks, which extra `frameworks` installs: ``make test-frameworks``."""

import os

# Keras asks for its backend once, when it is first imported, and whatever imports it here comes
# after this line. Not PyTorch: there it lets four of a million truncated weights past the cut.
os.environ.setdefault("KERAS_BACKEND", "jax")
