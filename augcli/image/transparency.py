"""Premultiplied alpha: where pixels are mixed, each counts as much as it is seen.

A picture with alpha is split into planes, (H, W, 1) float32: alpha in levels, then each colour times alpha. A mean is
taken of each plane, then colours are divided by alpha. So nothing that lies hidden under transparent pixels comes in.
Where alpha comes out as 0 the colour is 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

import numpy as np

from augcli.image.arrays import Image, Numbers, Picture, Size, with_channels
from augcli.image.lazy_imports import cv2
from augcli.image.shrinking import Pyramid, average


def is_opaque(alpha: Image) -> bool:
    return bool(alpha.min() == 255)


def layers(picture: Picture) -> tuple[Pyramid, ...]:
    """Return what warps interpolate: the image, or the premultiplied planes of a picture with alpha."""
    image, alpha, _ = picture
    if alpha is None:
        return (Pyramid(picture.size, lambda: image),)
    # Planes are made each time they are needed: those of a large picture are four times as large as it is.
    makers = [
        partial(_premultiplied, alpha),
        *(partial(_premultiplied, alpha, image[:, :, [at]]) for at in range(image.shape[2])),
    ]
    return tuple(Pyramid(picture.size, maker) for maker in makers)


def _premultiplied(alpha: Image, colour: Image | None = None) -> Numbers:
    plane: Numbers = alpha.astype(np.float32)
    return plane if colour is None else np.multiply(plane, colour, plane)


def filtered(picture: Picture, function: Callable[[Numbers], Numbers]) -> Picture:
    """Change a picture with alpha by a function that makes each pixel a mean of others, with weights that add to 1."""
    return unpremultiplied(function(layer.level(0)) for layer in layers(picture))


def unpremultiplied(planes: Iterable[Numbers]) -> Picture:
    """Return the picture that premultiplied planes show; they may be made one by one."""
    each: Iterator[Numbers] = iter(planes)
    seen = next(each)
    alpha = np.rint(np.clip(seen, 0, 255)).astype(np.uint8)
    seen = np.where(alpha > 0, seen, np.float32(np.inf))
    part = np.reciprocal(seen, seen)
    colours = [_bytes(plane * part) for plane in each]
    return Picture(np.concatenate(colours, axis=2), alpha)


def _bytes(plane: Numbers) -> Image:
    """Round a plane, which is written to."""
    np.rint(plane, plane)
    return np.clip(plane, 0, 255, plane).astype(np.uint8)


def hidden_replaced(picture: Picture) -> Image:
    """Return the image with each hidden pixel replaced by one that is seen; the histogram is that of what is seen."""
    image, alpha, _ = picture
    assert alpha is not None
    hidden, seen = np.flatnonzero(alpha == 0), np.flatnonzero(alpha)
    if not len(hidden) or not len(seen):
        return image
    filled = image.copy()
    instead = seen[np.arange(len(hidden)) * len(seen) // len(hidden)]
    for values in np.moveaxis(filled.reshape(-1, image.shape[2]), 1, 0):  # many times as fast as pixel by pixel
        values[hidden] = values[instead]
    return filled


def inpainted(picture: Picture) -> Image:
    """Return the image with hidden pixels filled in from what is seen around them, more smoothly farther away.

    Pixels that are seen, however little, stay as they are. Hidden ones are read from halves, quarters and so on of the
    image, where each pixel is the mean of what is seen of four.
    """
    image, alpha, _ = picture
    assert alpha is not None
    hidden = alpha[:, :, 0] == 0
    if not hidden.any() or hidden.all():
        return image
    seen = alpha.astype(np.float32)
    found = [(image * seen, seen)]
    while not found[-1][1].all():
        found.append((average(found[-1][0], 2, 2), average(found[-1][1], 2, 2)))
    colours, seen = found.pop()
    colours = colours / seen
    for finer, seen in found[:0:-1]:
        colours = np.where(
            seen > 0, finer / np.maximum(seen, np.float32(1e-6)), _grown(colours, Size(seen.shape[1], seen.shape[0]))
        )
    behind = np.rint(_grown(colours, picture.size)).astype(np.uint8)
    cv2.copyTo(image, alpha, behind)
    return behind


def _grown(values: Numbers, size: Size) -> Numbers:
    return with_channels(cv2.resize(values, size, interpolation=cv2.INTER_LINEAR))  # type: ignore[return-value]
