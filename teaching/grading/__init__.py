"""Marks that are right, whatever is handed in: ``make grade SUBMISSIONS=folder``.

A submission is rebuilt from the master, so that only its answers are its own (`submissions`). Its
code runs behind walls (`sandbox`, `inside`), where it is asked by messages that hold plain data
(`wire`). What it answers is judged in another process (`judge`), by the same checks as in the
notebook. One writer keeps the marks in nbgrader's gradebook (`gradebook`), and pages say why
(`pages`).
"""
