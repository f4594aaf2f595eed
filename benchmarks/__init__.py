"""Every claim about speed, measured beside what it is compared with.

``python -m benchmarks`` runs all; ``python -m benchmarks.drawing`` one of them. All sides of a
comparison run in turn, in many rounds, and their medians are compared: what else the machine
does slows all of them alike.
"""
