"""A model, looked into."""

import sys

import numpy as np

from helpers import panels
from helpers.figures import ModelInDepth
from helpers.inspection.layers import Recording, Row, row
from helpers.network import MLP
from helpers.validation import check_callable
from helpers.words import number, percent

COLUMNS = ("layer", "fans", "activation", "E[z²]", "E[h²]", "E[δ²]", "sat.", "off", "dead")


def inspect(model, x, *, loss=None):
    """Send a batch through a model, and a gradient back, and judge the weights of each layer.

    The model is left as it was: parameters, gradients, running means and random state.

    Parameters
    ----------
    model : torch.nn.Module, keras.Model or MLP
        A PyTorch model runs in the mode that it is in, best that of training; a Keras model
        always as in training, and best a functional or sequential one: it is seen through its
        layers.
    x : array, tensor, or tuple of them
        A batch as the model takes it, best a real one; a tuple is several arguments.
    loss : callable, optional
        ``loss(output)`` is a number whose gradient is sent back, made with the framework's
        functions; for an `MLP` that number and its gradient, as the losses beside it return.
        By default the gradient at the output is standard normal.

    Returns
    -------
    Report
        Printed, a table with a verdict for each layer; shown in a notebook, a picture.

    Raises
    ------
    TypeError, ValueError
        If the model is none of these, has no layers with weights that could be seen, or does
        not take `x`.

    Examples
    --------
    >>> from helpers.activations import relu
    >>> from helpers.initializers import lecun_normal
    >>> rng = np.random.default_rng(0)
    >>> network = MLP([64, 64, 64, 10], relu, lecun_normal, rng)
    >>> inspect(network, rng.standard_normal((50, 64))).rows[1].verdict
    'too small for relu: 1 / fan_in, for 2'
    """
    if loss is not None:
        check_callable("loss", loss)
    inputs = x if isinstance(x, tuple) else (x,)
    with np.errstate(over="ignore", invalid="ignore"):  # the table says where it happens
        layers, missed = _adapter(model)(model, inputs, loss, np.random.default_rng(0))
        rows = [row(layer, is_last=layer is layers[-1]) for layer in layers]
    if not rows:
        raise ValueError(
            f"model must have a dense or a convolutional layer; none was seen in {model!r}"
        )
    return Report(rows, missed)


def _adapter(model):
    """Return the function that looks into such a model."""
    if isinstance(model, MLP):
        return _own
    keras, torch = sys.modules.get("keras"), sys.modules.get("torch")
    if keras and isinstance(model, keras.Model):
        from helpers.inspection.keras import layers

        return layers
    of_keras = keras and isinstance(model, keras.Layer)  # on PyTorch it is a Module too
    if torch and isinstance(model, torch.nn.Module) and not of_keras:
        from helpers.inspection.pytorch import layers

        return layers
    raise TypeError(
        "model must be a torch.nn.Module, a keras.Model or a helpers.network.MLP; got "
        f"{model!r}"
    )


def _own(network, inputs, loss, rng):
    """Return what each layer of an `MLP` did."""
    if network.weights[0].ndim != 2:
        raise ValueError(f"model must be a single network, not a stack; got {network!r}")
    if len(inputs) != 1:
        raise ValueError(f"x must be one array for a helpers.network.MLP; got {len(inputs)}")
    trace = network.forward(*inputs)
    output = trace.preactivations[-1]
    gradient = rng.standard_normal(output.shape) if loss is None else _pair(loss(output))[1]
    gradients = network.backward(trace, gradient).preactivations
    recording = Recording()
    steps = zip(network.weights, trace.preactivations, strict=True)
    for number_, (W, z) in enumerate(steps, 1):
        recording.layer(f"layer {number_}", W, W.shape, z)
        if number_ < len(network.weights):
            recording.activation(network.activation, z)
    for layer, delta in zip(recording.layers, gradients, strict=True):
        layer.gradient = delta
    return recording.layers, []


def _pair(result):
    """Return what the loss of an `MLP` returned, which must be a value and its gradient."""
    if not (isinstance(result, tuple) and len(result) == 2):
        raise TypeError(
            "loss must return its value and its gradient for a helpers.network.MLP, as the "
            f"losses there do; got {result!r}"
        )
    return result


class Report:
    """What `inspect` found.

    Attributes
    ----------
    rows : list of Row
        One for each layer with weights, in the order in which they ran.
    missed : list of str
        Names of weights that were not looked into: embeddings, and cells of recurrent layers.
    """

    def __init__(self, rows, missed=()):
        self.rows, self.missed = [Row(*row) for row in rows], list(missed)

    @property
    def fits(self):
        """Whether the weights fit in every layer that was looked into; see `missed`."""
        return all(row.fits for row in self.rows)

    def __str__(self):
        cells = [COLUMNS, *(_cells(row) for row in self.rows)]
        widths = [max(len(line[i]) for line in cells) for i in range(len(COLUMNS))]
        lines = [_aligned(line, widths) for line in cells]
        lines += ["", *(_sentence(row) for row in self.rows)]
        if self.missed:
            lines.append(f"Not looked into: {', '.join(self.missed)}.")
        return "\n".join(lines)

    def _repr_mimebundle_(self, **kwargs):
        verdicts = [_sentence(row) for row in self.rows]
        shown = panels.picture(ModelInDepth(), rows=self.rows, verdicts=verdicts)
        return shown._repr_mimebundle_(**kwargs)


def _cells(row):
    return (
        row.name,
        f"{number(row.fan_in)} → {number(row.fan_out)}",
        row.activation or "–",
        *(number(v) for v in (row.preactivation, row.activated, row.gradient)),
        *(percent(v) for v in (row.saturated, row.inactive, row.dead)),
    )


def _aligned(line, widths):
    """Return a line of a table: names to the left, numbers to the right."""
    cells = [
        cell.ljust(width) if i < 3 else cell.rjust(width)
        for i, (cell, width) in enumerate(zip(line, widths, strict=True))
    ]
    return "  ".join(cells).rstrip()


def _sentence(row):
    suits = f". Take {row.suits}" if row.suits else ""
    return f"{row.name}: {row.verdict}{suits}."
