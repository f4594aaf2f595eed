"""Run every benchmark; that of the frameworks where they are installed."""

from importlib.util import find_spec

from benchmarks import decks, drawing, sliders, sweep, training

for benchmark in (drawing, sweep, training, sliders, decks):
    benchmark.main()
if all(map(find_spec, ("torch", "jax", "keras"))):
    from benchmarks import frameworks

    frameworks.main()
else:
    print("\nBeside the frameworks nothing was measured: `make frameworks` installs them.")
