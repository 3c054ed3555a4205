"""The libraries that serve as oracles, imported on first use, and arrays (H, W, C) uint8 led through them."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from augcli.image.arrays import Image

Reference = Callable[[Image], np.ndarray]

_KEPT: list[Any] = []  # operators that are declared from Python are gone with the object that declared them


@cache
def torchvision() -> Any:
    """Return torchvision.transforms.functional.

    torchvision's wheel is a CUDA build, whose native library does not load beside a CPU build of torch.
    The Python part asks it for nothing but two operators' schemas at import; they are declared here.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import torch

        library = torch.library.Library("torchvision", "DEF")
        for name in ("nms", "qnms"):
            library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        _KEPT.append(library)
        import torchvision.transforms.functional as functional
    return functional


@cache
def keras() -> Any:
    os.environ["KERAS_BACKEND"] = "torch"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import keras as module
    return module


@cache
def albumentations() -> Any:
    os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"  # it asks the network for its newest version
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import albumentations as module
    return module


def by_albumentations(function: Callable[[Any, Image], Any]) -> Reference:
    """Make a reference of `function(augmentations, image)`, which gets and gives RGB.

    A greyscale image goes in with three equal channels, of which the first that comes back counts.
    """

    def reference(image: Image) -> np.ndarray:
        coloured = np.ascontiguousarray(np.broadcast_to(image, (*image.shape[:2], 3)))
        made = function(albumentations().augmentations, coloured)
        assert made.dtype == np.uint8
        return made[:, :, : image.shape[2]]

    return reference


def by_torchvision(function: Callable[[Any, Any], Any]) -> Reference:
    """Make a reference of `function(F, tensor)`, which gets and gives a (C, H, W) uint8 tensor."""

    def reference(image: Image) -> np.ndarray:
        functional = torchvision()
        import torch

        tensor = torch.from_numpy(image.transpose(2, 0, 1).copy())
        return function(functional, tensor).numpy().transpose(1, 2, 0)

    return reference


def by_keras(function: Callable[[Any, Any], Any]) -> Reference:
    """Make a reference of `function(keras, batch)`; what comes back is rounded to nearest and clipped."""

    def reference(image: Image) -> np.ndarray:
        module = keras()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            batch = function(module, module.ops.convert_to_tensor(image[np.newaxis].astype(np.float32)))
            values = module.ops.convert_to_numpy(batch)[0]
        return to_bytes(values)

    return reference


def by_pillow(function: Callable[[Any], Any]) -> Reference:
    """Make a reference of a function from a Pillow image to another."""

    def reference(image: Image) -> np.ndarray:
        import PIL.Image

        made = np.asarray(function(PIL.Image.fromarray(image[:, :, 0] if image.shape[2] == 1 else image)))
        made = made if made.ndim == 3 else made[:, :, np.newaxis]
        return np.repeat(made, image.shape[2] // made.shape[2], axis=2)

    return reference


def to_bytes(values: np.ndarray) -> Image:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def sampled(image: Image, back: np.ndarray, mode: str, fill: tuple[int, ...] = (0, 0, 0)) -> Image:
    """Read bilinearly with SciPy where `back` (3, 3, continuous coordinates) maps the output's pixels.

    `mode` is SciPy's word for the border.
    """
    height, width = image.shape[:2]
    rows, columns = np.mgrid[:height, :width]
    at = np.stack([columns + 0.5, rows + 0.5, np.ones(rows.shape)])
    x, y, depth = np.tensordot(back, at, 1)
    return displaced(image, np.stack([x / depth - at[0], y / depth - at[1]], axis=2), mode, fill)


def displaced(image: Image, field: np.ndarray, mode: str, fill: tuple[int, ...] = (0, 0, 0)) -> Image:
    """Read bilinearly with SciPy, each pixel as far right and down of itself as `field` (H, W, 2) says."""
    from scipy.ndimage import map_coordinates

    places = np.indices(image.shape[:2]) + np.moveaxis(field[:, :, ::-1], 2, 0).astype(np.float64)
    planes = [
        map_coordinates(image[:, :, c].astype(np.float64), places, order=1, mode=mode, cval=fill[c])
        for c in range(image.shape[2])
    ]
    return to_bytes(np.stack(planes, axis=2))
