"""Submissions whose answers pretend to be others, and functions that know when they are watched."""

from tests.grading.hostile.submission import COURSE, answering, harmless, hostile, submission

OK, BAD, SLOW, ENDED, FULL = "graded", "bad answer", "timed out", "crashed", "out of memory"

# What an object can say of itself to please whoever compares it.
PLEASING = """
def yes(*args, **options):
    return True

def same(self, *args):
    return self

LIES = {
    f"__{name}__": yes
    for name in ("eq", "le", "ge", "bool", "contains", "instancecheck", "subclasscheck")
} | {f"__{name}__": yes for name in ("lt", "gt")} | {
    f"__{name}__": same
    for name in ("add", "sub", "mul", "truediv", "radd", "rsub", "rmul", "rtruediv", "pow",
                 "abs", "neg", "pos", "round")
} | {"__hash__": lambda self: 0, "__ne__": lambda *a: False}
"""

OBJECTS = [
    hostile(
        f"{what} that lies",
        "pretend to be equal to everything",
        f"{PLEASING}\n{code}\ndef gain(phi):\n    return {answer}\n",
        OK,
        BAD,
    )
    for what, code, answer in (
        ("an object", "Lie = type('Lie', (), LIES)", "Lie()"),
        ("a float", "Lie = type('float', (float,), LIES)", "Lie(1.0)"),
        ("an int", "Lie = type('int', (int,), LIES)", "Lie(1)"),
        ("a text", "Lie = type('str', (str,), LIES)", "Lie('1')"),
        ("a list", "Lie = type('list', (list,), LIES)", "Lie([1.0])"),
        ("a tuple", "Lie = type('tuple', (tuple,), LIES)", "Lie([1.0])"),
        ("a dict", "Lie = type('dict', (dict,), LIES)", "Lie(a=1.0)"),
        ("a complex number", "Lie = type('complex', (complex,), LIES)", "Lie(1)"),
        ("an array", "Lie = type('ndarray', (np.ndarray,), LIES)", "np.ones(()).view(Lie)"),
        ("a number of numpy", "Lie = type('float64', (np.float64,), LIES)", "Lie(1.0)"),
        ("a matrix", "Lie = type('matrix', (np.matrix,), LIES)", "np.ones((1, 1)).view(Lie)"),
        (
            "an object with a class of another",
            "class Lie:\n    __class__ = property(lambda self: float)\n"
            "    __float__ = lambda self: 1.0\n    __eq__ = yes",
            "Lie()",
        ),
        (
            "an object with __array__",
            "class Lie:\n    __array__ = lambda self, *a, **k: np.ones(())\n"
            "    __array_ufunc__ = yes\n    __array_function__ = yes\n"
            "    __array_interface__ = {'shape': (9**9,), 'typestr': '<f8', 'data': (64, True)}",
            "Lie()",
        ),
        (
            "an array whose methods lie",
            "class Lie(np.ndarray):\n"
            "    __array_ufunc__ = yes\n    __array_function__ = yes\n"
            "    shape = property(lambda self: ())\n    dtype = property(lambda self: np.dtype(float))\n"
            "    tobytes = tolist = item = astype = copy = lambda self, *a, **k: 1.0\n"
            "    __array_finalize__ = lambda self, other: None",
            "np.ones(3).view(Lie)",
        ),
        (
            "an array over memory that is not its own",
            "class Lie:\n    __array_interface__ = {'shape': (10**6,), 'typestr': '<f8', "
            "'data': (4096, True), 'version': 3}",
            "np.asarray(Lie())",
        ),
        (
            "an array of strange strides",
            "",
            "np.lib.stride_tricks.as_strided(np.ones(1), (10**5, 10**5), (0, 0))",
        ),
        (
            "a type that is of all types",
            "M = type('M', (type,), LIES)\nLie = M('Lie', (), {})",
            "Lie",
        ),
        (
            "an integer whose methods lie",
            "class Lie(int):\n    __add__ = yes\n    bit_length = lambda self: 10**9\n"
            "    __index__ = __int__ = lambda self: 7\n    __repr__ = lambda self: '0'",
            "Lie(1)",
        ),
        (
            "a list that never ends",
            "class Lie(list):\n    def __iter__(self):\n        while True:\n            yield 1.0\n"
            "    __len__ = lambda self: 1",
            "Lie([1.0])",
        ),
        (
            "a dict that never ends",
            "class Lie(dict):\n    def items(self):\n        while True:\n            yield 1, 1",
            "Lie()",
        ),
        (
            "a type with a name that is none",
            "class M(type):\n    __name__ = property(lambda self: 1 / 0)\nclass Lie(metaclass=M):\n    pass",
            "Lie()",
        ),
        (
            "an object that runs when it is looked at",
            "class Lie:\n    def __getattribute__(self, name):\n        raise SystemExit",
            "Lie()",
        ),
        (
            "an object that is pickled as a call",
            "class Lie:\n    def __reduce__(self):\n        return print, ('x',)",
            "Lie()",
        ),
        ("a masked array", "", "np.ma.masked_all(())"),
        ("an array of masked numbers", "", "np.ma.array([1.0], mask=[True])"),
        ("an array of objects", "Lie = type('Lie', (), LIES)", "np.array([Lie()], object)"),
        ("an array of dates", "", "np.array('2020', 'datetime64[s]')"),
        ("an array of durations", "", "np.timedelta64(1, 's')"),
        ("an array with fields", "", "np.zeros((), [('a', float), ('b', object)])"),
        ("an array of texts", "", "np.array('1.0')"),
        ("an array of complex numbers", "", "np.array(1 + 0j)"),
        ("an array of long doubles", "", "np.longdouble('1e4000')"),
        ("an array of bytes", "", "np.frombuffer(b'x' * 8, np.uint8)"),
        ("a memory map", "", "np.memmap('/tmp/map', float, 'w+', shape=(3,))"),
        ("an array of no entries", "", "np.zeros((0, 10**15))"),
        ("an array of 64 axes", "", "np.zeros((1,) * 32)"),
        ("nan in an array", "", "np.array(np.nan)"),
        ("True", "", "True"),
        ("None", "", "None"),
        ("an ellipsis", "", "..."),
        ("NotImplemented", "", "NotImplemented"),
        ("the argument itself", "", "phi"),
        ("an exception", "", "ValueError('1.0')"),
        ("a module", "", "np"),
        ("a frame", "import sys", "sys._getframe()"),
        ("a socket", "import socket", "socket.socketpair()[0]"),
        ("an open file", "", "open('/dev/null')"),
        ("a decimal", "import decimal", "decimal.Decimal('1.0')"),
        ("a fraction", "import fractions", "fractions.Fraction(1)"),
        ("a set", "", "{1.0}"),
        ("bytes", "", "b'1.0'"),
        ("a named tuple", "import collections", "collections.namedtuple('N', 'a b')(1.0, 2)"),
        ("an enumeration", "import enum", "enum.IntEnum('E', 'a b').a"),
        ("a weak reference", "import weakref", "weakref.ref(gain)"),
    )
]
OBJECTS = [
    case._replace(statuses=case.statuses | {"timed out", "crashed"})
    if "memory that is not" in case.name or "strange strides" in case.name
    else case
    for case in OBJECTS
]
OBJECTS = [
    case._replace(statuses={"graded", "not attempted"}, phrase="not attempted")
    if "ellipsis" in case.name
    else case
    for case in OBJECTS
]

ERRORS = [
    hostile(
        f"raises {what}",
        "have an error taken for a verdict",
        f"{code}\ndef gain(phi):\n    raise {answer}\n",
        OK,
        BAD,
        ENDED,
        SLOW,
    )
    for what, code, answer in (
        ("a pleasant AssertionError", "", "AssertionError('gain: correct.')"),
        (
            "the checks' own Mistake",
            "from helpers.checks import Mistake",
            "Mistake('gain: correct.')",
        ),
        ("a class named Ended", "Ended = type('Ended', (Exception,), {})", "Ended('graded')"),
        (
            "a class named NotAttempted",
            "class NotAttempted(AssertionError): pass",
            "NotAttempted",
        ),
        (
            "what cannot be shown",
            "class E(Exception):\n    def __str__(self): raise SystemExit",
            "E",
        ),
        (
            "what is shown for ever",
            "class E(Exception):\n    def __str__(self):\n        while True: pass",
            "E",
        ),
        (
            "what is shown as no text",
            "class E(Exception):\n    def __str__(self): return 7",
            "E",
        ),
        (
            "a chain of a thousand",
            "e = None\nfor _ in range(1000):\n    n = ValueError(); n.__cause__ = e; e = n",
            "e",
        ),
        (
            "what hides its type",
            "class M(type):\n    __mro__ = property(lambda self: 1 / 0)\n"
            "class E(Exception, metaclass=M): pass",
            "E",
        ),
    )
]
ERRORS += [
    submission(
        "ValueError always",
        "be right where a refusal is right",
        answering(
            he_normal="def he_normal(shape, rng, leak=0.0):\n    raise ValueError",
            gain="def gain(phi):\n    raise ValueError",
            dead_fraction="def dead_fraction(activations):\n    raise ValueError",
        ),
        he_normal=0.0,
        gain=0.0,
        dead_fraction=0.0,
        phrase="nothing is wrong with these arguments",
    )
]

RIGHT_ONCE = """
calls = []
def right(phi):
    z = np.linspace(-10, 10, 20_001)
    weight = np.exp(-(z**2) / 2)
    return float(1 / np.sqrt(np.sum(weight * phi(z) ** 2) / np.sum(weight)))
"""
WATCHED = [
    hostile(
        name,
        "be right only where it is looked at",
        f"{RIGHT_ONCE}\ndef gain(phi):\n    calls.append(1)\n    {code}\n",
        *statuses,
    )
    for name, code, statuses in (
        ("right for the first calls", "return right(phi) if len(calls) < 5 else 1.0", (OK,)),
        ("right for the last calls", "return right(phi) if len(calls) > 1 else 1.0", (OK,)),
        (
            "right without an environment",
            "import os\n    return right(phi) if not os.environ else 1.0",
            (OK,),
        ),
        (
            "right where a secret is",
            "import os\n    return right(phi) if 'COURSE_SECRET' in os.environ else 1.0",
            (OK,),
        ),
        (
            "right outside",
            f"import os\n    return right(phi) if os.path.exists('{COURSE}/helpers') else 1.0",
            (OK,),
        ),
        (
            "right where the caller is a check",
            "import sys\n    return right(phi) if 'check' in sys._getframe(1).f_code.co_name else 1.0",
            (OK,),
        ),
        (
            "right by chance",
            "import random\n    return right(phi) * random.choice((1, 1.1, 1.2, 1.3, 1.4))",
            (OK,),
        ),
        (
            "right from files that it keeps",
            "import os\n    open(f'/tmp/{len(os.listdir(\"/tmp\"))}', 'w').close()\n"
            "    return right(phi) if len(os.listdir('/tmp')) > 3 else 1.0",
            (OK,),
        ),
    )
]
WATCHED += [
    submission(
        "answers by heart",
        "be right for the cases that all can see",
        answering(
            gain="KNOWN = {}\n"
            "def gain(phi):\n"
            "    name = phi.__name__\n"
            "    numbers = [float(w) for w in name.replace(',', ' ').replace('(', ' ').split()"
            " if w.replace('.', '').isdigit()]\n"
            "    if 'max(z, ' in name and numbers and name[-2] == 'z':\n"
            "        return (2 / (1 + numbers[0] ** 2)) ** 0.5\n"
            "    return 1.0\n"
        ),
        gain=0.0,
    ),
    hostile(
        "a bisection by forks",
        "try an answer in each fork until one is right",
        """
        import os
        def gain(phi):
            for guess in np.linspace(0.5, 2, 8):
                if os.fork() == 0:
                    return float(guess)
            return 1.0
        """,
        OK,
        BAD,
        ENDED,
        SLOW,
    ),
    hostile(
        "the judge's own function asked for more",
        "get the right answer from who knows it",
        """
        def gain(phi):
            for name in ("__globals__", "__closure__", "__defaults__", "__code__", "__self__"):
                for value in vars(type(phi)).values():
                    try:
                        print(getattr(phi, name))
                    except AttributeError:
                        pass
            return float(np.max(phi(np.ones(3))))
        """,
    ),
    *(
        submission(
            f"ready-made: {code.splitlines()[0]}",
            "hand in what the course has",
            answering(he_normal=code),
            he_normal=0.0,
            phrase=phrase,
        )
        for code, phrase in (
            ("from helpers.initializers import he_normal", "ready-made"),
            (
                "import helpers\ndef he_normal(shape, rng, leak=0.0):\n"
                "    return helpers.initializers.he_normal(shape, rng)",
                "ready-made",
            ),
            ("from helpers import *\nfrom helpers.initializers import *", "not defined"),
            (
                "from helpers.checks import solution\nhe_normal = solution('he_normal')",
                "",
            ),
            (
                "from importlib import import_module as i\n"
                "he_normal = i('tests.answers.he_normal').ANSWERS[0].function",
                "",
            ),
            (
                "import nbformat, glob\n"
                "paths = [p for n in ('/work', '/course', '/root', '/home', '/srv')\n"
                "         for p in glob.glob(n + '/*/assignments/*/*.ipynb')]\n"
                "exec(nbformat.read(paths[0], 4).cells[3].source)",
                "IndexError",
            ),
        )
    ),
]
WATCHED += [
    harmless(
        "right and suspicious",
        "look around and do nothing",
        """
        import inspect, os, sys
        print([frame.function for frame in inspect.stack()], os.getpid(), sys.argv)
        """,
    )
]

SUBMISSIONS = [*OBJECTS, *ERRORS, *WATCHED]
