"""What a function of JAX does, seen in the list of operations (jaxpr) that JAX makes of it.

Functions called inside are opened, and loops of a fixed length unrolled, so that each product
is seen. Values and gradients at all results come from two runs of that list.
"""

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import Literal

from helpers.inspection.layers import Graph, Node, between, classes, finite, mean_square

PRODUCTS = {"dot_general", "conv_general_dilated", "gather"}
LONGEST_LOOP = 256  # steps that are unrolled
SILENT = {"broadcast_in_dim", "reshape", "convert_element_type", "squeeze", "copy", "transpose"}


class Step(NamedTuple):
    """One operation of the list, with variables that belong to this call of it."""

    eqn: object
    name: str
    inputs: list  # a key of a value, or a constant
    outputs: list


def watch(run, values, constants, inputs, loss, rng, tries=True):
    """Return the `Graph` of what a function of parameters and inputs did.

    Parameters
    ----------
    run : callable
        ``run(values, inputs)`` is the output.
    values : dict of str to jax.Array
        The parameters.
    constants : list
        What else the function holds, such as running means; not used by JAX.
    inputs : list of jax.Array
    loss : callable or None
    rng : numpy.random.Generator
    tries : bool
        Whether functions between products are looked into.
    """
    names = list(values)
    output = jax.eval_shape(run, values, inputs)
    if loss is None and len(jax.tree.leaves(output)) != 1:
        raise TypeError(
            "loss must be given, a function of the model's output to a tensor, where that is "
            f"no tensor; got a {type(output).__name__}"
        )

    def whole(*flat):
        output = run(dict(zip(names, flat, strict=False)), list(flat[len(names) :]))
        return output if loss is None else loss(output)

    flat = [*values.values(), *inputs]
    closed = jax.make_jaxpr(whole)(*flat)
    if len(closed.jaxpr.outvars) != 1:
        raise TypeError("loss must return one number")
    steps, ends = _steps(closed)
    start = {("in", i): value for i, value in enumerate(flat)}

    def every(flat, taps):
        return _evaluate(steps, {("in", i): v for i, v in enumerate(flat)}, taps)

    found = jax.jit(lambda flat: every(flat, {}))(flat)
    graph, nodes = _graph(steps, start | found, names, values, len(flat), tries)
    end = found.get(ends[0], start.get(ends[0])) if isinstance(ends[0], tuple) else ends[0]
    if loss is None:
        back = jnp.asarray(rng.standard_normal(end.shape), end.dtype)
    else:
        back = jnp.ones_like(end)
        leaves = jax.tree.leaves(output)
        one = leaves[0] if len(leaves) == 1 and len(leaves[0].shape) > 1 else None
        k = one and classes(one.shape[-1:], lambda v: loss(jnp.full(one.shape, v, one.dtype)))
        graph.loss = float(jnp.mean(end)), k or 0
    marked = {layer.node.key for layer in graph.layers if layer.node.key[0] != "in"}
    marked |= {layer.source.key for layer in graph.layers if layer.source.key in found}
    marked |= {n.key for n in graph.nodes if n.signal and n.is_sum and n.key in found}
    zeros = {key: jnp.zeros_like(found[key]) for key in marked if _floats(found[key])}

    def pulled(flat, zeros):
        parts = {i: v for i, v in enumerate(flat[: len(names)]) if _floats(v)}

        def function(parts, taps):
            mixed = [parts.get(i, v) for i, v in enumerate(flat)]
            values = every(mixed, taps)
            return values[ends[0]] if ends[0] in values else mixed[ends[0][1]]

        return jax.vjp(function, parts, zeros)[1](back)

    of_values, of_taps = jax.jit(pulled)(flat, zeros)
    for key, gradient in of_taps.items():
        nodes[key].gradient = finite(_moment(gradient))
    for i, gradient in of_values.items():
        graph.gradients[names[i]] = _moment(values[names[i]]), finite(_moment(gradient))
    return graph


def _floats(value):
    return jnp.issubdtype(value.dtype, jnp.floating)


def _moment(array):
    return mean_square(np.asarray(array, np.float64))


def _steps(closed):
    """Return the operations of a list, those inside of others too, and the keys of its ends."""
    steps = []

    def key(environment, variable):
        return variable.val if isinstance(variable, Literal) else environment[variable]

    def walk(jaxpr, consts, inputs, name=""):
        environment = dict(zip(jaxpr.constvars, consts, strict=True))
        environment |= dict(zip(jaxpr.invars, inputs, strict=True))
        for eqn in jaxpr.eqns:
            given = [key(environment, v) for v in eqn.invars]
            inner = _inner(eqn)
            if inner is not None and (_multiplies(inner.jaxpr) or not _is_named(eqn)):
                outputs = walk(inner.jaxpr, inner.consts, given)
            elif eqn.primitive.name == "scan" and eqn.params["length"] <= LONGEST_LOOP:
                outputs = unrolled(eqn, given)
            else:
                outputs = [("at", len(steps), i) for i in range(len(eqn.outvars))]
                steps.append(Step(eqn, _called(eqn), given, outputs))
            environment |= dict(zip(eqn.outvars, outputs, strict=True))
        return [key(environment, v) for v in jaxpr.outvars]

    def do(function, *given):
        """Add the operations of a function of constants, which may be keys."""
        shapes = [shape(g) for g in given]
        made = jax.make_jaxpr(function)(*shapes)
        return walk(made.jaxpr, made.consts, given)

    def shape(given):
        if not isinstance(given, tuple):
            return given
        if given[0] == "in":
            aval = closed.in_avals[given[1]]
        else:
            aval = steps[given[1]].eqn.outvars[given[2]].aval
        return jax.ShapeDtypeStruct(aval.shape, aval.dtype)

    def unrolled(eqn, given):
        p = eqn.params
        consts, carry = given[: p["num_consts"]], given[p["num_consts"] :][: p["num_carry"]]
        over, made = given[p["num_consts"] + p["num_carry"] :], []
        order = range(p["length"])
        for t in reversed(order) if p["reverse"] else order:
            parts = [do(lambda a, t=t: a[t], g)[0] for g in over]
            results = walk(p["jaxpr"].jaxpr, p["jaxpr"].consts, [*consts, *carry, *parts])
            carry = results[: p["num_carry"]]
            made.append(results[p["num_carry"] :])
        if p["reverse"]:
            made.reverse()
        stacks = [do(lambda *a: jnp.stack(a), *ys)[0] for ys in zip(*made, strict=True)]
        return [*carry, *stacks]

    inputs = [("in", i) for i in range(len(closed.jaxpr.invars))]
    return steps, walk(closed.jaxpr, closed.consts, inputs)


def _inner(eqn):
    """Return the list of operations that an operation calls once, or None."""
    for name in ("jaxpr", "call_jaxpr", "fun_jaxpr"):
        inner = eqn.params.get(name)
        if inner is not None and eqn.primitive.name not in ("scan", "while", "cond"):
            return inner if hasattr(inner, "consts") else jax.extend.core.ClosedJaxpr(inner, ())
    return None


def _called(eqn):
    """Return what an operation is called: its function's name, if it is one."""
    inner = _inner(eqn)
    name = eqn.params.get("name")
    if not name and inner is not None and len(inner.jaxpr.eqns) == 1:
        return _called(inner.jaxpr.eqns[0])
    return str(name or eqn.primitive.name).strip("_")


def _is_named(eqn):
    """Whether an operation is a function that is better seen whole, with its own slope."""
    return eqn.primitive.name != "closed_call" and len(eqn.outvars) == 1


def _multiplies(jaxpr):
    """Whether a list of operations has products, or others that are looked into."""
    for eqn in jaxpr.eqns:
        if eqn.primitive.name in (*PRODUCTS, "scan"):
            return True
        inner = _inner(eqn)
        if inner is not None and _multiplies(inner.jaxpr):
            return True
    return False


def _bind(step, given):
    params, functions = step.eqn.primitive.get_bind_params(step.eqn.params), ()
    if isinstance(params, tuple):  # before JAX 0.10
        functions, params = params
    results = step.eqn.primitive.bind(*functions, *given, **params)
    return results if step.eqn.primitive.multiple_results else [results]


def _evaluate(steps, values, taps):
    """Return the value of each key; `taps` are added to theirs."""
    values, found = dict(values), {}
    for step in steps:
        given = [values[g] if isinstance(g, tuple) else g for g in step.inputs]
        for key, value in zip(step.outputs, _bind(step, given), strict=True):
            values[key] = found[key] = value + taps[key] if key in taps else value
    return found


def _graph(steps, values, names, parameters, n_inputs, tries):
    """Return the `Graph` of a list of operations, and the node of each key."""
    graph, nodes = Graph(tries), {}
    graph.resizes = False  # operations that were opened hold their shapes
    for i in range(n_inputs):
        key = ("in", i)
        if i < len(names):
            node = Node("parameter", shape=values[key].shape, signal=False, weights={names[i]})
        else:
            node = graph.add("input", shape=values[key].shape)
        nodes[key], node.key, node.value = node, key, values[key]
    waiting = []
    for step in steps:
        parents = [nodes[g] for g in step.inputs if isinstance(g, tuple)]
        parents = list({id(p): p for p in parents}.values())
        product = _product(step, nodes)
        for index, key in enumerate(step.outputs):
            signal = any(p.signal for p in parents) or product is not None
            weights = frozenset().union(*(p.weights for p in parents)) if not signal else ()
            ins = parents if product is None else [product[0] or _data(graph, step, values)]
            value = values[key]
            node = graph.add(step.name, ins, value.shape, signal=signal, weights=weights)
            nodes[key], node.key, node.value = node, key, value
            node.call = (step, index, nodes)
            if product is not None:
                _layer(graph, node, ins[0], step, product, nodes, parameters)
            elif signal and _floats(value):
                if not _is_bias(graph, node, step, nodes, parameters):
                    graph.try_function(node, _replay)
                    _opaque(graph, node, step, nodes)
                    waiting.append(node)
                if node.is_told:
                    node.measure(np.asarray(value, np.float64))
    for node in waiting:
        longer = [c for c in node.children if c.function and c.root is node.root]
        if node.function and not longer:
            _, function = _replay(node.root, node)
            slope = function(np.asarray(node.root.value, np.float64), 1, slope=True)
            node.measure_function(np.asarray(node.value, np.float64), slope)
    for layer in graph.layers:
        if math.isnan(layer.source.moment) or math.isnan(layer.source.cosine):
            layer.source.measure(np.asarray(layer.source.value, np.float64))
    return graph, nodes


def _data(graph, step, values):
    """Return a node for a constant that is multiplied with weights, as a first state is."""
    key = next((g for g in step.inputs if isinstance(g, tuple)), None)
    value = values[key] if key else np.zeros(1)
    node = graph.add("data", shape=np.shape(value))
    node.key, node.value = ("data",), np.asarray(value)
    return node


def _product(step, nodes):
    """Return the node of the input, that of the weights, and where these stand, or None."""
    name = step.eqn.primitive.name
    if name not in PRODUCTS:
        return None
    pair = [nodes[g] if isinstance(g, tuple) else None for g in step.inputs[:2]]
    fixed = [node is not None and bool(node.weights) and len(node.shape) > 1 for node in pair]
    if name == "gather":
        return (
            (pair[1], pair[0], 0)
            if fixed[0] and pair[1] is not None and pair[1].signal
            else None
        )
    for place in (1, 0):
        other = pair[1 - place]
        if fixed[place] and (other is None or other.signal):
            return other, pair[place], place
    return None


def _layer(graph, node, source, step, product, nodes, parameters):
    _, made, place = product
    kind = step.eqn.primitive.name
    array = np.asarray(made.value)
    groups = 1
    if kind == "gather":
        kind, matrix, fans = (
            "embedding",
            array.reshape(-1, array.shape[-1]),
            (1, array.shape[-1]),
        )
    elif kind == "dot_general":
        matrix, fans = _of_dot(array, step.eqn.params["dimension_numbers"], place)
    else:
        matrix, fans, groups = _of_convolution(array, step.eqn.params)
        node.axis = step.eqn.params["dimension_numbers"].out_spec[1]
    node.measure(np.asarray(node.value, np.float64))
    sources = sorted(made.weights)
    path = sources[0]
    owner = np.asarray(parameters[path])
    plain = made.op in ("parameter", *SILENT) and len(sources) == 1 and owner.size == array.size
    window = math.prod(owner.shape[:-2])
    graph.layer(
        node,
        name=path,
        path=path,
        kind=kind,
        weights=matrix.astype(np.float64) if matrix.dtype.kind != "f" else matrix,
        fan_in=fans[0],
        fan_out=fans[1],
        source=source,
        unbiased=node.moment,
        parameters=tuple(sources),
        plain=plain,
        scalable=path if len(sources) == 1 else "",
        grouped=groups > 1,
        usual=(window * owner.shape[-2], window * owner.shape[-1])
        if owner.ndim > 1
        else (0, 0),
    )


def _of_dot(array, numbers, place):
    """Return weights of a product with a column for each unit, and their fans."""
    summed, shared = numbers[0][place], numbers[1][place]
    kept = [i for i in range(array.ndim) if i not in (*summed, *shared)]
    fan_in, fan_out = (math.prod(array.shape[i] for i in part) for part in (summed, kept))
    matrix = array.transpose([*summed, *shared, *kept]).reshape(fan_in, -1)
    return matrix, (fan_in, fan_out)


def _of_convolution(array, params):
    out, in_, *window = params["dimension_numbers"].rhs_spec
    groups = params["feature_group_count"]
    size = math.prod(array.shape[i] for i in window)
    n_out, n_in = array.shape[out] / groups, array.shape[in_]
    matrix = array.transpose([*window, in_, out]).reshape(-1, array.shape[out])
    spread = math.prod(params["lhs_dilation"])  # of a transposed convolution
    fan_in = size * n_in / spread
    return matrix, (fan_in, size * n_out / math.prod(params["window_strides"])), groups


def _is_bias(graph, node, step, nodes, parameters):
    """Take a sum of a product with a parameter for the product, with its bias."""
    others = [nodes[g] for g in step.inputs if isinstance(g, tuple) and not nodes[g].signal]
    if step.name != "add" or len(node.carriers) != 1 or len(others) != 1:
        return False
    names = list(others[0].weights)
    if len(names) != 1:
        return False
    bias = np.asarray(parameters[names[0]])
    if graph.add_bias(node, bias, names[0]) is None:
        return False
    node.measure(np.asarray(node.value, np.float64))
    return True


def _opaque(graph, node, step, nodes):
    """Note weights that an operation used which is no product that is known."""
    if step.eqn.primitive.name in ("scan", "while", "cond", "custom_vjp_call", "pallas_call"):
        for given in step.inputs:
            if (
                isinstance(given, tuple)
                and nodes[given].weights
                and len(nodes[given].shape) > 1
            ):
                graph.unseen.update(dict.fromkeys(sorted(nodes[given].weights), step.name))


def _digest(value):
    """Return what tells constants apart: those of each step of a loop are often equal."""
    array = np.asarray(value) if _floats(value) or value.dtype.kind in "iub" else None
    return "constant", value.shape, id(value) if array is None else hash(array.tobytes())


def _replay(root, node):
    """Return a key for what led from one result to another, and a function that repeats it."""
    steps = sorted(between(root, node), key=lambda step: step.number)
    calls = [step.call for step in steps]
    if None in calls or not _floats(root.value):
        return None
    places = {id(step): i for i, step in enumerate(steps)} | {id(root): -1}

    def described(call):
        step, index, nodes = call
        inputs = []
        for given in step.inputs:
            if isinstance(given, tuple):
                at = nodes[given]
                inputs.append(places[id(at)] if id(at) in places else _digest(at.value))
            else:
                inputs.append(repr(given))
        return step.name, index, repr(step.eqn.params)[:2000], tuple(inputs)

    key = (root.shape[1:], str(root.value.dtype), *(described(call) for call in calls))

    def forward(start):
        values = {id(root): start}
        for step_node, (step, index, nodes) in zip(steps, calls, strict=True):
            given = [
                values.get(id(nodes[g]), nodes[g].value) if isinstance(g, tuple) else g
                for g in step.inputs
            ]
            values[id(step_node)] = _bind(step, given)[index]
        return values[id(node)]

    def run(array, seed, slope=False):
        start = jnp.asarray(array, root.value.dtype)
        if not slope:
            return np.asarray(forward(start), np.float64)
        result, back = jax.vjp(forward, start)
        return np.asarray(back(jnp.ones_like(result))[0], np.float64)

    return key, run
