"""Run every benchmark."""

from benchmarks import drawing, sliders, sweep

for benchmark in (drawing, sweep, sliders):
    benchmark.main()
