"""The twins of the compiled loops: the same bytes in NumPy and OpenCV, for machines without a compiler.

What a function computes is said where it is called, in this package's `__init__`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from augcli.image.arrays import Image, Matrix, Size, with_channels
from augcli.image.lazy_imports import cv2
from augcli.image.native.stages import HueStage, MixStage, Stage

BITS = 14
"""Fractional bits of a place between pixels, and of the weights that follow from it."""
_ONE = 1 << BITS
_FAR = float(1 << 29)
_Whole: TypeAlias = npt.NDArray[np.int32]


def look_up(image: Image, lut: Image) -> Image:
    return with_channels(cv2.LUT(image, np.ascontiguousarray(lut).reshape(1, 256)))


_SCRAMBLES = (0x21F0AAAD, 0x735A2D97)
_WEIGHTS = np.array((57, 71, 53, 75), np.int32)
_MIDDLE = 32640
_BEND = (13470, 1432, 5458, -12059, 13109)
_BAND = 1 << 16  # pixels or numbers that are worked on at once


def add_noise(image: Image, key: tuple[int, int], repeat: int, factor: int, offset: int, shift: int) -> Image:
    noisy = np.empty(image.size, np.uint8)
    values = image.reshape(-1)
    for start in range(0, image.size, _BAND * repeat):
        band = slice(start, min(image.size, start + _BAND * repeat))
        numbers = _normal(np.arange(band.start // repeat, band.stop // repeat, dtype=np.uint32), key)
        added = (numbers.repeat(repeat) * np.int32(factor) + np.int32(offset)) >> np.int32(shift)
        noisy[band] = np.clip(added + values[band], 0, 255)
    return noisy.reshape(image.shape)


def _normal(counters: npt.NDArray[np.uint32], key: tuple[int, int]) -> npt.NDArray[np.int32]:
    one, two = (np.uint32(number) for number in _SCRAMBLES)
    x = counters * np.uint32(key[1]) + np.uint32(key[0])
    x ^= x >> np.uint32(16)
    x *= one
    x ^= x >> np.uint32(15)
    x *= two
    x ^= x >> np.uint32(15)
    bells = x.astype("<u4").view(np.uint8).reshape(-1, 4).astype(np.int32) @ _WEIGHTS - np.int32(_MIDDLE)
    squares, bend = _product(bells, bells), np.full_like(bells, _BEND[-1])
    for number in _BEND[-2::-1]:
        bend = _product(bend, squares) + np.int32(number)
    return _product(bells, bend)


def _product(one: _Whole, other: _Whole | np.int32) -> _Whole:
    """Multiply in fixed point of 15 fractional bits, and round."""
    return (one * other + np.int32(1 << 14)) >> np.int32(15)


def colour(image: Image, stages: Sequence[Stage]) -> Image:
    for stage in stages:
        if isinstance(stage, MixStage):
            image = _mix(image, stage)
        elif isinstance(stage, HueStage):
            image = _turn_hue(image, stage)
        elif stage.lut.shape[1] == 1:
            image = look_up(image, stage.lut)
        else:
            image = with_channels(cv2.LUT(image, np.ascontiguousarray(stage.lut).reshape(1, 256, 3)))
    return image


def _mix(image: Image, stage: MixStage) -> Image:
    red, green, blue = (image[:, :, channel].astype(np.int32) for channel in range(3))
    mixed = np.empty_like(image)
    for channel, offset in enumerate(stage.offsets):
        a, b, c = (np.int32(weight) for weight in stage.weights[3 * channel : 3 * channel + 3])
        total = (red * a + green * b + blue * c + np.int32(offset)) >> np.int32(stage.shift)
        mixed[:, :, channel] = np.clip(total, 0, 255)
    return mixed


def _turn_hue(image: Image, stage: HueStage) -> Image:
    planes = cv2.split(image)
    x, y, z = (planes[index] for index in stage.read)
    high, low = cv2.max(cv2.max(x, y), z), cv2.min(cv2.min(x, y), z)
    parts = (np.arange(256) * stage.step + (1 << 14)) >> 15
    part = cv2.LUT(cv2.subtract(high, low), parts.astype(np.uint8))
    rising, falling = cv2.add(low, part), cv2.subtract(high, part)
    turned = [x, y, z]
    for index, (first, second, third) in zip(stage.write, ((x, y, z), (y, z, x), (z, x, y)), strict=True):
        target = falling.copy()
        cv2.copyTo(rising, cv2.compare(third, second, cv2.CMP_GT), target)
        # Saturating bytes: only one of the two differences is not zero.
        target = cv2.add(cv2.subtract(target, cv2.subtract(second, first)), cv2.subtract(first, second))
        turned[index] = cv2.min(cv2.max(target, low), high)
    return with_channels(cv2.merge(turned))


def adds_up(matrix: Matrix, size: Size) -> bool:
    """Tell whether places are what a row and a column add, each within fixed point; else they are computed whole."""
    a, b, c, d, e, f, g, h, i = matrix
    width, height = size
    farthest = max(abs(a) * width, abs(b) * height + abs(c), abs(d) * width, abs(e) * height + abs(f))
    return g == h == 0 and i == 1 and farthest * _ONE < _FAR


def warp(image: Image, matrix: Matrix, size: Size, border: str, fill: Sequence[int]) -> Image:
    out = np.empty((size.height, size.width, image.shape[2]), np.uint8)
    high = max(1, _BAND // size.width)
    pixels = np.concatenate([image.reshape(-1, image.shape[2]), [fill[: image.shape[2]]]]).astype(np.uint8)
    for top in range(0, size.height, high):
        rows = np.arange(top, min(size.height, top + high), dtype=np.float64)[:, np.newaxis]
        x, y = _positions(matrix, adds_up(matrix, size), np.arange(size.width, dtype=np.float64), rows)
        columns = [_reached((x >> BITS) + step, image.shape[1], border) for step in (0, 1)]
        lines = [_reached((y >> BITS) + step, image.shape[0], border) for step in (0, 1)]
        x, y = x & (_ONE - 1), y & (_ONE - 1)
        both = (x * y + _ONE // 2) >> BITS
        total = np.full((*x.shape, image.shape[2]), _ONE // 2, np.int32)
        for tap, weight in enumerate((_ONE - x - y + both, x - both, y - both, both)):
            line, column = lines[tap >> 1], columns[tap & 1]
            place = np.where(
                (line < 0) | (column < 0), len(pixels) - 1, line.astype(np.int64) * image.shape[1] + column
            )
            total += np.take(pixels, place, axis=0) * weight[:, :, np.newaxis]
        out[top : top + high] = total >> BITS
    return out


_Numbers: TypeAlias = npt.NDArray[np.float64]
_Places: TypeAlias = npt.NDArray[np.int32]
_Indices: TypeAlias = npt.NDArray[np.signedinteger[Any]]


def _positions(matrix: Matrix, sums: bool, column: _Numbers, row: _Numbers) -> tuple[_Places, _Places]:
    a, b, c, d, e, f, g, h, i = matrix
    a, b, c, d, e, f = (number * _ONE for number in (a, b, c, d, e, f))
    if sums:
        return _fixed(a * column) + _fixed(b * row + c), _fixed(d * column) + _fixed(e * row + f)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        part = 1 / (g * column + (h * row + i))
        return _fixed((a * column + (b * row + c)) * part), _fixed((d * column + (e * row + f)) * part)


def _fixed(at: _Numbers) -> _Places:
    at = np.where(at < _FAR, at, _FAR)
    return np.rint(np.where(at > -_FAR, at, -_FAR)).astype(np.int32)


def _reached(at: _Places, length: int, border: str) -> _Indices:
    """Return which of `length` pixels each index shows; -1: none."""
    if border == "constant":
        return np.where((at >= 0) & (at < length), at, -1)
    return mirrored(at, length, border)


def mirrored(at: _Indices, length: int, border: str) -> _Indices:
    """Return which of `length` pixels each index shows, in NumPy's border modes."""
    if border == "edge":
        at = np.clip(at, 0, length - 1)
    elif border == "wrap":
        at = at % length
    elif border == "symmetric":
        at = at % (2 * length)
        at = np.minimum(at, 2 * length - 1 - at)
    else:
        at = at % max(1, 2 * length - 2)
        at = np.minimum(at, max(1, 2 * length - 2) - at)
    return at


def blur(image: Image, down: Sequence[int], along: Sequence[int]) -> Image:
    radius, (height, width, _) = len(down) - 1, image.shape
    rows = image.astype(np.int32)[mirrored(np.arange(-radius, height + radius), height, "reflect")]
    middle = _product(rows[radius : radius + height] << 7, np.int32(down[0]))
    for k in range(1, radius + 1):
        middle += _product((rows[radius - k :][:height] + rows[radius + k :][:height]) << 6, np.int32(down[k]))
    middle = middle[:, mirrored(np.arange(-radius, width + radius), width, "reflect")]
    blurred = _product(middle[:, radius : radius + width], np.int32(along[0]))
    for k in range(1, radius + 1):
        pairs = middle[:, radius - k :][:, :width] + middle[:, radius + k :][:, :width] + 1
        blurred += _product(pairs >> 1, np.int32(along[k]))
    clipped: Image = np.clip((blurred + 64) >> 7, 0, 255).astype(np.uint8)
    return clipped


def average(image: Image, wide: int, high: int) -> Image:
    height, width, channels = image.shape
    pad_x, pad_y = -width % wide, -height % high
    if pad_x or pad_y:
        image = with_channels(cv2.copyMakeBorder(image, 0, pad_y, 0, pad_x, cv2.BORDER_REPLICATE))
    if wide == high == 2:  # OpenCV's is exact here, and fast
        small = (image.shape[1] // 2, image.shape[0] // 2)
        return with_channels(cv2.resize(image, small, interpolation=cv2.INTER_AREA))
    blocks = image.reshape(image.shape[0] // high, high, image.shape[1] // wide, wide, channels)
    sums = blocks.sum(axis=(1, 3), dtype=np.int64)
    averaged: Image = ((sums + wide * high // 2) // (wide * high)).astype(np.uint8)
    return averaged
