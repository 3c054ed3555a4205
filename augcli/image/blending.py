"""Kernels that make one picture of several of one size: the picture itself comes first, then the others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from augcli.image.arrays import Box, Image, Numbers, Picture, as_colour


def weighted(pictures: list[Picture], lam: float) -> Picture:
    """Return `lam` of the first picture and 1 - lam of the second, rounded to nearest.

    Where there is transparency, colours count as much as they are seen.
    """
    (one, other), alphas = _alike(pictures)
    if alphas is None:
        mixed = one * np.float32(lam)
        mixed += other * np.float32(1 - lam)
        return Picture(_rounded(mixed))
    seen, other_seen = alphas[0] * np.float32(lam), alphas[1] * np.float32(1 - lam)
    alpha = seen + other_seen
    colours = one * seen
    colours += other * other_seen
    colours /= np.maximum(alpha, np.float32(1e-6))
    return Picture(_rounded(colours), _rounded(alpha))


def averaged(pictures: list[Picture], weights: tuple[float, ...]) -> Picture:
    """Return the mean of pictures by `weights`, its colours truncated, its alpha rounded to nearest.

    Where there is transparency, colours count as much as they are seen.
    """
    images, alphas = _alike(pictures)
    if alphas is None:
        return Picture(_truncated(_summed(images, weights)))
    shown = [image * alpha.astype(np.float32) for image, alpha in zip(images, alphas, strict=True)]
    colours, alpha = _summed(shown, weights), _summed(alphas, weights)
    colours /= np.maximum(alpha, np.float32(1e-6))
    return Picture(_truncated(colours), _rounded(alpha))


def pasted(pictures: list[Picture], boxes: tuple[Box, ...]) -> Picture:
    """Return the first picture with a box of each other one in it, at the same place."""
    images, alphas = _alike(pictures)
    return Picture(_joined(images, boxes), None if alphas is None else _joined(alphas, boxes))


def _alike(pictures: list[Picture]) -> tuple[list[Image], list[Image] | None]:
    """Return the images with one number of channels, and their alphas where any has one."""
    images = [picture.image for picture in pictures]
    if any(image.shape[2] == 3 for image in images):
        images = [as_colour(image) for image in images]
    if all(picture.alpha is None for picture in pictures):
        return images, None
    opaque = np.full((*images[0].shape[:2], 1), 255, np.uint8)
    return images, [opaque if picture.alpha is None else picture.alpha for picture in pictures]


def _joined(images: list[Image], boxes: tuple[Box, ...]) -> Image:
    made = images[0].copy()
    for other, (left, top, width, height) in zip(images[1:], boxes, strict=True):
        where = np.s_[top : top + height, left : left + width]
        made[where] = other[where]
    return made


def _rounded(values: Numbers) -> Image:
    whole: Image = np.rint(values).astype(np.uint8)
    return whole


def _summed(images: Sequence[Image | Numbers], weights: Sequence[float]) -> Numbers:
    total = np.zeros(images[0].shape, np.float32)
    for image, weight in zip(images, weights, strict=True):
        total += image * np.float32(weight)
    return total


def _truncated(values: Numbers) -> Image:
    # Weights are rounded: white may come to a hair less than 255.
    whole: Image = np.clip(values + np.float32(1e-3), 0, 255, values).astype(np.uint8)
    return whole
