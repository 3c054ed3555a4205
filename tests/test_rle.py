"""COCO's run-length code, against its definition written out pixel by pixel and number by number."""

from __future__ import annotations

import numpy as np
import pytest

from augcli.image.arrays import Size
from augcli.labels import rle
from augcli.labels.annotation import Bitmap


def runs(mask: np.ndarray) -> list[int]:
    """Count down the columns, beginning with what is off."""
    counts, on = [0], False
    for pixel in mask.T.ravel().tolist():
        if pixel != on:
            counts.append(0)
            on = pixel
        counts[-1] += 1
    return counts


def text(counts: list[int]) -> str:
    """Five bits a character, the lowest first, as differences to the one before the last from the fourth on."""
    said = []
    for at, count in enumerate(counts):
        left = count - counts[at - 2] if at > 2 else count
        while True:
            bits, left = left & 31, left >> 5
            ends = left == (-1 if bits & 16 else 0)
            said.append(chr(48 + bits + (0 if ends else 32)))
            if ends:
                break
    return "".join(said)


def masks():
    random = np.random.default_rng(7)
    for _ in range(60):
        height, width = random.integers(1, 40, 2)
        yield random.random((height, width)) < random.choice([0.02, 0.5, 0.98])
    blob = np.zeros((300, 500), np.bool_)
    blob[40:250, 33:411] = True
    blob[100:120, 200:300] = False
    yield from (blob, ~blob, np.ones((3, 4), np.bool_), np.eye(9, dtype=np.bool_))


def test_masks_become_runs_and_come_back():
    for mask in masks():
        size = Size(mask.shape[1], mask.shape[0])
        counts = np.array(runs(mask))
        bitmap = rle.bitmap_of(counts, size)
        if not mask.any():
            assert bitmap is None
            continue
        whole = np.zeros_like(mask)
        height, width = bitmap.pixels.shape
        whole[bitmap.top : bitmap.top + height, bitmap.left : bitmap.left + width] = bitmap.pixels
        assert (whole == mask).all()
        assert all(side.any() for side in (bitmap.pixels[0], bitmap.pixels[-1]))  # no larger than need be
        assert all(side.any() for side in (bitmap.pixels[:, 0], bitmap.pixels[:, -1]))
        assert rle.counts_of(bitmap, size).tolist() == counts.tolist()
        assert rle.packed(counts) == text(counts.tolist())
        assert rle.unpacked(text(counts.tolist())).tolist() == counts.tolist()


def test_numbers_of_any_size_are_packed():
    counts = [0, 2**40, 1, 15, 16, 17, 2**40 + 1, 3, 31, 32, 33]
    assert rle.packed(np.array(counts)) == text(counts)
    assert rle.unpacked(text(counts)).tolist() == counts


def test_a_bitmap_is_placed_and_none_of_it_outside():
    size = Size(6, 5)
    found = rle.counts_of(Bitmap(2, 1, np.ones((3, 2), np.bool_)), size)
    assert found.tolist() == [11, 3, 2, 3, 11]
    assert rle.counts_of(Bitmap(2, 1, np.zeros((3, 2), np.bool_)), size).tolist() == [30]
    assert rle.counts_of(Bitmap(0, 0, np.ones((5, 6), np.bool_)), size).tolist() == [0, 30]


@pytest.mark.parametrize("counts", [[], [5], [30], [10, -5, 25], [10, 10, 9], [10, 10, 11], [2**62, 1]])
def test_counts_that_do_not_fill_the_picture_are_no_mask(counts):
    assert rle.bitmap_of(np.array(counts, np.int64), Size(6, 5)) is None


def test_runs_of_no_pixels_join_their_neighbours():
    assert rle.bitmap_of(np.array([5, 3, 0, 4, 2, 0, 16]), Size(6, 5)).pixels.sum() == 7


@pytest.mark.parametrize("said", ["~", "é", "P", "0" + "P" * 20 + "0", "\x00", " "])
def test_text_that_is_no_code_is_none(said):
    assert rle.unpacked(said) is None
