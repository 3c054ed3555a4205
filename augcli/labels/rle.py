"""COCO's run-length code of a mask: how many pixels are off, on, off and so on, column after column.

The numbers stand as a list, or packed into text. Equals `pycocotools.mask` in both directions.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from augcli.image.arrays import Size
from augcli.labels.annotation import Bitmap

Counts: TypeAlias = npt.NDArray[np.int64]

_LONGEST = 12  # characters of a number: 60 bits


def unpacked(text: str) -> Counts | None:
    """Return the counts that are packed into text; None where it is none.

    A number is a row of five bits each, the lowest first, with a sign; from the fourth on it is the difference to the
    one before the last.
    """
    try:
        codes = np.frombuffer(text.encode("ascii"), np.uint8).astype(np.int64) - 48
    except UnicodeEncodeError:
        return None
    if not len(codes):
        return np.zeros(0, np.int64)
    if codes.min() < 0 or codes.max() > 63 or codes[-1] & 32:
        return None
    ends = np.flatnonzero(codes & 32 == 0)
    starts = np.concatenate([[0], ends[:-1] + 1])
    lengths = ends - starts + 1
    if lengths.max() > _LONGEST:
        return None
    at = np.arange(len(codes)) - np.repeat(starts, lengths)
    counts = np.add.reduceat((codes & 31) << (5 * at), starts)
    counts -= (codes[ends] >> 4 & 1) << (5 * lengths)
    counts[1::2] = np.cumsum(counts[1::2])
    counts[2::2] = np.cumsum(counts[2::2])
    return counts


def packed(counts: Counts) -> str:
    """Pack counts into text."""
    steps = counts.copy()
    steps[3:] -= counts[1:-2]
    columns = []
    is_open = np.ones(len(steps), np.bool_)
    while is_open.any():
        bits = steps & 31
        steps >>= 5
        goes_on = steps != np.where(bits & 16, -1, 0)
        columns.append(np.where(is_open, bits + 48 + 32 * goes_on, 0))
        is_open &= goes_on
    codes = np.stack(columns, axis=1).ravel() if columns else np.zeros(0, np.int64)
    return codes[codes > 0].astype(np.uint8).tobytes().decode("ascii")


def bitmap_of(counts: Counts, size: Size) -> Bitmap | None:
    """Return the pixels that counts describe on a picture of `size`, no more of it than they need.

    None where the counts do not fill the picture, and where no pixel is on.
    """
    if not len(counts) or counts.min() < 0 or counts.max() > size.width * size.height:
        return None
    ends = np.cumsum(counts)
    if ends[-1] != size.width * size.height:
        return None
    starts, stops = ends[: len(ends) // 2 * 2 : 2], ends[1::2]
    has_pixels = stops > starts
    starts, stops = starts[has_pixels], stops[has_pixels]
    if not len(starts):
        return None
    left, right = int(starts[0]) // size.height, (int(stops[-1]) - 1) // size.height + 1
    changes = np.zeros((right - left) * size.height + 1, np.int8)
    changes[starts - left * size.height] = 1
    changes[stops - left * size.height] -= 1  # where a run of no pixels lies between two, they meet
    pixels = np.cumsum(changes[:-1], dtype=np.int8).astype(np.bool_).reshape(right - left, size.height).T
    rows = np.flatnonzero(pixels.any(axis=1))
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    return Bitmap(left, top, np.ascontiguousarray(pixels[top:bottom]))


def counts_of(bitmap: Bitmap, size: Size) -> Counts:
    """Return the counts of pixels that lie on a picture of `size`."""
    height, width = bitmap.pixels.shape
    edges = np.zeros((width, height + 2), np.int8)
    edges[:, 1:-1] = bitmap.pixels.T
    steps = np.diff(edges, axis=1)
    offset = bitmap.left * size.height + bitmap.top
    column, row = np.nonzero(steps == 1)
    starts = column * size.height + row + offset
    column, row = np.nonzero(steps == -1)
    stops = column * size.height + row + offset
    if not len(starts):
        return np.array([size.width * size.height])
    apart = starts[1:] != stops[:-1]  # a column that is full to its end goes on in the next
    starts, stops = starts[np.append([True], apart)], stops[np.append(apart, [True])]
    counts = np.diff(np.concatenate([[0], np.stack([starts, stops], axis=1).ravel(), [size.width * size.height]]))
    return counts if counts[-1] else counts[:-1]
