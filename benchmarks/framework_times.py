"""What `benchmarks.frameworks` measures with one number of threads; prints it as JSON.

A library settles how many threads it has when it is imported, so that this is a process of
its own, and whoever starts it sets the number.
"""

import json
import time
from importlib.metadata import version

import threadpoolctl

from benchmarks import framework_draws, framework_steps
from benchmarks.timing import medians

WIDTHS = [16, 32, 64, 128, 256, 512, 1024]
DTYPES = ["float32", "float64"]
ROUNDS, CALLS = 15, 11  # of a step
DRAWS = 5  # rounds
PAUSE = 0.03  # seconds: the idle threads of OpenBLAS look for work during most of that


def step_times(dtype):
    """Return the milliseconds of a step at each width, by library, and what else there is.

    "JAX compiles" has the milliseconds of its first step; "cores" says how many cores each
    library kept busy at the largest width.
    """
    found = {}
    for width in WIDTHS:
        framework_steps.check(framework_steps.peers(width, dtype), dtype)
        peers = framework_steps.peers(width, dtype)
        times = {"JAX compiles": _milliseconds(peers["JAX"].step)}
        times |= medians(
            {name: peer.step for name, peer in peers.items()},
            ROUNDS if width <= 256 else ROUNDS // 2,
            calls=CALLS if width <= 256 else CALLS // 2,
            pause=PAUSE,
        )
        for name, milliseconds in times.items():
            found.setdefault(name, []).append(milliseconds)
    cores = {name: _cores_busy(peer.step) for name, peer in peers.items()}
    return {"widths": WIDTHS, **found, "cores": cores}


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


def draw_times(dtype):
    """Return the milliseconds of drawing a large layer, by distribution and library."""
    found = {}
    for distribution, functions in framework_draws.draws(dtype).items():
        framework_draws.check(functions)
        found[distribution] = medians(functions, DRAWS, pause=PAUSE)
    return found


def versions():
    """Return the version of each library, and for which processor NumPy's products are made."""
    found = {name: version(name) for name in ("numpy", "torch", "jax", "keras", "scikit-learn")}
    (blas,) = (b for b in threadpoolctl.threadpool_info() if "numpy.libs" in b["filepath"])
    return found | {
        "BLAS of numpy": "{internal_api} {version} for {architecture}".format(**blas)
    }


def main():
    found = {
        "versions": versions(),
        "network": {"batch": framework_steps.BATCH, "depth": framework_steps.DEPTH},
        "layer": framework_draws.SHAPE,
        "steps": {dtype: step_times(dtype) for dtype in DTYPES},
        "draws": {dtype: draw_times(dtype) for dtype in DTYPES},
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
