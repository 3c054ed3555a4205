"""The contact sheet: its captions can be read, and many copies neither widen it without end nor take for ever."""

from __future__ import annotations

import unicodedata

import numpy as np
import PIL.Image
import pytest

from augcli.commands.preview import contact_sheet
from augcli.commands.preview.contact_sheet import CELL, COLUMNS, GAP, LINE, Cell, font, framed, laid_out
from augcli.commands.preview.copies import MOST_COPIES
from augcli.image.arrays import Picture


def title_of(name: str) -> str:
    return framed(Picture(np.zeros((4, 4, 3), np.uint8)), name, []).title


@pytest.mark.parametrize("name", ["Größe/Übung.jpg", "café_noël.png", "Łódź/żółw.jpg", "Ωμέγα.png", "ёж.jpg"])
def test_accents_and_the_alphabets_of_europe_are_drawn_as_they_are(name):
    assert title_of(unicodedata.normalize("NFD", name)) == name
    missing = bytes(font().getmask("\uffff"))
    for character in set(name) - set("/._"):
        assert bytes(font().getmask(character)) != missing, f"{character} is a box"


def test_what_the_font_lacks_is_drawn_without_accents_or_as_a_question_mark():
    assert title_of("ậ日本.jpg") == "a??.jpg"


@pytest.mark.parametrize(
    ("name", "ends"),
    [
        ("train/brambling_in_a_birch_tree_seen_in_winter.JPEG", ("/", "_")),
        ("abcdefghijklmnopqrstuvwxyz" * 2 + "/brambling.JPEG", ()),
        ("n" * 31 + ".JPEG", ()),
    ],
)
def test_long_names_are_broken_behind_separators_and_never_in_their_suffix(name, ends):
    lines = contact_sheet._wrapped([name])
    assert "".join(lines) == name
    assert all(font().getlength(line) <= CELL for line in lines)
    assert any(line.endswith(".JPEG") for line in lines)
    assert not ends or all(line.endswith(ends) for line in lines[:-1])


def test_copies_beyond_the_last_column_stand_below_those_before():
    cell = Cell(PIL.Image.new("RGB", (CELL, 50)), "", [])
    drawn = laid_out([[cell] * 20])
    height = 50 + LINE + 2 * GAP
    assert drawn.size == (GAP + COLUMNS * (CELL + GAP), GAP + 3 * height)
    below = drawn.crop((0, GAP + height, CELL + GAP, GAP + 2 * height))
    assert below.getcolors() == [(below.width * below.height, contact_sheet.PAPER)], "under the original is nothing"


def test_of_hundreds_of_copies_the_first_are_shown_and_it_is_said(tmp_path, tree, photo, spec_file, augcli):
    photos = tree(tmp_path / "in", {"cat/a.png": photo((12, 9))})
    done = augcli("preview", spec_file("copies: 300\npipeline: [rotate]"), photos, tmp_path / "grid.png")
    assert done.returncode == 0
    assert done.stderr.endswith(f", the first {MOST_COPIES} of 300 copies of each source\n")
    with PIL.Image.open(tmp_path / "grid.png") as grid:
        assert grid.width == GAP + COLUMNS * (CELL + GAP)
