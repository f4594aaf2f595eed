"""The picture of lesson 8 that has no controls: that of a report of `inspect`."""

import pytest

from helpers import figures, panels
from tests.made_up import model


@pytest.fixture
def picture():
    return panels.picture(figures.ModelInDepth(), **model())


def test_a_picture_says_what_it_shows_and_names_no_settings(picture):
    assert picture.words.startswith("3 layers.")
    assert "Settings" not in picture.words
    assert "alt=" in picture.picture.value


def test_a_picture_has_no_controls(picture):
    assert picture.children == (picture.picture, picture._hidden)
    assert picture.controls == {}


def test_a_picture_on_a_page_without_a_kernel_is_one_image_with_its_words(picture, monkeypatch):
    monkeypatch.setenv("COURSE_BAKE", "1")
    page = picture._repr_mimebundle_()[0]["text/html"]
    assert page.count("<img") == 1
    assert "ModelInDepth" not in page
    assert "<input" not in page
    assert 'class="baked-panel"' not in page, "it would be expected to have controls"
    assert "The second too." in page


def test_keras_marks_are_open_and_larger_so_that_those_below_are_seen():
    """With ReLU its cosines are those of He's weights, to the last bits."""
    curves = figures.DefaultsInDepth()._curves
    keras, he = curves["Keras", "cosine"], curves["He", "cosine"]
    assert keras.get_markerfacecolor() == "none"
    assert keras.get_markersize() >= 2 * he.get_markersize()
