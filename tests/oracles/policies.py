"""The cases of policies, mixes of images and the value range, which `cases` takes in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from augcli.image.arrays import Image, Size
from tests.oracles.libraries import Reference, by_pillow, by_torchvision, to_bytes, torchvision
from tests.oracles.photos import partners

ALL = ("portrait", "landscape", "odd", "grey", "large")
Operations = tuple[tuple[str, float | None], ...]

SHAPES: Operations = (("ShearX", 0.1237), ("ShearY", 0.2811), ("TranslateX", 7), ("TranslateY", 9), ("Rotate", 12.345))
COLOURS: Operations = (("Brightness", 0.2789), ("Color", 0.3217), ("Contrast", 0.4567), ("Sharpness", 0.6123))
UNSIGNED: Operations = (
    *(("Posterize", bits) for bits in (8, 6, 4)),
    *(("Solarize", threshold) for threshold in (0.0, 127.5, 178.5, 255.0)),
    *(("Identity", None), ("AutoContrast", None), ("Equalize", None)),
)
WIDE: Operations = (
    *(("ShearX", 0.8765), ("ShearY", 0.7891), ("TranslateX", 31), ("TranslateY", 30), ("Rotate", 123.456)),
    *(("Brightness", 0.95), ("Color", 0.95), ("Contrast", 0.95), ("Sharpness", 0.95), ("Posterize", 2)),
)


def both_signs(operations: Operations) -> Operations:
    return tuple((name, sign * magnitude) for name, magnitude in operations for sign in (1, -1))


def chained(operations: Operations, nearest: bool = False) -> Callable[[Any], Any]:
    """What torchvision's policies apply to a tensor or a Pillow image, filling with black."""

    def applied(image: Any) -> Any:
        functional = torchvision()
        from torchvision.transforms.autoaugment import _apply_op

        mode = functional.InterpolationMode.NEAREST if nearest else functional.InterpolationMode.BILINEAR
        for name, magnitude in operations:
            image = _apply_op(image, name, 0.0 if magnitude is None else magnitude, mode, None)
        return image

    return applied


def by_policy(operations: Operations, nearest: bool = False) -> Reference:
    return by_torchvision(lambda functional, tensor: chained(operations, nearest)(tensor))


def mixed(weights: tuple[float, ...], chains: tuple[Operations, ...]) -> Reference:
    """As torchvision's AugMix with these weights: in floats, truncated."""

    def made(functional: Any, tensor: Any) -> Any:
        import torch

        mix = weights[0] * tensor
        for weight, chain in zip(weights[1:], chains, strict=True):
            mix.add_(weight * chained(chain)(tensor))
        return mix.to(torch.uint8)

    return by_torchvision(made)


def by_v2(name: str, params: Callable[[Size], dict[str, Any]], floats: bool) -> Reference:
    """A class of torchvision's v2 that mixes a batch, with given parameters instead of drawn ones."""

    def reference(image: Image) -> Image:
        torchvision()
        import torch
        import torchvision.transforms.v2 as v2

        batch = torch.from_numpy(np.stack([image, partners(image)[0]]).transpose(0, 3, 1, 2).copy())
        transform = getattr(v2, name)(alpha=1.0, num_classes=2)
        transform.make_params = lambda inputs: params(Size(image.shape[1], image.shape[0]))
        made, _ = transform(batch.double() if floats else batch, torch.tensor([0, 1]))
        return to_bytes(made[0].numpy().transpose(1, 2, 0))

    return reference


def faded(lam: float) -> Reference:
    return lambda image: to_bytes(lam * image.astype(np.float64) + (1 - lam) * partners(image)[0])


def boxed(size: Size) -> tuple[Any, ...]:
    """A box that the right edge cuts."""
    left, top, width, height = size.width // 2, size.height // 5, size.width - size.width // 2, size.height // 3
    return 1 - width * height / (size.width * size.height), left, top, width, height


def box_params(size: Size) -> dict[str, Any]:
    lam, left, top, width, height = boxed(size)
    return {"box": (left, top, left + width, top + height), "lam_adjusted": lam}


def crossed(size: Size) -> tuple[Any, ...]:
    return size.width * 3 // 5, size.height * 2 // 3


def joined(image: Image) -> np.ndarray:
    x, y = crossed(Size(image.shape[1], image.shape[0]))
    beside, below, across = partners(image)
    upper = np.concatenate([image[:y, :x], beside[:y, x:]], axis=1)
    return np.concatenate([upper, np.concatenate([below[y:, :x], across[y:, x:]], axis=1)])


def met(image: Image) -> np.ndarray:
    """Corners of four images of one size at a point of a black square of twice the longer side."""
    height, width = image.shape[:2]
    (x, y), side = meeting(Size(width, height)), 2 * max(height, width)
    large = np.zeros((side + 2 * height, side + 2 * width, 3), np.uint8)  # with room for what the canvas cuts off
    both = [np.concatenate(pair, axis=1) for pair in ((image, partners(image)[0]), partners(image)[1:])]
    large[y : y + 2 * height, x : x + 2 * width] = np.concatenate(both)
    return large[height:-height, width:-width]


def meeting(size: Size) -> tuple[Any, ...]:
    return max(size) * 3 // 5, max(size) * 4 // 3


def coloured(image: Image) -> np.ndarray:
    return np.broadcast_to(image, (*image.shape[:2], 3)).copy()


def normalized(image: Image) -> np.ndarray:
    functional = torchvision()
    tensor = functional.to_tensor(coloured(image))
    return functional.normalize(tensor, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)).numpy().transpose(1, 2, 0)


def normalized_by_albumentations(mean: tuple[float, ...], std: tuple[float, ...], most: float) -> Reference:
    def reference(image: Image) -> np.ndarray:
        from tests.oracles.libraries import albumentations

        transform = albumentations().Normalize(mean=mean, std=std, max_pixel_value=most, p=1)
        return transform(image=coloured(image))["image"]

    return reference


def rescaled_by_keras(scale: float, offset: float) -> Reference:
    def reference(image: Image) -> np.ndarray:
        from tests.oracles.libraries import keras

        layer = keras().layers.Rescaling(scale, offset)
        return np.asarray(layer(coloured(image)).cpu().numpy())

    return reference


def to_unit(image: Image) -> np.ndarray:
    return torchvision().to_tensor(coloured(image)).numpy().transpose(1, 2, 0)


def add(case: Callable[..., None]) -> None:
    """Add the cases by the function that `cases` adds its own with."""
    from tests.oracles.cases import EXACT, FORMULA, NEAREST, ROUNDED, WARPED, Tolerance

    twice = Tolerance(2, "one level for each of two operations that mix channels or pixels")
    numbers = Tolerance(1e-6, "float32, each operation rounded")

    def primitive(policy: str, name: str, magnitude: float | None, nearest: bool = False) -> None:
        shape = any(name == other for other, _ in SHAPES)
        blends = name in ("Color", "Contrast", "Sharpness")
        tolerance = (NEAREST if nearest else WARPED) if shape else ROUNDED if blends else EXACT
        draw, label = (((name, magnitude),),), f"{policy} {name} {magnitude}"
        made = by_policy(draw[0], nearest)
        if name in ("Color", "AutoContrast"):
            # Tensors of bytes truncate luma, then the blend: two levels for factors below 1. And see `autocontrast`.
            made, label = by_pillow(chained(draw[0])), f"{label} by Pillow"
        if nearest:
            case(f"{label}, nearest", tolerance, made, draw, interpolation="nearest")
        else:
            case(label, tolerance, made, draw)

    for one in (*both_signs(SHAPES), *both_signs(COLOURS), *UNSIGNED):
        primitive("rand_augment", *one)
    for one in both_signs(WIDE[:-1]):
        primitive("trivial_augment_wide", *one)
    primitive("trivial_augment_wide", *WIDE[-1])
    for one in both_signs((*SHAPES, *WIDE[:5])):
        primitive("auto_augment", *one, nearest=True)
    primitive("auto_augment", "Invert", None)
    for number, (tolerance, pair) in enumerate(
        (
            (WARPED, (("Posterize", 5), ("Rotate", 29.876))),
            (EXACT, (("Solarize", 113.333), ("Equalize", None))),
            (EXACT, (("Equalize", None), ("Equalize", None))),
            (EXACT, (("Invert", None), ("Equalize", None))),
            (WARPED, (("AutoContrast", None), ("TranslateY", -8))),
            (twice, (("Sharpness", 0.5678), ("Brightness", 0.7))),
            (twice, (("ShearX", 0.1789), ("Contrast", 0.3))),
        )
    ):
        case(f"auto_augment pair {number}", tolerance, by_policy(pair), (pair,))

    gentle = ((("Rotate", -6.543),), (("Brightness", 0.2), ("Posterize", 4)), (("Equalize", None), ("TranslateX", 4)))
    deep = (
        (("ShearX", -0.0654), ("Solarize", 198.333), ("AutoContrast", None)),
        (("Contrast", -0.1), ("TranslateY", -3)),
    )
    black = ((("Posterize", 0),), (("ShearY", 0.0321), ("Invert", None)))
    for label, weights, chains in (
        ("gentle", (0.412345, 0.234567, 0.198765, 0.154323), gentle),
        ("deep", (0.05, 0.6, 0.35), deep),
        ("with black", (0.3, 0.2, 0.5), black),
        ("of the image alone", (1.0, 0.0, 0.0), black),
    ):
        case(f"augmix {label}", ROUNDED, mixed(weights, chains), (weights, chains))

    for lam in (0.512345, 0.9, 1.0, 0.0):
        case(f"mixup of {lam}, formula", FORMULA, faded(lam), (lam,))
        case(f"mixup of {lam}", FORMULA, by_v2("MixUp", lambda size, lam=lam: {"lam": lam}, floats=True), (lam,))
    case("cutmix", EXACT, by_v2("CutMix", box_params, floats=False), boxed)
    empty = {"box": (5, 5, 5, 9), "lam_adjusted": 1.0}
    case("cutmix of an empty box", EXACT, by_v2("CutMix", lambda size: empty, floats=False), (1.0, 5, 5, 0, 4))
    case("mosaic", EXACT, joined, crossed)
    case("whole_mosaic", EXACT, met, meeting, photos=("landscape", "odd"))

    case("normalize", numbers, normalized)
    case(
        "normalize by Albumentations",
        numbers,
        normalized_by_albumentations((0.485, 0.456, 0.406), (0.229, 0.224, 0.225), 255.0),
    )
    other = {"mean": (0.5, 0.1, 0.25), "std": (0.5, 0.3, 1.5), "max_pixel_value": 200.0}
    case("normalize otherwise", numbers, normalized_by_albumentations(*other.values()), **other)
    case("rescale to 1", numbers, to_unit)
    case("rescale to 1 and back by Keras", numbers, rescaled_by_keras(1 / 127.5, -1.0), scale=1 / 127.5, offset=-1.0)
