"""Pictures in answers are decoded behind the walls, and made new for the marker."""

import io
import json
from base64 import b64decode, b64encode

import numpy as np
import pytest
from PIL import Image

from teaching.grading.judge import judge
from teaching.grading.pictures import SIDE, made_new
from tests.grading.hostile.submission import file, solved


def encoded(pixels, kind="PNG", **options):
    """Return an array as the file of a picture, in base64."""
    packed = io.BytesIO()
    Image.fromarray(pixels).save(packed, kind, **options)
    return b64encode(packed.getvalue()).decode()


def decoded(data):
    return np.asarray(Image.open(io.BytesIO(b64decode(data))))


@pytest.fixture(scope="module")
def session(sandbox):
    with sandbox.session() as one:
        yield one


def test_pixels_are_kept(session, rng):
    pixels = rng.integers(0, 256, (30, 40, 3), np.uint8)
    assert np.array_equal(decoded(made_new(encoded(pixels), session)), pixels)


def test_nothing_but_pixels_is_kept(session):
    """What else is in the file may be an attack on who decodes it, or where it was taken."""
    pixels = np.full((8, 8, 3), 7, np.uint8)
    data = encoded(pixels, "JPEG", comment=b"planted")
    assert b"planted" in b64decode(data)
    assert b"planted" not in b64decode(made_new(data, session))


def test_a_large_picture_is_made_smaller(session):
    made = decoded(made_new(encoded(np.zeros((100, 2 * SIDE, 3), np.uint8)), session))
    assert made.shape == (50, SIDE, 3)


@pytest.mark.parametrize("data", ["", "!", "iVBORw0KGgo=", b64encode(b"<svg/>").decode()])
def test_what_is_no_picture_is_left_out(session, data):
    assert made_new(data, session) is None


def test_the_marker_gets_the_picture_and_the_answer_waits(sandbox, exams):
    pixels, notebook = np.full((4, 4, 3), 9, np.uint8), solved()
    for cell in notebook["cells"]:
        if cell["id"] == "why":
            cell["source"] = "![photo.png](attachment:photo.png)"
            cell["attachments"] = {
                "photo.png": {"image/png": encoded(pixels)},
                "x.svg": {"image/svg+xml": "<svg/>"},
            }
    result = judge(exams["05_he"], file(notebook), sandbox)
    assert result["marks"]["why"]["points"] is None
    (seen,) = (c for c in result["notebook"]["cells"] if c["id"] == "why")
    assert list(seen["attachments"]) == ["photo.png"]
    assert np.array_equal(decoded(seen["attachments"]["photo.png"]["image/png"]), pixels)
    json.dumps(result)


def test_no_session_outlives_its_submission(sandbox, exams, monkeypatch):
    """Also not the one in which a picture was decoded."""
    begun, begin = [], sandbox.session

    def noted(*args, **limits):
        begun.append(begin(*args, **limits))
        return begun[-1]

    monkeypatch.setattr(sandbox, "session", noted)
    test_the_marker_gets_the_picture_and_the_answer_waits(sandbox, exams)
    assert len(begun) > 1
    assert all(session._data.fileno() == -1 for session in begun)
