"""What signals and gradients do in a model that you have, and whether its weights fit.

``inspect(model, x)`` takes a PyTorch or Keras model, or one of `helpers.network`. A framework
is imported only for a model of its own.

`layers` holds the graph of a forward pass, which `pytorch`, `jax` and `keras` fill; `judge`
says what it means; `report` shows it.
"""

from helpers.inspection.report import Fixed, Report, inspect

__all__ = ["Fixed", "Report", "inspect"]
