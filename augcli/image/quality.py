"""Kernels that lose detail as storage and small screens do: image in, image out of the same size."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from augcli.image.arrays import Image, with_channels
from augcli.image.lazy_imports import cv2


def jpeg_compression(image: Image, quality: int) -> Image:
    """Encode as JPEG with the colours at half their resolution (4:2:0), and decode.

    Equals Pillow's JPEG of that quality with its standard settings.
    """
    colour = image.shape[2] == 3
    half = [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420] if colour else []
    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR) if colour else image
    done, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality, *half])
    assert done, "OpenCV encodes any image of bytes"
    stored = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
    assert stored is not None, "and decodes it"
    return with_channels(cv2.cvtColor(stored, cv2.COLOR_BGR2RGB) if colour else stored)


def downscale(image: Image, scale: float, smooth: bool, from_corner: bool = False) -> Image:
    """Shrink to a share `scale` of each side, at least a pixel, and grow back.

    With `smooth`, areas are averaged and growing interpolates linearly, else both take the nearest pixel. The small
    pixels divide the image evenly; `from_corner` each is 1 / scale pixels wide, from the upper left corner on, and
    where one is taken of many it is the upper left.
    """
    height, width = image.shape[:2]
    wide, high = max(1, round(width * scale)), max(1, round(height * scale))
    if not smooth:  # OpenCV 4 is a pixel off here and there
        thinned = _from_corner if from_corner else _nearest
        return image[thinned(height, high, scale)[:, np.newaxis], thinned(width, wide, scale)]
    if from_corner and min(width, height) * scale > 0.5:
        small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    else:
        small = cv2.resize(image, (wide, high), interpolation=cv2.INTER_AREA)
    return with_channels(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR))


def _nearest(side: int, small: int, scale: float) -> npt.NDArray[np.int64]:
    """Return which pixel is left of each when a side is thinned to `small` and grown back."""
    kept = (2 * np.arange(small) + 1) * side // (2 * small)
    return kept[(2 * np.arange(side) + 1) * small // (2 * side)]


def _from_corner(side: int, small: int, scale: float) -> npt.NDArray[np.int64]:
    """Return the same, of OpenCV's `INTER_NEAREST`: what is below or left of a place between pixels counts."""
    kept = np.minimum(np.floor(np.arange(small) * (1 / scale)), side - 1).astype(np.int64)
    grown = np.minimum(np.floor(np.arange(side) * (1 / (side / small))), small - 1).astype(np.int64)
    taken: npt.NDArray[np.int64] = kept[grown]
    return taken
