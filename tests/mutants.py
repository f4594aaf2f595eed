"""Break the helpers in many small ways, and see whether the tests notice.

``python tests/mutants.py [WORD]`` copies the package and its tests to a temporary directory
once per mutant, changes one thing, and runs the tests of that module, then those of the
others. It prints which test failed first, and fails if no test did. With WORD it tries only
the mutants whose row contains that word.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[1]
CORE = [
    *("activations", "gaussian", "validation", "initializers"),
    *("network", "propagation", "training", "datasets"),
]
TESTS = [f"tests/test_{name}.py" for name in (*CORE, "architecture")]
CACHE, BROWSER = shutil.ignore_patterns("__pycache__"), shutil.ignore_patterns("browser")
TIMEOUT = 120  # seconds; a mutant that hangs is caught too

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


def copied(root, directory):
    """Copy what the tests need from `root` to a new `directory`, and return it."""
    shutil.copytree(root / "helpers", directory / "helpers", ignore=CACHE)
    # With the compiled tests, if there are: that saves a third of the time.
    shutil.copytree(root / "tests", directory / "tests", ignore=BROWSER)
    shutil.copy(root / "pyproject.toml", directory)
    return directory


def run(directory, *command):
    """Run Python in a copy, which comes before the package that is installed."""
    environment = os.environ | {
        "PYTHONPATH": str(directory),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # none is needed, and some are slow
        "OPENBLAS_NUM_THREADS": "1",
    }
    return subprocess.run(
        [sys.executable, *command],
        cwd=directory,
        env=environment,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
    )


def first_failure(directory, tests):
    """Return the id of the first test that fails, or None."""
    imported = run(directory, "-c", "import helpers; print(helpers.__file__)").stdout.strip()
    assert Path(imported).is_relative_to(directory), f"imported {imported}, not the copy"
    try:
        pytest = run(directory, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests)
    except subprocess.TimeoutExpired:
        return f"none in {TIMEOUT} s"
    if pytest.returncode == 0:
        return None
    failed = re.search(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", pytest.stdout, flags=re.MULTILINE)
    assert failed, f"pytest did not run:\n{pytest.stdout}{pytest.stderr}"
    return failed[1].removeprefix("tests/")


def mutated(root, module, original, replacement):
    """Return the text of a module of `root` with one thing changed."""
    text = (root / "helpers" / f"{module}.py").read_text(encoding="utf-8")
    assert text.count(original) == 1, f"{module}: {text.count(original)} times {original!r}"
    return text.replace(original, replacement)


def caught_by(root, module, original, replacement):
    """Return the id of the first test that fails on this mutant of `root`, or None."""
    with tempfile.TemporaryDirectory() as directory:
        copy = copied(root, Path(directory).resolve() / "copy")
        text = mutated(root, module, original, replacement)
        (copy / "helpers" / f"{module}.py").write_text(text, encoding="utf-8")
        own = f"tests/test_{module}.py"
        others = [test for test in TESTS if test != own]
        return first_failure(copy, [own]) or first_failure(copy, others)


def main(word=""):
    """Try all mutants, and print a row for each."""
    rows = [
        (module, *mutant)
        for module, mutants in MUTANTS.items()
        for mutant in mutants
        if word in f"{module} | {mutant[0]}"
    ]
    n_caught = 0
    print("module | change | caught by")
    with tempfile.TemporaryDirectory() as directory, ThreadPoolExecutor(2) as pool:
        sound = copied(ROOT, Path(directory).resolve() / "sound")
        for module, _, original, replacement in rows:
            mutated(sound, module, original, replacement)  # all must apply, before any is tried
        failure = first_failure(sound, TESTS)
        assert failure is None, f"{failure} fails without any mutant"
        results = pool.map(lambda row: caught_by(sound, row[0], *row[2:]), rows)
        for (module, change, *_), test in zip(rows, results, strict=True):
            print(f"{module} | {change} | {test or 'SURVIVED'}", flush=True)
            n_caught += test is not None
    print(f"{n_caught} of {len(rows)} caught")
    return n_caught < len(rows)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
