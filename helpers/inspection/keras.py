"""The layers of a Keras model, seen through the operations of its backend."""

import copy
import random

import keras
import numpy as np

BACKENDS = ("jax", "torch")


def look(model, x, loss, optimizer, rng, tries=True):
    """Return the `Graph` of a Keras model; see `helpers.inspection.inspect`."""
    backend = keras.backend.backend()
    if backend not in BACKENDS:
        raise ValueError(
            f"model must be one of Keras on one of the backends {list(BACKENDS)}: set the "
            "environment variable KERAS_BACKEND before Keras is imported, and load the model "
            f"that was saved; got the backend {backend!r}"
        )
    if optimizer is not None:
        raise ValueError("optimizer must be None for a Keras model")
    args, kwargs = _arguments(model, x)
    if not model.built:
        model(*args, **kwargs)
    variables = {v.path: v for v in model.variables}
    if len(variables) < len(model.variables):  # layers of the same name
        variables = {f"{v.path}:{i}": v for i, v in enumerate(model.variables)}
    weights = {name: v for name, v in variables.items() if _is_float(v) and _is_weight(v)}
    rest = [v for name, v in variables.items() if name not in weights]
    states = random.getstate(), np.random.get_state()  # noqa: NPY002 (the global one)
    try:
        look_ = {"torch": _with_torch, "jax": _with_jax}[backend]
        graph = look_(model, args, kwargs, weights, rest, loss, rng, tries)
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])  # noqa: NPY002
    graph.no_need([name for name, v in weights.items() if not v.trainable])
    graph.places = {name: i for i, name in enumerate(variables)}
    for layer in graph.layers:
        layer.name = _label(layer.path)
        layer.where = _where(model, variables, layer.path)
        layer.bias_where = _where(model, variables, layer.bias_path)
    return graph


def _is_float(variable):
    return keras.backend.is_float_dtype(variable.dtype)


def _is_weight(variable):
    return "moving_" not in variable.name and "seed" not in variable.path


def _arguments(model, x):
    """Return arguments as the model takes them: a functional one all inputs in the first."""
    kwargs = {}
    if isinstance(x, dict) and not hasattr(model, "inputs"):
        args, kwargs = (), x
    elif isinstance(x, tuple) and 1 < len(x) == len(getattr(model, "inputs", None) or ()):
        args = (list(x),)
    else:
        args = x if isinstance(x, tuple) else (x,)

    def tensor(leaf):
        if not (isinstance(leaf, np.ndarray | list) or keras.ops.is_tensor(leaf)):
            return leaf
        leaf = keras.ops.convert_to_tensor(leaf)
        floats = keras.backend.is_float_dtype(leaf.dtype)
        return keras.ops.cast(leaf, model.compute_dtype) if floats else leaf

    return keras.tree.map_structure(tensor, args), keras.tree.map_structure(tensor, kwargs)


def _with_torch(model, args, kwargs, weights, rest, loss, rng, tries):
    import torch

    from helpers.inspection.pytorch import watch

    def run():
        # Running means and seeds stay as they are.
        with keras.StatelessScope():
            return model(*args, training=True, **kwargs)

    names = {name: v.value for name, v in weights.items()}
    frozen = [v for v in names.values() if not v.requires_grad]
    inputs = [t for t in keras.tree.flatten((args, kwargs)) if isinstance(t, torch.Tensor)]
    try:
        for value in frozen:
            value.requires_grad_()
        with torch.random.fork_rng():
            return watch(run, names, [v.value for v in rest], inputs, loss, rng, tries)
    finally:
        for value in frozen:
            value.requires_grad_(False)


def _with_jax(model, args, kwargs, weights, rest, loss, rng, tries):
    from helpers.inspection.jax import watch

    leaves = keras.tree.flatten((args, kwargs))
    tensors = [leaf for leaf in leaves if keras.ops.is_tensor(leaf)]

    def run(values, inputs):
        given = iter(inputs)
        mixed = [next(given) if keras.ops.is_tensor(leaf) else leaf for leaf in leaves]
        args_, kwargs_ = keras.tree.pack_sequence_as((args, kwargs), mixed)
        mapping = [(weights[name], value) for name, value in values.items()]
        with keras.StatelessScope(state_mapping=mapping):
            return model(*args_, training=True, **kwargs_)

    values = {name: v.value for name, v in weights.items()}
    return watch(run, values, rest, tensors, loss, rng, tries)


def _label(path):
    """Return a layer's name: its path without what all share, and what is in a cell."""
    *above, variable = path.split("/")
    name = above[-1] if above else path
    return (
        name if variable.partition(":")[0] in ("kernel", "embeddings") else f"{name}/{variable}"
    )


def _where(model, variables, path):
    """Return the expression that gives a variable."""
    if not path:
        return ""
    parts = path.split("/")
    names = [layer.name for layer in getattr(model, "layers", ())]
    if len(parts) > 1 and parts[-2] in names and hasattr(model.get_layer(parts[-2]), parts[-1]):
        return f'model.get_layer("{parts[-2]}").{parts[-1]}'
    index = list(variables).index(path)
    return f"model.variables[{index}]"


def typed(remedy, layer):
    """Return the call that follows a remedy, with `model` and `keras`."""
    where = layer.bias_where if remedy.path == layer.bias_path else layer.where
    if remedy.action == "zeros":
        return f"{where}.assign(keras.ops.zeros({where}.shape))"
    if remedy.action == "scale":
        return f"{where}.assign({remedy.value:.3g} * {where})"
    names = {"he_normal": "HeNormal", "lecun_normal": "LecunNormal"}
    names["xavier_normal"] = "GlorotNormal"
    right = layer.usual[0] == layer.fan_in and layer.kind != "embedding"
    right &= remedy.scheme != "xavier_normal" or layer.usual[1] == layer.fan_out
    if remedy.scheme in names and right:
        return f"{where}.assign(keras.initializers.{names[remedy.scheme]}()({where}.shape))"
    return f"{where}.assign(keras.random.normal({where}.shape, stddev={remedy.value:.3g}))"


def copied(model):
    """Return a copy of a model, with the same weights."""
    state = random.getstate()  # from which Keras takes seeds
    try:
        clone = keras.models.clone_model(model)
        clone.set_weights(model.get_weights())
    except (ValueError, NotImplementedError, TypeError):
        clone = copy.deepcopy(model)
    finally:
        random.setstate(state)
    return clone


def apply(model, remedy, seed, places):
    """Do to a model what a remedy says."""
    variable = model.variables[places[remedy.path]]
    if remedy.action == "zeros":
        new = np.zeros(variable.shape)
    elif remedy.action == "scale":
        new = remedy.value * keras.ops.convert_to_numpy(variable)
    else:
        new = remedy.value * np.random.default_rng(seed).standard_normal(variable.shape)
    variable.assign(new)
