"""Kernels of sun flares and shadows: image in, image out of the same size.

`reflections` grows the places of lens reflections from an integer seed. All is rendered as Albumentations
2.0.8 renders it. Greyscale stays greyscale unless a colour is to be put into it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from augcli.image.arrays import Image, Size, as_colour, size_of, with_channels
from augcli.image.lazy_imports import cv2
from augcli.random_streams import total
from augcli.settings.values import Colour


class Reflection(NamedTuple):
    """A disc of light in the lens."""

    alpha: float
    x: int
    y: int
    radius: int
    color: Colour


def reflections(
    size: Size, sun: tuple[int, int], angle: float, count: int, color: Colour, seed: int
) -> list[Reflection]:
    """Return discs on the line through the sun at `angle` turns, clockwise from the right.

    Their colours are up to a fifth darker than `color`, channel by channel.
    """
    generator = np.random.Generator(np.random.SFC64(seed))
    step = max(1, int(math.hypot(*size) * 0.01))
    places = range(-sun[0], size.width - sun[0], step)
    darker = int(max(color) * 0.2)
    found = []
    for _ in range(count):
        alpha = 0.05 + 0.15 * generator.random()
        along = places[generator.integers(len(places))]
        x = int(sun[0] + along * math.cos(2 * math.pi * angle))
        y = int(sun[1] + along * math.sin(2 * math.pi * angle))
        radius = int(generator.integers(1, max(2, size.height // 100) + 1)) ** 3
        red, green, blue = (int(generator.integers(max(part - darker, 0), part + 1)) for part in color)
        found.append(Reflection(alpha, x, y, radius, (red, green, blue)))
    return found


def sun_flare(
    image: Image, sun: tuple[int, int], angle: float, circles: int, radius: int, color: Colour, seed: int
) -> Image:
    """Blend the `reflections` of a sun into the image, then the sun: discs up to `radius`, ever fainter.

    Equals Albumentations' `add_sun_flare_overlay` with the same circles to two levels, from a radius of
    100 px on; it has a disc for every ten pixels, which is too few to be seen in small images: here they are
    ten, or one for each pixel.
    """
    if len(set(color)) > 1:
        image = as_colour(image)
    found = reflections(size_of(image), sun, angle, circles, color, seed)
    lit = _reflected(image, found)
    brightest = 5 * total(one.alpha * one.radius for one in found) / total(one.radius for one in found)
    return _shone(lit, sun, radius, color, min(brightest, 1.0))


def _reflected(image: Image, found: Sequence[Reflection]) -> Image:
    """Blend discs one after the other, each with all those before it."""
    height, width, channels = image.shape
    overlay, lit = image.copy(), image.copy()
    left, top, right, bottom = width, height, 0, 0  # what holds all discs so far
    for alpha, x, y, radius, color in found:
        left, right = min(left, max(x - radius, 0)), max(right, min(x + radius + 1, width))
        top, bottom = min(top, max(y - radius, 0)), max(bottom, min(y + radius + 1, height))
        cv2.circle(overlay, (x, y), radius, color[:channels], -1)
        if left < right and top < bottom:
            patch = lit[top:bottom, left:right]
            patch[:] = with_channels(cv2.addWeighted(overlay[top:bottom, left:right], alpha, patch, 1 - alpha, 0))
    return lit


def _shone(image: Image, sun: tuple[int, int], radius: int, color: Colour, brightest: float) -> Image:
    """Blend growing discs, by weights that fall from the cube of `brightest` to 0; `image` is written to.

    What becomes of a pixel follows from the smallest disc that holds it, so that it is looked up once.
    """
    count = radius // 10 if radius >= 100 else min(radius, 10)
    if not count:
        return image
    weights = np.linspace(0.0, brightest, count)[::-1] ** 3
    radii = np.linspace(1, radius, count).astype(int)
    left, top = (max(place - radius, 0) for place in sun)
    patch = image[top : sun[1] + radius + 1, left : sun[0] + radius + 1]
    rings = np.full(patch.shape[:2], count, np.int32)
    for ring in range(count - 1, -1, -1):
        cv2.circle(rings, (sun[0] - left, sun[1] - top), int(radii[ring]), ring, -1)
    levels = np.arange(256, dtype=np.uint8)
    for channel in range(image.shape[2]):
        table = np.tile(levels, (count + 1, 1))
        light = np.full_like(table, color[channel])
        for ring, weight in enumerate(weights):  # falls on all that lies in this disc
            table[: ring + 1] = cv2.addWeighted(light[: ring + 1], weight, table[: ring + 1], 1 - weight, 0)
        patch[:, :, channel] = table.ravel()[rings * 256 + patch[:, :, channel]]
    return image


Polygon = tuple[tuple[int, int], ...]


def shadow(image: Image, polygons: Sequence[Polygon], intensities: Sequence[float]) -> Image:
    """Darken polygons of whole pixels, each to 1 less its intensity, truncated; a part covered twice, twice.

    Equals Albumentations' `add_shadow`.
    """
    shaded = image.copy()
    levels = np.arange(256, dtype=np.float64)
    for polygon, intensity in zip(polygons, intensities, strict=True):
        corners = np.array(polygon, np.int32)
        left, top, wide, high = cv2.boundingRect(corners)
        patch = shaded[top : top + high, left : left + wide]
        mask = cv2.fillPoly(np.zeros(patch.shape[:2], np.uint8), [corners - (left, top)], 1)
        dark = cv2.LUT(patch, (levels * (1 - intensity)).astype(np.uint8))
        cv2.copyTo(with_channels(dark), mask, patch)
    return shaded
