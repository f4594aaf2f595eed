"""What the lessons on weight initialization import.

Read the core in this order; each module uses only those before it:

`activations`, `initializers`, `network`, `propagation`, `training`, `datasets`

It stands on two small ones, `gaussian` (means over a normal distribution) and `validation`
(errors that say what was expected). It needs NumPy; GELU and the digits need SciPy and
scikit-learn when they are first asked for. What a reader sees is made by

`figures`, `panels`, `quiz`, `words`

What stands apart: `inspection` looks into a model of PyTorch, Keras or the course, `recorded`
keeps what a framework has measured, and `checks` judges the exercises.
"""
