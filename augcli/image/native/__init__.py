"""The few loops that are compiled, and their twins in NumPy and OpenCV, which give the same bytes.

The compiled library is optional: without a compiler the installation succeeds, and everything works from
the twins, more slowly. The functions without an underscore take whichever there is.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from augcli.image.arrays import Image, with_channels
from augcli.image.lazily import cv2

VERSION = 2  # of the functions' signatures; a library built from other sources is left alone
_HALF_TURN_STEPS = 1 << 15

_Floats = npt.NDArray[np.float32]


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
    pointer, size = ctypes.c_void_p, ctypes.c_size_t
    found.augcli_turn_hue.argtypes = [pointer, pointer, size, pointer, pointer, ctypes.c_int32]
    found.augcli_turn_hue.restype = None
    found.augcli_look_up.argtypes = [pointer, pointer, size, pointer]
    found.augcli_look_up.restype = None
    found.augcli_add_noise.argtypes = [pointer, pointer, size, pointer, ctypes.c_float, ctypes.c_float]
    found.augcli_add_noise.restype = None
    return found


def turn_hue(image: Image, read: Sequence[int], write: Sequence[int], sixths: float) -> Image:
    """Turn the hue of an RGB image by 0 to 1 sixths of a turn; see `colour.turn_hue` for the formula.

    `read` says which channels are X, Y and Z, `write` where their turned values go.
    """
    return (_turn_hue_plain if library() is None else _turn_hue_compiled)(image, read, write, sixths)


def look_up(image: Image, lut: Image) -> Image:
    """Replace every value by its entry in `lut`, (256, 1)."""
    return (_look_up_plain if library() is None else _look_up_compiled)(image, lut)


def add_noise(image: Image, noise: _Floats, std: float, mean: float) -> Image:
    """Add `round(noise * std + mean)` to an image and clip; `noise` has a value for each of its bytes."""
    plain = library() is None or not image.flags.c_contiguous or not noise.flags.c_contiguous
    return (_add_noise_plain if plain else _add_noise_compiled)(image, noise, std, mean)


def _turn_hue_compiled(image: Image, read: Sequence[int], write: Sequence[int], sixths: float) -> Image:
    image = np.ascontiguousarray(image)
    out = np.empty_like(image)
    order = (ctypes.c_int32 * 3)(*read), (ctypes.c_int32 * 3)(*write)
    step = round(sixths * _HALF_TURN_STEPS)
    _function("augcli_turn_hue")(image.ctypes.data, out.ctypes.data, image.size // 3, *order, step)
    return out


def _turn_hue_plain(image: Image, read: Sequence[int], write: Sequence[int], sixths: float) -> Image:
    planes = cv2.split(image)
    x, y, z = (planes[index] for index in read)
    high, low = cv2.max(cv2.max(x, y), z), cv2.min(cv2.min(x, y), z)
    parts = (np.arange(256) * round(sixths * _HALF_TURN_STEPS) + (_HALF_TURN_STEPS >> 1)) >> 15
    part = cv2.LUT(cv2.subtract(high, low), parts.astype(np.uint8))
    rising, falling = cv2.add(low, part), cv2.subtract(high, part)
    turned = [x, y, z]
    for index, (first, second, third) in zip(write, ((x, y, z), (y, z, x), (z, x, y)), strict=True):
        target = falling.copy()
        cv2.copyTo(rising, cv2.compare(third, second, cv2.CMP_GT), target)
        # Saturating bytes: only one of the two differences is not zero.
        target = cv2.add(cv2.subtract(target, cv2.subtract(second, first)), cv2.subtract(first, second))
        turned[index] = cv2.min(cv2.max(target, low), high)
    return with_channels(cv2.merge(turned))


def _look_up_compiled(image: Image, lut: Image) -> Image:
    image, lut = np.ascontiguousarray(image), np.ascontiguousarray(lut)
    out = np.empty_like(image)
    _function("augcli_look_up")(image.ctypes.data, out.ctypes.data, image.size, lut.ctypes.data)
    return out


def _look_up_plain(image: Image, lut: Image) -> Image:
    return with_channels(cv2.LUT(image, np.ascontiguousarray(lut).reshape(1, 256)))


def _add_noise_compiled(image: Image, noise: _Floats, std: float, mean: float) -> Image:
    out = np.empty_like(image)
    _function("augcli_add_noise")(image.ctypes.data, out.ctypes.data, image.size, noise.ctypes.data, std, mean)
    return out


def _add_noise_plain(image: Image, noise: _Floats, std: float, mean: float) -> Image:
    noisy = np.rint(noise.reshape(image.shape) * np.float32(std) + np.float32(mean)) + image
    clipped: Image = np.clip(noisy, 0, 255).astype(np.uint8)
    return clipped


def _function(name: str) -> Callable[..., None]:
    found: Callable[..., None] = getattr(library(), name)
    return found
