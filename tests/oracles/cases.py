"""What every transform is compared with: draws, the same thing done by another library, and the tolerance.

A reference takes an image (H, W, C) uint8 and returns the library's result. Libraries are imported only
when a reference is called. Draws are not ties: no pixel reads exactly between two others.
"""

from __future__ import annotations

import colorsys
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from augcli.image import fusion, ops, transforms
from augcli.image.arrays import Image, Picture, Size, size_of
from augcli.random_streams import Certain
from tests.oracles.libraries import Reference, by_keras, by_pillow, by_torchvision, sampled, to_bytes
from tests.oracles.photos import partners

Values = tuple[Any, ...]
SMALL = ("portrait", "landscape", "odd", "grey")
ALL = (*SMALL, "large")
STORED = ("odd", "grey", "flat")


@dataclass(frozen=True)
class Tolerance:
    """At most `share` of the values (of the pixels, for `nearest`) differ by more than `levels`."""

    levels: float
    why: str
    share: float = 0.0


EXACT = Tolerance(0, "whole pixels are copied, or the same table is read")
RESIZED = Tolerance(1, "Pillow's fixed-point weights against floats")
PLACES = "float sums in another order; OpenCV 4 rounds places to 1/32 px"
WARPED = Tolerance(1 if cv2.__version__.startswith("5") else 2, PLACES)
WARPED_BICUBIC = Tolerance(1 if cv2.__version__.startswith("5") else 3, PLACES)  # whose weights are steeper
NEAREST = Tolerance(0, "a place within a rounding error of a tie", share=0.002)
ROUNDED = Tolerance(1, "the other one truncates, or rounds luma or mean before it mixes")
FORMULA = Tolerance(1, "float32 or fixed point against float64 may round a tie the other way")
JITTERED = Tolerance(2, "one level a stage that mixes channels")
JITTERED_WITH_HUE = Tolerance(3, "one level a stage that mixes channels, or turns hue")
BICUBIC = Tolerance(4, "Pillow rounds between its two passes, torch does not")
STATISTICS = Tolerance(0, "mean within 0.1 level, standard deviation within 3 %: chance of the draw")


@dataclass(frozen=True)
class Case:
    """One draw of a transform and its reference.

    `draw` holds the fields of the draw or makes them from the size; None is for transforms whose draw
    follows from settings and size. Regions are `whole`, `interior` (3 px from the border's colour) and
    `statistics` (the reference returns mean and standard deviation).
    """

    id: str
    tolerance: Tolerance
    reference: Reference
    draw: Values | Callable[[Size], Values] | None
    settings: dict[str, Any]
    photos: tuple[str, ...]
    region: str

    @property
    def name(self) -> str:
        return self.id.partition(" ")[0]

    def ours(self, image: Image) -> Image:
        """Apply the transform with fusion off; what is mixed in are the image's `partners`."""
        transform = transforms.find(self.name)(**self.settings)
        size = size_of(image)
        if self.draw is None:
            draw = transform.sample(Certain(), size)
        else:
            draw = transform.draw_type()(*(self.draw(size) if callable(self.draw) else self.draw))
        lowered = transform.lower(draw, size)
        steps = fusion.fuse(lowered if isinstance(lowered, tuple) else (lowered,), size, "off")
        others = [Picture(partner) for partner in partners(image)]
        steps = [op.with_others(others) if isinstance(op, ops.Blend) else op for op in steps]
        return ops.run(steps, Picture(image)).image

    def difference(self, image: Image, expected: np.ndarray) -> tuple[float, str]:
        """Return the largest difference and what is wrong with it, if anything."""
        made = self.ours(image)
        if self.region == "statistics":
            mean, std = float(made.mean()), float(made.std())
            wrong = abs(mean - expected[0]) > 0.1 or abs(std / expected[1] - 1) > 0.03
            return abs(mean - expected[0]), f"mean {mean}, standard deviation {std}" if wrong else ""
        if (made.dtype, made.shape) != (expected.dtype, expected.shape):
            return 255, f"{made.dtype} {made.shape}, expected {expected.dtype} {expected.shape}"
        off = np.abs(made.astype(float) - expected)
        if self.region == "interior":
            inside = self.ours(np.full_like(image, 255)).min(axis=2) == 255
            inside = cv2.erode(np.pad(inside, 1).astype(np.uint8), np.ones((7, 7)), borderValue=0)[1:-1, 1:-1] == 1
            if inside.mean() < 0.3:
                return 255, "hardly any interior"
            off = off[inside]
        if self.tolerance.share:
            off = off.max(axis=-1)
        share = float((off > self.tolerance.levels).mean())
        return float(off.max()), f"{share:.3%} differ, by {off.max():g} at most" if share > self.tolerance.share else ""


def _rotation(size: Size, degrees: float) -> np.ndarray:
    """Where an image turned counter-clockwise reads, in continuous coordinates."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    x, y = size.width / 2, size.height / 2
    return np.array([[cos, -sin, x - cos * x + sin * y], [sin, cos, y - sin * x - cos * y], [0, 0, 1]])


def _turned(degrees: float, mode: str, fill: tuple[int, ...] = (0, 0, 0)) -> Reference:
    return lambda image: sampled(image, _rotation(size_of(image), degrees), mode, fill)


def _turned_bicubic(degrees: float) -> Reference:
    def reference(image: Image) -> Image:
        import torch

        height, width = image.shape[:2]
        to_pixels = np.array([[width / 2, 0, width / 2], [0, height / 2, height / 2], [0, 0, 1]])
        theta = np.linalg.inv(to_pixels) @ _rotation(size_of(image), degrees) @ to_pixels
        planes = torch.from_numpy(image.transpose(2, 0, 1)[np.newaxis].astype(np.float64))
        grid = torch.nn.functional.affine_grid(torch.from_numpy(theta[np.newaxis, :2]), planes.shape, False)
        made = torch.nn.functional.grid_sample(planes, grid, "bicubic", "zeros", align_corners=False)
        return to_bytes(made[0].numpy().transpose(1, 2, 0))

    return reference


def _frame(size: Size, inset: int) -> list[list[int]]:
    right, bottom = size.width - inset, size.height - inset
    return [[0, 0], [right, 0], [right, bottom], [0, bottom]]


def _inward(size: Size) -> Values:
    """Corners moved into the image by whole pixels, clockwise from the top left."""
    w, h = size
    return (((3, h // 7), (w - 1 - w // 5, 2), (w - 4, h - 1 - h // 6), (w // 8, h - 5)),)


def _inner(size: Size) -> Values:
    w, h = size
    return (((0.053 * w, 0.021 * h), (0.912 * w, 0.103 * h), (0.977 * w, 0.944 * h), (0.081 * w, 0.893 * h)),)


def _perspective(quads: Callable[[Size], tuple[Any, Any]], nearest: bool = False) -> Reference:
    """Reference by torchvision from `quads(size)`, the corners before and after."""

    def warped(functional: Any, tensor: Any) -> Any:
        before, after = quads(Size(tensor.shape[2], tensor.shape[1]))
        mode = functional.InterpolationMode.NEAREST if nearest else functional.InterpolationMode.BILINEAR
        return functional.perspective(tensor, before, after, mode, fill=None)

    return by_torchvision(warped)


def _perspective_by_scipy(quads: Callable[[Size], tuple[Any, Any]], mode: str) -> Reference:
    def reference(image: Image) -> Image:
        before, after = (np.float32(quad) for quad in quads(size_of(image)))
        return sampled(image, cv2.getPerspectiveTransform(after, before), mode)

    return reference


def _moved_inward(size: Size) -> tuple[Any, Any]:
    return _frame(size, 1), _inward(size)[0]


def _between_pixels(size: Size) -> Values:
    """Corners whose edges pass no pixel's centre; those of a draw are whole, and do."""
    return (tuple((x + 0.317, y + 0.229) for x, y in _inward(size)[0]),)


def _moved_between_pixels(size: Size) -> tuple[Any, Any]:
    return _frame(size, 1), _between_pixels(size)[0]


def _zoomed(size: Size) -> tuple[Any, Any]:
    return _inner(size)[0], _frame(size, 0)


def _affine(motion: Values, nearest: bool = False) -> Reference:
    degrees, x, y, scale, shear_x, shear_y = motion

    def moved(functional: Any, tensor: Any) -> Any:
        mode = functional.InterpolationMode.NEAREST if nearest else functional.InterpolationMode.BILINEAR
        return functional.affine(tensor, -degrees, [x, y], scale, [shear_x, shear_y], mode, fill=None)

    return by_torchvision(moved)


def _rotated(degrees: float, mode: str = "BILINEAR", expand: bool = False) -> Reference:
    return by_torchvision(lambda lib, x: lib.rotate(x, degrees, lib.InterpolationMode[mode], expand, fill=None))


def _resized(size: Any, mode: str = "BILINEAR", max_size: int | None = None) -> Reference:
    return by_torchvision(lambda lib, x: lib.resize(x, size, lib.InterpolationMode[mode], max_size, antialias=True))


def _cropped(box: Values, size: list[int], mode: str = "BILINEAR") -> Reference:
    left, top, width, height = box
    return by_torchvision(
        lambda lib, x: lib.resized_crop(x, top, left, height, width, size, lib.InterpolationMode[mode], antialias=True)
    )


def _contrast_by_formula(factor: float, pivot: str) -> Reference:
    def reference(image: Image) -> Image:
        x = image.astype(np.float64)
        return to_bytes(factor * x + (1 - factor) * (x.mean(axis=(0, 1)) if pivot == "channel" else 0))

    return reference


def _saturated(factor: float) -> Reference:
    """HSV by the standard library, as `tf.image.adjust_saturation` defines it."""

    def one(pixel: np.ndarray) -> tuple[float, float, float]:
        h, s, v = colorsys.rgb_to_hsv(*pixel)
        return colorsys.hsv_to_rgb(h, min(1.0, s * factor), v)

    return lambda image: image if image.shape[2] == 1 else to_bytes(255 * np.apply_along_axis(one, 2, image / 255))


def _added(delta: float) -> Reference:
    """`tf.image.adjust_brightness` on bytes: to 0..1, add, times 255.5, truncate."""
    return lambda image: np.clip((image / np.float32(255) + np.float32(delta)) * 255.5, 0, 255).astype(np.uint8)


def _blurred_by_scipy(kernel_size: int, sigma: float) -> Reference:
    def reference(image: Image) -> Image:
        from scipy.ndimage import gaussian_filter

        spread, radius = (sigma, sigma, 0), (kernel_size // 2, kernel_size // 2, 0)
        return to_bytes(gaussian_filter(image.astype(np.float64), spread, mode="mirror", radius=radius))

    return reference


def _adjusted(order: tuple[str, ...], on_bytes: bool = False, **values: float) -> Reference:
    """The adjustments of torchvision one after another, each rounded to bytes.

    Unless `on_bytes`, only brightness is done on bytes, where the others truncate luma, then the blend:
    up to two levels between 0 and 1, which later factors above 1 amplify.
    """

    def changed(functional: Any, tensor: Any) -> Any:
        for name in order:
            adjust = getattr(functional, f"adjust_{name}")
            if name == "brightness" or on_bytes:
                tensor = adjust(tensor, values[name])
            else:
                tensor = (adjust(tensor / 255, values[name]) * 255).round().byte()
        return tensor

    return by_torchvision(changed)


def _pillow(kind: str, factor: float) -> Reference:
    def enhanced(image: Any) -> Any:
        import PIL.ImageEnhance

        return getattr(PIL.ImageEnhance, kind)(image).enhance(factor)

    return by_pillow(enhanced)


def _erased(hole: Values, fill: tuple[int, ...]) -> Reference:
    left, top, width, height, _ = hole

    def erased(functional: Any, tensor: Any) -> Any:
        import torch

        return functional.erase(tensor, top, left, height, width, torch.tensor(fill[: tensor.shape[0]])[:, None, None])

    return by_torchvision(erased)


def _padded(box: Values, mode: str) -> Reference:
    """Pad by 15 px as torchvision does, then crop the box, which counts from the unpadded image."""
    left, top, width, height = box
    if mode == "wrap":
        where = slice(top + 15, top + 15 + height), slice(left + 15, left + 15 + width)
        return lambda image: np.pad(image, ((15, 15), (15, 15), (0, 0)), "wrap")[where]
    return by_torchvision(lambda lib, x: lib.crop(lib.pad(x, 15, 0, mode), top + 15, left + 15, height, width))


def _layer(name: str, *arguments: Any, **settings: Any) -> Reference:
    return by_keras(lambda keras, batch: getattr(keras.layers, name)(*arguments, **settings)(batch, training=True))


def _adjusting(what: str, value: float) -> Reference:
    return by_torchvision(lambda lib, x: getattr(lib, f"adjust_{what}")(x, value))


def _cropped_middle(height: int, width: int) -> Reference:
    return by_torchvision(lambda lib, x: lib.center_crop(x, [height, width]))


def _blurred(kernel_size: int, sigma: float) -> Reference:
    return by_torchvision(lambda lib, x: lib.gaussian_blur(x, [kernel_size] * 2, [sigma] * 2))


def _keras_contrast(factor: float) -> Reference:
    # called below the layer's own draw, whose range is broken for a single number
    return by_keras(lambda keras, x: keras.layers.RandomContrast(0.5).transform_images(x, {"contrast_factor": factor}))


def _keras_shift(x: int, y: int) -> Reference:
    return lambda image: _layer(
        "RandomTranslation", (y / image.shape[0],) * 2, (x / image.shape[1],) * 2, fill_mode="nearest"
    )(image)


def _turned90(times: int) -> Reference:
    return lambda image: np.rot90(image, times)


def _moments(mean: float, std: float) -> Reference:
    return lambda image: np.array([128 + 255 * mean, 255 * std])


def _border(mode: str, fill: Any = 0) -> dict[str, Any]:
    return {"mode": mode, "fill": fill}


CASES: list[Case] = []
"""Every transform's cases; `photos` are those they are compared on."""


def case(
    id: str,
    tolerance: Tolerance,
    reference: Reference,
    draw: Values | Callable[[Size], Values] | None = (),
    *,
    photos: tuple[str, ...] = ALL,
    region: str = "whole",
    **settings: Any,
) -> None:
    """Add a case. The transform is the first word of its id."""
    CASES.append(Case(id, tolerance, reference, draw, settings, photos, region))


COLOURED = ("portrait", "odd")  # a colour put into a grey image makes it RGB: two shapes
INSIDE, OVER, HOLE = (7, 5, 21, 17), (-4, -3, 50, 41), (9, 2, 13, 19, None)
NEAR, FAR = (-17.2345, 3, -2, 1.1234, 8.765, -6.543), (33.321, -5, 4, 0.7654, -12.34, 9.87)
JITTER = ("brightness", "contrast", "saturation", "hue")
FADING = {"brightness": 0.8345, "contrast": 0.9321, "saturation": 0.7654}
GROWING = {"brightness": 1.1345, "contrast": 1.2321, "saturation": 1.1654}
KERAS_BORDERS = {"edge": "nearest", "symmetric": "reflect", "wrap": "wrap"}
SCIPY_BORDERS = {"reflect": "mirror", "edge": "nearest", "wrap": "grid-wrap"}

case("resize to a shorter side of 23", RESIZED, _resized([23]), None, size=23)
case("resize to a shorter side of 41, capped", RESIZED, _resized([41], max_size=50), None, size=41, max_size=50)
case("resize to 29x17", RESIZED, _resized([17, 29]), None, size=(17, 29))
case("resize to narrow", RESIZED, _resized([71, 19]), None, size=(71, 19))
case("resize bicubic shrinking", BICUBIC, _resized([19, 23], "BICUBIC"), None, size=(19, 23), interpolation="bicubic")
case(
    "resize bicubic growing",
    RESIZED,
    by_pillow(lambda image: image.resize((47, 37), 3)),
    None,
    size=(37, 47),
    interpolation="bicubic",
    photos=("odd", "grey"),
)
case(
    "resize nearest",
    NEAREST,
    by_pillow(lambda image: image.resize((32, 64), 0)),  # more factors of two than in the photos: no ties
    None,
    size=(64, 32),
    interpolation="nearest",
)
for h, w in ((20, 14), (19, 13), (18, 14), (80, 71), (150, 20)):
    case(f"center_crop of {h}x{w}", EXACT, _cropped_middle(h, w), None, size=(h, w))
case("random_crop inside", EXACT, _padded(INSIDE, "constant"), INSIDE, size=5)
for mode in ("constant", "edge", "symmetric", "reflect", "wrap"):
    on = ("odd", "grey", "landscape")
    case(f"random_crop over {mode}", EXACT, _padded(OVER, mode), OVER, size=5, border=_border(mode), photos=on)
for label, h, w in (("shrinking", 9, 11), ("growing", 43, 59), ("both", 31, 9)):
    case(f"random_resized_crop {label}", RESIZED, _cropped(INSIDE, [h, w]), INSIDE, size=(h, w))
case("horizontal_flip", EXACT, by_torchvision(lambda lib, x: lib.hflip(x)))
case("vertical_flip", EXACT, by_torchvision(lambda lib, x: lib.vflip(x)))
for k in range(4):
    case(f"rotate90 {k} times", EXACT, _turned90(k), (k,))
case("rotate90 by Pillow", EXACT, by_pillow(lambda image: image.transpose(2)), (1,))

for d in (12.3456, -33.4567, 158.765):
    case(f"rotate by {d}", WARPED, _rotated(d), (d,))
case("rotate expanding", WARPED, _rotated(37.1234, expand=True), (37.1234,), expand=True)
case("rotate by Pillow", WARPED, by_pillow(lambda image: image.rotate(12.3456, 2)), (12.3456,), region="interior")
case("rotate nearest", NEAREST, _rotated(12.3456, "NEAREST"), (12.3456,), interpolation="nearest")
case("rotate bicubic", WARPED_BICUBIC, _turned_bicubic(12.3456), (12.3456,), interpolation="bicubic")
for ours, theirs in KERAS_BORDERS.items():
    turn = _layer("RandomRotation", (0.0831, 0.0831), fill_mode=theirs)
    zoom = _layer("RandomZoom", (0.3123, 0.3123), fill_mode=theirs)
    case(f"rotate over {ours}", WARPED, turn, (29.916,), border=_border(ours))
    case(f"affine zoom over {ours}", WARPED, zoom, (0, 0, 0, 1 / 1.3123, 0, 0), border=_border(ours))
case("rotate over reflect", WARPED, _turned(29.916, "mirror"), (29.916,), border=_border("reflect"))
GREY, COLOUR = (77, 77, 77), (9, 77, 203)
case("rotate over grey", WARPED, _turned(29.916, "grid-constant", GREY), (29.916,), border=_border("constant", GREY))
turn = _turned(29.916, "grid-constant", COLOUR)
case("rotate over a colour", WARPED, turn, (29.916,), border=_border("constant", COLOUR), photos=COLOURED)
case("affine enlarging", WARPED, _affine(NEAR), NEAR)
case("affine shrinking", WARPED, _affine(FAR), FAR)
case("affine nearest", NEAREST, _affine(FAR, nearest=True), FAR, interpolation="nearest")
case("affine shift", EXACT, _keras_shift(7, -4), (0, 7, -4, 1, 0, 0), border=_border("edge"))
case("perspective inward", WARPED, _perspective(_moved_inward), _inward)
nearest = _perspective(_moved_between_pixels, nearest=True)
case("perspective inward, nearest", NEAREST, nearest, _between_pixels, interpolation="nearest")
for ours, theirs in SCIPY_BORDERS.items():
    warped = _perspective_by_scipy(_moved_inward, theirs)
    case(f"perspective inward over {ours}", WARPED, warped, _inward, border=_border(ours))
case("perspective zoom", WARPED, _perspective(_zoomed), _inner, sampler="zoom")
case("perspective zoom by SciPy", WARPED, _perspective_by_scipy(_zoomed, "grid-constant"), _inner, sampler="zoom")

for f in (0.4321, 1.2345, 3.3):
    case(f"brightness times {f}", EXACT, _adjusting("brightness", f), (f, None))
case("brightness by Pillow", EXACT, _pillow("Brightness", 1.2345), (1.2345, None))
for f in (0.1234, -0.3217):
    case(f"brightness plus {f}", FORMULA, _layer("RandomBrightness", (f, f)), (None, f), mode="add")
case("brightness plus, TensorFlow's formula", ROUNDED, _added(0.1234), (None, 0.1234), mode="add")
for f in (0.4321, 1.6789):
    case(f"contrast gray {f}", ROUNDED, _adjusting("contrast", f), (f,))
case("contrast gray by Pillow", ROUNDED, _pillow("Contrast", 0.4321), (0.4321,))
case("contrast channel", FORMULA, _keras_contrast(1.3217), (1.3217,), pivot="channel")
case("contrast channel, formula", FORMULA, _contrast_by_formula(0.6543, "channel"), (0.6543,), pivot="channel")
case("contrast zero, formula", FORMULA, _contrast_by_formula(1.3217, "zero"), (1.3217,), pivot="zero")
for f in (0.0, 1.6789):
    case(f"saturation blend {f}", ROUNDED, _adjusting("saturation", f), (f,))
for f in (0.2, 0.4321, 2.5):  # where tensors of bytes are two levels off: they truncate luma, then the blend
    case(f"saturation blend {f} by Pillow", ROUNDED, _pillow("Color", f), (f,))
    case(f"saturation blend {f} on floats", ROUNDED, _adjusted(("saturation",), saturation=f), (f,))
for f in (0.4321, 2.3456):
    case(f"saturation hsv {f}, formula", FORMULA, _saturated(f), (f,), space="hsv")
for f in (0.0321, 0.1234, -0.0987, -0.2789, 0.4567, 0.5):
    case(f"hue by {f}", ROUNDED, _adjusting("hue", f), (f,))
for label, tolerance, order, values in (
    ("fading", JITTERED, ("saturation", "brightness", "contrast"), FADING),
    ("growing", JITTERED, ("brightness", "contrast", "saturation"), GROWING),
    ("hue second", JITTERED_WITH_HUE, ("contrast", "hue", "brightness", "saturation"), FADING | {"hue": -0.0456}),
    ("hue first", JITTERED_WITH_HUE, ("hue", "saturation", "contrast", "brightness"), FADING | {"hue": 0.0871}),
):
    case(f"color_jitter {label}", tolerance, _adjusted(order, **values), (order, *map(values.get, JITTER)))
    if label == "fading":
        case("color_jitter on bytes", tolerance, _adjusted(order, True, **values), (order, *map(values.get, JITTER)))
for f in (0.4567, 0.8123, 1.2345, 2.7):
    case(f"gamma of {f}", EXACT, _adjusting("gamma", f), (f,))
case("grayscale by Pillow", EXACT, by_pillow(lambda image: image.convert("L")))
for k, f in ((3, 0.8123), (5, 1.2345), (11, 3.21), (9, 0.3)):
    case(f"gaussian_blur {k} wide, sigma {f}", ROUNDED, _blurred(k, f), (k, f))
case("gaussian_blur by SciPy", ROUNDED, _blurred_by_scipy(7, 1.7654), (7, 1.7654))
for mean, std, seed, apart in ((0.0, 0.04, 11, True), (0.05, 0.08, 12, True), (-0.03, 0.02, 13, False)):
    case(
        f"gauss_noise mean {mean}, std {std}",
        STATISTICS,
        _moments(mean, std),
        (mean, std, seed),
        per_channel=apart,
        photos=("flat",),
        region="statistics",
    )
case("random_erasing black", EXACT, _erased(HOLE, (0, 0, 0)), HOLE)
case("random_erasing grey", EXACT, _erased(HOLE, GREY), HOLE, fill=GREY)
case("random_erasing a colour", EXACT, _erased(HOLE, COLOUR), HOLE, fill=COLOUR, photos=COLOURED)


def _add_others() -> None:
    from tests.oracles import colours, effects, policies, shapes

    for module in (shapes, colours, policies, effects):
        module.add(case)


_add_others()


def stored_key(case: Case, photo: str) -> str:
    return f"{case.id}-{photo}".replace(" ", "_").replace(",", "")


def stored() -> list[tuple[Case, str]]:
    """Return the cases and photos whose results are kept beside this file.

    Of a transform with many cases every other one, or fewer, is kept for each photo: about ten.
    """
    kept = []
    for photo in STORED:
        found: dict[str, list[Case]] = {}
        for case in CASES:
            if photo in case.photos:
                found.setdefault(case.name, []).append(case)
        kept += [(case, photo) for cases in found.values() for case in cases[:: -(-len(cases) // 10)]]
    return kept
