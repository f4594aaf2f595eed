"""What signals and gradients do in a model that you have, and whether its weights fit.

``inspect(model, x)`` takes a PyTorch or Keras model, or one of `helpers.network`. A framework
is imported only for a model of its own.
"""

from helpers.inspection.report import Report, inspect

__all__ = ["Report", "inspect"]
