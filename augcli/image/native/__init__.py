"""The few loops that are compiled, and their twins in NumPy and OpenCV, which give the same bytes.

The compiled library is optional: without a compiler the installation succeeds, and everything works from
the twins, more slowly. The functions without an underscore take whichever there is. Images are (H, W, C) uint8.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from struct import pack
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from augcli.image.arrays import Image, Matrix, Size, with_channels
from augcli.image.lazily import cv2

VERSION = 5  # of the functions' signatures; a library built from other sources is left alone
BORDERS = ("constant", "edge", "symmetric", "reflect", "wrap")
_BITS = 14
_ONE = 1 << _BITS
_FAR = float(1 << 29)


class Table(NamedTuple):
    """Colour stage: every value becomes its entry in `lut`, (256, 1) for all channels or (256, 3)."""

    lut: Image


class Mix(NamedTuple):
    """Colour stage: each channel becomes (a r + b g + c b + offset) >> shift, clipped.

    `weights` are nine numbers of 16 bits, row by row, `offsets` three of 32 bits.
    """

    weights: Sequence[int]
    offsets: Sequence[int]
    shift: int


class Hue(NamedTuple):
    """Colour stage: turn the hue by step / 2**15 sixths of a turn; see `colour.hue_stage` for the formula.

    `read` says which channels are X, Y and Z, `write` where their turned values go.
    """

    read: Sequence[int]
    write: Sequence[int]
    step: int


Stage: TypeAlias = Table | Mix | Hue


@cache
def library() -> ctypes.CDLL | None:
    """Load the compiled library; None where it was not built."""
    for path in sorted(Path(__file__).parent.glob("_kernels*.so")):
        try:
            found = ctypes.CDLL(str(path))
            if found.augcli_kernels_version() == VERSION:
                break
        except (OSError, AttributeError):
            continue
    else:
        return None
    pointer, size, stride, number = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_ssize_t, ctypes.c_int32
    source = (pointer, stride, number, number, number)
    for name, arguments in {
        "look_up": (pointer, pointer, size, pointer),
        "add_noise": (pointer, pointer, size, pointer, number, number, number),
        "colour": (pointer, pointer, size, pointer, number, pointer),
        "warp": (*source, pointer, pointer, number, number, number, pointer, pointer),
        "blur": (*source, pointer, number, pointer, pointer, pointer),
        "average": (*source, number, number, pointer, pointer),
    }.items():
        function = getattr(found, f"augcli_{name}")
        function.argtypes, function.restype = arguments, None
    return found


def _lines(image: Image) -> Image:
    """Return an image whose rows are packed; they need not follow each other."""
    _, across, along = image.strides
    packed = along == 1 and across == image.shape[2]
    return image if packed and image.strides[0] > 0 else np.ascontiguousarray(image)


def _described(image: Image) -> tuple[int, int, int, int, int]:
    height, width, channels = image.shape
    return image.ctypes.data, image.strides[0], width, height, channels


# Tables of bytes and noise


def look_up(image: Image, lut: Image) -> Image:
    """Replace every value by its entry in `lut`, (256, 1)."""
    compiled = library()
    if compiled is None:
        return _look_up_plain(image, lut)
    image, lut = np.ascontiguousarray(image), np.ascontiguousarray(lut)
    out = np.empty_like(image)
    compiled.augcli_look_up(image.ctypes.data, out.ctypes.data, image.size, lut.ctypes.data)
    return out


def _look_up_plain(image: Image, lut: Image) -> Image:
    return with_channels(cv2.LUT(image, np.ascontiguousarray(lut).reshape(1, 256)))


def add_noise(image: Image, noise: npt.NDArray[np.int16], factor: int, offset: int, shift: int) -> Image:
    """Add `(noise * factor + offset) >> shift` to an image and clip; `noise` has a value for each of its bytes.

    `factor` has 16 bits, `offset` 30.
    """
    compiled = library()
    if compiled is None:
        return _add_noise_plain(image, noise, factor, offset, shift)
    image, noise = np.ascontiguousarray(image), np.ascontiguousarray(noise)
    out = np.empty_like(image)
    compiled.augcli_add_noise(image.ctypes.data, out.ctypes.data, image.size, noise.ctypes.data, factor, offset, shift)
    return out


def _add_noise_plain(image: Image, noise: npt.NDArray[np.int16], factor: int, offset: int, shift: int) -> Image:
    added = (noise.reshape(image.shape).astype(np.int32) * np.int32(factor) + np.int32(offset)) >> np.int32(shift)
    clipped: Image = np.clip(added + image, 0, 255).astype(np.uint8)
    return clipped


# Colours


def colour(image: Image, stages: Sequence[Stage], in_place: bool = False) -> Image:
    """Run colour stages over an RGB image, one after the other, each clipped to bytes.

    With `in_place` the image itself may be written to.
    """
    compiled = library()
    if compiled is None:
        return _colour_plain(image, stages)
    program: list[int] = []
    tables: list[bytes] = []
    for stage in stages:
        if isinstance(stage, Mix):
            program += (1, *stage.weights, *stage.offsets, stage.shift, 0, 0)
        elif isinstance(stage, Hue):
            program += (2, *stage.read, *stage.write, stage.step, 0, 0, 0, 0, 0, 0, 0, 0)
        else:
            start, wide = 256 * len(tables), stage.lut.shape[1] == 3
            tables += [stage.lut[:, channel].tobytes() for channel in range(stage.lut.shape[1])]
            program += (0, start, start + 256 * wide, start + 512 * wide, *(0,) * 12)
    image = np.ascontiguousarray(image)
    out = image if in_place and image.flags.writeable else np.empty_like(image)
    compiled.augcli_colour(
        image.ctypes.data,
        out.ctypes.data,
        image.size // 3,
        pack(f"{len(program)}i", *program),
        len(stages),
        b"".join(tables),
    )
    return out


def _colour_plain(image: Image, stages: Sequence[Stage]) -> Image:
    for stage in stages:
        if isinstance(stage, Mix):
            image = _mix_plain(image, stage)
        elif isinstance(stage, Hue):
            image = _turn_hue_plain(image, stage)
        elif stage.lut.shape[1] == 1:
            image = _look_up_plain(image, stage.lut)
        else:
            image = with_channels(cv2.LUT(image, np.ascontiguousarray(stage.lut).reshape(1, 256, 3)))
    return image


def _mix_plain(image: Image, stage: Mix) -> Image:
    red, green, blue = (image[:, :, channel].astype(np.int32) for channel in range(3))
    mixed = np.empty_like(image)
    for channel, offset in enumerate(stage.offsets):
        a, b, c = (np.int32(weight) for weight in stage.weights[3 * channel : 3 * channel + 3])
        total = (red * a + green * b + blue * c + np.int32(offset)) >> np.int32(stage.shift)
        mixed[:, :, channel] = np.clip(total, 0, 255)
    return mixed


def _turn_hue_plain(image: Image, stage: Hue) -> Image:
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


# Places


def warp(image: Image, matrix: Matrix, size: Size, border: str, fill: Sequence[int]) -> Image:
    """Interpolate linearly: each pixel of an output of `size` reads where `matrix` maps its index.

    Places are rounded to 1/16384 of a pixel, values to the nearest level. `border` is one of `BORDERS`. `matrix`
    maps columns and rows counted from 0.
    """
    compiled = library()
    if compiled is None:
        return _warp_plain(image, matrix, size, border, fill)
    image = _lines(image)
    out = np.empty((size.height, size.width, image.shape[2]), np.uint8)
    columns = np.empty(2 * size.width, np.int32) if _adds_up(matrix, size) else None
    compiled.augcli_warp(
        *_described(image),
        pack("9d", *matrix),
        out.ctypes.data,
        *size,
        BORDERS.index(border),
        bytes(fill),
        None if columns is None else columns.ctypes.data,
    )
    return out


def _adds_up(matrix: Matrix, size: Size) -> bool:
    """Tell whether places are what a row and a column add, each within fixed point; else they are computed whole."""
    a, b, c, d, e, f, g, h, i = matrix
    width, height = size
    farthest = max(abs(a) * width, abs(b) * height + abs(c), abs(d) * width, abs(e) * height + abs(f))
    return g == h == 0 and i == 1 and farthest * _ONE < _FAR


_BAND = 1 << 16  # pixels that the plain warp takes at once


def _warp_plain(image: Image, matrix: Matrix, size: Size, border: str, fill: Sequence[int]) -> Image:
    out = np.empty((size.height, size.width, image.shape[2]), np.uint8)
    high = max(1, _BAND // size.width)
    pixels = np.concatenate([image.reshape(-1, image.shape[2]), [fill[: image.shape[2]]]]).astype(np.uint8)
    for top in range(0, size.height, high):
        rows = np.arange(top, min(size.height, top + high), dtype=np.float64)[:, np.newaxis]
        x, y = _positions(matrix, _adds_up(matrix, size), np.arange(size.width, dtype=np.float64), rows)
        columns = [_reached((x >> _BITS) + step, image.shape[1], border) for step in (0, 1)]
        lines = [_reached((y >> _BITS) + step, image.shape[0], border) for step in (0, 1)]
        x, y = x & (_ONE - 1), y & (_ONE - 1)
        both = (x * y + _ONE // 2) >> _BITS
        total = np.full((*x.shape, image.shape[2]), _ONE // 2, np.int32)
        for tap, weight in enumerate((_ONE - x - y + both, x - both, y - both, both)):
            line, column = lines[tap >> 1], columns[tap & 1]
            place = np.where(
                (line < 0) | (column < 0), len(pixels) - 1, line.astype(np.int64) * image.shape[1] + column
            )
            total += np.take(pixels, place, axis=0) * weight[:, :, np.newaxis]
        out[top : top + high] = total >> _BITS
    return out


_Numbers: TypeAlias = npt.NDArray[np.float64]
_Places: TypeAlias = npt.NDArray[np.int32]
_Indices: TypeAlias = npt.NDArray[np.signedinteger[Any]]


def _positions(matrix: Matrix, adds_up: bool, column: _Numbers, row: _Numbers) -> tuple[_Places, _Places]:
    a, b, c, d, e, f, g, h, i = matrix
    a, b, c, d, e, f = (number * _ONE for number in (a, b, c, d, e, f))
    if adds_up:
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


def blur(image: Image, kernel: Sequence[float]) -> Image:
    """Convolve down, then along, with one symmetric kernel of odd length; outside the image is mirrored (`reflect`).

    Weights have 15 fractional bits, values in between 7; the result is rounded to nearest.
    """
    radius = len(kernel) // 2
    pairs = [round(2 * weight * (1 << 15)) for weight in kernel[radius + 1 :]]
    weights = [min((1 << 15) - sum(pairs), (1 << 15) - 1), *pairs]
    compiled = library()
    if compiled is None:
        return _blur_plain(image, weights)
    image = _lines(image)
    height, width, channels = image.shape
    out = np.empty((height, width, channels), np.uint8)
    rows, line = np.empty(2 * radius + 1, np.uintp), np.empty((width + 2 * radius) * channels, np.int16)
    fixed = pack(f"{len(weights)}h", *weights)
    compiled.augcli_blur(*_described(image), fixed, radius, rows.ctypes.data, line.ctypes.data, out.ctypes.data)
    return out


def _blur_plain(image: Image, weights: Sequence[int]) -> Image:
    radius, (height, width, _) = len(weights) - 1, image.shape

    def product(values: npt.NDArray[np.int32], weight: int) -> npt.NDArray[np.int32]:
        return (values * np.int32(weight) + np.int32(1 << 14)) >> np.int32(15)

    rows = image.astype(np.int32)[mirrored(np.arange(-radius, height + radius), height, "reflect")]
    down = product(rows[radius : radius + height] << 7, weights[0])
    for k in range(1, radius + 1):
        down += product((rows[radius - k :][:height] + rows[radius + k :][:height]) << 6, weights[k])
    down = down[:, mirrored(np.arange(-radius, width + radius), width, "reflect")]
    along = product(down[:, radius : radius + width], weights[0])
    for k in range(1, radius + 1):
        along += product((down[:, radius - k :][:, :width] + down[:, radius + k :][:, :width] + 1) >> 1, weights[k])
    clipped: Image = np.clip((along + 64) >> 7, 0, 255).astype(np.uint8)
    return clipped


def average(image: Image, wide: int, high: int) -> Image:
    """Average blocks of wide x high pixels, rounding half up; a last, partial block repeats its last pixels."""
    compiled = library()
    if wide == high == 2 or compiled is None:
        return _average_plain(image, wide, high)
    image = _lines(image)
    height, width, channels = image.shape
    out = np.empty((-(-height // high), -(-width // wide), channels), np.uint8)
    sums = np.empty(width * channels, np.uint32)
    compiled.augcli_average(*_described(image), wide, high, out.ctypes.data, sums.ctypes.data)
    return out


def _average_plain(image: Image, wide: int, high: int) -> Image:
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
