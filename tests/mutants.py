"""Break the helpers in many small ways, and see whether the tests notice.

``python tests/mutants.py [WORD]`` changes one thing at a time in a copy of the package, and
runs the tests of that module until one fails. Of the core, the changes are those of a table
below, and the tests of the whole core follow. Of what readers see, they are a sample of those
that `mutations.py` makes. It prints which test failed first, and how many changes of each
module were caught; it fails if one was not, unless a second table says why nobody could see
it. With WORD it tries only the rows that contain that word.
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
CORE_TESTS = [
    f"tests/test_{name}.py" for name in ("contracts", *CORE, "theory", "architecture")
]
TIMEOUT = 120  # seconds; a mutant that hangs is caught too
IGNORED = shutil.ignore_patterns("browser", "course", "grading", "frameworks", "benchmarks")
# Imported once, before the processes that judge a mutant part.
HEAVY = ["pytest", "hypothesis", "ipywidgets", "PIL.Image", "scipy.special", "threadpoolctl"]
HEAVY += ["matplotlib.backends.backend_agg", "matplotlib.figure", "matplotlib.ticker"]

SEED, NUMBER = 1, 15  # of the sample, and how many changes of each module that readers see
NUMBERS = {
    "quiz": 21,
    "words": 12,
    **dict.fromkeys(("claims", "language", "residual", "starts"), 15),
    "inspection/evidence": 40,
    "inspection/judge": 40,
    "inspection/layers": 40,
    "inspection/report": 40,
}
SEEN = [
    f"{folder}{path.stem}"
    for folder in ("figures/", "panels/")
    for path in sorted((ROOT / "helpers" / folder).glob("*.py"))
    if path.stem not in ("__init__", "backend")
] + list(NUMBERS)
# What is run of the tests of all figures and panels, and the other tests of a module.
WORDS_AND_PICTURES = [
    "tests/test_what_is_drawn.py",
    *("tests/test_snapshots.py", "tests/test_words_of_panels.py"),
    "tests/test_words_of_figures.py",
]
# One panel stands for all, and training is left out: that takes long.
SLOW = [
    "network",
    "symmetry",
    "layer",
    "scale",
    "fans",
    "depth",
    "units",
    "length",
    "correlation",
    "spectrum",
    "defaults",
]
SLOW = [f"{name}_panel" for name in SLOW] + ["training", "overflow", "learn", "clip"]
CHEAP = f"test_snapshots or not ({' or '.join(SLOW)})"
MECHANISM = [
    "tests/test_snapshots.py",
    "tests/test_live.py",
    "tests/test_panels.py",
    "-k",
    CHEAP,
]
MORE_TESTS = {
    "claims": ["tests/test_claims.py", "tests/test_pictures.py"],
    "language": ["tests/test_language.py"],
    "residual": ["tests/test_residual.py"],
    "starts": ["tests/test_starts.py"],
    "words": ["tests/test_words_of_figures.py"],
    "quiz": ["tests/test_quiz.py", "tests/test_snapshots.py"],
    "inspection/evidence": ["tests/test_verdicts_of_inspect.py", "tests/test_inspection.py"],
    "inspection/judge": ["tests/test_verdicts_of_inspect.py", "tests/test_inspection.py"],
    "inspection/layers": ["tests/test_verdicts_of_inspect.py", "tests/test_inspection.py"],
    "inspection/report": ["tests/test_verdicts_of_inspect.py", "tests/test_inspection.py"],
    "figures/canvas": MECHANISM,
    "figures/frameworks": ["tests/test_figures_frameworks.py", "tests/test_inspection.py"],
    "figures/one_step": ["tests/test_network_diagram.py"],
    "figures/recorder": ["tests/test_recorder.py"],
    "figures/training": ["tests/test_live.py"],
    "figures/baked": MECHANISM,
    "panels/beyond": ["tests/test_panels_beyond.py", "tests/test_sentences_beyond.py"],
    "panels/live": MECHANISM,
    "panels/page": MECHANISM,
    "panels/panel": MECHANISM,
    "panels/random": ["tests/test_random_panels.py", "tests/test_sentences_random.py"],
    "panels/training": ["tests/test_training_panel.py", "tests/test_live.py"],
}

# Changes that nobody sees: (module, a part of the change, why), as regular expressions.
EQUIVALENT: list[tuple[str, str, str]] = [
    ("panels/networks", r"\(DEEPEST \+ 2\)|\[2\], rectifier", "no output is shown"),
    ("panels/panel", r"minmax|inline-hbox", "layout: tests in a browser look at it"),
    ("panels/xavier", r"\(1025, 512", "the slider ends at 1024"),
    ("panels/beyond", r"\(1 - angle \*\* ", "how exact"),
    ("figures/beyond", r"lowest, highest = \(0", "no axis ends above a tenth"),
    ("panels/zero", r"round\(7\)", "identical units are so to the last bit"),
    ("panels/live", r"PIECE, PICTURE = \(", "how long a piece takes, on any machine"),
    ("panels/live", r"asyncio\.sleep\(", "how long it waits"),
    ("panels/panel", r"asyncio\.sleep\(", "how long it waits"),
    ("panels/frameworks", r"\(DEEPEST \+ 2\)", "more is drawn than is used"),
    (
        "panels/he",
        r"rectifier\(leak\), 1\.[05], q=1\.[05]",
        "a rectifier's map is the same at all lengths and scales",
    ),
    ("figures/one_step", r"ax\.text\(1, [03]\.4, ''", "moved before it is seen"),
    ("figures/one_step", r"if shown else 1\)", "the place of a text that is empty"),
    ("figures/start_here", r"for x in \(", "moved before they are seen"),
    ("figures/zero", r"np\.zeros\(\(3, 2\)\)", "drawn over before it is seen"),
    ("figures/training", r"powers\.max\(initial=1\)", "no axis ends below 2"),
    ("inspection/report", r"keras|torch", "tests/frameworks sees it, which is not run here"),
    ("inspection/evidence", r"\[-2\.0, -1\.[05], 1\.[05]", "any points tell a rectifier"),
    ("figures/training", r"loss\.text\(", "moved before it is seen"),
    ("figures/recorder", r"round\(x, 2\)|\(d\), 3\)", "how exact"),
    ("figures/recorder", r"default=1\)", "all words have a letter of full size"),
    ("panels/panel", r"limits=2|<other width", "tests in a browser look at it"),
    ("panels/random", r"axis=\(2, 1\)", "the same"),
    ("panels/zero", r"reshape\((CELLS, )?-[13]|CELLS, -2", "for NumPy as good as -1"),
    ("panels/live", r"FloatProgress\(2|monotonic\(\), 0\.5\)", "set before it is seen"),
    ("figures/canvas", r"columns=2\)", "how many columns a legend has"),
    ("figures/canvas", r"== 21:|compress_level|1\.5e-09|size % 2", "how fast, or how exact"),
]

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
        (
            "sigmoid twice as steep",
            "return 1 / (1 + np.exp(-z))",
            "return 1 / (1 + np.exp(-2 * z))",
        ),
        (
            "sigmoid slope doubled",
            "return e / (1 + e) ** 2\n\n\ndef _tanh",
            "return 2 * e / (1 + e) ** 2\n\n\ndef _tanh",
        ),
        (
            "tanh slope without the square",
            "return 4 * e / (1 + e) ** 2",
            "return 2 * e / (1 + e)",
        ),
        ("GELU slope loses a factor z", "near * np.exp(", "np.exp("),
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
        (
            "sigmoid warns where it is 0",
            'with np.errstate(over="ignore"):',
            "with np.errstate():",
        ),
        (
            "sigmoid slope overflows",
            "def _sigmoid_slope(z):\n    e = np.exp(-np.abs(z))",
            "def _sigmoid_slope(z):\n    e = np.exp(-z)",
        ),
        (
            "tanh slope that loses its digits",
            "return 4 * e / (1 + e) ** 2",
            "return 1 - np.tanh(z) ** 2",
        ),
        ("GELU of minus infinity is nan", "np.maximum(z, -_GELU_ENDS) *", "z *"),
        ("GELU cut off too near", "_GELU_ENDS = 40.0", "_GELU_ENDS = 4.0"),
        ("ReLU is nowhere flat", "            flat=True,\n", ""),
        (
            "flat where rounding makes it so",
            "np.linspace(-8.0, 8.0, 321)",
            "np.linspace(-80.0, 80.0, 321)",
        ),
        ("flat at a single point", "(zero[1:] & zero[:-1]).any()", "zero.any()"),
    ],
    "gaussian": [
        ("tails cut off at 4", "FAR = 12.0", "FAR = 4.0"),
        (
            "intervals twice as heavy",
            "half = (high - low)[..., None] / 2",
            "half = (high - low)[..., None]",
        ),
        ("density without the half", "np.exp(-(z**2) / 2)", "np.exp(-(z**2))"),
        ("density without 1/sqrt(2 pi)", " / math.sqrt(2 * math.pi)", ""),
        ("kinks ignored", "points = np.add.outer(kinks,", "points = np.add.outer(0 * kinks,"),
        ("four nodes of an interval", "POINTS = 16", "POINTS = 4"),
        ("a rough tolerance", "TOLERANCE = 1e-9", "TOLERANCE = 1e-4"),
        ("a tolerance that nothing meets", "TOLERANCE = 1e-9", "TOLERANCE = 1e-17"),
        ("gives up early", "MOST_INTERVALS = 512", "MOST_INTERVALS = 32"),
        ("never gives up", "MOST_INTERVALS = 512", "MOST_INTERVALS = 10**9"),
        (
            "rough intervals counted twice",
            "values[..., ~rough, :] @ _MASSES",
            "values @ _MASSES",
        ),
        (
            "what is rough in one entry alone stays",
            "rough = rough.any(axis",
            "rough = rough.all(axis",
        ),
        (
            "only the left half is refined",
            "np.concatenate([low, middle], -1), np.concatenate([middle, high], -1)",
            "low, middle",
        ),
        ("not shifted by the mean", "function(mean[..., None] + std", "function(std"),
        ("relative to the largest alone", "np.maximum(total, size)", "size"),
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
        ("nan and inf are numbers", "math.isfinite(plain) and minimum", "minimum"),
        ("the minimum itself is refused", "minimum <= plain <=", "minimum < plain <="),
        ("the maximum is not checked", "minimum <= plain <= maximum", "minimum <= plain"),
        ("0 is positive", "if plain <= 0:", "if plain < 0:"),
        ("one size is a shape", "if len(value) < fewest:", "if len(value) < 1:"),
        ("a string is a shape", "(str, bytes, Set)", "Set"),
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
        ("a set is a shape", "(str, bytes, Set)", "(str, bytes)"),
        (
            "a number of 400 digits overflows",
            "except OverflowError:",
            "except ZeroDivisionError:",
        ),
        (
            "a fraction stays a fraction",
            "return plain\n\n\ndef check_positive(",
            "return value\n\n\ndef check_positive(",
        ),
        (
            "a positive fraction stays one",
            'above 0; got {value!r}")\n    return plain',
            'above 0; got {value!r}")\n    return value',
        ),
        (
            "integers are a dtype",
            "np.dtype(np.float32), np.dtype(np.float64))",
            "np.dtype(np.float32), np.dtype(np.float64), np.dtype(int))",
        ),
        (
            "half precision is a dtype",
            "np.dtype(np.float32), np.dtype(np.float64))",
            "np.dtype(np.float16), np.dtype(np.float32), np.dtype(np.float64))",
        ),
        ("None is a dtype", "if dtype is None or plain", "if plain"),
        ("what is no dtype is NumPy's error", "plain = np.dtype(object)", "raise"),
    ],
    "initializers": [
        (
            "fans swapped",
            "return math.prod(field) * n_in, math.prod(field) * n_out",
            "return math.prod(field) * n_out, math.prod(field) * n_in",
        ),
        ("receptive field left out", "return math.prod(field) * n_in,", "return n_in,"),
        ("sum of fans for their mean", "(fan_in + fan_out) / 2,", "(fan_in + fan_out),"),
        (
            "variance used as standard deviation",
            'math.sqrt(check_number("scale", scale, minimum=0) / fan)',
            'check_number("scale", scale, minimum=0) / fan',
        ),
        (
            "negative scale let through to the root",
            'check_number("scale", scale, minimum=0)',
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
            "check_rng(rng).standard_normal(tall)",
            "np.random.standard_normal(tall)",
        ),
        ("He without the 2", "return 2 / (1 + check_number", "return 1 / (1 + check_number"),
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
        (
            "the geometric mean is the arithmetic one",
            "math.sqrt(fan_in * fan_out)",
            "(fan_in + fan_out) / 2",
        ),
        ("orthogonal: no signs", "gain * np.sign(np.diag(r))", "gain"),
        ("orthogonal: gain squared", "q *= gain *", "q *= gain**2 *"),
        (
            "orthogonal: rows for columns",
            "fans(shape)[0], shape[-1]",
            "shape[-1], fans(shape)[0]",
        ),
        ("orthogonal: dtype dropped", ".reshape(shape).astype(dtype)", ".reshape(shape)"),
        ("low above high", "if low > high:", "if False:"),
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
        (
            "any dtype",
            'dtype = check_dtype(dtype)\n    check_choice("distribution"',
            'check_choice("distribution"',
        ),
        (
            "normal too large for its type",
            'std = _in_range("std", check_number("std", std, minimum=0), dtype)',
            'std = check_number("std", std, minimum=0)',
        ),
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
            "z if i == len(self.weights) else self.activation(z)",
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
            "dz = [gradient.astype(",
            "gradient *= 1.5\n        dz = [gradient.astype(",
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
        ("stack of unequal networks", "if len(kinds) != 1 or", "if len(kinds) < 1 or"),
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
        (
            "stack of a stack",
            "if len(kinds) != 1 or networks[0].weights[0].ndim != 2:",
            "if len(kinds) != 1:",
        ),
        (
            "a network keeps what the initializer returned",
            'np.array(check_real_array(f"{name}(shape, rng)", given))',
            'check_real_array(f"{name}(shape, rng)", given)',
        ),
        (
            "a copy shares its weights",
            "weights=[W.copy() for W in self.weights]",
            "weights=list(self.weights)",
        ),
        (
            "a copy shares its biases",
            "biases=[b.copy() for b in self.biases]",
            "biases=list(self.biases)",
        ),
        (
            "a replaced network shares its list of weights",
            "list(self.weights if weights is None else weights)",
            "self.weights if weights is None else weights",
        ),
        (
            "a replaced network shares its list of biases",
            "list(self.biases if biases is None else biases)",
            "self.biases if biases is None else biases",
        ),
        (
            "a batch of float64 widens the network",
            "return x.astype(self.weights[0].dtype, copy=False)",
            "return x",
        ),
        (
            "replaced by a function without derivative",
            'network.activation = check_differentiable("activation", activation)',
            "network.activation = activation",
        ),
    ],
    "propagation": [
        (
            "squares in 32 bits",
            "_sum_of_squares(a.astype(float)) / n",
            "_sum_of_squares(a) / n",
        ),
        ("saturation from 0.97 of the slope", "1 - 0.97**2", "1 - 0.97"),
        (
            "saturation not relative to the slope at 0",
            "SATURATED_SLOPE * at_zero",
            "SATURATED_SLOPE",
        ),
        (
            "overflow warns",
            'with np.errstate(over="ignore", invalid="ignore"):',
            "with np.errstate():",
        ),
        ("pairs of a sample with itself", "(total @ total - n)", "(total @ total)"),
        ("pairs counted once", "(n * (n - 1))", "(n * (n - 1) / 2)"),
        ("negative length", " and (q >= 0).all()", ""),
        ("fixed point searched upwards only", "2.0 if start > 0 else 0.5", "2.0"),
        ("fixed point to 1 %", "> 1e-15 * far", "> 1e-2 * far"),
        ("a fixed point that is passed", "if found * above < 0:", "if found * above > 0:"),
        ("no growth without bound", "return math.inf", "return far"),
        ("conserved length not seen", "if abs(start) < 1e-14:", "if abs(start) < 0:"),
        ("chi of ReLU at length 0", "min(max(q, SHORTEST), LONGEST)", "min(q, LONGEST)"),
        ("band: k one too large", "/ square**2 - 1) / width", "/ square**2) / width"),
        ("band: mean upwards", "return -variance / 2 * layers", "return variance / 2 * layers"),
        (
            "band: variance for standard deviation",
            "np.sqrt(variance * layers)",
            "variance * layers",
        ),
        (
            "band of tanh",
            "if not np.allclose(activation(3 * z), 3 * activation(z)):",
            "if False:",
        ),
        (
            "variance for second moment",
            "return np.vdot(a, a) if a.ndim <= 2 else",
            "a = a - a.mean()\n    return np.vdot(a, a) if a.ndim <= 2 else",
        ),
        ("a stack has one moment", "math.prod(a.shape[-2:])\n    if", "a.size\n    if"),
        ("small squares in 32 bits", "(moment > 1e-30) & (moment < 1e30)", "(moment < 1e30)"),
        ("large squares in 32 bits", "(moment > 1e-30) & (moment < 1e30)", "(moment > 1e-30)"),
        (
            "activations one layer early",
            "trace.activations[1:], strict=True",
            "trace.activations[:-1], strict=True",
        ),
        (
            "output layer activated",
            "[network.activation] * (len(network.weights) - 1) + [identity]",
            "[network.activation] * len(network.weights)",
        ),
        (
            "saturation of negative slopes",
            "np.abs(self.slope) < SATURATED",
            "self.slope < SATURATED",
        ),
        (
            "inactive wherever rounding leaves no slope",
            "self.slope == 0 if self._function.flat else None",
            "self.slope == 0",
        ),
        ("dead if inactive on any sample", "self._off.all(-2,", "self._off.any(-2,"),
        ("dead samples instead of units", "self._off.all(-2,", "self._off.all(-1,"),
        ("nan counted as dead", "np.isnan(self.preactivation)", "False"),
        (
            "shares of h's nan alone",
            "np.isnan(self.preactivation), math.nan",
            "np.isnan(self.preactivation), 0.0",
        ),
        (
            "moment of z for that of h",
            "return second_moment(self.h)",
            "return second_moment(self.z)",
        ),
        ("cosine of z", "return mean_cosine(self.h)", "return mean_cosine(self.z)"),
        (
            "h computed anew where it is given",
            "activation(self.z) if h is None else h",
            "self.z if h is None else h",
        ),
        (
            "weight gradient of the biases",
            "for g in gradients.weights])",
            "for g in gradients.biases])",
        ),
        (
            "rows of zeros counted",
            "h[largest > 0] / largest[largest > 0, None]",
            "h / np.where(largest > 0, largest, 1)[:, None]",
        ),
        (
            "cosine: rows brought to one size together",
            "largest = np.abs(h).max(axis=1, initial=0)",
            "largest = np.full(len(h), np.abs(h).max(initial=0))",
        ),
        (
            "cosine: only the largest row is looked at",
            "((squares > 1e-30) & (squares < 1e30)).all()",
            "1e-30 < squares.max(initial=0) < 1e30",
        ),
        (
            "cosine: huge rows",
            "((squares > 1e-30) & (squares < 1e30)).all()",
            "(squares > 1e-30).all()",
        ),
        ("cosine of a single row", "if n < 2:", "if n < 1:"),
        (
            "length map without the bias",
            "_mean_square(activation, q, kinks) + sigma_b**2",
            "_mean_square(activation, q, kinks)",
        ),
        (
            "length map: sigma_w not squared",
            "return sigma_w**2 * _mean_square(activation",
            "return sigma_w * _mean_square(activation",
        ),
        (
            "length used as standard deviation",
            "std=np.sqrt(q), kinks=kinks",
            "std=q, kinks=kinks",
        ),
        (
            "mean for mean square",
            "lambda t: function(t) ** 2, std=np",
            "lambda t: function(t), std=np",
        ),
        ("kinks forgotten", "std=root, kinks=kinks, finest", "std=root, finest"),
        (
            "longest length 10,000",
            "SHORTEST, LONGEST = 1e-12, 1e12",
            "SHORTEST, LONGEST = 1e-12, 1e4",
        ),
        (
            "correlation: 1 - c**2 without its root",
            "root * math.sqrt((1 - c) * (1 + c))",
            "root * (1 - c) * (1 + c)",
        ),
        (
            "correlation: v not shifted by u",
            "gaussian_mean(function, c * block, std,",
            "gaussian_mean(function, 0 * block, std,",
        ),
        (
            "correlation: divided by this layer's length",
            "np.reshape(means, c.shape) + sigma_b**2) / q_next",
            "np.reshape(means, c.shape) + sigma_b**2) / q",
        ),
        (
            "correlation: bias left out",
            "np.reshape(means, c.shape) + sigma_b**2)",
            "np.reshape(means, c.shape))",
        ),
        (
            "correlation: fixed point without its bias",
            "fixed_point(activation, sigma_w, sigma_b, kinks=kinks)\n        if",
            "fixed_point(activation, sigma_w, kinks=kinks)\n        if",
        ),
        ("correlation: corners rounded at a coarse scale", "min(0.25, max(std, 1e-5))", "0.25"),
        (
            "chi without the bias",
            "fixed_point(activation, sigma_w, sigma_b, kinks=kinks)\n    #",
            "fixed_point(activation, sigma_w, kinks=kinks)\n    #",
        ),
        (
            "pairs: the same bias for both left out",
            "bias = sigma_w * activation(z), sigma_b * offset",
            "bias = sigma_w * activation(z), 0 * offset",
        ),
        (
            "pairs: the second not correlated",
            "np.stack([u, cosines[:, None] * u + rest * v])",
            "np.stack([u, 0 * u + v])",
        ),
        (
            "pairs: lengths stay",
            "            lengths = np.mean(h**2, axis=-1)\n",
            "            lengths = np.maximum(lengths, np.mean(h**2, axis=-1))\n",
        ),
        (
            "spectrum: one matrix less",
            "ratios ** (depth / 2)",
            "ratios ** ((depth - 1) / 2)",
        ),
        (
            "spectrum: mass without its slope",
            "np.cumsum(np.sin(t) * above / below * slopes)",
            "np.cumsum(np.sin(t) * above / below)",
        ),
        (
            "band: layers from 0",
            'np.arange(1, check_positive_int("depth", depth) + 1)',
            'np.arange(check_positive_int("depth", depth))',
        ),
    ],
    "training": [
        ("errors at the first state", "return _states(network", "yield from _states(network"),
        (
            "one update too many",
            "if overflowed.all() or step == steps:",
            "if overflowed.all():",
        ),
        (
            "the first state left out",
            "        yield State(step, value, norm, overflowed)\n        if",
            "        if step: yield State(step, value, norm, overflowed)\n        if",
        ),
        (
            "overflow forgotten",
            "overflowed = overflowed | ~np.isfinite(value)",
            "overflowed = ~np.isfinite(value)",
        ),
        ("one overflow stops the stack", "if overflowed.all() or", "if overflowed.any() or"),
        (
            "overflow warns in training",
            'with np.errstate(over="ignore", invalid="ignore"):\n            trace',
            "with np.errstate():\n            trace",
        ),
        (
            "overflow warns at the call",
            'with np.errstate(over="ignore", invalid="ignore"):\n        #',
            "with np.errstate():\n        #",
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
        (
            "overflow of the loss not noticed",
            "overflowed = overflowed | ~np.isfinite(value) | ~np.isfinite(norm)",
            "overflowed = overflowed | ~np.isfinite(norm)",
        ),
        (
            "overflow of the gradient not noticed",
            "overflowed = overflowed | ~np.isfinite(value) | ~np.isfinite(norm)",
            "overflowed = overflowed | ~np.isfinite(value)",
        ),
        (
            "overflow of the update not noticed",
            "overflowed = overflowed | ~(after <= largest).all(axis=-1)",
            "overflowed = overflowed | False",
        ),
        (
            "an update that overflows is taken for one of another network",
            "~(after <= largest).all(axis=-1)",
            "~(after <= largest).any(axis=-1)",
        ),
        (
            "the range of the widest type",
            "largest = min(float(kind.max)",
            "largest = max(float(kind.max)",
        ),
        (
            "overflowed networks still move",
            "np.where(overflowed[..., None], 0, joined)",
            "joined",
        ),
        (
            "healthy networks frozen instead",
            "np.where(overflowed[..., None], 0, joined)",
            "np.where(overflowed[..., None], joined, 0)",
        ),
        (
            "norm without the root",
            "    norm = np.sqrt(np.vecdot(joined, joined))",
            "    norm = np.vecdot(joined, joined)",
        ),
        (
            "norm of the weights alone",
            "_joined(gradients.weights + gradients.biases, networks)",
            "_joined(gradients.weights + [0 * b for b in gradients.biases], networks)",
        ),
        (
            "ascent for descent in training",
            "return lambda gradient: -rate * gradient",
            "return lambda gradient: rate * gradient",
        ),
        (
            "clipping ignored",
            "if clip is not None:\n                gradient",
            "if False:\n                gradient",
        ),
        (
            "a stack clipped together",
            "for network in np.ndindex(networks):",
            "for network in [...]:",
        ),
        (
            "clipped after overflow is put to zero",
            "gradient = _zeroed(gradient, overflowed)\n",
            "pass\n",
        ),
        (
            "Adam: means swapped",
            "beta1, beta2 = float(self.beta1), float(self.beta2)",
            "beta2, beta1 = float(self.beta1), float(self.beta2)",
        ),
        (
            "Adam: defaults swapped",
            "beta1: float = 0.9\n    beta2: float = 0.999",
            "beta1: float = 0.999\n    beta2: float = 0.9",
        ),
        ("Adam: default rate", "learning_rate: float = 1e-3", "learning_rate: float = 1e-2"),
        ("Adam: default epsilon", "epsilon: float = 1e-8", "epsilon: float = 1e-7"),
        (
            "Adam: first mean not freed of its zero",
            "-rate / (1 - beta1**step) * mean",
            "-rate * mean",
        ),
        (
            "Adam: second mean not freed of its zero",
            "np.divide(square, 1 - beta2**step, out=new)",
            "np.divide(square, 1, out=new)",
        ),
        (
            "Adam: mean of the size, not of the square",
            "new = gradient**2",
            "new = np.abs(gradient)",
        ),
        ("Adam: no root", "np.sqrt(root, out=root)", "pass"),
        (
            "Adam: epsilon under the root",
            "root += epsilon",
            "np.sqrt(root**2 + epsilon, out=root)",
        ),
        (
            "Adam: square that overflowed stops the parameter",
            "root[~np.isfinite(root)] = np.nan",
            "pass",
        ),
        ("Adam: ascent", "change = -rate / (1 - beta1", "change = rate / (1 - beta1"),
        (
            "Adam: float32 widened",
            "change = -rate / (1 - beta1**step) * mean",
            "change = np.float64(-rate) / (1 - beta1**step) * mean",
        ),
        ("Adam: beta of 1", "minimum=0) >= 1:", "minimum=0) > 1:"),
        (
            "Adam: a run goes on where another ended",
            "optimizer.start(), steps",
            "optimizer.__dict__.setdefault('_update', optimizer.start()), steps",
        ),
        ("a rate beside an optimizer", "elif learning_rate is not None:", "elif False:"),
        ("an optimizer's class for an object", "isinstance(optimizer, type) or not", "not"),
        (
            "update ratio: of the weights after it",
            "np.linalg.norm(old.astype(float), axis",
            "np.linalg.norm(new.astype(float), axis",
        ),
        ("update ratio: no difference", "new.astype(float) - old,", "new.astype(float),"),
        (
            "update ratio: whole stack together",
            "axis=(-2, -1))\n            / ",
            "axis=None)\n            / ",
        ),
        (
            "update ratio: in 32 bits",
            "np.linalg.norm(new.astype(float) - old",
            "np.linalg.norm(new - old",
        ),
        ("update ratio: layers first", "np.stack(ratios, axis=-1)", "np.stack(ratios, axis=0)"),
        ("update ratio: any two networks", "if shapes[0] != shapes[1]:", "if False:"),
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
    "words": [
        (
            "whole numbers are rounded",
            "if value.is_integer() and abs(value) < 1e6:",
            "if False:",
        ),
        ("a million in full", "abs(value) < 1e6:", "abs(value) < 1e7:"),
        (
            "large negative numbers in full",
            "value.is_integer() and abs(value)",
            "value.is_integer() and value",
        ),
        ("a digit too many", 'f"{value:.{digits - 1}e}"', 'f"{value:.{digits}e}"'),
        ("thousandths as powers", "if 1e-3 <= abs(rounded)", "if 1e-2 <= abs(rounded)"),
        ("a thousandth itself as a power", "if 1e-3 <= abs(rounded)", "if 1e-3 < abs(rounded)"),
        (
            "rounded up to a million in full",
            "if 1e-3 <= abs(rounded) < 1e6:",
            "if 1e-3 <= abs(rounded) <= 1e6:",
        ),
        ("before rounding", "if 1e-3 <= abs(rounded) < 1e6:", "if 1e-3 <= abs(value) < 1e6:"),
        ("exponents with a zero", "10^{int(exponent)}", "10^{exponent}"),
        ("inf is an error", "if not math.isfinite(value):", "if False:"),
        ("no minus in raised exponents", "(-?", "("),
        ("plural of one", "if n == 1 else", "if n == 0 else"),
        ("no plural", "{n} {thing}s", "{n} {thing}"),
        ("share for percentage", "{100 * share", "{share"),
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


def listed():
    """Yield the mutants of the table."""
    for module, mutants in MUTANTS.items():
        text = text_of(module)
        for change, original, replacement in mutants:
            found = text.count(original)
            assert found == 1, f"{module}: {found} times {original!r}"
            yield Row(module, change, text.replace(original, replacement), seen=False)


def rows():
    """Yield all mutants."""
    yield from listed()
    for module in SEEN:
        chosen = sample(text_of(module), NUMBERS.get(module, NUMBER), f"{SEED} {module}")
        for change, text in chosen:
            yield Row(module, change, text, seen=True)


def tests_of(row):
    """Return the arguments of pytest, one run after another."""
    if not row.seen and row.module != "words":
        own = f"tests/test_{row.module}.py"
        return [own], [test for test in CORE_TESTS if test != own]
    more = MORE_TESTS.get(row.module, [])
    alone = ("inspection/", "figures/recorder")
    if more is MECHANISM or "/" not in row.module or row.module.startswith(alone):
        return (more,)
    defined = (node for node in ast.parse(text_of(row.module)).body if hasattr(node, "name"))
    of_figures = row.module.startswith("figures/")
    names = [
        d.name
        for d in defined
        if (isinstance(d, ast.ClassDef) if of_figures else d.name.endswith("_panel"))
    ]
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
    # Of the core one: the tests of all its modules run for each.
    first = {row.module if row.seen or row.module not in CORE else "core": row for row in tried}
    sound = [row._replace(text=text_of(row.module)) for row in first.values()]
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
