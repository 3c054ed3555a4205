"""Kernels that change values: image in, image out, each pixel by itself (a mean may be read first).

Luma is Pillow's integer BT.601. Tables and brightness truncate as torchvision and Pillow do; mixing
channels rounds to nearest, with weights of 16 bits. Greyscale in gives greyscale out
unless the channels are to differ.
"""

from __future__ import annotations

import math

import numpy as np

from augcli.image import native
from augcli.image.arrays import Image, Matrix, Vector, as_colour, with_channels
from augcli.image.lazy_imports import cv2, pillow

LUMA = (19595 / 65536, 38470 / 65536, 7471 / 65536)
"""Weights of red, green, blue: Pillow's `convert("L")`, ITU-R BT.601."""

LUMAS = Matrix(*LUMA, *LUMA, *LUMA)
"""Luma for each of the three channels."""

EYE = Matrix(1, 0, 0, 0, 1, 0, 0, 0, 1)
ZERO = Matrix(0, 0, 0, 0, 0, 0, 0, 0, 0)
NONE: Vector = (0.0, 0.0, 0.0)

_LEVELS = np.arange(256, dtype=np.float32)[:, np.newaxis]


def look_up(image: Image, lut: Image) -> Image:
    """Replace every value by its entry in `lut`, (256, 1) for all channels or (256, 3)."""
    if lut.shape[1] == 3 and image.shape[2] == 1:
        if (lut == lut[:, :1]).all():
            lut = lut[:, :1]
        else:
            image = as_colour(image)
    if lut.shape[1] == 1:
        return native.look_up(image, lut)
    return native.colour(image, [native.TableStage(lut)])


def mix_stage(
    image: Image, by_pixel: Matrix, by_mean: Matrix, constant: Vector, truncate: bool, seen: Image | None = None
) -> native.TableStage | native.MixStage | None:
    """Return what computes `by_pixel @ x + by_mean @ mean(x) + constant` for every pixel x, rounds once and clips.

    `constant` is in levels. The mean is over the whole image, or over the pixels whose entry in `seen` is not 0. A
    greyscale image becomes coloured where its table has three columns. None is Pillow's greyscale of a colour image.
    """
    offset = _offset(image, by_mean, constant, seen)
    if image.shape[2] == 1:
        return native.TableStage(levels(by_pixel.on((1.0, 1.0, 1.0)), offset, truncate))
    if is_diagonal(by_pixel):
        scale = (by_pixel.a, by_pixel.e, by_pixel.i)
        return native.TableStage(levels(scale, offset, truncate))
    if offset == NONE and by_pixel == LUMAS:
        return None
    # As many fractional bits as the largest weight leaves of 16: up to 2 they are 14, 0.02 levels at most.
    shift = min(14, 14 - math.frexp(max(map(abs, by_pixel)) / 1.9999)[1])
    shift = max(0, shift)
    one, half = 1 << shift, 0 if truncate or not shift else 1 << (shift - 1)
    fixed = [min(max(round(number * one), -_FARTHEST), _FARTHEST) + half for number in offset]
    return native.MixStage([round(weight * one) for weight in by_pixel], fixed, shift)


_FARTHEST = 1 << 29
LARGEST_WEIGHT = 1 << 14
"""Of a mix; what would be larger is not merged."""


def _offset(image: Image, by_mean: Matrix, constant: Vector, seen: Image | None) -> Vector:
    if by_mean == ZERO:
        return constant
    mean = cv2.mean(image, seen)
    red, green, blue = by_mean.on((mean[0], mean[0], mean[0]) if image.shape[2] == 1 else (mean[0], mean[1], mean[2]))
    return red + constant[0], green + constant[1], blue + constant[2]


def is_diagonal(matrix: Matrix) -> bool:
    """Tell whether a matrix keeps the channels apart."""
    _, b, c, d, _, f, g, h, _ = matrix
    return not (b or c or d or f or g or h)


def levels(scale: Vector, offset: Vector, truncate: bool) -> Image:
    """Return the table of `scale * x + offset`, in float32 as its oracles do: (256, 1) if one serves all channels."""
    if scale[0] == scale[1] == scale[2] and offset[0] == offset[1] == offset[2]:
        scale, offset = scale[:1], offset[:1]  # type: ignore[assignment]  # one column will do
    values = _LEVELS * np.array(scale, np.float32) + np.array(offset, np.float32)
    whole = np.floor(values, values) if truncate else np.rint(values, values)
    table: Image = np.clip(whole, 0, 255, whole).astype(np.uint8)
    return table


def greyscale(image: Image) -> Image:
    """Give every channel the pixel's luma, exactly as Pillow's `convert("L")`; channels are kept."""
    if image.shape[2] == 1:
        return image
    return as_colour(with_channels(np.asarray(pillow.fromarray(image).convert("L"))))


def hue_stage(turns: float) -> native.HueStage:
    """Return what turns the hue by a fraction of the full circle; HSV value and saturation stay.

    Equals torchvision's float HSV (`F.adjust_hue` on a tensor) to one level. No HSV is made. A turn's
    whole thirds permute the channels. In the rest, at most a sixth either way, a pixel's largest and
    smallest values V and m stay what they are, and each channel X with cyclic neighbours Y and Z becomes
    X - Y + (m + d where Z > Y, else V - d), clamped to m..V, with d = rest (V - m).
    """
    thirds = round(turns * 3)
    sixths = (turns * 3 - thirds) * 2
    read = [(channel - thirds) % 3 for channel in range(3)]
    # The other way round is the same turn with the channels in the other order.
    write = [0, 1, 2] if sixths >= 0 else [2, 1, 0]
    return native.HueStage([read[channel] for channel in write], write, round(abs(sixths) * (1 << 15)))


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


def change_hsv(image: Image, turns: float, saturation: tuple[float, float], value: tuple[float, float]) -> Image:
    """Turn OpenCV's hue, and multiply saturation and value by a factor and add to them, in levels; all truncated.

    Grey pixels stay grey. Equals Albumentations' `shift_hsv` on bytes to two levels, and Ultralytics' `RandomHSV`.
    """
    if turns == 0 and saturation == value == (1, 0):
        return image  # HSV in bytes is no exact way there and back
    levels = np.arange(256)
    saturated, valued = (
        np.clip(levels * factor + shift, 0, 255).astype(np.uint8) for factor, shift in (saturation, value)
    )
    if image.shape[2] == 1:
        return look_up(image, valued[:, np.newaxis])
    saturated[0] = 0
    half_degrees = round(180 * turns, 3)  # 6 digits of 20 / 180 would come to 19.99998, and to 19
    turned = np.mod(levels + half_degrees, 180).astype(np.uint8)
    hsv = with_channels(cv2.cvtColor(image, cv2.COLOR_RGB2HSV))
    shifted = look_up(hsv, np.stack([turned, saturated, valued], axis=1))
    return with_channels(cv2.cvtColor(shifted, cv2.COLOR_HSV2RGB))
