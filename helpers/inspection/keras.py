"""The layers of a Keras model, seen through its layers' calls.

Layers and activations are wrapped while a forward pass runs. Each result of a layer with
weights gets a zero added, a *tap*: the gradient at the tap is the gradient at the result.
"""

from contextlib import ExitStack, contextmanager, nullcontext
from functools import partial
from math import prod

import keras
import numpy as np

from helpers.activations import Activation, flat_part
from helpers.inspection.layers import Recording

ACTIVATIONS = {  # and what PyTorch calls them
    keras.layers.Activation: "",  # as its function
    keras.layers.ReLU: "relu",
    keras.layers.LeakyReLU: "leaky_relu",
    keras.layers.PReLU: "prelu",
    keras.layers.ELU: "elu",
}
# What they are in a functional model that calls functions, not layers.
FUNCTIONS = {"Relu", "LeakyRelu", "Elu", "Selu", "Gelu", "Silu", "Tanh", "Sigmoid", "Softplus"}
# They mix units, or do nothing.
NOT_ELEMENTWISE = {"softmax", "log_softmax", "sparsemax", "glu", "linear"}
NOT_WEIGHTS = {"bias", "alpha"}  # whatever their shape; `alpha` is of PReLU
WEIGHTED = (
    *(keras.layers.Dense, keras.layers.EinsumDense),
    *(keras.layers.Conv1D, keras.layers.Conv2D, keras.layers.Conv3D),
    *(keras.layers.DepthwiseConv1D, keras.layers.DepthwiseConv2D),
    *(keras.layers.Conv1DTranspose, keras.layers.Conv2DTranspose),
)
NORMALIZATIONS = (
    *(keras.layers.BatchNormalization, keras.layers.LayerNormalization),
    *(keras.layers.GroupNormalization, keras.layers.RMSNormalization),
)


def layers(model, inputs, loss, rng):
    """Return what each layer of a Keras model did; see `helpers.inspection.inspect`."""
    if keras.backend.backend() not in PULL_BACK:
        raise ValueError(
            f"model must be one of Keras on one of the backends {list(PULL_BACK)} (the "
            f"environment variable KERAS_BACKEND); got the backend {keras.backend.backend()!r}"
        )
    if 1 < len(inputs) == len(getattr(model, "inputs", None) or ()):
        inputs = (list(inputs),)  # a functional model takes all of its inputs as one argument
    inputs = keras.tree.map_structure(partial(_tensor, model), inputs)
    if not model.built:
        model(*inputs)

    def run(taps):
        watch = _Watch(taps)
        watch.recording.result(keras.tree.flatten(inputs))
        # Running means and seeds stay as they are, so that both runs draw the same.
        with keras.StatelessScope(), _forked(), watch.on(model):
            output = model(*inputs, training=True)
        return (output if loss is None else loss(output)), watch

    output, watch = run(None)
    if not keras.ops.is_tensor(output):
        raise TypeError(
            "loss must be given, a function of the model's output to a tensor, where that is "
            f"no tensor; got a {type(output).__name__}"
        )
    taps = [keras.ops.zeros_like(z) for z, _ in watch.seen]
    if loss is None:
        weights = keras.ops.convert_to_tensor(rng.standard_normal(output.shape), output.dtype)
    else:
        weights = keras.ops.ones_like(output)
    gradients = _pull_back(lambda taps: run(taps)[0], taps, weights) if taps else []
    for (_, axis), layer, gradient in zip(
        watch.seen, watch.recording.layers, gradients, strict=True
    ):
        layer.gradient = _array(gradient, axis)
    return watch.recording.layers, watch.missed(model)


def _tensor(model, x):
    """Return `x` as a tensor, of the model's floats: what the model adds a branch to."""
    x = keras.ops.convert_to_tensor(x)
    return (
        keras.ops.cast(x, model.compute_dtype) if keras.backend.is_float_dtype(x.dtype) else x
    )


def _forked():
    """Return a context that draws nothing from the generator of Keras's dropout on PyTorch."""
    if keras.backend.backend() != "torch":
        return nullcontext()
    import torch

    return torch.random.fork_rng()


def _pull_back(function, inputs, weights):
    """Return the gradients of ``sum(weights * function(inputs))`` for a list of tensors."""
    return PULL_BACK[keras.backend.backend()](function, inputs, weights)


def _with_jax(function, inputs, weights):
    import jax

    return jax.vjp(function, inputs)[1](weights)[0]


def _with_torch(function, inputs, weights):
    import torch

    with torch.enable_grad():
        leaves = [x.detach().requires_grad_() for x in inputs]
        return torch.autograd.grad(
            function(leaves), leaves, weights, allow_unused=True, materialize_grads=True
        )


def _with_tensorflow(function, inputs, weights):
    import tensorflow

    with tensorflow.GradientTape() as tape:
        tape.watch(inputs)
        output = function(inputs)
    return tape.gradient(
        output, inputs, weights, unconnected_gradients=tensorflow.UnconnectedGradients.ZERO
    )


PULL_BACK = {"jax": _with_jax, "torch": _with_torch, "tensorflow": _with_tensorflow}


class _Watch:
    """Notes each call of a layer that matters, and adds the taps."""

    def __init__(self, taps):
        self.taps, self.recording, self.seen, self._found = taps, Recording(), [], set()

    def missed(self, model):
        """Return the paths of the weights that no layer used in a way that is known."""
        return [
            v.path
            for v in model.trainable_variables
            if len(v.shape) > 1 and v.name not in NOT_WEIGHTS and id(v) not in self._found
        ]

    @contextmanager
    def on(self, model):
        """Return a context in which the layers of the model are watched."""
        with ExitStack() as stack:
            for step in {id(step): step for step in _steps(model)}.values():  # each once
                if isinstance(step, WEIGHTED):
                    stack.enter_context(_replaced(step, "activation", self._dense(step)))
                elif isinstance(step, tuple(ACTIVATIONS)) or type(step).__name__ in FUNCTIONS:
                    stack.enter_context(_replaced(step, "call", self._watched(step)))
                elif isinstance(step, keras.layers.TimeDistributed):
                    stack.enter_context(_replaced(step, "call", _at_once(step)))
                stack.enter_context(_replaced(step, "call", self._called(step)))
            yield

    def _called(self, step):
        call = step.call

        def watched(*args, **kwargs):
            if isinstance(step, NORMALIZATIONS):
                self.recording.normalization()
            elif type(step).__name__ == "Add":  # the layer, or what ``+`` makes
                self.recording.sum(keras.tree.flatten(args))
            result = call(*args, **kwargs)
            self.recording.result(keras.tree.flatten(result))
            return result

        return watched

    def _watched(self, step):
        call, function = step.call, _elementwise(step, step.call)

        def watched(z):
            self._activation(_name(step), function, z, self.seen[-1][1] if self.seen else -1)
            return call(z)

        return watched

    def _dense(self, layer):
        activation = layer.activation

        def watched(z):
            if self.taps is not None:
                z = z + self.taps[len(self.seen)]
            channels_first = getattr(layer, "data_format", None) == "channels_first"
            axis = 1 if channels_first else -1
            self._found.add(id(layer.kernel))
            if self.taps is None:
                self.recording.layer(layer.name, *_matrix(layer), _array(z, axis))
            self.seen.append((z, axis))
            if activation is None:
                return z
            function = _elementwise(activation, activation)
            self._activation(_name(activation), function, z, axis)
            return activation(z)

        return watched

    def _activation(self, name, function, z, axis):
        if self.taps is not None or name in NOT_ELEMENTWISE:
            return  # with taps, the numbers are known from the first run

        def formula(array):
            result = function(keras.ops.convert_to_tensor(array, z.dtype))
            return _numpy(result).astype(array.dtype)

        def slope(array):
            start = keras.ops.convert_to_tensor(array, z.dtype)
            ones = keras.ops.ones_like(start)
            (found,) = _pull_back(lambda inputs: function(inputs[0]), [start], ones)
            return _numpy(found).astype(array.dtype)

        activation = Activation(name, formula, slope, flat_part(slope))
        self.recording.activation(activation, _array(z, axis))


WHOLE = (*WEIGHTED, keras.layers.RNN, keras.layers.Bidirectional)  # whatever parts they have


def _steps(layer):
    """Yield the layers of a model, and of a functional one operations such as ``+``."""
    for step in getattr(layer, "operations", ()):
        if not isinstance(step, keras.Layer):
            yield step
    for part in layer._flatten_layers(include_self=False, recursive=False):
        yield part
        if not isinstance(part, WHOLE):
            yield from _steps(part)


def _name(activation):
    """Return the name of an activation: a function, a layer, or an operation."""
    if isinstance(activation, keras.layers.Activation):
        return _name(activation.activation)
    for kind, name in ACTIVATIONS.items():
        if isinstance(activation, kind):
            return name
    function = getattr(activation, "func", activation)  # of functools.partial
    return getattr(function, "__name__", type(function).__name__.lower())


def _elementwise(activation, call):
    """Return the call of an activation as a function of arrays of any shape."""
    if isinstance(activation, keras.layers.PReLU):  # with a slope for each unit
        slope = keras.ops.mean(activation.alpha)
        return lambda z: keras.ops.where(z > 0, z, keras.ops.cast(slope, z.dtype) * z)
    return call


def _at_once(wrapper):
    """Return a call of `TimeDistributed` that takes all steps as one batch: one layer ran."""

    def call(inputs, *args, **kwargs):
        shape = keras.ops.shape(inputs)
        result = wrapper.layer(keras.ops.reshape(inputs, (-1, *shape[2:])))
        return keras.ops.reshape(result, (*shape[:2], *keras.ops.shape(result)[1:]))

    return call


@contextmanager
def _replaced(layer, name, value):
    """Return a context in which an attribute of a layer is another."""
    own = name in vars(layer)
    before = getattr(layer, name)
    object.__setattr__(layer, name, value)
    try:
        yield
    finally:
        if own:
            object.__setattr__(layer, name, before)
        else:
            object.__delattr__(layer, name)


def _matrix(layer):
    """Return weights with a column for each unit, and their fans."""
    kernel = _numpy(layer.kernel)
    if isinstance(layer, keras.layers.EinsumDense):
        operands, output = layer.equation.split("->")
        letters = operands.split(",")[1]
        sizes = dict(zip(letters, kernel.shape, strict=True))
        summed = [letter for letter in letters if letter not in output]
        kept = [letter for letter in letters if letter in output]
        order = [letters.index(letter) for letter in (*summed, *kept)]
        fan_in, units = prod(sizes[a] for a in summed), prod(sizes[a] for a in kept)
        shared = operands.split(",")[0]  # an axis of inputs and of outputs adds no outputs
        fan_out = prod(sizes[a] for a in kept if a not in shared)
        return kernel.transpose(order).reshape(fan_in, units), (fan_in, fan_out)
    *window, n_in, n_out = kernel.shape  # of one group
    size, step = prod(window), prod(getattr(layer, "strides", (1,)))
    if isinstance(layer, keras.layers.DepthwiseConv1D | keras.layers.DepthwiseConv2D):
        return kernel.reshape(size, n_in * n_out), (size, size * n_out / step)
    if isinstance(layer, keras.layers.Conv1DTranspose | keras.layers.Conv2DTranspose):
        n_in, n_out = n_out, n_in  # (window, outputs, inputs)
        matrix = np.moveaxis(kernel, -1, -2).reshape(-1, n_out)
        return matrix, (size * n_in / step, size * n_out)
    groups = getattr(layer, "groups", 1)
    return kernel.reshape(-1, n_out), (size * n_in, size * n_out / groups / step)


def _array(tensor, axis):
    """Return a tensor as an array with its units last."""
    return np.moveaxis(_numpy(tensor), axis, -1)


def _numpy(tensor):
    """Return a tensor as an array, which has no 16-bit floats of all kinds."""
    half = keras.backend.standardize_dtype(tensor.dtype) == "bfloat16"
    return keras.ops.convert_to_numpy(keras.ops.cast(tensor, "float32") if half else tensor)
