"""Every change in the table of `make mutants` can be made, and is one."""

from tests.mutants import listed, text_of


def test_each_change_finds_its_place_and_changes_the_module():
    found = list(listed())  # asserts that each text to replace is there, once
    texts = {row.module: text_of(row.module) for row in found}
    assert [row[:2] for row in found if row.text == texts[row.module]] == []
