"""What stands before the lessons: an environment, copies to work in, and JupyterLab on them.

``python -m course lab``, or ``make lab``, needs a Python and nothing else. Its modules, in the
order in which `lab` uses them:

`environment` (what is installed, and where), `network`, `copies` (the reader's notebooks),
`lab` (JupyterLab); beside them `doctor` (what is wrong with this machine) and `clean`
"""
