"""Run every benchmark."""

from benchmarks import decks, drawing, sliders, sweep, training

for benchmark in (drawing, sweep, training, sliders, decks):
    benchmark.main()
