"""The cases of shifts, zooms, shears, displacement fields and padding, which `cases` takes in.

A field that grows from a seed is grown by ours for the reference too, which reads the image where it says; that the
field is what it should be is told by its statistics. All other places are computed here again in doubles.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np

from augcli.image.arrays import Image, Size, size_of
from augcli.image.displacement_fields import smooth_noise
from tests.oracles.libraries import (
    Reference,
    by_albumentations,
    by_keras,
    by_torchvision,
    displaced,
    keras,
    sampled,
    to_bytes,
)

ALL = ("portrait", "landscape", "odd", "grey", "large")
COLOURED = ("portrait", "odd")  # a colour put into a grey image makes it RGB: two shapes
GREY, COLOUR = (77, 77, 77), (9, 77, 203)
KERAS = {"edge": "nearest", "symmetric": "reflect", "wrap": "wrap", "constant": "constant"}
SCIPY = {"edge": "nearest", "symmetric": "grid-mirror", "reflect": "mirror", "wrap": "grid-wrap"}


def over(mode: str, fill: Any = 0) -> dict[str, Any]:
    return {"mode": mode, "fill": fill}


def by_layer(name: str, y: float, x: float, mode: str) -> Reference:
    """A Keras layer whose two ranges are points; its arguments are height first."""

    def moved(library: Any, batch: Any) -> Any:
        layer = getattr(library.layers, name)((y, y), (x, x), fill_mode=mode)
        return layer(batch, training=True)

    return by_keras(moved)


def by_affine(motion: Callable[[int, int], tuple[Any, ...]], nearest: bool = False) -> Reference:
    """`motion` gets width and height and gives torchvision's angle, shift, scale and shear."""

    def moved(functional: Any, tensor: Any) -> Any:
        mode = functional.InterpolationMode.NEAREST if nearest else functional.InterpolationMode.BILINEAR
        return functional.affine(tensor, *motion(tensor.shape[2], tensor.shape[1]), mode, fill=None)

    return by_torchvision(moved)


def by_scipy(
    back: Callable[[float, float], list[list[float]]], mode: str = "grid-constant", fill: tuple[int, ...] = (0, 0, 0)
) -> Reference:
    """`back` gets half the width and half the height, and gives the matrix from an output's place to the input's."""

    def reference(image: Image) -> Image:
        height, width = image.shape[:2]
        return sampled(image, np.array(back(width / 2, height / 2)), mode, fill)

    return reference


def shifted_back(x: float, y: float) -> Callable[[float, float], list[list[float]]]:
    return lambda cx, cy: [[1, 0, -x * 2 * cx], [0, 1, -y * 2 * cy], [0, 0, 1]]


def zoomed_back(x: float, y: float) -> Callable[[float, float], list[list[float]]]:
    return lambda cx, cy: [[x, 0, cx - x * cx], [0, y, cy - y * cy], [0, 0, 1]]


def placed_back(degrees: float, scale: float, x: float, y: float) -> Callable[[float, float], list[list[float]]]:
    """OpenCV's own matrix of a turn and a scale, which moves points, and a shift after it."""

    def back(cx: float, cy: float) -> list[list[float]]:
        forward = np.vstack([cv2.getRotationMatrix2D((cx, cy), degrees, scale), [0, 0, 1]])
        forward[:2, 2] += x * 2 * cx, y * 2 * cy
        return np.linalg.inv(forward).tolist()

    return back


def lengthening(x: float, y: float) -> Callable[[float, float], list[list[float]]]:
    """Keras' shear along x, and the same along y: what is read is x - sin(s) y and cos(s) y."""

    def back(cx: float, cy: float) -> list[list[float]]:
        s, t = math.radians(x), math.radians(y)
        turn = np.array([[1, -math.sin(s)], [0, math.cos(s)]]) @ [[math.cos(t), 0], [-math.sin(t), 1]]
        at = np.array([cx, cy]) - turn @ [cx, cy]
        return [[*turn[0], at[0]], [*turn[1], at[1]], [0, 0, 1]]

    return back


def by_generator(degrees: float, mode: str) -> Reference:
    """Keras' ImageDataGenerator; it exchanges height and width: for square images alone."""

    def reference(image: Image) -> Image:
        keras()
        import keras.src.legacy.preprocessing.image as legacy

        axes = {"row_axis": 0, "col_axis": 1, "channel_axis": 2}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # it asks SciPy for a name of old
            made = legacy.apply_affine_transform(image.astype(float), shear=degrees, fill_mode=mode, **axes)
        return to_bytes(made)

    return reference


def waved(alpha: float, sigma: float, seed: int, mode: str | None = None) -> Reference:
    """The displacement of a seed, through torchvision, or through SciPy in its word for the border."""

    def by_scipy(image: Image) -> Image:
        return displaced(image, smooth_noise(size_of(image), alpha, sigma, seed), mode or "")

    def moved(functional: Any, tensor: Any) -> Any:
        import torch

        height, width = tensor.shape[1:]
        field = smooth_noise(Size(width, height), alpha, sigma, seed)
        displacement = torch.from_numpy((2 * field / [width, height])[np.newaxis])
        return functional.elastic_transform(
            tensor, displacement.float(), functional.InterpolationMode.BILINEAR, fill=None
        )

    return by_torchvision(moved) if mode is None else by_scipy


def bent(strength: float, mode: str = "grid-constant", fill: tuple[int, ...] = (0, 0, 0)) -> Reference:
    """Brown's model by OpenCV: a lens whose focal length is half the diagonal, read by SciPy."""

    def reference(image: Image) -> Image:
        height, width = image.shape[:2]
        focal = math.hypot(width, height) / 2
        camera = np.array([[focal, 0, width / 2 - 0.5], [0, focal, height / 2 - 0.5], [0, 0, 1]])
        none = np.eye(3), camera, (width, height), cv2.CV_32FC1
        x, y = cv2.initUndistortRectifyMap(camera, np.array([strength, 0, 0, 0, 0]), *none)
        rows, columns = np.indices((height, width))
        return displaced(image, np.stack([x - columns, y - rows], axis=2), mode, fill)

    return reference


def stretched(x: tuple[float, ...], y: tuple[float, ...], mode: str = "grid-constant") -> Reference:
    """Cell by cell: a pixel reads as far into its cell's share as it lies in the even cell."""

    def read(side: int, shares: tuple[float, ...]) -> np.ndarray:
        sizes = [(1 + share) / sum(1 + other for other in shares) * side for share in shares]
        places = []
        for pixel in range(side):
            cell, part = divmod((pixel + 0.5) * len(shares) / side, 1)
            places.append(sum(sizes[: int(cell)]) + part * sizes[int(cell)] - (pixel + 0.5))
        return np.array(places)

    def reference(image: Image) -> Image:
        height, width = image.shape[:2]
        field = np.stack(np.broadcast_arrays(read(width, x), read(height, y)[:, np.newaxis]), axis=2)
        return displaced(image, field, mode)

    return reference


def padded(padding: tuple[int, int, int, int], mode: str, fill: tuple[int, int, int] = (0, 0, 0)) -> Reference:
    left, top, right, bottom = padding
    if mode == "wrap":
        return lambda image: np.pad(image, ((top, bottom), (left, right), (0, 0)), "wrap")
    if len(set(fill)) > 1:

        def coloured(image: Image) -> Image:
            import PIL.Image
            import PIL.ImageOps

            return np.asarray(PIL.ImageOps.expand(PIL.Image.fromarray(image), padding, fill))

        return coloured
    return by_torchvision(lambda library, x: library.pad(x, [*padding], fill[0], mode))


def padded_up(height: int, width: int) -> Reference:
    def made(library: Any, image: Image) -> Image:
        return library.PadIfNeeded(min_height=height, min_width=width, border_mode=cv2.BORDER_REFLECT_101, p=1)(
            image=image
        )["image"]

    return by_albumentations(made)


def add(case: Callable[..., None]) -> None:
    """Add the cases by the function that `cases` adds its own with."""
    from tests.oracles.cases import EXACT, NEAREST, WARPED, Tolerance

    remapped = Tolerance(
        1 if cv2.__version__.startswith("5") else 4, "float sums in another order; OpenCV 4 rounds places to 1/32 px"
    )
    nearest = {"interpolation": "nearest"}
    for x, y in ((0.1237, -0.0811), (-0.3217, 0.2789)):
        shift, back = (x, y), shifted_back(x, y)
        for ours, theirs in KERAS.items():
            case(
                f"translate by {x} over {ours}",
                WARPED,
                by_layer("RandomTranslation", y, x, theirs),
                shift,
                border=over(ours),
            )
        case(f"translate by {x} over reflect", WARPED, by_scipy(back, "mirror"), shift, border=over("reflect"))
        case(
            f"translate by {x} over a colour",
            WARPED,
            by_scipy(back, "grid-constant", COLOUR),
            shift,
            border=over("constant", COLOUR),
            photos=COLOURED,
        )

        def moved(w: int, h: int, x: float = x, y: float = y) -> tuple[Any, ...]:
            return 0, [x * w, y * h], 1, [0, 0]

        case(f"translate by {x} by torchvision", WARPED, by_affine(moved), shift)
        case(f"translate by {x}, nearest", NEAREST, by_affine(moved, nearest=True), shift, **nearest)

    for x, y in ((1.3123, 1.3123), (0.7654, 0.7654), (0.8123, 1.2345), (1.4567, 0.6543)):
        for ours, theirs in KERAS.items():
            zoomed = by_layer("RandomZoom", y - 1, x - 1, theirs)
            case(f"zoom {x} and {y} over {ours}", WARPED, zoomed, (x, y), border=over(ours))
        case(
            f"zoom {x} and {y} over reflect",
            WARPED,
            by_scipy(zoomed_back(x, y), "mirror"),
            (x, y),
            border=over("reflect"),
        )
    enlarged = by_affine(lambda w, h: (0, [0, 0], 1 / 0.7654, [0, 0]), nearest=True)
    case("zoom 0.7654, nearest", NEAREST, enlarged, (0.7654, 0.7654), **nearest)

    for x, y in ((8.765, -6.543), (-12.34, 9.87), (33.3, 0.0)):

        def slanted(w: int, h: int, x: float = x, y: float = y) -> tuple[Any, ...]:
            return 0, [0, 0], 1, [x, y]

        case(f"shear {x} and {y}", WARPED, by_affine(slanted), (x, y))
        case(f"shear {x} and {y}, nearest", NEAREST, by_affine(slanted, nearest=True), (x, y), **nearest)
        for ours, theirs in SCIPY.items():
            kept = by_scipy(lengthening(x, y), theirs)
            case(f"shear {x} and {y} of a length, over {ours}", WARPED, kept, (x, y), keep="length", border=over(ours))
    for degrees in (12.345, -23.456):
        for ours, theirs in (("edge", "nearest"), ("symmetric", "reflect")):
            made, label = by_generator(degrees, theirs), f"shear {degrees} by a generator over {ours}"
            case(label, WARPED, made, (degrees, 0.0), keep="length", border=over(ours), photos=("square",))

    for draw in ((17.2345, 1.0876, 0.0543, -0.0321), (-41.321, 0.9123, -0.1234, 0.0789)):
        degrees = draw[0]

        def placed(w: int, h: int, draw: tuple[float, ...] = draw) -> tuple[Any, ...]:
            return -draw[0], [draw[2] * w, draw[3] * h], draw[1], [0, 0]

        case(f"shift_scale_rotate {degrees}", WARPED, by_affine(placed), draw)
        case(f"shift_scale_rotate {degrees}, nearest", NEAREST, by_affine(placed, nearest=True), draw, **nearest)
        for ours, theirs in SCIPY.items():
            made = by_scipy(placed_back(*draw), theirs)
            case(f"shift_scale_rotate {degrees} over {ours}", WARPED, made, draw, border=over(ours))

    for draw in ((60.0, 6.0, 5), (20.0, 3.0, 6), (200.0, 12.0, 7), (900.0, 25.0, 8)):
        label = f"elastic {draw[0]} of {draw[1]}"
        case(label, remapped, waved(*draw), draw)
        for ours, theirs in SCIPY.items():
            case(f"{label} over {ours}", remapped, waved(*draw, theirs), draw, border=over(ours))
    case("elastic over nothing, by SciPy", remapped, waved(60.0, 6.0, 9, "grid-constant"), (60.0, 6.0, 9))

    for strength in (0.2789, -0.2345, 1.1234):
        case(f"optical_distortion {strength}", remapped, bent(strength), (strength,))
        for ours, theirs in SCIPY.items():
            case(
                f"optical_distortion {strength} over {ours}",
                remapped,
                bent(strength, theirs),
                (strength,),
                border=over(ours),
            )
    case(
        "optical_distortion over a colour",
        remapped,
        bent(0.4567, fill=COLOUR),
        (0.4567,),
        border=over("constant", COLOUR),
        photos=COLOURED,
    )

    for x, y in (
        ((0.1234, -0.2345, 0.2987, -0.0567, 0.0123), (-0.2876, 0.1987, 0.0432, -0.1234, 0.2654)),
        ((0.3217, -0.4321), (0.8123, -0.7654)),
        (tuple(0.29 * math.sin(7 * k + 1) for k in range(11)), tuple(0.29 * math.cos(5 * k) for k in range(11))),
    ):
        label = f"grid_distortion of {len(x)} cells"
        case(label, remapped, stretched(x, y), (x, y))
        case(f"{label} over wrap", remapped, stretched(x, y, "grid-wrap"), (x, y), border=over("wrap"))

    for padding in ((7, 3, 11, 5), (0, 9, 0, 0)):
        for mode in ("constant", "edge", "symmetric", "reflect", "wrap"):
            label = f"pad by {padding[0]} and {padding[1]} with {mode}"
            case(label, EXACT, padded(padding, mode), None, padding=padding, border=over(mode))
    case(
        "pad by 6 with grey", EXACT, padded((6,) * 4, "constant", GREY), None, padding=6, border=over("constant", GREY)
    )
    coloured = padded((7, 3, 11, 5), "constant", COLOUR)
    case(
        "pad with a colour",
        EXACT,
        coloured,
        None,
        padding=(7, 3, 11, 5),
        border=over("constant", COLOUR),
        photos=COLOURED,
    )
    for height, width in ((68, 71), (50, 200), (40, 67)):
        label = f"pad up to {width}x{height}"
        case(label, EXACT, padded_up(height, width), None, size=(height, width), border=over("reflect"))
