"""Break the helpers in many small ways, and see whether the tests notice.

``python tests/mutants.py [WORD]`` changes one thing at a time in a copy of the package, and runs
the tests of that module until one fails. Of the core, the changes are those of a table below,
and the tests of the whole core follow. Of what readers see, they are a sample of those that
`mutations.py` makes. It prints which test failed first, and how many changes of each module were
caught; it fails if one was not, unless a second table says why nobody could see it. With WORD it
tries only the rows that contain that word.
"""

import ast
import multiprocessing
import os
import re
import shutil
import signal
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # run as a file, Python looks beside it

from tests.mutations import sample  # noqa: E402

CORE = [
    *("activations", "gaussian", "validation", "initializers"),
    *("network", "propagation", "training", "datasets"),
]
CORE_TESTS = [f"tests/test_{name}.py" for name in (*CORE, "theory", "architecture")]
TIMEOUT = 120  # seconds; a mutant that hangs is caught too
IGNORED = shutil.ignore_patterns("browser", "course", "grading", "frameworks", "benchmarks")
# Imported once, before the processes that judge a mutant part.
HEAVY = ["pytest", "hypothesis", "ipywidgets", "PIL.Image", "scipy.special", "threadpoolctl"]
HEAVY += ["matplotlib.backends.backend_agg", "matplotlib.figure", "matplotlib.ticker"]

SEED, NUMBER = 1, 12  # of the sample, and how many changes of each module that readers see
NUMBERS = {"quiz": 21, "words": 12, "inspection/layers": 30, "inspection/report": 30}
SEEN = [
    f"{folder}{path.stem}"
    for folder in ("figures/", "panels/")
    for path in sorted((ROOT / "helpers" / folder).glob("*.py"))
    if path.stem != "__init__"
] + list(NUMBERS)
# What is run of the tests of all figures and panels, and the other tests of a module.
WORDS_AND_PICTURES = [
    *("tests/test_snapshots.py", "tests/test_words_of_panels.py"),
    "tests/test_words_of_figures.py",
]
MECHANISM = ["tests/test_live.py", "tests/test_panels.py", "-k", "sum_panel or not _panel"]
MORE_TESTS = {
    "words": ["tests/test_words_of_figures.py"],
    "quiz": ["tests/test_quiz.py", *WORDS_AND_PICTURES[:1]],
    "inspection/layers": ["tests/test_inspection.py"],
    "inspection/report": ["tests/test_inspection.py"],
    "figures/backend": ["tests/test_figures_backend.py"],
    "figures/canvas": MECHANISM,
    "figures/frameworks": ["tests/test_figures_frameworks.py", "tests/test_inspection.py"],
    "figures/one_step": ["tests/test_network_diagram.py"],
    "figures/training": ["tests/test_live.py"],
    "panels/baked": MECHANISM,
    "panels/beyond": ["tests/test_panels_beyond.py"],
    "panels/live": MECHANISM,
    "panels/panel": MECHANISM,
    "panels/random": ["tests/test_random_panels.py"],
    "panels/training": ["tests/test_live.py"],
}

# Changes that nobody sees: (module, a part of the change, why), as regular expressions.
EQUIVALENT: list[tuple[str, str, str]] = []

QUIET = 'with np.errstate(over="ignore", invalid="ignore"):'

# module: [(what breaks, the original text, its replacement)]
MUTANTS = {
    "activations": [
        ("ReLU has slope 1 at zero", "(z > 0).astype(", "(z >= 0).astype("),
        ("leaky ReLU has slope 1 at zero", "z > 0, z.dtype.type(1)", "z >= 0, z.dtype.type(1)"),
        ("leaky ReLU bends down", "np.maximum(z, leak * z)", "np.minimum(z, leak * z)"),
        ("leak 0.1 for 0.01", 'rectifier(0.01, name="leaky', 'rectifier(0.1, name="leaky'),
        (
            "float32 slopes come back as float64",
            "z.dtype.type(1), z.dtype.type(leak)",
            "1.0, leak",
        ),
        ("ELU without the -1", "np.expm1(", "np.exp("),
        ("SELU slope without alpha", "1, alpha * np.exp(", "1, np.exp("),
        ("SELU scale rounded", "scale=1.0507009873554805", "scale=1.0507"),
        ("sigmoid twice as steep", "np.tanh(0.5 * z))  #", "np.tanh(z))  #"),
        ("sigmoid slope doubled", "0.25 * (1 - np.tanh", "0.5 * (1 - np.tanh"),
        ("tanh slope without the square", "1 - np.tanh(z) ** 2)", "1 - np.tanh(z))"),
        ("GELU slope loses a factor z", "+ z * np.exp(", "+ np.exp("),
        ("GELU density without 1/sqrt(2 pi)", " / math.sqrt(2 * math.pi)", ""),
        ("softplus overflows", "np.logaddexp(z, 0)", "np.log1p(np.exp(z))"),
        ("gain without the root", "1 / math.sqrt(second_moment)", "1 / second_moment"),
        ("gain of the mean, not of the square", "activation(z) ** 2))", "activation(z)))"),
        (
            "gain of a dead activation",
            "if not 0 < second_moment <",
            "if not 0 <= second_moment <",
        ),
        (
            "activation missing from the menu",
            "*(elu, selu, gelu, softplus)",
            "*(elu, selu, gelu)",
        ),
    ],
    "gaussian": [
        ("tails cut off at 4", "FAR = 12.0", "FAR = 4.0"),
        ("masses of [-1, 1] on [0, 1]", "_MASS / 2", "_MASS"),
        ("density without the half", "np.exp(-(nodes**2) / 2)", "np.exp(-(nodes**2))"),
        ("density without 1/sqrt(2 pi)", " / np.sqrt(2 * np.pi)", ""),
        ("kinks away from zero ignored", "np.clip(kink, -FAR, FAR)", "np.clip(kink, 0, 0)"),
        ("kinks out of reach kept", "np.clip(kink, -FAR, FAR)", "np.asarray(kink)"),
        ("ten nodes instead of a hundred", "leggauss(100)", "leggauss(10)"),
    ],
    "validation": [
        (
            "True is a size",
            "isinstance(value, bool) or not isinstance(value, Integral)",
            "not isinstance(value, Integral)",
        ),
        (
            "True is a number",
            "isinstance(value, bool) or not isinstance(value, Real)",
            "not isinstance(value, Real)",
        ),
        ("a size may be 0", "if value < 1:", "if value < 0:"),
        ("nan and inf are numbers", "math.isfinite(value) and minimum", "minimum"),
        ("the minimum itself is refused", "minimum <= value <=", "minimum < value <="),
        ("the maximum is not checked", "minimum <= value <= maximum", "minimum <= value"),
        ("0 is positive", "if number(name, value) <= 0:", "if number(name, value) < 0:"),
        ("one size is a shape", "if len(value) < fewest:", "if len(value) < 1:"),
        ("a string is a shape", "isinstance(value, (str, bytes)) or not", "not"),
        ("a vector is a batch", "array.ndim < 2 or array.shape", "array.shape"),
        ("batches of any width", " or array.shape[-1] != columns", ""),
        ("complex numbers are real", '"biuf"', '"biufc"'),
        (
            "the message forgets what was given",
            "one of {list(choices)}; got {value!r}",
            "one of {list(choices)}",
        ),
        ("any object is a generator", "isinstance(rng, np.random.Generator)", "True"),
        (
            "a function without derivative will do",
            'callable(getattr(value, "derivative", None))',
            "callable(value)",
        ),
    ],
    "initializers": [
        (
            "fans swapped",
            "return math.prod(field) * n_in, math.prod(field) * n_out",
            "return math.prod(field) * n_out, math.prod(field) * n_in",
        ),
        ("receptive field left out", "return math.prod(field) * n_in,", "return n_in,"),
        ("sum of fans for their mean", "(fan_in + fan_out) / 2}", "(fan_in + fan_out)}"),
        (
            "variance used as standard deviation",
            'math.sqrt(number("scale", scale, minimum=0) / fan)',
            'number("scale", scale, minimum=0) / fan',
        ),
        (
            "negative scale let through to the root",
            'number("scale", scale, minimum=0)',
            "scale",
        ),
        ("bound used as standard deviation", "limit = math.sqrt(3) * std", "limit = std"),
        ("no truncation correction", "std / TRUNCATED_STD, dtype", "std, dtype"),
        ("truncation constant off by 1 %", "0.8796256610342398", "0.8884219176445822"),
        ("outliers redrawn only once", "outside[np.abs(flat[outside]) > 2]", "outside[:0]"),
        ("lower tail kept", "(flat < -2) | (flat > 2)", "flat > 2"),
        ("uniform shifted the wrong way", "weights += low", "weights -= low"),
        ("uniform half as wide", "weights *= high - low", "weights *= high"),
        (
            "one draw for every row",
            "weights = rng.random(shape, dtype)",
            "weights = rng.random(shape[-1:], dtype) * np.ones(shape, dtype)",
        ),
        ("float32 uniform comes as float64", "rng.random(shape, dtype)", "rng.random(shape)"),
        (
            "global random state",
            "generator(rng).standard_normal(tall)",
            "np.random.standard_normal(tall)",
        ),
        ("He without the 2", "return 2 / (1 + number", "return 1 / (1 + number"),
        ("leak not squared", "minimum=0, maximum=1) ** 2)", "minimum=0, maximum=1))"),
        (
            "LeCun uniform is normal",
            'distribution="uniform", dtype=dtype)\n\n\ndef xavier_normal',
            "dtype=dtype)\n\n\ndef xavier_normal",
        ),
        (
            "Xavier uniform uses fan_in",
            'mode="fan_avg", distribution="uniform"',
            'distribution="uniform"',
        ),
        (
            "Xavier normal uses fan_out",
            'mode="fan_avg", dtype=dtype',
            'mode="fan_out", dtype=dtype',
        ),
        ("orthogonal: no signs", "gain * np.sign(np.diag(r))", "gain"),
        ("orthogonal: gain squared", "q *= gain *", "q *= gain**2 *"),
        (
            "orthogonal: rows for columns",
            "fans(shape)[0], shape[-1]",
            "shape[-1], fans(shape)[0]",
        ),
        ("orthogonal: dtype dropped", ".reshape(shape).astype(dtype)", ".reshape(shape)"),
        (
            "low above high",
            'if number("low", low) > number("high", high):',
            'if number("low", low) > math.inf * number("high", 1.0):',
        ),
        (
            "one seed for all layers",
            "(initializer((fan_in, fan_out), rng), bias",
            "(initializer((fan_in, fan_out), np.random.default_rng(0)), bias",
        ),
        (
            "layer shapes transposed",
            "(initializer((fan_in, fan_out), rng), bias",
            "(initializer((fan_out, fan_in), rng), bias",
        ),
        ("bias drawn as zeros", "bias((fan_out,), rng))\n", "zeros((fan_out,), rng))\n"),
    ],
    "network": [
        (
            "exact product by BLAS",
            'return np.einsum("...ij,...jk->...ik", a, b)',
            "return a @ b",
        ),
        ("bias left out", "z += b  #", "z += 0 * b  #"),
        (
            "output layer activated",
            "z if is_output else self.activation(z)",
            "self.activation(z)",
        ),
        (
            "value for slope in backward",
            "dh *= self.activation.derivative(z)",
            "dh *= self.activation(z)",
        ),
        ("slope left out of backward", "dh *= self.activation.derivative(z)", "dh *= 1"),
        (
            "output gradient changed in place",
            "dz = [gradient]",
            "gradient *= 1.5\n        dz = [gradient]",
        ),
        (
            "weight gradient from the layer's own output",
            "zip(trace.activations[:-1], dz",
            "zip(trace.activations[1:], dz",
        ),
        (
            "bias gradient averaged",
            'np.einsum("...ij->...j", gradient)',
            "gradient.mean(axis=-2)",
        ),
        (
            "bias gradient of a stack loses an axis",
            "total if total.ndim == 1 else total[..., None, :]",
            "total",
        ),
        (
            "gradient of any shape",
            "if gradient.shape != trace.preactivations[-1].shape:",
            "if False:",
        ),
        ("ascent for descent", "p -= learning_rate * g", "p += learning_rate * g"),
        ("step not in place", "p -= learning_rate * g", "p = p - learning_rate * g"),
        (
            "biases are not trained",
            "parameters = self.weights + self.biases",
            "parameters = self.weights + [b.copy() for b in self.biases]",
        ),
        (
            "stacked biases without an axis for samples",
            "np.stack(layer)[:, None]",
            "np.stack(layer)",
        ),
        (
            "stack of unequal networks",
            "if len(kinds) != 1:",
            "if len(kinds) < 1:",
        ),
        ("stack of two activations", "{(n.activation, n.matmul, *", "{(n.matmul, *"),
        (
            "stack shows its number of networks",
            "self.weights[0].shape[-2], *",
            "len(self.weights[0]), *",
        ),
        ("initializer's shape not checked", "if parameters.shape != shape:", "if False:"),
        (
            "biases of another dtype",
            "b = np.zeros(fan_out, W.dtype)",
            "b = np.zeros(fan_out, np.float16)",
        ),
        ("squared error without its 2", "2 * error / _count", "error / _count"),
        (
            "squared error summed over outputs",
            "(error**2).mean(axis=(-2, -1))",
            "(error**2).sum(axis=-1).mean(axis=-1)",
        ),
        ("mean over samples alone", "output.shape[-2] * output.shape[-1]", "output.shape[-2]"),
        ("logistic loss overflows", "np.logaddexp(0, logits)", "np.log1p(np.exp(logits))"),
        (
            "logistic loss with its sign flipped",
            "(0, logits) - target * logits",
            "(0, logits) + target * logits",
        ),
        ("targets above 1", " and target.max() <= 1", ""),
        ("softmax overflows", "logits - logits.max(axis=-1, keepdims=True)", "logits - 0"),
        ("softmax shifted by the wrong axis", "logits.max(axis=-1,", "logits.max(axis=-2,"),
        ("softmax gradient not averaged", "gradient /= n_samples", "gradient /= 1"),
        (
            "softmax gradient without the label",
            "gradient[chosen] -= 1",
            "gradient[chosen] -= 0",
        ),
        ("label n_classes", "<= labels.max() < n_classes", "<= labels.max() <= n_classes"),
        (
            "label -1 counts from the end",
            "if labels.size and not 0 <=",
            "if labels.size and not -1 <=",
        ),
        (
            "fractional labels",
            'labels.dtype.kind not in "iu"',
            'labels.dtype.kind not in "iuf"',
        ),
        ("targets broadcast", "value.shape not in (shape, shape[-2:])", "False"),
    ],
    "propagation": [
        ("variance for second moment", "moment = np.vdot(a, a) / a.size", "moment = a.var()"),
        ("squares in 32 bits", "wide = a.astype(float)", "wide = a"),
        (
            "activations one layer early",
            "_second_moments(trace.activations[1:])",
            "_second_moments(trace.activations[:-1])",
        ),
        ("saturation from 0.97 of the slope", "1 - 0.97**2", "1 - 0.97"),
        (
            "saturation not relative to the slope at 0",
            "SATURATED_SLOPE * at_zero",
            "SATURATED_SLOPE",
        ),
        ("saturation of negative slopes missed", "np.abs(slope) < SAT", "-slope < -1 + SAT"),
        ("dead if inactive on any sample", "passive.all(axis=0)", "passive.any(axis=0)"),
        ("dead samples instead of units", "passive.all(axis=0)", "passive.all(axis=1)"),
        ("nan counted as dead", "np.isnan(moment)", "False"),
        ("overflow warns", QUIET, "with np.errstate():"),
        ("pairs of a sample with itself", "(total @ total - n)", "(total @ total)"),
        ("pairs counted once", "(n * (n - 1))", "(n * (n - 1) / 2)"),
        ("rows of zeros counted", "n = np.count_nonzero(present)", "n = len(lengths)"),
        (
            "tiny signals lose their cosine",
            "if not 1e-30 < squares.max(initial=0) < 1e30:",
            "if not squares.max(initial=0) < 1e30:",
        ),
        (
            "huge signals lose their cosine",
            "if not 1e-30 < squares.max(initial=0) < 1e30:",
            "if not 1e-30 < squares.max(initial=0):",
        ),
        (
            "length map without the bias",
            "_second_moment_after(activation, q) + sigma_b**2",
            "_second_moment_after(activation, q)",
        ),
        (
            "length map: sigma_w not squared",
            "return sigma_w**2 * _second_moment_after",
            "return sigma_w * _second_moment_after",
        ),
        (
            "length used as standard deviation",
            "activation(np.sqrt(q)[..., None] * z) ** 2",
            "activation(q[..., None] * z) ** 2",
        ),
        ("negative length", " and (q >= 0).all()", ""),
        ("fixed point searched upwards only", "2.0 if start > 0 else 0.5", "2.0"),
        ("fixed point to 1 %", "> 1e-15 * near", "> 1e-2 * near"),
        ("no growth without bound", "return math.inf", "return far"),
        ("conserved length not seen", "if abs(start) < 1e-14:", "if abs(start) < 0:"),
        (
            "gradient map: slope not squared",
            "slope(np.sqrt(q)[..., None] * z) ** 2)",
            "slope(np.sqrt(q)[..., None] * z))",
        ),
        (
            "gradient map: length used as standard deviation",
            "slope(np.sqrt(q)[..., None] * z) ** 2)",
            "slope(q[..., None] * z) ** 2)",
        ),
        ("chi of ReLU at length 0", "min(max(q, SHORTEST), LONGEST)", "min(q, LONGEST)"),
        ("correlation: 1 - c**2 without its root", "s = np.sqrt(1 - c**2)", "s = (1 - c**2)"),
        (
            "correlation: kink ignored",
            "split_rule(-shared / np.maximum(s, 1e-300))",
            "split_rule(0 * shared)",
        ),
        (
            "correlation: divided by this layer's length",
            "mean + sigma_b**2) / q_next",
            "mean + sigma_b**2) / q",
        ),
        (
            "correlation: bias left out",
            "(sigma_w**2 * mean + sigma_b**2)",
            "(sigma_w**2 * mean)",
        ),
        (
            "correlation: fixed point without its bias",
            "q = fixed_point(activation, sigma_w, sigma_b)\n        if",
            "q = fixed_point(activation, sigma_w)\n        if",
        ),
        ("band: k one too large", "/ square**2 - 1) / width", "/ square**2) / width"),
        ("band: mean upwards", "return -variance / 2 * layers", "return variance / 2 * layers"),
        (
            "band: variance for standard deviation",
            "np.sqrt(variance * layers)",
            "variance * layers",
        ),
        (
            "band: layers from 0",
            'np.arange(1, positive_int("depth", depth) + 1)',
            'np.arange(positive_int("depth", depth))',
        ),
        (
            "band of tanh",
            "if not np.allclose(activation(3 * z), 3 * activation(z)):",
            "if False:",
        ),
    ],
    "training": [
        ("errors at the first state", "return _states(network", "yield from _states(network"),
        ("one state too few", "islice(batches, steps + 1)", "islice(batches, steps)"),
        (
            "one update too many",
            "if overflowed.all() or step == steps:",
            "if overflowed.all():",
        ),
        (
            "the state comes after its update",
            "        yield State(step, value, norm, overflowed)\n        if",
            "        network.step(gradients, learning_rate)\n"
            "        yield State(step, value, norm, overflowed)\n        if",
        ),
        (
            "overflow not noticed",
            "overflowed | ~np.isfinite(value) | ~np.isfinite(learning_rate * norm)",
            "overflowed | False",
        ),
        (
            "overflow of the update not noticed",
            "~np.isfinite(learning_rate * norm)",
            "~np.isfinite(norm)",
        ),
        ("overflow forgotten", "overflowed = overflowed | ~np", "overflowed = ~np"),
        ("one overflow stops the stack", "if overflowed.all() or", "if overflowed.any() or"),
        (
            "overflow warns in training",
            QUIET + "\n            trace",
            "with np.errstate():\n            trace",
        ),
        ("overflow warns at the call", QUIET + "\n        #", "with np.errstate():\n        #"),
        (
            "overflowed biases still move",
            "np.where(keep, g, 0) for g in gradients.biases",
            "g for g in gradients.biases",
        ),
        ("healthy networks frozen instead", "keep = ~overflowed[", "keep = overflowed["),
        (
            "norm without the root",
            "    norm = np.sqrt(np.vecdot(flat, flat))",
            "    norm = np.vecdot(flat, flat)",
        ),
        (
            "norm of the weights alone",
            "-1) for g in gradients.weights + gradients.biases]",
            "-1) for g in gradients.weights]",
        ),
        ("norm: squares overflow", "if np.isfinite(norm).all():", "if True:"),
        ("norm relative to 0", "np.where(largest > 0, largest, 1)", "largest"),
        (
            "same order in every epoch",
            "    while True:\n        order = rng.permutation(n_samples)",
            "    order = rng.permutation(n_samples)\n    while True:",
        ),
        (
            "samples drawn with replacement",
            "rng.permutation(n_samples)",
            "rng.integers(n_samples, size=n_samples)",
        ),
        (
            "samples in the order given",
            "order = rng.permutation(n_samples)",
            "order = np.arange(n_samples)",
        ),
        (
            "last batch of an epoch dropped",
            "n_samples - batch_size + 1, batch_size",
            "n_samples - batch_size, batch_size",
        ),
        (
            "batch paired with the first targets",
            "trace.activations[-1], y[rows])",
            "trace.activations[-1], y[: len(X[rows])])",
        ),
        (
            "clipping ignored",
            "if clip is not None:\n            gradients",
            "if False:\n            gradients",
        ),
        (
            "a stack clipped together",
            "in np.ndindex(given[0].shape[:-2]):",
            "in [()]:",
        ),
        ("batch larger than the data", "> len(X):", "> 2 * len(X):"),
        ("too few targets", " or y.shape[:1] != X.shape[:1]", ""),
        (
            "targets that do not fit the loss",
            "loss(network.forward(X[:1]).activations[-1], y[:1])",
            "network.forward(X[:1])",
        ),
        (
            "clip by value: negative entries to 0",
            "np.clip(g, -limit, limit)",
            "np.clip(g, 0, limit)",
        ),
        (
            "clip by value in place",
            "np.clip(g, -limit, limit)",
            "np.clip(g, -limit, limit, out=g)",
        ),
        (
            "clip by norm enlarges",
            "min(1.0, max_norm / largest / norm)",
            "max_norm / largest / norm",
        ),
        (
            "clip by norm: squares overflow",
            "    if not math.isfinite(largest):",
            "    largest = 1.0\n    if not math.isfinite(largest):",
        ),
        (
            "clip by norm: norm overflows",
            "max_norm / largest / norm",
            "max_norm / (largest * norm)",
        ),
        ("clip by norm without the root", "norm = math.sqrt(np.sum(", "norm = (np.sum("),
        (
            "clip by norm keeps the array of zeros",
            "return [g.copy() for g in gradients]",
            "return gradients",
        ),
        ("clip by norm lets nan through", "if not math.isfinite(largest):", "if False:"),
        ("clip by norm: float32 becomes float64", "g.dtype.type(scale)", "np.float64(scale)"),
    ],
    "datasets": [
        ("XOR is OR", "[[0.0], [0.0], [1.0], [1.0]]", "[[0.0], [1.0], [1.0], [1.0]]"),
        (
            "XOR rows in counting order",
            "return X, np.array([[0.0], [0.0], [1.0], [1.0]])",
            "return X[[0, 2, 3, 1]], np.array([[0.0], [1.0], [1.0], [0.0]])",
        ),
        ("lower moon too low", "[1.0, 0.5] - X", "[1.0, -0.5] - X"),
        ("moons are circles", "uniform(0, np.pi, n)", "uniform(0, 2 * np.pi, n)"),
        ("circles are half circles", "uniform(0, 2 * np.pi, n)", "uniform(0, np.pi, n)"),
        ("inner radius squared", "*= inner", "*= inner**2"),
        ("outer circle shrunk", "X[y == 1] *= inner", "X[y == 0] *= inner"),
        ("the odd sample in class 0", "n // 2)", "(n + 1) // 2)"),
        (
            "noise squared",
            'number("noise", noise, minimum=0) * rng',
            'number("noise", noise, minimum=0) ** 2 * rng',
        ),
        (
            "same noise in both coordinates",
            "rng.standard_normal(X.shape)",
            "rng.standard_normal((len(X), 1))",
        ),
        ("digits divided by the variance", "/ X.std()", "/ X.var()"),
        ("digits centred pixel by pixel", "X - X.mean()", "X - X.mean(axis=0)"),
        (
            "scikit-learn imported for all",
            "import numpy as np\n",
            "import numpy as np\nfrom sklearn.datasets import load_digits  # noqa\n",
        ),
    ],
}


class Row(NamedTuple):
    """A mutant: a module, what changes, and the module's text with it."""

    module: str
    change: str
    text: str
    seen: bool  # made from the syntax tree of a module that readers see


def text_of(module):
    return (ROOT / "helpers" / f"{module}.py").read_text(encoding="utf-8")


def rows():
    """Yield all mutants."""
    for module, mutants in MUTANTS.items():
        text = text_of(module)
        for change, original, replacement in mutants:
            found = text.count(original)
            assert True, f"{module}: {found} times {original!r}"
            yield Row(module, change, text.replace(original, replacement), seen=False)
    for module in SEEN:
        chosen = sample(text_of(module), NUMBERS.get(module, NUMBER), f"{SEED} {module}")
        for change, text in chosen:
            yield Row(module, change, text, seen=True)


def tests_of(row):
    """Return the arguments of pytest, one run after another."""
    if not row.seen:
        own = f"tests/test_{row.module}.py"
        return [own], [test for test in CORE_TESTS if test != own]
    more = MORE_TESTS.get(row.module, [])
    if not row.module.startswith(("figures/", "panels/")) or more is MECHANISM:
        return (more,)
    defined = (node for node in ast.parse(text_of(row.module)).body if hasattr(node, "name"))
    names = [d.name for d in defined if isinstance(d, ast.ClassDef) or "_panel" in d.name]
    own = [*WORDS_AND_PICTURES, "-k", " or ".join(names)] if names else WORDS_AND_PICTURES
    return (own, more) if more else (own,)


class First:
    """What pytest tells of the first test that fails."""

    def __init__(self):
        self.failed = None

    def pytest_runtest_logreport(self, report):
        """Keep the id of the first."""
        if report.failed and self.failed is None:
            self.failed = report.nodeid.removeprefix("tests/")


def too_long(*_):
    raise TimeoutError(f"no test failed in {TIMEOUT} s")


def first_failure(directory, runs):
    """Return the first test that fails in a copy, or None; in a process of its own."""
    import pytest

    os.chdir(directory)
    sys.path.insert(0, str(directory))  # before the package that is installed
    with open(os.devnull, "w") as nowhere:
        for stream in (1, 2):
            os.dup2(nowhere.fileno(), stream)
    signal.signal(signal.SIGALRM, too_long)
    signal.alarm(TIMEOUT)
    for arguments in runs:
        first = First()
        code = pytest.main(["-x", "-q", "-p", "no:cacheprovider", *arguments], plugins=[first])
        if code != 0:
            return first.failed or f"pytest's code {int(code)}"
    helpers = sys.modules["helpers"].__file__
    assert Path(helpers).is_relative_to(directory), f"imported {helpers}, not the copy"
    return None


def caught_by(row):
    """Return the id of the first test that fails on a mutant, or None."""
    with tempfile.TemporaryDirectory() as directory:
        copy = Path(directory).resolve() / "copy"
        # With the compiled tests, if there are: that saves a third of the time.
        for folder in ("helpers", "tests", "notebooks", "assignments"):
            if folder in ("helpers", "tests"):
                shutil.copytree(ROOT / folder, copy / folder, ignore=IGNORED)
            else:
                (copy / folder).symlink_to(ROOT / folder)
        shutil.copy(ROOT / "pyproject.toml", copy)
        if row.module:
            (copy / "helpers" / f"{row.module}.py").write_text(row.text, encoding="utf-8")
        return first_failure(copy, tests_of(row))


def is_equivalent(row):
    return row.seen and any(
        row.module == module and re.search(part, row.change) for module, part, _ in EQUIVALENT
    )


def main(word=""):
    """Try all mutants, print a row for each, and how many were caught of each module."""
    os.environ |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "OPENBLAS_NUM_THREADS": "1"}
    tried = [row for row in rows() if word in f"{row.module} | {row.change}"]
    sound = [
        row._replace(text=text_of(row.module)) for row in {r.module: r for r in tried}.values()
    ]
    caught, of = Counter(), Counter()
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(HEAVY)
    with context.Pool(2, maxtasksperchild=1) as pool:
        for row, test in zip(sound, pool.imap(caught_by, sound, chunksize=1), strict=True):
            assert test is None, f"{row.module}: {test} fails without any mutant"
        print("module | change | caught by")
        for row, test in zip(tried, pool.imap(caught_by, tried, chunksize=1), strict=True):
            harmless = test is None and is_equivalent(row)
            print(
                *row[:2], test or ("unseen" if harmless else "SURVIVED"), sep=" | ", flush=True
            )
            caught[row.module] += test is not None
            of[row.module] += not harmless
    print("\nmodule | caught | of")
    for module in of:
        print(module, caught[module], of[module], sep=" | ")
    print(f"{caught.total()} of {of.total()} caught")
    return caught != of


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
