"""What `benchmarks.frameworks` measures with one number of threads; prints it as JSON.

A library settles how many threads it has when it is imported, so that this is a process of
its own, and whoever starts it sets the number.
"""

import json
import math
import sys
import time
from importlib.metadata import version

import threadpoolctl

from benchmarks import framework_draws, framework_steps
from benchmarks.report import Report

DTYPES = ["float32", "float64"]
CALLS = 11  # of a step, in a row
PAUSE = 0.03  # seconds: the idle threads of OpenBLAS look for work during most of that


def step_times(report, dtype, widths, rounds):
    """Return the milliseconds of a step at each width, by library, and what else there is.

    "JAX compiles" has the milliseconds of its first step; "cores" says how many cores each
    library kept busy at the largest width. What failed has nan.
    """
    found = {}
    for width in widths:
        what = f"width {width}, {dtype}"
        peers = framework_steps.peers(width, dtype)
        for name in set(peers) - {"ours"}:
            with report.attempt(f"{name}, {what}"):
                expected = framework_steps.peers(width, dtype)["ours"]
                framework_steps.check(peers[name], expected, dtype)
        peers = {
            name: peer
            for name, peer in framework_steps.peers(width, dtype).items()
            if f"{name}, {what}" not in report.failures
        }
        times = {"JAX compiles": _milliseconds(peers["JAX"].step)} if "JAX" in peers else {}
        times |= report.medians(
            {name: peer.step for name, peer in peers.items()},
            rounds if width <= 256 else rounds // 2,
            of=what,
            calls=CALLS if width <= 256 else CALLS // 2,
            pause=PAUSE,
        )
        for name in ("JAX compiles", *framework_steps.LIBRARIES):
            found.setdefault(name, []).append(times.get(name, math.nan))
    cores = {name: _cores_busy(peer.step) for name, peer in peers.items()}
    return {"widths": widths, **found, "cores": cores}


def _milliseconds(function):
    start = time.perf_counter()
    function()
    return 1000 * (time.perf_counter() - start)


def _cores_busy(function, calls=10):
    time.sleep(PAUSE)
    start, busy = time.perf_counter(), time.process_time()
    for _ in range(calls):
        function()
    return (time.process_time() - busy) / (time.perf_counter() - start)


def draw_times(report, dtype, size, rounds):
    """Return the milliseconds of drawing a large layer, by distribution and library."""
    found = {}
    for distribution, functions in framework_draws.draws(size, dtype).items():
        what = f"{distribution}, {dtype}"
        for name, draw in functions.items():
            with report.attempt(f"{name}, {what}"):
                framework_draws.check(draw, functions["ours"])
        right = {n: f for n, f in functions.items() if f"{n}, {what}" not in report.failures}
        times = report.medians(right, rounds, of=what, pause=PAUSE)
        found[distribution] = {name: times.get(name, math.nan) for name in functions}
    return found


def versions():
    """Return the version of each library, and for which processor NumPy's products are made."""
    found = {name: version(name) for name in ("numpy", "torch", "jax", "keras", "scikit-learn")}
    (blas,) = (b for b in threadpoolctl.threadpool_info() if "numpy.libs" in b["filepath"])
    return found | {
        "BLAS of numpy": "{internal_api} {version} for {architecture}".format(**blas)
    }


def main(widths, rounds, size, draws):
    """Print what is found at widths of networks and for a size of layer, in so many rounds."""
    report = Report()
    steps = sum(4 * ((rounds if width <= 256 else rounds // 2) + 1) for width in widths)
    with report.part("Steps of four libraries", len(DTYPES) * steps):
        step = {dtype: step_times(report, dtype, widths, rounds) for dtype in DTYPES}
    with report.part("Draws of four libraries", len(DTYPES) * 3 * 4 * (draws + 1)):
        drawn = {dtype: draw_times(report, dtype, size, draws) for dtype in DTYPES}
    found = {
        "versions": versions(),
        "network": {"batch": framework_steps.BATCH, "depth": framework_steps.DEPTH},
        "layer": [size, size],
        "steps": step,
        "draws": drawn,
        "failures": report.failures,
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main(**json.loads(sys.argv[1]))
