"""Near-duplicates: files that show the same picture in another format, smaller, or at another quality.

A thumbnail is 16x16 grey means, which a new encoding changes by a level or two. Thumbnails find the candidates; a
closer look, at up to 96x96, decides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any, NamedTuple

import cv2
import numpy as np

from augcli.image import pictures
from augcli.image.arrays import Size

SIDE = 16
CLOSE = 96
CELL, NOISE = 4.0, 0.7
"""Levels: the pitch of the grid that thumbnails are sorted into, and how far a new encoding moves a mean over many."""
FAR = 1.0
"""Levels by which two thumbnails of one picture differ on average, at most; measured: 0.6, for a third of its size."""
FEW = 500
"""Thumbnails that one is compared with, at most: where thousands look alike, each is compared with some of them."""
STRETCH = 0.04
"""Share by which the aspect ratio of a smaller copy may differ, from rounding its sides."""


class Thumbnail(NamedTuple):
    """The upright size of a picture, and its 16x16 grey means."""

    size: Size
    means: bytes


def thumbnail(data: bytes, max_megapixels: float) -> Thumbnail:
    """Return the thumbnail of a file. Raises `Unusable` for what cannot be decoded."""
    header = pictures.read_header(data, max_megapixels)
    return Thumbnail(header.size, _grey(data, header, Size(SIDE, SIDE)).tobytes())


def same_picture(one: bytes, other: bytes, max_megapixels: float) -> bool:
    """Tell whether two files show the same picture. Raises `Unusable` for what cannot be decoded."""
    headers = [pictures.read_header(data, max_megapixels) for data in (one, other)]
    # How fine detail comes out of a shrink depends on the filter; means over two pixels hardly do.
    fine = 1 if headers[0].size == headers[1].size else 2
    size = Size(*(max(1, min(CLOSE, min(sides) // fine)) for sides in zip(*(one.size for one in headers), strict=True)))
    a, b = (_grey(data, header, size).astype(np.int16) for data, header in zip((one, other), headers, strict=True))
    apart = np.abs(a - b)
    # A new encoding differs a little everywhere, photos of one scene much where something moved; where there is hardly
    # any contrast, everything is near everything.
    most = max(0.6, min(3.0, 0.15 * float(a.std())))
    return bool(apart.mean() <= most and (apart > 40).mean() <= 0.002)


def _grey(data: bytes, header: pictures.Header, size: Size) -> Any:
    """Decode no finer than needed, lay it on grey, and take the means of `size` boxes."""
    least = min(header.size.width // size.width, header.size.height // size.height)
    # A last pixel that is half there is a whole one after a scaled decode; of eight in a box nobody sees it.
    pitch = next((pitch for pitch in (8, 4, 2) if 8 * pitch <= least), 1)
    picture = pictures.decode(data, header, pitch)
    if picture.alpha is not None:
        picture = pictures.flatten(picture, (128, 128, 128))
    image = picture.image
    grey = image if image.shape[2] == 1 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    return cv2.resize(grey.reshape(image.shape[:2]), tuple(size), interpolation=cv2.INTER_AREA)


def candidates(thumbnails: Sequence[Thumbnail], groups: Sequence[Any]) -> Iterator[tuple[int, int]]:
    """Return pairs of numbers: a picture before and a picture, of two groups, whose thumbnails are nearly the same.

    Each picture is paired with the nearest before it. Time is linear in the number of pictures.
    """
    if not thumbnails:
        return
    means = np.frombuffer(b"".join(one.means for one in thumbnails), np.uint8).reshape(-1, SIDE * SIDE)
    ratios = np.array([one.size.width / one.size.height for one in thumbnails])
    kinds = np.unique(np.array(groups), return_inverse=True)[1]
    features = means @ _PATTERNS
    own = np.floor(features / CELL).astype(int).tolist()
    corners = np.floor((features[:, :, None] + (-NOISE, NOISE)) / CELL).astype(int).tolist()
    cells: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for number in range(len(thumbnails)):
        if there := cells.get(tuple(own[number]), ())[:FEW]:
            at = np.array(there)
            apart = np.abs(means[at].astype(np.int16) - means[number]).mean(axis=1)
            apart[(kinds[at] == kinds[number]) | (np.abs(ratios[at] / ratios[number] - 1) > STRETCH)] = np.inf
            nearest = int(apart.argmin())
            if apart[nearest] <= FAR:
                yield int(at[nearest]), number
        for cell in set(product(*corners[number])):
            cells[cell].append(number)


def _patterns() -> Any:
    """Return the patterns that tell thumbnails apart: the mean, and three differences of two halves."""
    first = np.where(np.arange(SIDE) < SIDE // 2, 1.0, -1.0)
    flat = np.ones(SIDE)
    halves = [np.outer(rows, columns) for rows in (flat, first) for columns in (flat, first)]
    return np.stack(halves, axis=-1).reshape(-1, 4) / SIDE**2


_PATTERNS = _patterns()
