"""Every claim about speed, measured beside what it is compared with.

``python -m benchmarks`` runs all; ``python -m benchmarks.drawing`` one of them; with
``--smallest`` they are done in seconds, and their times say nothing. All sides of a
comparison run in turn, in many rounds, and their medians are compared: what else the machine
does slows all of them alike.

A benchmark is a module with ``main(report, **sizes)``, whose defaults are the sizes in use, and
``SMALLEST``, the sizes of a test. Whatever waits has a limit. What fails has a row that says
why, the others keep their figures, and the exit status is 1.
"""
