"""Kernels that change values by their histogram, of the whole image or of tiles: image in, image out."""

from __future__ import annotations

import numpy as np

from augcli.image.arrays import Image, with_channels
from augcli.image.colour import look_up
from augcli.image.lazy_imports import cv2


def shift_within(image: Image, shift: float) -> Image:
    """Add `shift` levels, clipped to the least and the greatest value of the image itself."""
    low, high = float(image.min()), float(image.max())
    values = np.clip(np.rint(np.arange(256) + shift), low, high)
    return look_up(image, values.astype(np.uint8)[:, np.newaxis])


def stretch_histogram(image: Image) -> Image:
    """Map each channel's least value to 0 and its greatest to 255, truncated; a flat channel stays."""
    columns = []
    for channel in range(image.shape[2]):
        plane = image[:, :, channel]
        low, high = int(plane.min()), int(plane.max())
        scale = 255 / (high - low) if high > low else 1.0
        offset = -low * scale if high > low else 0.0
        columns.append(np.clip(np.arange(256) * scale + offset, 0, 255).astype(np.uint8))
    return look_up(image, np.stack(columns, axis=1))


def equalize_histogram(image: Image) -> Image:
    """Spread each channel's values over all levels as Pillow's `ImageOps.equalize` does, exactly."""
    columns = []
    for channel in range(image.shape[2]):
        counts = np.bincount(image[:, :, channel].ravel(), minlength=256)
        occupied = np.flatnonzero(counts)
        step = (counts.sum() - counts[occupied[-1]]) // 255
        if len(occupied) < 2 or step == 0:
            columns.append(np.arange(256, dtype=np.uint8))
            continue
        below = np.concatenate([[0], np.cumsum(counts)[:-1]])
        columns.append(np.minimum(255, (step // 2 + below) // step).astype(np.uint8))
    return look_up(image, np.stack(columns, axis=1))


def clahe(image: Image, clip_limit: float, tiles: int) -> Image:
    """Equalize the histogram tile by tile, with limited contrast, blending between `tiles` x `tiles` of them.

    Colours are equalized in their lightness, the L of CIELAB. A bin of a tile's histogram is clipped at
    `clip_limit` times its mean. Equals Albumentations' `CLAHE` (Zuiderveld 1994).
    """
    equalizer = cv2.createCLAHE(clip_limit, (tiles, tiles))
    if image.shape[2] == 1:
        return with_channels(equalizer.apply(image[:, :, 0]))
    lab = cv2.cvtColor(image, cv2.COLOR_RGB2LAB)
    lab[:, :, 0] = equalizer.apply(lab[:, :, 0])
    return with_channels(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB))
