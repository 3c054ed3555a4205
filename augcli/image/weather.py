"""Kernels that draw weather over an image: image in, image out of the same size.

`raindrops` and `wisps` grow the places of drops and of fog from an integer seed. They are rendered as Albumentations
2.0.8 renders them. Greyscale stays greyscale unless a colour is to be put into it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from augcli.image.arrays import Image, Size, as_colour, size_of, with_channels
from augcli.image.lazy_imports import cv2
from augcli.settings.values import Colour

Whole = npt.NDArray[np.int32]


# Rain


def raindrops(size: Size, count: int, drop_length: int, seed: int) -> Whole:
    """Return the upper ends (x, y) of drops, (count, 2), anywhere in the image that leaves them room below."""
    most = size.width, max(1, size.height - drop_length)
    return np.random.Generator(np.random.SFC64(seed)).integers(0, most, (count, 2), dtype=np.int32)


def rain(
    image: Image,
    drops: int,
    slant: float,
    drop_length: int,
    drop_width: int,
    color: Colour,
    blur: int,
    brightness: float,
    seed: int,
) -> Image:
    """Draw drops on a layer of its own, blur it with a box of side `blur`, add it, then dim by `brightness`.

    A drop is a line of `drop_length` pixels down and `slant` along. Equals Albumentations' `add_rain` with the
    same drops to two levels.
    """
    flat = len(set(color)) == 1
    image = image if flat else as_colour(image)
    starts = raindrops(size_of(image), drops, drop_length, seed)
    ends = (starts + np.array([slant, drop_length])).astype(np.int32)
    layer = np.zeros((*image.shape[:2], 1 if flat else 3), np.uint8)
    lines = np.stack([starts, ends], axis=1)
    cv2.polylines(layer, list(lines), False, color[:1] if flat else color, drop_width, cv2.LINE_4)
    blurred = cv2.blur(layer, (blur, blur))
    if flat and image.shape[2] == 3:
        blurred = cv2.merge([blurred] * 3)
    return with_channels(cv2.convertScaleAbs(cv2.add(image, blurred), alpha=brightness))


# Fog


class Wisps(NamedTuple):
    """Discs with their middles in whole pixels, (N,) each."""

    x: Whole
    y: Whole
    radius: Whole


def wisps(size: Size, density: float, seed: int) -> Wisps:
    """Return the discs of a fog, denser towards the middle: up to ten rounds over an ever smaller region.

    A round has `10 density` discs for each square that is `density` thirds of the image's width wide, though at
    most one for each pixel of its region; the first region is the image, each has 0.9 of the sides of the last.
    """
    generator = np.random.Generator(np.random.SFC64(seed))
    least = max(1, int(size.width // 3 * density))
    middle_x, middle_y = (size.width - 1) // 2, (size.height - 1) // 2
    wide, high = size
    columns, rows = [np.empty(0, np.int32)], [np.empty(0, np.int32)]
    for _ in range(10):
        if wide <= least or high <= least:
            break
        count = min(int(wide * high / least**2 * density * 10), wide * high)
        for places, middle, side in ((columns, middle_x, wide), (rows, middle_y, high)):
            places.append(generator.integers(middle - side // 2, middle + side // 2 + 1, count, dtype=np.int32))
        wide, high = int(wide * 0.9), int(high * 0.9)
    x, y = np.concatenate(columns), np.concatenate(rows)
    most = max(2, int(min(size) * 0.1 * density))
    return Wisps(x, y, generator.integers(max(1, most // 2), most, len(x), dtype=np.int32))


def fog(image: Image, density: float, alpha: float, seed: int) -> Image:
    """Blend white discs into the image, each by `alpha * density`, and blur the whole slightly.

    Equals Albumentations' `add_fog` with the same discs. What becomes of a pixel follows from how many
    discs cover it, so that these are counted and blended once.
    """
    covers = _counted(wisps(size_of(image), density, seed), size_of(image))
    table = [np.arange(256, dtype=np.uint8)]
    white = np.full(256, 255, np.uint8)
    for _ in range(int(covers.max())):
        once_more = cv2.addWeighted(white, alpha * density, table[-1], 1 - alpha * density, 0)
        table.append(once_more.ravel().astype(np.uint8, copy=False))
    lighter, misty = np.concatenate(table), np.empty_like(image)
    rows = max(1, _STRIP // image.shape[1])
    for top in range(0, len(image), rows):
        strip = slice(top, top + rows)
        misty[strip] = lighter[covers[strip, :, np.newaxis] * 256 + image[strip]]
    side = max(3, min(image.shape[:2]) // 30) | 1
    return with_channels(cv2.GaussianBlur(misty, (side, side), 0))


_STRIP = 1 << 13  # pixels whose places in the table stay in the cache


def _counted(discs: Wisps, size: Size) -> npt.NDArray[np.intp]:
    """Return by how many discs each pixel is covered, (H, W): up where a row of a disc starts, down behind its end."""
    line = size.width + 1
    starts, ends = [], []
    for radius in np.unique(discs.radius):
        reaches = _reaches(int(radius))
        of_it = discs.radius == radius
        x, rows = discs.x[of_it, np.newaxis], discs.y[of_it, np.newaxis] + np.arange(-radius, radius + 1)
        inside = (rows >= 0) & (rows < size.height)
        starts.append((rows * line + np.clip(x - reaches, 0, size.width))[inside])
        ends.append((rows * line + np.clip(x + reaches + 1, 0, size.width))[inside])
    if not starts:
        return np.zeros((size.height, size.width), np.intp)
    up, down = (np.bincount(np.concatenate(places), minlength=size.height * line) for places in (starts, ends))
    return (up - down).reshape(size.height, line).cumsum(axis=1)[:, :-1]


@lru_cache(maxsize=512)
def _reaches(radius: int) -> npt.NDArray[np.intp]:
    """Return how far OpenCV's filled circle reaches from its middle column, row by row, (2 radius + 1,)."""
    side = 2 * radius + 1
    disc = cv2.circle(np.zeros((side, side), np.uint8), (radius, radius), radius, 1, -1)
    reaches: npt.NDArray[np.intp] = (disc.sum(axis=1, dtype=np.intp) - 1) // 2
    return reaches


# Snow


def snow(image: Image, point: float, brightness: float) -> Image:
    """Bleach what is darker than 85 + 127.5 `point` levels: its lightness in HLS times `brightness`, truncated.

    Equals Albumentations' `add_snow_bleach`.
    """
    levels = np.arange(256, dtype=np.float32)
    levels[levels < 255 * point / 2 + 255 / 3] *= np.float32(brightness)
    bleached = np.clip(levels, 0, 255).astype(np.uint8)
    if image.shape[2] == 1:
        return with_channels(cv2.LUT(image, bleached))
    hls = cv2.cvtColor(image, cv2.COLOR_RGB2HLS)
    hls[:, :, 1] = cv2.LUT(hls[:, :, 1], bleached)
    return with_channels(cv2.cvtColor(hls, cv2.COLOR_HLS2RGB))
