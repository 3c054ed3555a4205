"""Kernels that change values: image in, image out, each pixel by itself (a mean may be read first).

Luma is Pillow's integer BT.601. Tables and brightness truncate as torchvision and Pillow do; mixing
channels rounds to nearest, to within OpenCV's 10-bit coefficients. Greyscale in gives greyscale out
unless the channels are to differ.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from augcli.image import native
from augcli.image.arrays import Image, as_colour, with_channels
from augcli.image.lazily import cv2, pillow

LUMA = np.array([19595, 38470, 7471], dtype=np.float64) / 65536
"""Weights of red, green, blue: Pillow's `convert("L")`, ITU-R BT.601."""

LUMAS = np.tile(LUMA, (3, 1))
"""Luma for each of the three channels, (3, 3)."""

EYE = np.eye(3)

Floats = npt.NDArray[np.float64]


def look_up(image: Image, lut: Image) -> Image:
    """Replace every value by its entry in `lut`, (256, 1) for all channels or (256, 3)."""
    if lut.shape[1] == 3 and image.shape[2] == 1:
        if (lut == lut[:, :1]).all():
            lut = lut[:, :1]
        else:
            image = as_colour(image)
    if lut.shape[1] == 1:
        return native.look_up(image, lut)
    return with_channels(cv2.LUT(image, np.ascontiguousarray(lut).reshape(1, 256, 3)))


def mix(image: Image, by_pixel: Floats, by_mean: Floats, constant: Floats, truncate: bool) -> Image:
    """Compute `by_pixel @ x + by_mean @ mean(x) + constant` for every pixel x, then round once and clip.

    `by_pixel` and `by_mean` are (3, 3), `constant` (3,) in levels. The mean is over the whole image.
    """
    if image.shape[2] == 1:
        grey = _on_grey(image, by_pixel, by_mean, constant, truncate)
        if grey is not None:
            return grey
        image = as_colour(image)
    offset = constant + by_mean @ cv2.mean(image)[:3] if by_mean.any() else constant
    if is_diagonal(by_pixel):
        scale = by_pixel.diagonal()
        alike = len({*scale.tolist()}) == len({*offset.tolist()}) == 1
        return look_up(image, levels(scale[:1], offset[:1], truncate) if alike else levels(scale, offset, truncate))
    if not offset.any() and (by_pixel == LUMA).all():
        return greyscale(image)
    matrix = np.column_stack([by_pixel, offset])
    return with_channels(cv2.transform(image, matrix))


def is_diagonal(matrix: Floats) -> bool:
    """Tell whether a (3, 3) matrix keeps the channels apart."""
    (_, b, c), (d, _, f), (g, h, _) = matrix.tolist()
    return not (b or c or d or f or g or h)


def levels(scale: Floats, offset: Floats, truncate: bool) -> Image:
    """Return the table (256, C) of `scale * x + offset` for each channel, in float32 as its oracles do."""
    values = np.arange(256, dtype=np.float32)[:, np.newaxis] * scale.astype(np.float32) + offset.astype(np.float32)
    whole = np.floor(values) if truncate else np.rint(values)
    table: Image = np.clip(whole, 0, 255).astype(np.uint8)
    return table


def greyscale(image: Image) -> Image:
    """Give every channel the pixel's luma, exactly as Pillow's `convert("L")`; channels are kept."""
    if image.shape[2] == 1:
        return image
    return as_colour(with_channels(np.asarray(pillow.fromarray(image).convert("L"))))


def turn_hue(image: Image, turns: float) -> Image:
    """Turn the hue by a fraction of the full circle; HSV value and saturation stay.

    No HSV is made. A turn's whole thirds permute the channels. In the rest, at most a sixth either
    way, a pixel's largest and smallest values V and m stay what they are, and each channel X with
    cyclic neighbours Y and Z becomes X - Y + (m + d where Z > Y, else V - d), clamped to m..V, with
    d = rest (V - m). Equals torchvision's float HSV (`F.adjust_hue` on a tensor) to one level.
    """
    if image.shape[2] == 1:
        return image
    thirds = round(turns * 3)
    sixths = (turns * 3 - thirds) * 2
    read = [(channel - thirds) % 3 for channel in range(3)]
    # The other way round is the same turn with the channels in the other order.
    write = [0, 1, 2] if sixths >= 0 else [2, 1, 0]
    return native.turn_hue(image, [read[channel] for channel in write], write, abs(sixths))


def scale_saturation(image: Image, factor: float) -> Image:
    """Multiply the HSV saturation, at most up to 1; hue and value stay.

    With V the largest channel and m the smallest, X becomes V - (V - X) min(factor, V / (V - m)).
    Equals `tf.image.adjust_saturation` to one level.
    """
    if image.shape[2] == 1:
        return image
    high = image.max(axis=2, keepdims=True).astype(np.float32)
    spread = high - image.min(axis=2, keepdims=True)
    ratio = np.minimum(np.float32(factor), high / np.maximum(spread, np.float32(1)))
    scaled: Image = np.rint(high - (high - image) * ratio).astype(np.uint8)
    return scaled


def _on_grey(image: Image, by_pixel: Floats, by_mean: Floats, constant: Floats, truncate: bool) -> Image | None:
    """Mix a greyscale image, or return None where the three channels would come out different."""
    scale, lift = by_pixel.sum(axis=1), by_mean.sum(axis=1)
    for row in (scale, lift, constant):
        if not np.allclose(row, row[0], rtol=0, atol=1e-9):
            return None
    offset = constant[:1] + lift[:1] * cv2.mean(image)[0]
    return look_up(image, levels(scale[:1], offset, truncate))
