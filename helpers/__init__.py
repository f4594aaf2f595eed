"""What the lessons on weight initialization import.

Read the modules in this order. These need NumPy alone and are given what they work on,
rather than importing one another:

`activations`, `initializers`, `network`, `propagation`, `training`, `datasets`

They stand on two small ones, `gaussian` (means over a standard normal) and `validation`
(errors that say what was expected). What a reader sees is made by

`figures`, `panels`, `quiz`
"""
