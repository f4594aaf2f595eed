"""What nbgrader's own commands and pages use in this course; ``nbgrader_config.py`` names it.

nbgrader would run a submission in the marker's own account. `Judged` hands it to our judge.

Formgrader's pages are served by the marker's Jupyter server, so whatever a student's text does
there, it does in the marker's name. Even a link may: these pages put parts of their address
into scripts, and one runs the configuration in the folder that its address names. So `markdown`
leaves nothing that acts, loads or leads anywhere, and `Harmless` no output but text.
"""

import html
import re
import shutil
from pathlib import Path

import bleach
from jinja2 import pass_context
from mistune import import_plugin
from nbconvert.exporters import NotebookExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.preprocessors import Preprocessor
from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme
from nbgrader.utils import is_solution
from pygments.token import STANDARD_TYPES
from traitlets import Bool

from teaching.grading import gradebook

TAGS = """
    b blockquote br code dd del details div dl dt em h1 h2 h3 h4 h5 h6 hr i kbd li ol p pre s
    span strong sub summary sup table tbody td th thead tr u ul
""".split()  # noqa: SIM905 (a list would be a page long)
COLOURS = {"highlight", *STANDARD_TYPES.values()}  # classes of highlighted code
# A formula can be as large as it likes, and would paint over the page.
WITHIN = "contain: paint; overflow: auto; max-height: 40em"
PLUGINS = ("strikethrough", "table", "def_list")
LONGEST_ADDRESS = 200


class Judged(NotebookExporter):
    """In ``nbgrader autograde``, judges what was handed in, as it was, and records the result.

    nbgrader converts a notebook twice: what was handed in, and then its own result. The first
    goes to `teaching.grading.run.grade_one`, and the second is left alone. nbgrader has copied
    all other files that were handed in; they are removed, since it would serve them as pages.
    """

    def from_filename(self, filename, resources=None, **kwargs):
        """Return the notebook that markers see, as text, and nbgrader's resources."""
        course, about = self.parent.coursedir, resources["nbgrader"]
        student, assignment = about["student"], about["assignment"]
        seen = gradebook.path(course, "autograded", student, assignment)
        if Path(filename).resolve() != seen.resolve():
            from teaching.grading import run  # it loads what formgrader's pages never need

            received = course.get_existing_timestamp(str(Path(filename).parent))
            data = Path(filename).read_bytes()
            result = run.grade_one(run.Course(course), student, assignment, data)
            gradebook.record(course, assignment, [(student, received, data, result)])
            _remove_others(seen)
        return seen.read_text(encoding="utf-8"), resources | {"output_extension": ".ipynb"}


def _remove_others(notebook):
    for path in notebook.parent.iterdir():
        if path.name not in (notebook.name, "timestamp.txt"):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()


class WithoutSecrets(Preprocessor):
    """Removes hidden tests and marking schemes from the cells of the course.

    In a student's own cell, their markers are the student's text.
    """

    enabled = Bool(True).tag(config=True)  # nbconvert's are not, unless they are asked for

    def preprocess(self, notebook, resources):
        """Remove them, in place."""
        steps = ClearHiddenTests(parent=self), ClearMarkScheme(parent=self)
        for index, cell in enumerate(notebook.cells):
            if "nbgrader" in cell.metadata and not is_solution(cell):
                for step in steps:
                    step.preprocess_cell(cell, resources, index)
        return notebook, resources


class Harmless(Preprocessor):
    """Leaves in a notebook what templates show as text, and nothing that they trust.

    Pictures in answers are left: the judge has made them (`pictures`).
    """

    def preprocess(self, notebook, resources):
        """Remove all else, in place."""
        notebook.metadata = {"language_info": {"name": "python"}}
        for index, cell in enumerate(notebook.cells):
            cell.id = f"cell-{index}"
            marks = cell.metadata.get("nbgrader", {})
            is_named = re.fullmatch(r"[\w.-]+", str(marks.get("grade_id")))
            cell.metadata = {"nbgrader": marks} if marks and is_named else {}
            if attached := _made_here(cell.pop("attachments", None)):
                cell.attachments = attached
            if cell.cell_type == "code":
                cell.execution_count = None
                cell.outputs = [kept for output in cell.outputs if (kept := _as_text(output))]
        return notebook, resources


def _made_here(attachments):
    """Return the attachments that are PNG, of a form that needs no quoting in a page."""
    return {
        name: {"image/png": content["image/png"]}
        for name, content in (attachments or {}).items()
        if re.fullmatch(r"[A-Za-z0-9+/]+=*", str(content.get("image/png", "")))
    }


def _as_text(output):
    """Return an output as one of text, or None."""
    if output.output_type not in ("display_data", "execute_result"):
        return output
    if "text/plain" not in output.data:
        return None
    output.data = {"text/plain": output.data["text/plain"]}
    output.metadata = {}
    return output


class _Inert(IPythonRenderer):
    """Shows links and pictures as their words and their address, and attached pictures."""

    def link(self, text, url, title=None):
        shown = html.escape(url[:LONGEST_ADDRESS])
        return text if text == shown else f"{text} ({shown})"

    def image(self, text, url, title=None):
        return self.link(text, url)


@pass_context
def markdown(context, source):
    """Return Markdown with formulas as HTML that does nothing but show it, where it stands.

    Pictures that are attached to the cell follow its text.
    """
    plugins = [import_plugin(name) for name in PLUGINS]
    renderer = _Inert(escape=False, exclude_anchor_links=True)
    try:
        shown = harmless(MarkdownWithMath(renderer=renderer, plugins=plugins).render(source))
    except Exception:  # text that the renderer cannot take is shown as it is
        shown = f"<pre>{html.escape(source)}</pre>"
    cell = context.get("cell") or {}
    for name, content in _made_here(cell.get("attachments")).items():
        data = content["image/png"]
        shown += f'<p><img alt="{html.escape(name)}" src="data:image/png;base64,{data}"></p>'
    return f'<div style="{WITHIN}">{shown}</div>'


def harmless(source):
    """Return HTML of the `TAGS` with the `COLOURS`: other tags are text."""
    return bleach.clean(str(source), tags=TAGS, attributes=_is_colour)


def _is_colour(tag, name, value):
    return name == "class" and set(value.split()) <= COLOURS
