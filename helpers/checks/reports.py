"""What exercises share that read a report, and say which layer is wrong and why."""

from helpers.checks.attempt import FINE
from helpers.checks.plain import as_entries, describe
from helpers.checks.verdicts import Mistake, expect


def expect_culprit(student, report, right, names, planted, misread, hints):
    """Expect the number of the layer that is wrong, and the name of what is wrong with it.

    Parameters
    ----------
    student : Student
    report : list
        What the student's function gets: an entry for each layer.
    right : tuple of int and str
        The number of the layer, counted from 1, and the name of its slip.
    names : iterable of str
        The names of all slips.
    planted : str
        What is wrong, in words: the end of a message.
    misread : callable
        Takes the report and the number of another layer, and returns a sentence on it.
    hints : dict of str to str
        From the name of another slip to words that go on where the message ends.
    """
    layer, why = right
    try:
        answer = student(report)
    except Mistake as mistake:
        if FINE not in str(mistake):
            raise
        raise Mistake(str(mistake).replace(FINE, planted)) from None
    found, name = as_entries(answer, 2, student.call, "entries, a layer and how it was drawn")
    expect(
        type(found) is int,
        f"{student.call} returned {describe(answer)}; expected the number of the layer, an "
        "integer, first.",
    )
    if found != layer:
        message = f"{student.call} found layer {found}, but {planted}"
        if not 1 <= found <= len(report):
            raise Mistake(f"{message}; there are {len(report)} layers, counted from 1.")
        from_0 = " Layers are counted from 1." * (found == layer - 1)
        raise Mistake(f"{message}. {misread(report, found)}{from_0}")
    expect(
        name in names,
        f"{student.call} said {describe(name)}; expected one of {', '.join(map(repr, names))}.",
    )
    expect(name == why, f"{student.call} said {name!r}, but {planted}{hints.get(name, '')}.")
