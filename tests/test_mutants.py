"""Every change that `make mutants` makes can be made, and is one."""

from tests.mutants import rows, text_of


def test_each_change_finds_its_place_and_changes_the_module():
    found = list(rows())  # asserts that each text to replace is there, once
    assert len(found) > 800
    texts = {row.module: text_of(row.module) for row in found}
    assert [row[:2] for row in found if row.text == texts[row.module]] == []
