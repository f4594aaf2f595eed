"""The layers of a PyTorch model, seen through the functions that its forward pass calls.

Watching functions rather than modules sees ``relu(x)`` and ``nn.ReLU()`` alike.
"""

import math
from contextlib import contextmanager

import numpy as np
import torch
from torch.autograd.graph import get_gradient_edge
from torch.nn import functional
from torch.nn.parameter import is_lazy
from torch.overrides import TorchFunctionMode

from helpers.activations import Activation, flat_part
from helpers.inspection.layers import Recording

ELEMENTWISE = {
    *("relu", "leaky_relu", "prelu", "elu", "celu", "selu", "gelu", "silu", "mish"),
    *("tanh", "sigmoid", "softplus", "softsign", "hardtanh", "relu6", "hardswish"),
}
NORMALIZATIONS = {"batch_norm", "layer_norm", "group_norm", "instance_norm", "rms_norm"}
SUMS = {"add"}  # and so are ``+`` and ``+=`` called
# Functions that multiply by weights, and which of their arguments those are.
PRODUCTS = {"linear": 1, "matmul": 1, "mm": 1, "bmm": 1, "addmm": 2} | {
    f"conv{kind}{n}d": 1 for kind in ("", "_transpose") for n in (1, 2, 3)
}


def layers(model, inputs, loss, rng):
    """Return what each layer of a PyTorch model did; see `helpers.inspection.inspect`."""
    if any(is_lazy(p) for p in (*model.parameters(), *model.buffers())):
        raise ValueError("model must have weights; lazy layers get theirs when it is run once")
    copies = {id(x): _tensor(x, model) for x in inputs}  # attention may get one three times
    inputs = tuple(copies[id(x)] for x in inputs)
    recorder = _Recorder(model)
    for x in inputs:
        recorder.recording.result(x)
    with torch.enable_grad(), torch.random.fork_rng(), _restored(model):
        with recorder:
            output = model(*inputs)
        output, weights = _sent_back(output, loss, rng)
        gradients = _gradients(output, weights, [edge for edge, _ in recorder.seen])
        for (_, axis), layer, gradient in zip(
            recorder.seen, recorder.recording.layers, gradients, strict=True
        ):
            none = gradient is None  # nothing comes back from the output
            layer.gradient = 0 * layer.preactivation if none else _array(gradient, axis)
    return recorder.recording.layers, recorder.missed()


def _tensor(x, model):
    """Return a copy of `x`, in which the model may work, as a tensor beside its parameters."""
    like = next(model.parameters(), torch.empty(0))
    x = x.detach() if isinstance(x, torch.Tensor) else torch.as_tensor(np.asarray(x))
    return x.to(like.device, like.dtype if x.is_floating_point() else x.dtype, copy=True)


def _sent_back(output, loss, rng):
    """Return what is sent back from, and the gradient there."""
    if loss is not None:
        output = loss(output)
    if not isinstance(output, torch.Tensor):
        raise TypeError(
            "loss must be given, a function of the model's output to a tensor, where that is "
            f"no tensor; got a {type(output).__name__}"
        )
    if loss is not None:
        return output, torch.ones_like(output)
    return output, torch.as_tensor(rng.standard_normal(output.shape)).to(output)


def _gradients(output, weights, edges):
    """Return the gradient at each edge of the graph, or None where there is none."""
    known = [edge for edge in edges if edge is not None]
    if not (known and output.requires_grad):
        return [None] * len(edges)
    found = iter(torch.autograd.grad(output, known, weights, allow_unused=True))
    return [None if edge is None else next(found) for edge in edges]


@contextmanager
def _restored(model):
    """Return a context in which frozen parameters are free, and after which all is as before.

    A gradient reaches each layer then. Running means and counts are buffers.
    """
    frozen = [p for p in model.parameters() if p.is_floating_point() and not p.requires_grad]
    kept = [
        (module, name, buffer, buffer.clone())
        for module in model.modules()
        for name, buffer in module.named_buffers(recurse=False)
    ]
    for parameter in frozen:
        parameter.requires_grad_()
    try:
        yield
    finally:
        for parameter in frozen:
            parameter.requires_grad_(False)
        for module, name, buffer, before in kept:
            setattr(module, name, buffer)
            if not torch.equal(buffer, before):
                with torch.no_grad():
                    buffer.copy_(before)


class _Recorder(TorchFunctionMode):
    """Notes each call of a function that matters."""

    def __init__(self, model):
        self.recording, self.seen = Recording(), []
        self._names = {id(p): name for name, p in model.named_parameters() if p.ndim > 1}
        self._labels = {key: _label(model, name) for key, name in self._names.items()}
        self._found = set()

    def missed(self):
        """Return the names of the weights that no layer used in a way that is known."""
        return [name for key, name in self._names.items() if key not in self._found]

    def __torch_function__(self, function, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        name = getattr(function, "__name__", "").removesuffix("_")
        if name in ELEMENTWISE and args:
            self._activation(name, function, args, kwargs)
        elif name in NORMALIZATIONS:
            self.recording.normalization()
        elif name in SUMS and _is_sum(args):
            self.recording.sum(args[:2])
        if function is functional.multi_head_attention_forward:
            result = self._attention(args, kwargs)
        else:
            result = function(*args, **kwargs)
            self._layer(name, args, kwargs, result)
        self.recording.result(result)
        return result

    def _activation(self, name, function, args, kwargs):
        z, *rest = args
        if name == "prelu":  # with a slope for each channel, or one
            rest = [rest[0].detach().mean().reshape(1)]

        def formula(array):
            with torch.no_grad():
                copy = torch.tensor(array).to(z)  # the function may work in place
                return _numpy(function(copy, *rest, **kwargs)).astype(array.dtype)

        def slope(array):
            with torch.enable_grad():
                start = torch.tensor(array).to(z).requires_grad_()
                result = function(start.clone(), *rest, **kwargs)
                (found,) = torch.autograd.grad(result.sum(), start)
            return _numpy(found).astype(array.dtype)

        axis = self.seen[-1][1] if self.seen else -1
        axis = axis if z.ndim + axis >= 0 else -1
        activation = Activation(name, formula, slope, flat_part(slope))
        self.recording.activation(activation, _array(z, axis))

    def _layer(self, name, args, kwargs, result):
        """Note the call of a function if it multiplies its input by weights of the model."""
        place = PRODUCTS.get(name)
        if place is None:
            return
        given = _argument(args, kwargs, place, "weight")
        weights = self._known(given)
        if weights is None:
            return
        self._found.add(id(weights))
        axis = 1 - weights.ndim if name.startswith("conv") else -1
        options = [_argument(args, kwargs, *o) for o in ((3, "stride", 1), (6, "groups", 1))]
        fitted = _matrix(name, _numpy(given), *options)
        self.recording.layer(self._labels[id(weights)], *fitted, _array(result, axis))
        # The gradient edge of this result, which a function may yet change in place.
        edge = get_gradient_edge(result) if result.requires_grad else None
        self.seen.append((edge, axis))

    def _known(self, weights):
        """Return the parameter that `weights` is, or is a part of."""
        while isinstance(weights, torch.Tensor):
            if id(weights) in self._names:
                return weights
            weights = weights._base
        return None

    def _attention(self, args, kwargs):
        """Run attention, whose products are inside one function, and note them."""
        original = functional.linear

        def linear(*inner):
            result = original(*inner)
            self._layer("linear", inner, {}, result)
            return result

        functional.linear = linear
        try:
            return functional.multi_head_attention_forward(*args, **kwargs)
        finally:
            functional.linear = original


def _label(model, name):
    """Return a layer's name, with its kind where the name is a number only."""
    path, _, parameter = name.rpartition(".")
    if parameter != "weight":  # a layer with several
        return name
    kind = type(model.get_submodule(path)).__name__
    return f"{path} ({kind})" if path.rpartition(".")[-1].isdigit() else path or kind


def _is_sum(args):
    return (
        all(isinstance(a, torch.Tensor) and a.ndim > 1 for a in args[:2])
        and args[0].shape == args[1].shape
    )


def _argument(args, kwargs, place, name, default=None):
    return args[place] if len(args) > place else kwargs.get(name, default)


def _matrix(name, array, stride, groups):
    """Return weights with a column for each unit, and their fans."""
    if name == "linear":  # (outputs, inputs)
        return array.T, array.shape[::-1]
    if not name.startswith("conv"):  # x @ W
        return array.reshape(-1, array.shape[-1]), array.shape[-2:]
    window = array[0, 0].size
    if name.startswith("conv_transpose"):  # (inputs, outputs / groups, window)
        n_in, n_out = array.shape[0] // groups, array.shape[1]
        by_group = array.reshape(groups, n_in, n_out, window)
        matrix = by_group.transpose(1, 3, 0, 2).reshape(n_in * window, groups * n_out)
        return matrix, (window * n_in / _positions(stride, array), window * n_out)
    # (outputs, inputs / groups, window); with a stride, an input meets fewer windows
    n_out = array.shape[0] // groups
    fans = window * array.shape[1], window * n_out / _positions(stride, array)
    return array.reshape(len(array), -1).T, fans


def _positions(stride, weights):
    """Return how many pixels a window moves over at a time."""
    return stride ** (weights.ndim - 2) if isinstance(stride, int) else math.prod(stride)


def _array(tensor, axis):
    """Return a copy of a tensor as an array with its units last."""
    return np.moveaxis(_numpy(tensor).copy(), axis, -1)


def _numpy(tensor):
    """Return a tensor as an array, which has no 16-bit floats of all kinds."""
    tensor = tensor.detach().cpu()
    return (tensor.float() if tensor.dtype == torch.bfloat16 else tensor).numpy()
