"""Small changes of a module, made from its syntax tree.

`mutations` lists what could be changed: a word that readers see, two entries of a list, a
number, a comparison, a sign, ``and``, two arguments, ``min``. It leaves alone what only changes
how something looks (widths, colours, sizes, margins), docstrings, and messages of errors.
"""

import ast
import random
import re
from typing import NamedTuple

# Arguments, entries of dicts, and calls that only change how something looks, or its speed.
LOOKS = {
    *("lw", "alpha", "fontsize", "ms", "zorder", "labelpad", "color", "facecolor", "edgecolor"),
    *("left", "right", "bottom", "top", "wspace", "figsize", "s", "dpi", "mec", "mew", "mfc"),
    *("labelsize", "weight", "boxstyle", "bbox", "rotation_mode", "columnspacing", "maxsize"),
    *("handletextpad", "handlelength", "ncols", "columns", "clip_on", "compress_level"),
    *("layout", "encoding", "icon", "cmap", "aspect", "nbins", "style"),
}
LOOKING = {"row_of_axes", "Figure", "set_zorder", "set_size_inches", "add_axes", "lru_cache"}
LOOKING |= {
    "fill_between",
    "fill_betweenx",
    "stairs",
    "Canvas",
    "set_linewidth",
}  # what they start from moves
NAMES = {
    "__all__",
    "moving",
    "STYLE",
    "SIZE",
    "TEXT",
    "GREY",
    "ORANGE",
    "GREEN",
    "BLUE",
    "VERMILION",
}

OPPOSITE = {
    **{ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.LtE: ast.GtE, ast.GtE: ast.LtE},
    **{ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is},
    **{ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Add: ast.Sub, ast.Sub: ast.Add},
    **{ast.And: ast.Or, ast.Or: ast.And},
}
OTHER_END = {"min": "max", "max": "min", "minimum": "maximum", "maximum": "minimum"}
OTHER_END |= {"argmin": "argmax", "argmax": "argmin", "nanmin": "nanmax", "nanmax": "nanmin"}


class Mutation(NamedTuple):
    """A change: what it is, in words, and the module's text with it."""

    change: str
    text: str


def mutations(text):
    """Yield a function for each mutation of a module's text; it returns the `Mutation`."""
    for i in range(sum(1 for _ in _changes(ast.parse(text)))):
        yield lambda i=i: _mutation(text, i)


def sample(text, number, seed):
    """Return some of a module's mutations, always the same."""
    possible = list(mutations(text))
    chosen = random.Random(seed).sample(range(len(possible)), min(number, len(possible)))
    return [possible[i]() for i in sorted(chosen)]


def _mutation(text, i):
    tree = ast.parse(text)
    statement, apply = next(c for k, c in enumerate(_changes(tree)) if k == i)
    before = ast.unparse(statement)
    apply()
    after = ast.unparse(statement)
    start = next((k for k, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), 0)
    start = max(0, start - 30)
    change = f"{before[start : start + 60]!r} is {after[start : start + 60]!r}"
    return Mutation(change, ast.unparse(tree))


def _changes(tree):
    """Yield for each possible change its statement and a function that makes it."""
    for statement in ast.walk(tree):
        if isinstance(statement, ast.stmt) and not _is_left_alone(statement):
            for node in _own(statement):
                yield from ((statement, change) for change in _of(node))


def _is_left_alone(statement):
    if isinstance(statement, (ast.Raise, ast.Import, ast.ImportFrom, ast.Assert)):
        return True
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        return True  # a docstring
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    names = {name.id for t in targets for name in ast.walk(t) if isinstance(name, ast.Name)}
    return bool(names & NAMES)


def _own(node):
    """Yield the expressions of a statement that may be changed, and no other statement's."""
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "slice", "keys", "format_spec", "bases"):
            if name != "keys":
                continue
            for key, entry in zip(node.keys, node.values, strict=True):
                if not (isinstance(key, ast.Constant) and key.value in LOOKS):
                    yield entry
                    yield from _own(entry)
            return
        if name == "iter" and isinstance(value, (ast.Tuple, ast.List)):
            value = value.elts  # the order of a loop is rarely seen
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or isinstance(child, ast.stmt):
                continue
            if isinstance(child, ast.keyword) and child.arg in LOOKS:
                continue
            if isinstance(child, ast.Call) and _called(child) in LOOKING:
                continue
            yield child
            yield from _own(child)


def _called(call):
    return getattr(call.func, "id", getattr(call.func, "attr", ""))


def _of(node):
    """Yield functions that change a node in one way each."""
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str) and (found := re.search(r"[^\W\d_]{3,}", node.value)):
            start, end = found.span()
            yield _setting(node, "value", f"{node.value[:start]}other{node.value[end:]}")
        elif type(node.value) is int:
            yield _setting(node, "value", node.value + 1)
        elif type(node.value) is float:
            yield _setting(node, "value", 1.5 * node.value or 0.5)
    elif isinstance(node, ast.Compare) and type(node.ops[0]) in OPPOSITE:
        yield _setting(node, "ops", [OPPOSITE[type(node.ops[0])](), *node.ops[1:]])
    elif isinstance(node, (ast.BinOp, ast.BoolOp)) and type(node.op) in OPPOSITE:
        yield _setting(node, "op", OPPOSITE[type(node.op)]())
    elif isinstance(node, (ast.List, ast.Tuple)) and len(node.elts) > 1:
        first, second, *rest = node.elts
        kinds = {type(first), type(second)}
        alike = kinds <= {ast.Name, ast.Attribute, ast.Call} or kinds == {ast.Constant}
        if isinstance(node.ctx, ast.Load) and alike and ast.dump(first) != ast.dump(second):
            yield _setting(node, "elts", [second, first, *rest])
    elif isinstance(node, ast.Call):
        yield from _of_call(node)
    if isinstance(node, ast.Attribute) and node.attr in OTHER_END:
        yield _setting(node, "attr", OTHER_END[node.attr])
    if isinstance(node, ast.Name) and node.id in ("min", "max"):
        yield _setting(node, "id", OTHER_END[node.id])


def _of_call(call):
    if _called(call) in ("isinstance", "hasattr", "getattr"):
        return
    named = [k for k in call.keywords if k.arg and k.arg not in LOOKS]
    values = {ast.dump(k.value) for k in named[:2]}
    if len(values) > 1 and not any(isinstance(k.value, ast.Constant) for k in named[:2]):
        first, second = named[:2]

        def swap():
            first.value, second.value = second.value, first.value

        yield swap
    if len({ast.dump(argument) for argument in call.args[:2]}) > 1 and all(
        isinstance(a, (ast.Name, ast.Attribute)) for a in call.args[:2]
    ):
        yield _setting(call, "args", [call.args[1], call.args[0], *call.args[2:]])


def _setting(node, name, value):
    return lambda: setattr(node, name, value)
