"""Weaken the checks in every small way there is, and see whether the known answers notice.

``python -m tests.answers.mutants [WORD]`` (part of ``make mutants``) drops each statement of a
check, triples each tolerance and swaps each operator, one at a time, and judges the answers
with what is left. A mutant is caught if an answer is then judged wrongly. It prints those that
are not, and fails unless each is in `HARMLESS`. With WORD it tries only the modules whose name
contains that word.
"""

import ast
import copy
import importlib.abc
import importlib.util
import multiprocessing
import os
import signal
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat  # noqa: F401  (slow to import: once, before the processes part)
import scipy.integrate  # noqa: F401

PACKAGE = Path(__file__).parents[2] / "helpers" / "checks"
NO_CHECKS = {"__init__", "solutions"}  # they judge nothing
SECRETS = (None, "7", "8", "9")
TIMEOUT = 60  # seconds; a mutant that hangs is caught too

SWAPS = {
    **{ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.LtE: ast.GtE, ast.GtE: ast.LtE},
    **{ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is},
    **{ast.In: ast.NotIn, ast.NotIn: ast.In, ast.And: ast.Or, ast.Or: ast.And},
    **{ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Add: ast.Sub, ast.Sub: ast.Add},
}

# Mutants that change nothing that a student could notice: where, and why.
ANOTHER_CASE = "another activation is as good a case"
OTHER_TESTS = "no answer's affair: test_answers notices"
NEARER = "every known cause is nearer"
OTHER_SIDE = "as far off on the other side"
OTHER_NUMBERS = "other numbers are as good a case"
HARMLESS = {
    **{
        ("one_step", f"swapped the operator of {part}"): OTHER_NUMBERS
        for part in (
            "slopes @ x + bends @ x ** 2 + turns @ x ** 3 + np.prod(1 + x / 5)",
            "slopes @ x + bends @ x ** 2 + turns @ x ** 3",
            "slopes @ x + bends @ x ** 2",
            "1 + x / 5",
            "x / 5",
            "size * sign * rng.uniform(0.1, 1, sign.shape)",
            "size * sign",
            "g + 1e-07 * np.abs(g).max() * rng.uniform(-1, 1, g.shape)",
            "0 * right",
            "0.3 * np.abs(right).max()",
            "right + 0.3 * np.abs(right).max()",
        )
    },
    ("one_step", "swapped the comparison in right.size > 1"): OTHER_NUMBERS,
    ("one_step", "swapped the operator of FACTOR_TOLERANCE * max(abs(factor), 0.1)"): (
        "a tolerance that is as small"
    ),
    ("one_step", "swapped the operator of FACTOR_TOLERANCE / abs(factor)"): (
        "a tolerance that is as small"
    ),
    ("he", "swapped the operator of (1 + steep) * z"): ANOTHER_CASE,
    ("he", "swapped the operator of 1 + steep"): ANOTHER_CASE,
    ("he", "swapped the operator of z + shift"): ANOTHER_CASE,
    ("beyond", "swapped the operator of z + shift"): ANOTHER_CASE,
    ("frameworks", "swapped the operator of first + i"): OTHER_NUMBERS,
    ("frameworks", "swapped the operator of channels[-1] * ratio"): OTHER_NUMBERS,
    ("random", "swapped the operator of ratio * (1 + SHARE_TOLERANCE / 2)"): NEARER,
    ("random", "swapped the operator of 1 + SHARE_TOLERANCE / 2"): NEARER,
    (
        "random",
        "swapped the operator of float(rng.uniform(small, large)) / math.sqrt(fan_in)",
    ): "a layer of larger sums is as good a case",
    ("attempt", "took the not from not os.environ.get(SECRET)"): OTHER_TESTS,
    ("attempt", "swapped the comparison in secret is None"): OTHER_TESTS,
    (
        "attempt",
        "dropped expect(callable(self._f), f'should be a function, and is "
        "{describe(self._f)}.')",
    ): OTHER_TESTS,
    ("plain", "swapped the operator of value.size == 0 or (value.ndim and value.size > 16)"): (
        "how a message shows an array is tested in test_checks"
    ),
    ("draws", "swapped the operator of ratio / (1 + 0.99 * error)"): OTHER_SIDE,
    ("draws", "swapped the operator of 1 + 0.99 * error"): OTHER_SIDE,
    ("draws", "swapped the operator of distribution.kurtosis - 1"): (
        "a tolerance at most twice as wide; test_checks has its exact value"
    ),
    ("beyond", "swapped the operator of ratio * NEARLY"): NEARER,
    ("beyond", "swapped the operator of 1 + LENGTH_TOLERANCE / 2"): NEARER,
}


def mutants(tree):
    """Yield (line, what was changed, mutated copy) for a parsed module."""
    for index, node in enumerate(ast.walk(tree)):
        for change, mutate in changes(node):
            mutant = copy.deepcopy(tree)
            mutate(next(n for i, n in enumerate(ast.walk(mutant)) if i == index))
            yield getattr(node, "lineno", 0), change, mutant


def changes(node):
    """Yield (what is changed, function that does so to a copy of the node)."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield f"dropped {ast.unparse(node)}", drop
    elif isinstance(node, ast.Assign) and is_tolerance(node.targets[0]):
        yield f"tripled {ast.unparse(node)}", triple
    elif isinstance(node, ast.Compare) and type(node.ops[0]) in SWAPS:
        yield f"swapped the comparison in {ast.unparse(node)}", swap_comparison
    elif isinstance(node, ast.BoolOp | ast.BinOp) and type(node.op) in SWAPS:
        yield f"swapped the operator of {ast.unparse(node)}", swap_operator
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield f"took the not from {ast.unparse(node)}", negate


def is_tolerance(target):
    return isinstance(target, ast.Name) and target.id.endswith(("TOLERANCE", "SIGMAS"))


def drop(node):
    node.value = ast.Constant(None)


def triple(node):
    node.value = ast.BinOp(ast.Constant(3), ast.Mult(), node.value)


def swap_comparison(node):
    node.ops[0] = SWAPS[type(node.ops[0])]()


def swap_operator(node):
    node.op = SWAPS[type(node.op)]()


def negate(node):
    node.op = ast.UAdd()  # of a truth value, which stays one
    node.operand = ast.Call(ast.Name("bool", ast.Load()), [node.operand], [])


class Mutated(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module from a mutated tree, and leaves all others to Python."""

    def __init__(self, name, tree):
        self.name, self.tree = name, ast.fix_missing_locations(tree)

    def find_spec(self, name, path, target=None):
        """Return a spec for the mutated module alone."""
        return importlib.util.spec_from_loader(name, self) if name == self.name else None

    def exec_module(self, module):
        """Run the mutated code."""
        exec(compile(self.tree, self.name, "exec"), module.__dict__)


def first_misjudged(module, tree, exercises):
    """Return the first answer that is judged wrongly with a mutated module, or None.

    It is to run in a process of its own, in which nothing of the checks was imported.
    """
    warnings.simplefilter("ignore")
    signal.alarm(TIMEOUT)
    sys.meta_path.insert(0, Mutated(module, tree))
    try:
        from tests.answers import judge

        for exercise in exercises or sorted(judge.EXERCISES):
            if not judge.stub_is_not_attempted(exercise, SECRETS[1:]):
                return f"{exercise}: the stub"
            for answer in judge.known(exercise):
                for secret in SECRETS:
                    if not judge.is_as_it_should_be(exercise, answer, secret):
                        return f"{exercise}: {answer.name}"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return None


def judged(arguments):
    """Return a row of the table: where, what was changed, and what caught it."""
    path, line, change, tree, exercises = arguments
    reader, writer = multiprocessing.Pipe(duplex=False)
    child = multiprocessing.Process(
        target=lambda: writer.send(
            first_misjudged(f"helpers.checks.{path.stem}", tree, exercises)
        )
    )
    child.start()
    writer.close()
    try:
        caught = reader.recv()
    except EOFError:
        caught = f"no verdict in {TIMEOUT} s"
    child.join()
    return f"{path.stem}:{line}", change, caught


def exercises_of(tree):
    """Return the exercises that a module checks; all use a module that checks none itself."""
    return [
        node.name.removeprefix("check_")
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("check_")
    ]


def main(word="", *flags):
    """Try all mutants of the modules named; return 1 if one survives that should not.

    The flag -v prints what caught each of them as well.
    """
    multiprocessing.set_start_method("fork")
    rows = []
    for path in sorted(PACKAGE.glob("*.py")):
        if word in path.stem and path.stem not in NO_CHECKS:
            tree = ast.parse(path.read_text(encoding="utf-8"))
            rows += [(path, *mutant, exercises_of(tree)) for mutant in mutants(tree)]
    survivors = 0
    for path, *_, exercises in {row[0]: row for row in rows}.values():
        sound = ast.parse(path.read_text(encoding="utf-8"))
        failure = judged((path, 0, "", sound, exercises))[2]
        assert failure is None, f"{path.stem} fails without any mutant: {failure}"
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for where, change, caught in pool.map(judged, rows):
            if "-v" in flags:
                print(f"{where} | {change} | {caught}", flush=True)
            if caught is None:
                reason = HARMLESS.get((where.split(":")[0], change))
                survivors += reason is None
                print(f"{where} | {change} | {reason or 'SURVIVED'}", flush=True)
    print(f"{len(rows)} mutants of the checks, {survivors} survived that should not")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
