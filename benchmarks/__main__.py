"""Run every benchmark."""

from benchmarks import drawing, sliders, sweep, training

for benchmark in (drawing, sweep, training, sliders):
    benchmark.main()
