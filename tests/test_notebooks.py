"""What every notebook must satisfy besides running: how it is built, saved and described."""

import base64
import re
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest

from helpers.figures.canvas import LIMIT
from helpers.recorded import LESSON, recorded
from teaching import lecture
from teaching.lecture import NOTE
from teaching.notebooks import VIEW, normalise

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SLIDE_TYPES = {"slide", "subslide", "fragment", "skip", "notes"}
SECTIONS = ("Predict", "Explore", "Check", "What to remember", "Sources")
# What a lesson measures or recalls.
CALLED = r'measured_with\("\w+", (?:frameworks\.)?(\w+)(?:, record="\w+")?\)'
MAX_LINES, MAX_WIDTH = 15, 78  # of a code cell, so that it fits a slide


README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def path(request):
    return request.param


@pytest.fixture
def notebook(path):
    return nbformat.read(path, as_version=4)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def prose(notebook):
    cells = (c for c in notebook.cells if c.cell_type == "markdown")
    return "\n".join(c.source for c in cells if c.metadata.slideshow.slide_type != "notes")


def outputs(notebook):
    return [output for cell in code_cells(notebook) for output in cell.outputs]


def test_was_executed_from_top_to_bottom(notebook):
    counts = [cell.execution_count for cell in code_cells(notebook)]
    assert counts == list(range(1, len(counts) + 1))


def test_is_saved_normalised(notebook):
    saved = nbformat.writes(notebook)
    assert nbformat.writes(normalise(notebook)) == saved


def test_holds_no_error_warning_or_dead_widget(notebook):
    for output in outputs(notebook):
        assert output.output_type != "error"
        assert output.get("name") != "stderr"
        assert VIEW not in output.get("data", {})


def test_describes_every_picture_in_words(notebook):
    pictures = [o for o in outputs(notebook) if "image/png" in o.get("data", {})]
    assert pictures
    for picture in pictures:
        words = picture.data["text/plain"]
        assert words == picture.metadata["image/png"]["alt"]
        assert words.endswith(".")
        assert re.search(r"\d", words), "the numbers, not the kind of plot"


def test_prints_nothing_of_this_machine(notebook):
    text = nbformat.writes(notebook)
    assert "is not installed here" not in text, "outputs are saved with all frameworks"
    assert str(ROOT) not in text
    assert "site-packages" not in text


def test_code_cells_fit_a_slide(notebook):
    for cell in code_cells(notebook):
        lines = [line for line in cell.source.splitlines() if line.strip()]
        assert len(lines) <= MAX_LINES, cell.source
        assert max(map(len, lines)) <= MAX_WIDTH, cell.source


def test_every_cell_has_a_place_on_the_slides_and_a_name(notebook):
    for cell in notebook.cells:
        assert cell.metadata.slideshow.slide_type in SLIDE_TYPES, cell.source
        assert re.fullmatch(r"[a-z0-9-]+", cell.id)
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)


def test_headings_start_at_one_and_skip_no_level(notebook):
    levels = [len(marks) for marks in re.findall(r"^(#+) ", prose(notebook), re.MULTILINE)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_states_claims_and_sums_them_up(notebook):
    code = code_cells(notebook)
    names = [
        name for cell in code for name in re.findall(r"^(\w+) = holds\(", cell.source, re.M)
    ]
    made = sum(cell.source.count("holds(") for cell in code)
    (sums,) = (cell.source for cell in code if cell.source.startswith("check("))
    assert len(names) == made
    assert re.findall(r"\w+", sums)[1:] == names


def test_what_is_for_the_lecturer_is_folded(notebook):
    """It holds the answers; a reader who scrolls is not to see them."""
    for cell in notebook.cells:
        if cell.metadata.slideshow.slide_type == "notes":
            assert NOTE.fullmatch(cell.source), cell.source


def test_never_uses_what_lies_in_an_exported_page(notebook):
    for cell in code_cells(notebook):
        assert not re.search(
            r"\binteract|widgets\.Output|np\.random\.(?!default_rng)", cell.source
        )


def test_links_to_files_that_exist(notebook):
    links = re.findall(r"\]\(([^)]+)\)", prose(notebook))
    local = [link for link in links if "://" not in link]
    assert local
    for link in local:
        assert (ROOT / "notebooks" / link).exists(), link


def minutes(cells):
    """Return how long some cells of a lesson take; what is folded is not counted.

    Words at 130 a minute, 10 s a line of code, 90 s a question or thing to look for, 60 s an
    equation on a line of its own, 30 s a picture.
    """
    open_cells = [cell for cell in cells if not cell.source.startswith("<details>")]
    prose = "\n".join(cell.source for cell in open_cells if cell.cell_type == "markdown")
    code = [cell for cell in open_cells if cell.cell_type == "code"]
    lines = [line for cell in code for line in cell.source.splitlines() if line.strip()]
    tasks = sum(cell.source.count("ask(") for cell in code)
    for looked_for in re.findall(r"\*\*Look for:\*\*(.*?)(?=^## |\Z)", prose, re.DOTALL | re.M):
        tasks += max(1, len(re.findall(r"^\d+\. ", looked_for, re.M)))
    pictures = sum("image/png" in o.get("data", {}) for cell in code for o in cell.outputs)
    seconds = 10 * len(lines) + 90 * tasks + 60 * (prose.count("$$") // 2) + 30 * pictures
    return len(prose.split()) / 130 + seconds / 60


def test_states_an_honest_time(notebook, path):
    """A fifth off at most; README's table says the same."""
    head = notebook.cells[0].source
    stated = int(re.search(r"\*\*Time:\*\*\s+(\d+)\s+minutes", head).group(1))
    computed = minutes(notebook.cells)
    assert abs(stated / computed - 1) <= 0.2, f"stated {stated}, computed {computed:.0f}"
    (row,) = (line for line in README.splitlines() if f"(notebooks/{path.name})" in line)
    assert f"| {stated} |" in row


def test_has_a_place_to_stop_every_three_quarters_of_an_hour(notebook):
    part, parts = [], []
    for cell in notebook.cells:
        part.append(cell)
        if cell.source.startswith("**A place to stop.**") or cell is notebook.cells[-1]:
            parts.append(minutes(part))
            part = []
    assert max(parts) <= 45 * 1.05, [round(one) for one in parts]


@pytest.mark.parametrize("path", NOTEBOOKS[1:], ids=lambda path: path.stem)
def test_a_lesson_has_all_its_parts(path):
    notebook = nbformat.read(path, as_version=4)
    headings = re.findall(r"^## (.*)$", prose(notebook), re.MULTILINE)
    for section in SECTIONS:
        assert any(heading.startswith(section) for heading in headings), section
    assert any(c.metadata.slideshow.slide_type == "notes" for c in notebook.cells)


@pytest.mark.parametrize(
    ("lesson", "record"), [("08_frameworks", LESSON), ("09_residual", "lesson_9")]
)
def test_every_record_is_one_that_a_lesson_shows(lesson, record):
    """What a reader without the frameworks sees is what the saved outputs were made of."""
    notebook = nbformat.read(ROOT / "notebooks" / f"{lesson}.ipynb", as_version=4)
    source = "\n".join(cell.source for cell in code_cells(notebook))
    assert set(recorded(record)) == set(re.findall(CALLED, source))


def test_the_notebooks_are_small():
    assert sum(path.stat().st_size for path in NOTEBOOKS) <= 4e6


def test_a_saved_picture_is_small(notebook):
    for cell in code_cells(notebook):
        pictures = (output.get("data", {}).get("image/png", "") for output in cell.outputs)
        assert all(len(base64.b64decode(png)) <= LIMIT for png in pictures), cell.source


def test_an_answer_is_folded_below_every_panel_with_something_to_look_for(notebook):
    for asked, panel, answer in zip(
        notebook.cells, notebook.cells[1:], notebook.cells[2:], strict=False
    ):
        if "**Look for:**" in asked.source:
            assert "_panel(" in panel.source
            assert answer.source.startswith(
                "<details><summary>What you should have seen</summary>"
            )


def test_the_map_of_lessons_lists_them_all():
    start = prose(nbformat.read(NOTEBOOKS[0], as_version=4))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for path in NOTEBOOKS[1:]:
        assert f"({path.name})" in start
        assert f"(notebooks/{path.name})" in readme


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_lesson_is_a_lecture_of_a_few_slides_with_pictures_and_notes(path):
    """The first lesson, which is short, has seven."""
    slides = main_line(nbformat.read(path, as_version=4))
    assert (7 if path == NOTEBOOKS[0] else 12) <= len(slides) <= 18
    pictures = [
        s for s in slides if any("image/png" in out.data for out in lecture._outputs(s))
    ]
    assert 2 * len(pictures) >= len(slides) - 1
    assert [s[0].id for s in slides if lecture._type(s[-1]) != "notes"] == []


def main_line(notebook):
    """Return the slides of the main line, each a list of its cells."""
    slides = []
    for cell in lecture.arranged(notebook).cells:
        if cell.metadata.deck["begins"]:
            slides.append([])
        slides[-1].append(cell)
    return [s for s in slides if s[0].metadata.deck["minutes"]]
