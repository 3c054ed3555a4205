"""Near-duplicates: files that show the same picture, saved again, smaller, brighter, cropped, or a moment later.

A thumbnail has the pHash of the picture: the signs of its 64 lowest DCT coefficients (of 32x32 grey means) about their
median. Pictures whose hashes differ in few bits are candidates; a closer look decides. It lays one over the other, as
an affine warp near to none allows, and compares what is left without the coarse parts, which are alike in many photos.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np

from augcli.image import pictures
from augcli.image.arrays import Size
from augcli.image.lazy_imports import cv2

Alikeness: TypeAlias = Literal["same pixels", "nearly", ""]

SIDE, LOW = 32, 8
CLOSE = 96
BITS = 14
"""Of 64 that may differ; photos of different things differ in 32, give or take 5."""
BANDS = ((0, 13), (13, 26), (26, 39), (39, 52), (52, 64))
"""Of `BITS` that differ, two at most lie in one of five bands: there a candidate is found."""
FEW = 100
"""Thumbnails of a band that one is compared with, at most: where thousands look alike, with some of them."""
STRETCH = 0.15
"""Share by which aspect ratios may differ: from rounding the sides of a smaller copy, and from a crop."""
LEAST = 64
"""Pixels of a side from which on pictures are laid over one another: of less, too many fit."""
MOVED, TURNED = 0.1, 0.15
"""How far a picture may be moved, of its sides, and its axes stretched or turned."""
FINE = 0.7
"""Correlation of fine parts from which on it is the same picture; measured: crops and burst frames have 0.8 to 0.95,
and different photos hardly any.
"""


class Thumbnail(NamedTuple):
    """The upright size of a picture, and its pHash, the first coefficient in the lowest bit."""

    size: Size
    hash: int


def thumbnail(data: bytes, max_megapixels: float) -> Thumbnail:
    """Return the thumbnail of a file. Raises `Unusable` for what cannot be decoded."""
    header = pictures.read_header(data, max_megapixels)
    low = cv2.dct(_grey(data, header, Size(SIDE, SIDE)).astype(np.float32))[:LOW, :LOW]
    bits = np.packbits(low > np.median(low), bitorder="little")
    return Thumbnail(header.size, int.from_bytes(bits.tobytes(), "little"))


def alikeness(one: bytes, other: bytes, max_megapixels: float) -> Alikeness:
    """Tell whether two files show the same picture. Raises `Unusable` for what cannot be decoded."""
    headers = [pictures.read_header(data, max_megapixels) for data in (one, other)]
    files = list(zip((one, other), headers, strict=True))
    if headers[0].size == headers[1].size:
        a, b = (pictures.decode(data, header) for data, header in files)
        planes: Any = ((a.image, b.image), (a.alpha, b.alpha))
        if all(np.array_equal(*both) for both in planes):  # nothing is no alpha, of both
            return "same pixels"
    return "nearly" if _saved_again(files) or _laid_over(files) else ""


def _saved_again(files: list[tuple[bytes, pictures.Header]]) -> bool:
    """Tell whether two pictures differ by no more than a new encoding, or a shrink, makes of them."""
    sizes = [header.size for _, header in files]
    # How fine detail comes out of a shrink depends on the filter; means over two pixels hardly do.
    fine = 1 if sizes[0] == sizes[1] else 2
    size = Size(*(max(1, min(CLOSE, min(sides) // fine)) for sides in zip(*sizes, strict=True)))
    a, b = (_grey(data, header, size).astype(np.int16) for data, header in files)
    apart = np.abs(a - b)
    # A new encoding differs a little everywhere, photos of one scene much where something moved; where there is hardly
    # any contrast, everything is near everything.
    most = max(0.6, min(3.0, 0.15 * float(a.std())))
    return bool(apart.mean() <= most and (apart > 40).mean() <= 0.002)


def _laid_over(files: list[tuple[bytes, pictures.Header]]) -> bool:
    """Tell whether the fine parts of two pictures agree where one is laid over the other."""
    sizes = [header.size for _, header in files]
    if min(min(size) for size in sizes) < LEAST:
        return False
    scale = min(1.0, *(CLOSE / max(size) for size in sizes))
    size = Size(*(round(side * scale) for side in min(sizes)))
    a, b = (_grey(data, header, size).astype(np.float32) for data, header in files)
    warp = _warp(a, b, size)
    if warp is None:
        return False
    moved = np.abs(warp @ (size.width / 2, size.height / 2, 1) - (size.width / 2, size.height / 2)) / size
    if max(moved) > MOVED or np.abs(warp[:, :2] - np.eye(2)).max() > TURNED:
        return False
    back = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    laid, seen = (cv2.warpAffine(image, warp, tuple(size), flags=back) for image in (b, np.ones_like(b)))
    inside = cv2.erode(seen, np.ones((5, 5), np.uint8)) > 0.99
    x, y = (image[inside] - cv2.GaussianBlur(image, (0, 0), 2)[inside] for image in (a, laid))
    most = float(np.sqrt((x * x).sum() * (y * y).sum()))
    return bool(most > 0 and (x * y).sum() / most >= FINE)


def _warp(a: Any, b: Any, size: Size) -> Any:
    """Return the affine warp that brings `b` to `a`, sought coarsely, then finely; None where there is none."""
    warp: Any = np.eye(2, 3, dtype=np.float32)
    find: Any = cv2.findTransformECC  # whose types know no mask that is none
    try:
        for shrunk in (3, 1):
            box = (size.width // shrunk, size.height // shrunk)
            one, other = (cv2.resize(image, box, interpolation=cv2.INTER_AREA) for image in (a, b))
            warp[:, 2] /= shrunk
            enough = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 15, 1e-3)
            _, warp = find(one, other, warp, cv2.MOTION_AFFINE, enough, None, 3)
            warp[:, 2] *= shrunk
    except cv2.error:  # it moves away from any
        return None
    return warp


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


def candidates(thumbnails: Sequence[Thumbnail], groups: Sequence[Any]) -> list[tuple[int, int]]:
    """Return pairs of numbers: a picture before and a picture, of two groups, whose hashes are nearly the same.

    Each picture is paired with the nearest before it; the nearest pairs come first. Time is linear in the number of
    pictures.
    """
    hashes = np.array([one.hash for one in thumbnails], np.uint64)
    ratios = np.array([one.size.width / one.size.height for one in thumbnails])
    kinds = np.unique(np.array(groups), return_inverse=True)[1] if len(thumbnails) else np.array([])
    there: list[dict[int, list[int]]] = [{} for _ in BANDS]
    found: list[tuple[int, int, int]] = []
    for number, (_, own) in enumerate(thumbnails):
        near: list[int] = []
        for numbers, (first, end), flips in zip(there, BANDS, _FLIPS, strict=True):
            band = own >> first & ((1 << end - first) - 1)
            for flip in flips:
                if band ^ flip in numbers:
                    near += numbers[band ^ flip]
            if len(numbers.setdefault(band, [])) < FEW:
                numbers[band].append(number)
        if near:
            at = np.array(near)
            at = at[(kinds[at] != kinds[number]) & (np.abs(ratios[at] / ratios[number] - 1) <= STRETCH)]
            apart = _count(hashes[at] ^ hashes[number])
            if len(at) and apart.min() <= BITS:
                found.append((int(apart.min()), int(at[apart == apart.min()].min()), number))
    return [(one, other) for _, one, other in sorted(found)]


def _flips(width: int) -> list[int]:
    """Return what changes at most two bits of a band."""
    bits = [1 << bit for bit in range(width)]
    return [0, *bits, *(one | other for one, other in combinations(bits, 2))]


_FLIPS = [_flips(end - first) for first, end in BANDS]
_ONES = np.array([number.bit_count() for number in range(256)], np.uint8)


def _count(hashes: Any) -> Any:
    """Return how many bits of each are set."""
    return _ONES[hashes[:, None].view(np.uint8)].sum(axis=1)
