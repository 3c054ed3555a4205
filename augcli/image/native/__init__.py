"""What is compiled, and the twins of it in NumPy and OpenCV, which give the same bytes.

Loops over pixels, whole programs of ops, files of JPEG and PNG. Recipes, which know no pixels, are called from `plan`.

The compiled library is optional: without a compiler the installation succeeds, and everything works from
the twins, more slowly. The functions here take whichever there is. Images are (H, W, C) uint8.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from struct import pack
from typing import Any

import numpy as np

from augcli.image.arrays import Image, Matrix, Size, size_of
from augcli.image.native import png_twins, twins
from augcli.image.native.stages import HueStage, MixStage, Stage, TableStage
from augcli.image.native.twins import mirrored

VERSION = 9  # of the functions' signatures; a library built from other sources is left alone
BORDERS = ("constant", "edge", "symmetric", "reflect", "wrap")
_SAMPLINGS = {"4:4:4": (1, 1), "4:2:2": (2, 1), "4:2:0": (2, 2)}
"""The pixels that share a sample of chroma, across and down."""
_LONGEST_JPEG = 65500

__all__ = [
    "HueStage",
    "Levels",
    "MixStage",
    "Stage",
    "TableStage",
    "add_noise",
    "address_of",
    "average",
    "blur",
    "colour",
    "encode_jpeg",
    "look_up",
    "mirrored",
    "packed_png",
    "run",
    "unpacked_png",
    "warp",
]


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
        "add_noise": (pointer, pointer, size, number, pointer, number, number, number),
        "colour": (pointer, pointer, size, pointer, number, pointer),
        "warp": (*source, pointer, pointer, number, number, number, pointer, pointer),
        "blur": (*source, pointer, pointer, number, pointer, pointer, pointer),
        "average": (*source, number, number, pointer, pointer),
        "levels": (*source, number),
        "forget_levels": (pointer,),
        "size_after": (pointer, number, pointer),
        "run": (pointer, pointer, number, pointer),
    }.items():
        function = getattr(found, f"augcli_{name}")
        function.argtypes, function.restype = arguments, None
    counted = (pointer, pointer, size, pointer, number, number, number, pointer, pointer, size, pointer, number)
    found.augcli_recipes.argtypes, found.augcli_recipes.restype = counted, number
    found.augcli_encode_jpeg.argtypes = (*source, number, number, number, pointer)
    found.augcli_encode_jpeg.restype = size
    found.augcli_levels.restype, found.augcli_run.restype = pointer, number
    found.augcli_pack_png.argtypes, found.augcli_pack_png.restype = (pointer, *(number,) * 3, pointer), size
    found.augcli_unpack_png.argtypes = (pointer, *(number,) * 3, pointer)
    return found


def address_of(buffer: Any) -> int:
    """Return where the bytes of an array or a bytearray begin, which must live as long as they are read."""
    try:
        return ctypes.addressof(ctypes.c_char.from_buffer(buffer))
    except (TypeError, ValueError, BufferError):  # an array that is read-only, empty or has gaps: five times as slow
        return int(buffer.ctypes.data)


def _lines(image: Image) -> Image:
    """Return an image whose rows are packed; they need not follow each other."""
    _, across, along = image.strides
    packed = along == 1 and across == image.shape[2]
    return image if packed and image.strides[0] > 0 else np.ascontiguousarray(image)


def _described(image: Image) -> tuple[int, int, int, int, int]:
    height, width, channels = image.shape
    return address_of(image), image.strides[0], width, height, channels


# Tables of bytes and noise


def look_up(image: Image, lut: Image) -> Image:
    """Replace every value by its entry in `lut`, (256, 1)."""
    compiled = library()
    if compiled is None:
        return twins.look_up(image, lut)
    image, lut = np.ascontiguousarray(image), np.ascontiguousarray(lut)
    out = np.empty_like(image)
    compiled.augcli_look_up(address_of(image), address_of(out), image.size, address_of(lut))
    return out


def add_noise(image: Image, key: tuple[int, int], repeat: int, factor: int, offset: int, shift: int) -> Image:
    """Add `(number * factor + offset) >> shift` to every value of an image and clip.

    The numbers are normal, in units of 1/4096. Each is a function of the `key`, two words of 32 bits of which the
    second is odd, and of its place alone; it serves `repeat` values in a row, 1 to 3. `factor` has 16 bits, `offset`
    30.
    """
    compiled = library()
    if compiled is None:
        return twins.add_noise(image, key, repeat, factor, offset, shift)
    image = np.ascontiguousarray(image)
    out = np.empty_like(image)
    compiled.augcli_add_noise(
        address_of(image), address_of(out), image.size, repeat, pack("2I", *key), factor, offset, shift
    )
    return out


# Colours


def colour(image: Image, stages: Sequence[Stage], in_place: bool = False) -> Image:
    """Run colour stages over an RGB image, one after the other, each clipped to bytes.

    With `in_place` the image itself may be written to.
    """
    compiled = library()
    if compiled is None:
        return twins.colour(image, stages)
    program: list[int] = []
    tables: list[bytes] = []
    for stage in stages:
        if isinstance(stage, MixStage):
            program += (1, *stage.weights, *stage.offsets, stage.shift, 0, 0)
        elif isinstance(stage, HueStage):
            program += (2, *stage.read, *stage.write, stage.step, 0, 0, 0, 0, 0, 0, 0, 0)
        else:
            start, wide = 256 * len(tables), stage.lut.shape[1] == 3
            tables += [stage.lut[:, channel].tobytes() for channel in range(stage.lut.shape[1])]
            program += (0, start, start + 256 * wide, start + 512 * wide, *(0,) * 12)
    image = np.ascontiguousarray(image)
    out = image if in_place and image.flags.writeable else np.empty_like(image)
    compiled.augcli_colour(
        address_of(image),
        address_of(out),
        image.size // 3,
        pack(f"{len(program)}i", *program),
        len(stages),
        b"".join(tables),
    )
    return out


# Places


def warp(image: Image, matrix: Matrix, size: Size, border: str, fill: Sequence[int]) -> Image:
    """Interpolate linearly: each pixel of an output of `size` reads where `matrix` maps its index.

    Places are rounded to 1/16384 of a pixel, values to the nearest level. `border` is one of `BORDERS`. `matrix`
    maps columns and rows counted from 0.
    """
    compiled = library()
    if compiled is None:
        return twins.warp(image, matrix, size, border, fill)
    image = _lines(image)
    out = np.empty((size.height, size.width, image.shape[2]), np.uint8)
    columns = np.empty(2 * size.width, np.int32) if twins.adds_up(matrix, size) else None
    compiled.augcli_warp(
        *_described(image),
        pack("9d", *matrix),
        address_of(out),
        *size,
        BORDERS.index(border),
        bytes(fill),
        None if columns is None else address_of(columns),
    )
    return out


def blur(image: Image, down: Sequence[float], along: Sequence[float]) -> Image:
    """Convolve down, then along, with symmetric kernels of one odd length; outside the image is mirrored (`reflect`).

    Weights have 15 fractional bits, values in between 7; the result is rounded to nearest.
    """
    radius = len(down) // 2
    fixed = [_halved(kernel) for kernel in (down, along)]
    compiled = library()
    if compiled is None:
        return twins.blur(image, *fixed)
    image = _lines(image)
    height, width, channels = image.shape
    out = np.empty((height, width, channels), np.uint8)
    rows, line = np.empty(2 * radius + 1, np.uintp), np.empty((width + 2 * radius) * channels, np.int16)
    weights = (pack(f"{len(half)}h", *half) for half in fixed)
    compiled.augcli_blur(*_described(image), *weights, radius, address_of(rows), address_of(line), address_of(out))
    return out


def _halved(kernel: Sequence[float]) -> list[int]:
    """Return the middle weight of a kernel and those of its pairs, which sum to one, in fixed point."""
    pairs = [round(2 * weight * (1 << 15)) for weight in kernel[len(kernel) // 2 + 1 :]]
    return [min((1 << 15) - sum(pairs), (1 << 15) - 1), *pairs]


def average(image: Image, wide: int, high: int) -> Image:
    """Average blocks of wide x high pixels, rounding half up; a last, partial block repeats its last pixels."""
    compiled = library()
    if wide == high == 2 or compiled is None:
        return twins.average(image, wide, high)
    image = _lines(image)
    height, width, channels = image.shape
    out = np.empty((-(-height // high), -(-width // wide), channels), np.uint8)
    sums = np.empty(width * channels, np.uint32)
    compiled.augcli_average(*_described(image), wide, high, address_of(out), address_of(sums))
    return out


# Programs of ops


class Levels:
    """A picture as programs read it, with its halves, quarters and so on, which they make and share.

    It is for one thread at a time, and only where there is a compiled library.
    """

    def __init__(self, image: Image, pitch: int) -> None:
        compiled = library()
        assert compiled is not None
        self._image = _lines(image)  # held as long as its pixels are read
        self.size, self.channels = size_of(image), image.shape[2]
        self._forget = compiled.augcli_forget_levels
        address = compiled.augcli_levels(*_described(self._image), pitch)
        if address is None:
            raise MemoryError
        self.address = address

    def __del__(self) -> None:
        if hasattr(self, "address"):
            self._forget(self.address)


def run(levels: Levels, ops: bytes | int, count: int, size: Size | None = None) -> Image | None:
    """Run ops as recipe.h packs them, given as bytes or by their address; None where the program cannot.

    `size` is that of what comes of it, where it is known.
    """
    compiled = library()
    assert compiled is not None
    if size is None:
        sides = (ctypes.c_int32 * 2)(*levels.size)
        compiled.augcli_size_after(ops, count, sides)
        size = Size(*sides)
    out = np.empty((size[1], size[0], levels.channels), np.uint8)
    done = compiled.augcli_run(levels.address, ops, count, address_of(out)) == 0
    return out if done else None


# Files


def encode_jpeg(image: Image, quality: int, subsampling: str) -> bytes | None:
    """Encode a whole file as OpenCV does; None where that is left to OpenCV, its twin.

    `quality` is 1 to 100. The tables of Huffman's are those of the standard.
    """
    compiled = library()
    if compiled is None or max(image.shape) > _LONGEST_JPEG:
        return None
    image = _lines(image)
    height, width, channels = image.shape
    wide, high = _SAMPLINGS[subsampling] if channels == 3 else (1, 1)
    blocks = -(-width // (8 * wide)) * -(-height // (8 * high)) * (wide * high + channels - 1)
    out = np.empty(1024 + 416 * blocks, np.uint8)  # nothing is longer; what is not written takes no memory
    length = compiled.augcli_encode_jpeg(*_described(image), wide, high, quality, address_of(out))
    return out[:length].tobytes() if length else None


def packed_png(pixels: Image) -> bytes:
    """Return the pixels of a PNG file, of 1 to 4 channels: rows that are filtered, as a zlib stream.

    The same bytes on every machine, as no zlib is asked. Of the filters each row takes the first of those that leave
    the smallest bytes. Runs of equal bytes are packed, else bytes are coded one by one.
    """
    compiled = library()
    if compiled is None:
        return png_twins.packed(pixels)
    pixels = np.ascontiguousarray(pixels)
    height, width, channels = pixels.shape
    row = width * channels
    band = max(1, png_twins.BAND // (row + 1)) * (row + 1)
    length = height * (row + 1)
    out = np.empty(length * 3 // 2 + 512 * (length // band + 2), np.uint8)
    made = compiled.augcli_pack_png(address_of(pixels), row, height, channels, address_of(out))
    if not made:
        raise MemoryError
    return out[:made].tobytes()


def unpacked_png(filtered: bytes, size: Size, channels: int) -> Image | None:
    """Undo the filters of a PNG file's rows, each of which begins with the number of its own; None if there is no such.

    `filtered` has as many bytes as an image of that size and those channels, and one more for each row.
    """
    assert len(filtered) == size.height * (size.width * channels + 1)
    compiled = library()
    assert compiled is not None
    out = np.empty((size.height, size.width, channels), np.uint8)
    is_known = compiled.augcli_unpack_png(filtered, size.width * channels, size.height, channels, address_of(out))
    return out if is_known else None
