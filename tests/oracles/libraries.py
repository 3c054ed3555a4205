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
    from scipy.ndimage import map_coordinates

    height, width, channels = image.shape
    rows, columns = np.mgrid[:height, :width]
    at = np.stack([columns.ravel() + 0.5, rows.ravel() + 0.5, np.ones(rows.size)])
    x, y, depth = back @ at
    places = np.stack([y / depth - 0.5, x / depth - 0.5])
    planes = [
        map_coordinates(image[:, :, c].astype(np.float64), places, order=1, mode=mode, cval=fill[c])
        for c in range(channels)
    ]
    return to_bytes(np.stack(planes, axis=1).reshape(image.shape))
