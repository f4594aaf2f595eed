"""Tests of what students and teachers read about marks, without a browser."""

import csv
import io
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest

from teaching.grading import pages

HOSTILE = [
    "<script>document.title = 'mine'</script>",
    "</pre></details><img src=x onerror=alert(1)>",
    "\"><svg onload=alert(1)> ' onmouseover='alert(1)",
    "</style></title></textarea><!--",
    "{{ 7*7 }} {% raw %} {% include 'x' %} {# no",
    "![x](https://example.org/x.png) [x](javascript:alert(1)) **bold**",
    "&lt;b&gt; &amp; &#60;script&#62;",
]
INSIDE_A_LINE = ("a", "bdi", "strong")
NOTHING = {"points": None, "by": "nobody yet"}


def exercise(name="gain", **different):
    return {
        "name": name,
        "title": f"Exercise {name}",
        "kind": "function",
        "max": 4.0,
        "points": 4.0,
        "by": "machine",
        "status": "graded",
        "reason": "",
        "cause": None,
        "comment": "",
        "answer": "def gain(phi): ...",
    } | different


def submission(student="ada", exercises=None, **different):
    return {
        "student": student,
        "name": "",
        "assignment": "05_he",
        "title": "Exercises 5. He",
        "status": "graded",
        "note": "",
        "file": f"{student}/05_he.ipynb",
        "beside": [],
        "doubt": "",
        "received": "2026-11-20T14:03:22+00:00",
        "late": 0,
        "called_late": "",
        "penalty": 0.0,
        "exercises": [exercise()] if exercises is None else exercises,
        "earlier": [],
    } | different


def spoken_by(text):
    """Return a submission in which whatever can come from a student is this text."""
    words = ("title", "reason", "cause", "comment", "answer")
    written = exercise("why", kind="written", points=1.0, by="hand") | dict.fromkeys(
        words, text
    )
    waiting = exercise("how", **NOTHING) | dict.fromkeys(words, text)
    own = dict.fromkeys(("name", "title", "note", "file", "received"), text)
    earlier = [{"received": text, "points": None, "status": text}]
    return submission(text, [written, waiting], status=text, earlier=earlier, **own)


def test_a_student_reads_which_files_were_not_marked_and_who_is_asked():
    html = pages.feedback(
        submission(beside=["a.ipynb", "b.ipynb"], doubt="a.ipynb has answers")
    )
    words = " ".join(re.sub("<[^>]*>", "", html).split())
    assert "These were not marked: a.ipynb, b.ipynb. Your teachers are asked" in words
    assert "not marked:" not in pages.feedback(submission())


def test_a_name_stands_beside_an_id_wherever_people_read_it():
    one = submission("Doe_ Jane-17a6", name="Jane Doe", status="crashed")
    for read in (pages.feedback(one), pages.report([one])):
        assert "<bdi>Jane Doe (Doe_ Jane-17a6)</bdi>" in read
    assert "  Jane Doe (Doe_ Jane-17a6)  " in pages.summary([one])
    assert "\nDoe_ Jane-17a6,Jane Doe,05_he," in pages.grades_csv([one])


def test_a_doubt_is_a_reason_to_look():
    assert pages.troubles(submission(doubt="b.ipynb has other answers")) == [
        "b.ipynb has other answers"
    ]


class Parsed(HTMLParser):
    """The tags of a page with the names of their attributes, and its text."""

    def __init__(self, html):
        super().__init__()
        self.tags, self._text = [], []
        self.feed(html)
        self.close()
        self.text = "".join(self._text)

    def handle_starttag(self, tag, attributes):  # noqa: D102
        self.tags.append((tag, [name for name, _ in attributes]))

    def handle_endtag(self, tag):  # noqa: D102
        self.tags.append(tag)
        self._text.append(" " * (tag not in INSIDE_A_LINE))

    def handle_comment(self, data):  # noqa: D102
        self.tags.append("comment")

    def handle_data(self, data):  # noqa: D102
        self._text.append(data)


def words(html):
    """Return what the body of a page says, with single spaces."""
    return " ".join(Parsed(html[html.index("<body") :]).text.split())


def report(*submissions, missing=()):
    return words(pages.report(list(submissions), missing))


def cells(*submissions):
    """Return the table that is read back, as a list of dicts."""
    table = pages.grades_csv(list(submissions))
    return list(csv.DictReader(io.StringIO(table, newline="")))


# Text that comes from students


@pytest.mark.parametrize(
    "page",
    [pages.feedback, lambda record: pages.report([record], [record["student"]])],
    ids=["feedback", "report"],
)
@pytest.mark.parametrize("text", HOSTILE)
def test_text_of_students_adds_no_tag_to_a_page(page, text):
    assert Parsed(page(spoken_by(text))).tags == Parsed(page(spoken_by("harmless"))).tags


@pytest.mark.parametrize("text", HOSTILE)
def test_a_student_reads_text_as_it_was_written(text):
    shown = words(pages.feedback(spoken_by(text)))
    assert shown.count(text) == words(pages.feedback(spoken_by("harmless"))).count("harmless")


def test_an_answer_keeps_its_spaces_and_lines():
    answer = "\n  def gain(phi):\n\treturn 1\n\n"
    html = pages.feedback(submission(exercises=[exercise(answer=answer)]))
    assert f">\n{answer}</pre>" in html  # the first end of line after <pre> is not shown


@pytest.mark.parametrize(
    "text", ["", "x" * 10_000, "שלום \u200f\u202e", "\x1b[2J\x00\ud800\r\n"]
)
@pytest.mark.parametrize(
    "page", [pages.feedback, lambda record: pages.report([record])], ids=["feedback", "report"]
)
def test_a_page_of_any_text_can_be_saved(page, text):
    html = page(spoken_by(text))
    html.encode("utf-8")
    assert not re.search("[\x00\x1b\r\u202e]", html)


@pytest.mark.parametrize(
    "page", [pages.feedback(submission()), pages.report([])], ids=["feedback", "report"]
)
def test_a_page_forbids_scripts_and_requests_from_its_first_lines(page):
    policy = page.index("default-src 'none'; style-src 'unsafe-inline'; img-src data:")
    assert page.index('<meta charset="utf-8">') < policy < page.index("<title>")
    assert '<meta name="referrer" content="no-referrer">' in page


# Feedback


def test_the_total_is_of_what_is_marked_and_the_rest_is_named():
    shown = words(
        pages.feedback(
            submission(exercises=[exercise(points=2.5), exercise("why", max=2.0, **NOTHING)])
        )
    )
    assert "2.5 marks so far, of 6." in shown
    assert "Still to be marked by a person: Exercise why (up to 2)." in shown


def test_a_total_with_all_marks_waits_for_nobody():
    shown = words(
        pages.feedback(submission(exercises=[exercise(), exercise("why", points=1.0)]))
    )
    assert "5 of 8 marks." in shown
    assert "Still to be marked" not in shown


def test_without_any_mark_there_is_no_total():
    shown = words(pages.feedback(submission(exercises=[exercise(**NOTHING)])))
    assert "Nothing is marked yet." in shown
    assert "0 of 4" not in shown


def test_what_was_taken_off_for_being_late_is_said():
    shown = words(pages.feedback(submission(late=7300, penalty=1.0)))
    assert "3 of 4 marks." in shown
    assert "1 mark was taken off because it came 2 hours late." in shown


@pytest.mark.parametrize("said", ["reason", "comment"])
def test_a_reason_and_a_comment_are_shown(said):
    shown = words(pages.feedback(submission(exercises=[exercise(**{said: "It is 1/n."})])))
    assert "It is 1/n." in shown


def test_a_misconception_is_named_to_teachers_alone():
    record = submission(exercises=[exercise(points=0.0, cause="fan_out for fan_in")])
    assert "fan_out for fan_in" not in pages.feedback(record)
    assert "fan_out for fan_in" in pages.report([record])


@pytest.mark.parametrize("status", pages.STATUSES)
def test_what_happened_is_explained_with_what_to_do_next(status):
    shown = words(pages.feedback(submission(status=status)))
    explained = pages.STATUSES[status]
    assert f"{explained['means']} What to do next. {explained['next']}" in shown


def test_a_status_without_an_explanation_of_its_own_is_named():
    shown = words(pages.feedback(submission(status="on fire", note="The smoke was thick.")))
    assert "What happened: on fire" in shown
    assert f"{pages.STATUSES['other']['means']} The smoke was thick." in shown


@pytest.mark.parametrize(
    ("by", "shown"),
    [("machine", "machine"), ("hand", "a person"), ("nobody yet", "nobody yet")],
)
def test_a_student_reads_who_marked(by, shown):
    page = words(pages.feedback(submission(exercises=[exercise(by=by)])))
    assert f"Marked by Exercise gain 4 of 4 {shown} " in page


def test_a_usual_submission_has_no_notice():
    assert "What happened" not in words(pages.feedback(submission()))


def test_an_exercise_that_was_stopped_is_explained_in_its_place():
    stopped = exercise(points=0.0, status="timed out", reason="gain did not end.")
    shown = words(pages.feedback(submission(exercises=[stopped])))
    assert f"gain did not end. {pages.STATUSES['timed out']['means']}" in shown


def test_a_file_that_was_not_read_has_no_answers_to_show():
    exercises = [exercise(points=0.0, status="not a notebook", reason="Nothing was read.")]
    html = pages.feedback(submission(status="not a notebook", exercises=exercises))
    assert "<details>" not in html
    assert "0 of 4 marks." in words(html)


def test_earlier_marks_are_kept_and_a_missing_one_is_no_zero():
    earlier = [
        {"received": "2026-11-18T10:00:00+00:00", "points": 3.5, "status": "timed out"},
        {"received": None, "points": None, "status": "not a notebook"},
    ]
    shown = words(pages.feedback(submission(earlier=earlier)))
    assert "2026-11-18 10:00 UTC 3.5 timed out" in shown
    assert "at a time not known not marked not a notebook" in shown


# The class report


def marked(*points, **different):
    return [
        submission(f"student {i}", [exercise(points=p, **different)])
        for i, p in enumerate(points)
    ]


def test_mean_and_median_are_of_the_marks_that_are_given():
    shown = report(*marked(0.0, 1.0, 4.0, None))
    assert "Exercise gain 4 3 1.67 1 1 1 0" in shown


def test_missing_answers_are_no_marks_while_all_others_wait_for_a_person():
    untried = submission("ada", [exercise(points=0.0, status="not attempted")])
    waiting = submission("bob", [exercise(**NOTHING)])
    assert "Exercise gain 4 0 – – 0 0 1" in report(untried, waiting)
    by_hand = submission("bob", [exercise(points=3.0, by="hand")])
    assert "Exercise gain 4 2 1.5 1.5 0 1 1" in report(untried, by_hand)


def test_a_picture_says_in_words_what_it_shows():
    html = pages.report(marked(0.0, 1.0, 4.0, 4.0))
    said = "of 4 marked, full marks 2, no marks 1, between 1. Mean 2.25 and median 2.5 of 4."
    assert re.findall('alt="(.*?)"', html) == [f"Total: {said}", f"Exercise gain: {said}"]


def test_an_exercise_that_nobody_marked_has_no_picture():
    assert "<img" not in pages.report(marked(None, None))


@pytest.mark.parametrize("most", [0.0, 0.5, 4.0, 100.0])
def test_marks_beyond_the_maximum_are_drawn_too(most):
    assert pages.report(marked(0.0, most, 2 * most, max=most)).count("<img") == 2


def test_misconceptions_are_counted_in_each_exercise_with_the_commonest_first():
    def wrong(student, *causes):
        answers = [exercise(f"e{i}", points=0.0, cause=c) for i, c in enumerate(causes)]
        return submission(student, answers)

    shown = report(
        wrong("ada", "a rare one", "common"),
        wrong("bob", "common", None),
        wrong("cyd", "common", None),
    )
    assert (
        "Exercise e0 Of 3 who were marked Misconception Students Who "
        "common 2 bob, cyd a rare one 1 ada "
        "Exercise e1 Of 3 who were marked Misconception Students Who common 1 ada"
    ) in shown


def test_of_many_students_the_first_are_named():
    shown = report(*marked(*[0.0] * 1000, cause="common"))
    assert (
        "common 1000 student 0, student 1, student 10, student 100, student 101 and 995 more"
        in shown
    )


def test_who_has_not_handed_in_is_named():
    shown = report(submission(), missing=["zoe", "bob"])
    assert "handed in 1 of 3" in shown
    assert "Missing bob, zoe" in shown


def test_a_report_on_nobody_says_so():
    assert "Nobody has handed in." in report()


def test_what_waits_for_a_person_is_counted():
    assert "Exercise gain 2 student 1, student 2" in report(*marked(1.0, None, None))


@pytest.mark.parametrize(
    ("different", "why"),
    [
        ({"status": "not a notebook", "note": "No JSON."}, "not a notebook. No JSON."),
        ({"status": "crashed"}, "crashed"),
        ({"late": 3 * 86400}, "3 days late"),
        (
            {"status": "timed out", "exercises": [exercise(status="timed out")]},
            "Exercise gain: timed out",
        ),
    ],
)
def test_a_submission_that_needs_a_look_is_named_with_the_reason(different, why):
    record = submission(**different)
    assert pages.troubles(record) == [why]
    assert f"ada {why} ada/05_he.ipynb" in report(record)
    assert re.search(rf"Need a look\n  ada  {re.escape(why)}\n", pages.summary([record]))


@pytest.mark.parametrize(
    "different", [{}, {"late": 3600}, {"exercises": [exercise(status="not attempted")]}]
)
def test_a_usual_submission_needs_no_look(different):
    assert pages.troubles(submission(**different)) == []


# The table


def test_a_mark_that_is_not_given_is_an_empty_cell():
    (row,) = cells(submission(exercises=[exercise(points=0.0), exercise("why", **NOTHING)]))
    assert (row["gain"], row["why"]) == ("0", "")
    assert (row["total"], row["max"], row["marked"]) == ("0", "8", "partly")


def test_a_total_of_no_marks_is_an_empty_cell():
    (row,) = cells(submission(exercises=[exercise(**NOTHING)]))
    assert (row["total"], row["marked"]) == ("", "no")


def test_a_total_is_less_the_penalty_and_never_below_zero():
    rows = cells(submission("ada", penalty=1.5), submission("bob", penalty=9.0))
    assert [row["total"] for row in rows] == ["2.5", "0"]


def test_the_columns_of_several_assignments_are_those_of_each_in_order():
    later = submission("ada", [exercise("z"), exercise("a")], assignment="06_training")
    rows = cells(later, submission("bob"))
    names = ["05_he.gain", "06_training.z", "06_training.a"]
    assert [name for name in rows[0] if "." in name] == names
    assert [[row[name] for name in names] for row in rows] == [["4", "", ""], ["", "4", "4"]]


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("\rx", "'\nx"),
        (" =1", "' =1"),
        ("＝1", "'＝1"),
        ("a;=1", "a;'=1"),
        ("a\n=1", "a\n'=1"),
    ],
)
def test_text_is_no_formula(text, cell):
    (row,) = cells(submission(text, note=text))
    assert (row["student"], row["note"]) == (cell, cell)


@pytest.mark.parametrize("text", [*HOSTILE, 'a,"b"', "a\nb", "a-1=0", "x" * 10_000, "", "0012"])
def test_other_text_is_read_back_as_it_was(text):
    (row,) = cells(submission(text, note=text))
    assert (row["student"], row["note"]) == (text, text)


def test_numbers_stay_numbers():
    (row,) = cells(submission(late=1_234_567, exercises=[exercise(points=-0.5)]))
    assert (row["late"], row["gain"]) == ("1234567", "-0.5")


# The terminal


def test_a_summary_is_short_and_in_line():
    records = [
        submission(
            "ada", [exercise(points=0.0, cause="a gain below 1"), exercise("why", **NOTHING)]
        ),
        submission("bob", [exercise(), exercise("why")]),
        submission("cy", [exercise(points=0.0, status="crashed")], status="crashed"),
    ]
    assert pages.summary(records).splitlines() == [
        "3 submissions",
        "  2  graded",
        "  1  crashed",
        "05_he: 2.67 of 8 marks on average so far; 1 answer to mark by hand",
        "",
        "Commonest misconceptions",
        "  1  Exercise gain  a gain below 1",
        "",
        "Need a look",
        "  cy  Exercise gain: crashed",
    ]


def test_a_summary_of_a_thousand_fits_a_screen():
    said = pages.summary([submission(f"s{i}", status="crashed") for i in range(1000)])
    assert len(said.splitlines()) < 20
    assert "  and 990 more" in said


@pytest.mark.parametrize(
    "text", [*HOSTILE, "\x1b[2J\x9b1m\a", "a\nb\r\u2028c", "\u202e", "x" * 10_000]
)
def test_a_summary_holds_no_control_codes_and_no_long_lines(text):
    lines = pages.summary([spoken_by(text)]).split("\n")
    assert len(lines) == len(pages.summary([spoken_by("harmless")]).split("\n"))
    assert all(line.isprintable() and len(line) < 160 for line in lines)


# All of them

WRITE = """
import json, sys
from teaching.grading import pages
records = json.load(sys.stdin)
print(ascii([pages.feedback(records[0]), pages.report(records, ["zoe"]),
             pages.grades_csv(records), pages.summary(records)]))
"""


def test_the_same_marks_give_the_same_bytes_on_a_machine_that_is_set_otherwise(tmp_path):
    settings = tmp_path / "matplotlibrc"
    settings.write_text("xtick.color: red\nfont.size: 30\n")

    def written(**different):
        records = json.dumps([spoken_by("a"), *marked(0.0, 1.5, 4.0, None)])
        return subprocess.run(
            [sys.executable, "-c", WRITE],
            input=records,
            env=os.environ | different,
            cwd=pages.TEMPLATES.parents[2],
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    first = written(PYTHONHASHSEED="1")
    assert first == written(PYTHONHASHSEED="2", MATPLOTLIBRC=str(settings), TZ="Asia/Tokyo")
    assert "data:image/svg+xml" in first
