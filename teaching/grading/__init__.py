"""Marks that are right, whatever is handed in: ``make grade SUBMISSIONS=folder``.

What is handed in (`collect`) is rebuilt from the master, so that only its answers are its own
(`submissions`). Its code runs behind walls (`sandbox`, `inside`, proved by `walls`), where it
is asked by messages that hold plain data (`wire`). What it answers is judged in another process
(`judge`), by the same checks as in the notebook. Many such processes work side by side
(`farm`). One run (`run`) keeps the results (`ledger`), writes the marks into nbgrader's
gradebook (`gradebook`), and says why on pages (`pages`).
"""
