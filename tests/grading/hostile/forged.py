"""Submissions that change what judges them: patched modules, and messages that they forge."""

from tests.grading.hostile.submission import WRONG, answering, harmless, hostile, submission

BAD, ENDED, SLOW, FULL, OK = "bad answer", "crashed", "timed out", "out of memory", "graded"

PATCHES = [
    hostile(name, "make every comparison come out well", code, OK, ENDED)
    for name, code in (
        (
            "patched numpy.testing",
            "for n in dir(np.testing):\n    setattr(np.testing, n, lambda *a, **k: None)",
        ),
        (
            "patched numpy",
            "for n in ('mean', 'isfinite', 'array_equal', 'allclose', 'isclose', 'abs', 'std'):\n"
            "    setattr(np, n, lambda *a, **k: np.True_)",
        ),
        (
            "patched builtins",
            "import builtins\n"
            "builtins.isinstance = lambda *a: True\n"
            "builtins.abs = lambda x: 0\n"
            "builtins.AssertionError = type('Nothing', (BaseException,), {})\n"
            "builtins.all = lambda x: True\n"
            "builtins.float = lambda x=0: 1.0",
        ),
        (
            "patched exceptions",
            "import builtins\n"
            "for n in ('AssertionError', 'ValueError', 'Exception', 'BaseException'):\n"
            "    setattr(builtins, n, int)",
        ),
        (
            "no builtins",
            "import builtins\n"
            "for n in ('repr', 'str', 'list', 'dict', 'len', 'print', 'getattr', '__import__'):\n"
            "    delattr(builtins, n)",
        ),
        (
            "patched checks",
            "import sys\nfrom helpers import checks\n"
            "checks.check_gain = lambda *a, **k: None\n"
            "checks.verdicts = checks.attempt = checks\n"
            "for n in list(sys.modules):\n"
            "    if n.startswith('helpers'):\n"
            "        sys.modules[n] = checks",
        ),
        (
            "checks of its own",
            "import sys, types\n"
            "fake = types.ModuleType('helpers.checks')\n"
            "fake.check_gain = fake.expect = fake.instructors_secret = lambda *a, **k: None\n"
            "sys.modules['helpers.checks'] = sys.modules['helpers'] = fake",
        ),
        (
            "a package of its own named helpers",
            "import os\nos.makedirs('/tmp/helpers', exist_ok=True)\n"
            "open('/tmp/helpers/__init__.py', 'w').write('checks = 1')\n"
            "import sys\nsys.path.insert(0, '/tmp')\nsys.modules.pop('helpers', None)\n"
            "sys.meta_path.clear()",
        ),
        ("no modules", "import sys\nsys.modules.clear()"),
        (
            "a transformer of trees that strips asserts",
            "import ast\n"
            "class Strip(ast.NodeTransformer):\n"
            "    def visit_Assert(self, node):\n        return ast.Pass()\n"
            "    def visit_Expr(self, node):\n"
            "        return ast.Pass() if 'check' in ast.dump(node) else node\n"
            "get_ipython().ast_transformers.append(Strip())",
        ),
        (
            "a transformer of lines that strips checks",
            "def strip(lines):\n    return [l for l in lines if 'check' not in l]\n"
            "get_ipython().input_transformers_cleanup.append(strip)\n"
            "get_ipython().input_transformers_post.append(strip)",
        ),
        (
            "a shell that runs nothing more",
            "import types\nshell = get_ipython()\n"
            "from IPython.core.interactiveshell import ExecutionResult, ExecutionInfo\n"
            "real = shell.run_cell\n"
            "def run_cell(source, *a, **k):\n"
            "    return real(source if 'dead' in source else 'pass', *a, **k)\n"
            "shell.run_cell = run_cell",
        ),
        (
            "a name space that lies",
            "class Lies(dict):\n    def __getitem__(self, name):\n"
            "        return dict.get(self, name, lambda *a: 1.0)\n"
            "    def __contains__(self, name):\n        return True\n"
            "get_ipython().user_ns = Lies(get_ipython().user_ns)",
        ),
        (
            "an event that follows every cell",
            "get_ipython().events.register('post_run_cell', lambda *a: globals().update(g=1))\n"
            "get_ipython().events.register('pre_run_cell', lambda *a: 1 / 0)",
        ),
        (
            "a tracer",
            "import sys, threading\n"
            "def trace(frame, event, arg):\n    return trace\n"
            "sys.settrace(trace); sys.setprofile(lambda *a: None); threading.settrace(trace)",
        ),
        (
            "an audit hook that raises",
            "import sys\ndef hook(event, args):\n"
            "    if event in ('open', 'import', 'compile'):\n        raise RuntimeError\n"
            "sys.addaudithook(hook)",
        ),
        (
            "a garbage collector with hooks",
            "import atexit, gc, os, weakref\ngc.callbacks.append(lambda *a: None)\n"
            "atexit.register(os._exit, 0)\ngc.set_threshold(1)",
        ),
        (
            "constants of another value",
            "import ctypes\n"
            "ctypes.memmove(id(257) + 24, id(1) + 24, 4)\n"
            "ctypes.c_double.from_address(id(1.5) + 16).value = 1.0",
        ),
    )
]
PATCHES += [
    submission(
        "a setup that patches",
        "change what comes before all others",
        answering(
            setup="import numpy as np\nfrom helpers import checks\n"
            "checks.check_gain = lambda *a, **k: None\nnp.testing = None",
            gain=WRONG,
        ),
        gain=0.0,
    ),
    submission(
        "a test that defines the answer",
        "be tested on something else",
        answering(gain=WRONG, check_gain="checks.check_gain = print\nnp.sqrt = None"),
        gain=0.0,
    ),
    submission(
        "a cell that spoils the cells below",
        "have right answers below come out wrong",
        answering(
            gain="def spoil(lines):\n"
            "    return [l.replace('== 0', '!= 0') for l in lines]\n"
            "get_ipython().input_transformers_cleanup.append(spoil)\n" + WRONG
        ),
        gain=0.0,
    ),
    submission(
        "a cell that stops the cells below",
        "have right answers below come out wrong",
        answering(
            gain="def stop(lines):\n    while True: pass\n"
            "get_ipython().input_transformers_cleanup.append(stop)\n" + WRONG
        ),
        SLOW,
        gain=0.0,
    ),
    submission(
        "a cell that takes what the cells below need",
        "have right answers below come out wrong",
        answering(gain="import builtins\ndel builtins.float, np.sqrt, np.exp\n" + WRONG),
        OK,
        ENDED,
        gain=0.0,
    ),
    submission(
        "one answer that redefines another",
        "have another answer come out wrong",
        answering(gain=WRONG, below={"dead_fraction": "he_normal = dead_fraction = None"}),
        gain=0.0,
    ),
    submission(
        "an answer that changes another when asked",
        "have another answer come out wrong",
        answering(
            he_normal="def he_normal(shape, rng, leak=0.0):\n"
            "    globals().update(gain=None, dead_fraction=None)\n    np.sum = np.exp = None\n"
        ),
        he_normal=0.0,
    ),
]

# How a payload finds the socket to the judge: in the frames that called it.
FINDS = """
import base64, json, os, struct, sys, wire

def found():
    frame = sys._getframe()
    while "data" not in frame.f_locals or "message" not in frame.f_locals:
        frame = frame.f_back
    return frame.f_locals["data"]

def raw(head, *parts):
    data = found()
    data.sendall(struct.pack(">I", len(head)) + head + b"".join(parts))

def message(**content):
    raw(json.dumps(content).encode())

def array(header, content=b"", version=b"\\x01\\x00"):
    header = header.encode() if isinstance(header, str) else header
    made = b"\\x93NUMPY" + version + struct.pack("<H", len(header)) + header + content
    head = json.dumps({"value": {"array": {"bytes": len(made)}}, "changed": False, "rngs": []})
    raw(head.encode(), made)

def value(content):
    message(value=content, changed=False, rngs=[])
"""


def forging(name, code, *statuses, where="in the function"):
    """Return a submission that sends something to the judge, when it is asked or when it runs."""
    lines = code.splitlines()
    if where == "in the function":
        indented = "\n".join(f"    {line}" for line in lines)
        answer = f"{FINDS}\ndef gain(phi):\n{indented}\n    return 1.0\n"
    else:
        answer = f"{FINDS}\n{code}\n{WRONG}\n"
    return hostile(name, "break or deceive who reads it", answer, *(statuses or (BAD,)))


WIRE = [
    forging("a length of 4 GB", "found().sendall(b'\\xff\\xff\\xff\\xff')"),
    forging(
        "a length and then nothing",
        "found().sendall(b'\\x00\\x00\\xff\\xff'); sleep()",
        SLOW,
        OK,
        ENDED,
        BAD,
    ),
    forging(
        "a length and then silence",
        "found().sendall(b'\\0\\0\\xff\\xff')\nimport time; time.sleep(99)",
        SLOW,
    ),
    forging("half a length", "found().sendall(b'\\0\\0')\nimport time; time.sleep(99)", SLOW),
    forging("a message of nothing", "raw(b'')"),
    forging("a message that is no JSON", "raw(b'\\x80\\x04nonsense')"),
    forging("a pickle", "import pickle; raw(pickle.dumps(print))"),
    forging("deep JSON", "raw(b'{\"value\":' + b'[' * 10**6 + b']' * 10**6 + b'}')"),
    forging(
        "JSON nested five hundred deep", "raw(b'{\"value\":' + b'[' * 500 + b']' * 500 + b'}')"
    ),
    forging("a list for a message", "raw(b'[]')"),
    forging("a number for a message", "raw(b'7')"),
    forging("an empty message", "raw(b'{}')"),
    forging(
        "an integer of a million digits in JSON", "raw(b'{\"value\":' + b'9' * 10**6 + b'}')"
    ),
    forging("no value", "message(changed=False, rngs=[])", OK, BAD),
    forging("a value of an unknown kind", "value({'no such kind': 1})"),
    forging("a value of a kind that is a method", "value({'encode': 1})"),
    forging("a value of two kinds", "value({'tuple': [], 'list': []})"),
    forging("a value that is a function", "value({'function': [0, 'x']})"),
    forging(
        "a value that is bytes",
        'raw(b\'{"value": {"bytes": 3}, "rngs": []}\', b\'abc\')',
        OK,
        BAD,
    ),
    forging(
        "more bytes than come",
        'raw(b\'{"value": {"bytes": 3000}, "rngs": []}\')\nimport time; time.sleep(99)',
        SLOW,
    ),
    forging("a terabyte of bytes", 'raw(b\'{"value": {"bytes": 1000000000000}}\')'),
    forging("fewer bytes than none", 'raw(b\'{"value": {"bytes": -5}, "rngs": []}\')', OK, BAD),
    forging(
        "a hundred thousand times no bytes",
        "raw(json.dumps({'value': [{'bytes': 0}] * 10**5, 'rngs': []}).encode())",
        OK,
        BAD,
    ),
    forging(
        "many small allocations",
        "raw(json.dumps({'value': [{'bytes': 2**23}] * 100}).encode())\nimport time; time.sleep(99)",
        BAD,
        SLOW,
    ),
    *(
        forging(f"an array that claims {what}", f"array({header!r}, {content})")
        for what, header, content in (
            (
                "8 TB",
                "{'descr': '<f8', 'fortran_order': False, 'shape': (1099511627776,), }\n",
                "b''",
            ),
            (
                "a negative shape",
                "{'descr': '<f8', 'fortran_order': False, 'shape': (-1,), }\n",
                "b''",
            ),
            (
                "negative shapes",
                "{'descr': '<f8', 'fortran_order': False, 'shape': (-1, -1), }\n",
                "b'x' * 8",
            ),
            (
                "a shape of truths",
                "{'descr': '<f8', 'fortran_order': False, 'shape': (True,), }\n",
                "b''",
            ),
            (
                "objects",
                "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n",
                "b'x' * 8",
            ),
            (
                "fields",
                "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,), }\n",
                "b'x' * 8",
            ),
            (
                "a subarray",
                "{'descr': ('<f8', (9**9,)), 'fortran_order': False, 'shape': (1,), }\n",
                "b''",
            ),
            (
                "no size",
                "{'descr': '|S0', 'fortran_order': False, 'shape': (10**9,), }\n",
                "b''",
            ),
            (
                "no size at all",
                "{'descr': '|S0', 'fortran_order': False, 'shape': (1000000000,), }\n",
                "b''",
            ),
            (
                "dates",
                "{'descr': '<M8[s]', 'fortran_order': False, 'shape': (1,), }\n",
                "b'x' * 8",
            ),
            (
                "a hundred axes",
                f"{{'descr': '<f8', 'fortran_order': False, 'shape': {(1,) * 100}, }}\n",
                "b'x' * 8",
            ),
            (
                "another order",
                "{'descr': '<f8', 'fortran_order': True, 'shape': (1,), }\n",
                "b'x' * 8",
            ),
            ("code", "__import__('os').system('true')\n", "b''"),
            ("a deep header", "(" * 5000 + ")" * 5000, "b''"),
            (
                "a long header",
                "{'descr': '<f8', 'fortran_order': False, 'shape': (1,)," + " " * 60000 + "}\n",
                "b'x' * 8",
            ),
            ("no header", "", "b''"),
            ("nonsense", "\0\xff\n", "b''"),
            (
                "infinitely many",
                "{'descr': '<f8', 'fortran_order': False, 'shape': (1e999,), }\n",
                "b''",
            ),
            (
                "an old header",
                "{'descr': '<f8', 'fortran_order': False, 'shape': (2L,), }\n",
                "b'x' * 8",
            ),
        )
    ),
    forging(
        "an array of 0 by 10^18",
        "array(\"{'descr': '<f8', 'fortran_order': False, 'shape': (0, 1000000000000000000), }\\n\")",
        OK,
        BAD,
    ),
    forging(
        "an array of version 2",
        "array(\"{'descr': '<f8', 'fortran_order': False, 'shape': (), }\\n\", b'x' * 8, b'\\x02\\x00')",
    ),
    forging(
        "a pickled array",
        "import io, numpy.lib.format as f\nfile = io.BytesIO()\nf.write_array(file, np.array([print, None], object))\ndata = file.getvalue()\nraw(json.dumps({'value': {'array': {'bytes': len(data)}}, 'rngs': []}).encode(), data)",
    ),
    forging("an array that is a text", "value({'array': 'x' * 100})"),
    forging("an array that is a list", "value({'array': [1, 2]})"),
    forging(
        "a dict whose keys collide",
        "value({'dict': [[k * (2**61 - 1), 0] for k in range(1, 300000)]})",
    ),
    forging("a dict with keys of lists", "value({'dict': [[[1], 2]]})"),
    forging("a dict that is none", "value({'dict': 7})"),
    forging("a dict of triples", "value({'dict': [[1, 2, 3]]})"),
    forging("an opaque value of nonsense", "value({'opaque': 7})"),
    forging(
        "an opaque value with a bad name",
        "value({'opaque': ['\\0<b>\\ud800' * 1000, 'exception']})",
        OK,
        BAD,
    ),
    forging("an opaque function", "value({'opaque': ['gain', 'function']})", OK, BAD),
    forging("a generator of nonsense", "value({'rng': ['PCG64', 7, 7]})"),
    forging("a generator of an unknown kind", "value({'rng': ['RandomState', {}, []]})"),
    forging(
        "a generator of endless entropy",
        "value({'rng': ['PCG64', {}, {'tuple': [10**3000, [1] * 10**5, 4, 0]}]})",
    ),
    forging(
        "a generator that has spawned a billion",
        "value({'rng': ['PCG64', {}, {'tuple': [1, [], 4, 10**9]}]})",
    ),
    forging(
        "a generator with a huge pool",
        "value({'rng': ['PCG64', {}, {'tuple': [1, [], 10**9, 0]}]})",
    ),
    forging(
        "a generator that points out of its own memory",
        "rng = np.random.Generator(np.random.MT19937(0))\n"
        "state = wire.Codec().encode_state(rng)\n"
        "for pair in state[1]['dict']:\n"
        "    if pair[0] == 'state':\n"
        "        for inner in pair[1]['dict']:\n"
        "            if inner[0] == 'pos':\n"
        "                inner[1] = 10**8\n"
        "wire.send(found(), {'value': {'rng': state}, 'changed': False, 'rngs': []})",
        OK,
        BAD,
    ),
    forging(
        "generators where none were",
        "message(value=1.0, changed=False, rngs=[['PCG64', {}, []]])",
    ),
    forging("no generators", "message(value=1.0, changed=False)"),
    forging("generators that are a number", "message(value=1.0, changed=False, rngs=7)"),
    forging("an error of nonsense", "message(error=7)", OK),
    forging("an error of long names", "message(error=[['x' * 10**6] * 9, 'y' * 10**6])", OK),
    forging("an error without a name", "message(error=[[], ''])", OK),
    forging(
        "an error named as the verdict",
        "message(error=[['NotAttempted', 'Mistake', 'AssertionError'], 'gain: correct.'])",
        OK,
    ),
    forging(
        "an error named Ended", "message(error=[['Ended', 'Refused', 'Exception'], 'x'])", OK
    ),
    forging(
        "an error named SystemExit", "message(error=[['SystemExit', 'BaseException'], 'x'])", OK
    ),
    forging(
        "an error that is a group", "message(error=[['ExceptionGroup', 'Exception'], 'x'])", OK
    ),
    forging(
        "an error that is of decoding",
        "message(error=[['UnicodeDecodeError', 'UnicodeError', 'ValueError'], 'x'])",
        OK,
    ),
    forging(
        "an error with a bad name",
        "message(error=[['\\0\\ud800', '', '__class__'], '\\0\\x1b[31m'])",
        OK,
    ),
    forging("changed for ever", "message(value=1.0, changed='yes', rngs=[])", OK),
    forging("a wall is missing", "message(wall='user')", OK, BAD),
    forging("ready once more", "message(ready=True)", OK, BAD),
    forging("a fork that is none", "message(forked=True)", OK, BAD),
    forging("a name that is said to be undefined", "message(undefined=True)", OK, BAD),
    forging("calls for ever", "while True: message(call=0, args=[0.5])", SLOW, BAD),
    forging(
        "calls for ever, of what there is not",
        "while True: message(call=99, args=[0.5])",
        SLOW,
        BAD,
    ),
    forging(
        "large calls for ever", "while True: message(call=0, args=[[0] * 10**6])", SLOW, BAD
    ),
    *(
        forging(f"a call {what}", f"message({content})\nwire.receive(found())", OK, BAD, SLOW)
        for what, content in (
            ("of number -1", "call=-1, args=[0.5]"),
            ("of number 10^20", "call=10**20, args=[0.5]"),
            ("by name", "call='__class__', args=[0.5]"),
            ("without arguments", "call=0"),
            ("with arguments of nonsense", "call=0, args={'x': 1}"),
            ("with a text", "call=0, args=['x' * 10**6]"),
            ("with a list", "call=0, args=[[1.0, 2.0]]"),
            ("with a function", "call=0, args=[{'function': [0, 'x']}]"),
            ("with a huge number", "call=0, args=[{'huge': True}]"),
            (
                "with keys that collide",
                "call=0, args=[{'dict': [[k * (2**61 - 1), 0] for k in range(1, 300000)]}]",
            ),
            ("with nan", "call=0, args=[float('nan')]"),
            ("with too many arguments", "call=0, args=[1, 2, 3]"),
            ("with an opaque value", "call=0, args=[{'opaque': ['x', 'value']}]"),
        )
    ),
    forging("answers in advance", "for _ in range(99): value(1.0)", OK, BAD),
    forging(
        "answers in advance to what is known",
        "for slope in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8):\n    value((2 / (1 + slope**2)) ** 0.5)",
        OK,
        BAD,
    ),
    forging(
        "errors in advance",
        "for _ in range(99): message(error=[['ValueError', 'Exception'], ''])",
        OK,
        BAD,
    ),
    forging(
        "junk to all that is open",
        "for fd in range(256):\n"
        "    try:\n        os.write(fd, os.urandom(5000))\n    except OSError:\n        pass",
        BAD,
        SLOW,
        ENDED,
    ),
    forging(
        "junk to all that is open, at the top",
        "for fd in range(256):\n"
        "    try:\n        os.write(fd, os.urandom(5000))\n    except OSError:\n        pass",
        BAD,
        SLOW,
        ENDED,
        where="top",
    ),
    forging("a wall is missing, at the top", "message(wall='network')", OK, BAD, where="top"),
    forging(
        "an answer too many, at the top",
        "message(printed='', error=None)",
        OK,
        BAD,
        ENDED,
        where="top",
    ),
    forging(
        "a thousand answers, at the top",
        "for _ in range(1000): message(printed='x')",
        OK,
        BAD,
        ENDED,
        SLOW,
        where="top",
    ),
    forging(
        "outputs of nonsense, at the top",
        "message(printed={'a': ['\\ud800\\0'] * 10**5}, error=7)",
        OK,
        BAD,
        where="top",
    ),
    forging(
        "an error of nonsense, at the top",
        "message(error=[['ExceptionGroup', 'Exception'], 'x'])",
        OK,
        BAD,
        where="top",
    ),
    forging(
        "a call at the top",
        "message(call=0, args=[1])\nmessage(call='x', args=7)",
        OK,
        BAD,
        ENDED,
        where="top",
    ),
    forging(
        "an encoder that lies",
        "wire.Codec.encode = lambda self, value, depth=0: 1.0\n"
        "sys.modules['wire'].Codec.decode = lambda self, value, depth=0: value",
        OK,
        BAD,
        where="top",
    ),
    forging(
        "an encoder that makes everything equal",
        "wire.send = lambda *a: None\n"
        "frame = sys._getframe()\n"
        "while frame:\n"
        "    if 'ask' in frame.f_globals:\n"
        "        frame.f_globals['ask'] = lambda *a: {'value': 1.0, 'changed': False, 'rngs': []}\n"
        "        frame.f_globals['look'] = lambda *a: {'callable': True}\n"
        "        frame.f_locals.get('answers', {}).update(ask=frame.f_globals['ask'])\n"
        "    frame = frame.f_back",
        OK,
        BAD,
        where="top",
    ),
    forging(
        "a judge of its own in the process",
        "import threading\n"
        "data = found()\n"
        "def answer():\n"
        "    while True:\n"
        "        message(value=1.0, callable=True, changed=False, rngs=[], forked=True, printed='')\n"
        "threading.Thread(target=answer, daemon=True).start()",
        OK,
        BAD,
        ENDED,
        SLOW,
        where="top",
    )._replace(
        marks={
            "check_he_normal": 4.0,
            "check_gain": 0.0,
            "check_dead_fraction": 3.0,
            "why": None,
        }
    ),
    harmless(
        "a wall is missing, in the first cell",
        FINDS + "\nmessage(wall='user')",
        "",
    )._replace(
        tried="stop the batch",
        data=answering(above={"title": FINDS + "\nmessage(wall='user')"}),
        statuses={OK, BAD, ENDED, SLOW},
    ),
    submission(
        "a generator put back",
        "know what it will draw",
        answering(
            he_normal="def he_normal(shape, rng, leak=0.0):\n"
            "    rng.bit_generator.state = np.random.default_rng(0).bit_generator.state\n"
            "    state = np.random.default_rng(0)\n"
            "    return np.sqrt(2 / shape[0]) * state.standard_normal(shape)\n"
        ),
        he_normal=0.0,
    ),
    submission(
        "a generator of another kind put in its place",
        "know what it will draw",
        answering(
            he_normal="import random\n"
            "class Same(np.random.Generator):\n    pass\n"
            "def he_normal(shape, rng, leak=0.0):\n"
            "    rng.__class__ = Same\n"
            "    return np.zeros(shape)\n"
        ),
        he_normal=0.0,
    ),
    submission(
        "an argument changed",
        "change what is asked",
        answering(
            dead_fraction="def dead_fraction(activations):\n"
            "    activations[:] = 0\n    return 1.0\n"
        ),
        dead_fraction=0.0,
        phrase="changed what it was given",
    ),
]

SUBMISSIONS = [*PATCHES, *WIRE]
