"""Other libraries' names against the libraries themselves: the same parameters, and then the same pixels.

Ranges are of no width, so that both draw the same; what cannot be pinned down is compared by what is drawn.
"""

from __future__ import annotations

import inspect
import itertools
import tempfile
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np
import pytest
import yaml
from scipy import stats

from augcli.image import ops
from augcli.image.arrays import Image, Picture, Size
from augcli.image.fusion import fuse
from augcli.problems import Refused
from augcli.random_streams import Streams
from augcli.spec import dialects
from augcli.spec.dialects.entry import REQUIRED
from augcli.spec.loading import load
from augcli.spec.pipeline import Group, Pipeline, Step
from tests.oracles import libraries
from tests.oracles.libraries import to_bytes
from tests.oracles.photos import photo

pytestmark = pytest.mark.oracle

PHOTOS = ("large", "odd", "portrait")


def pipeline_of(*steps: Any) -> Pipeline:
    """Read steps that are given as plain data."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "spec.yaml")
        path.write_text(yaml.safe_dump({"output": {"format": "npy"}, "pipeline": list(steps)}), encoding="utf-8")
        return load(path).pipeline


def steps_in(pipeline: Pipeline) -> Iterator[Step]:
    for node in pipeline:
        if isinstance(node, Group):
            assert node.kind == "sequence"
            yield from steps_in(node.steps)
        else:
            yield node


def ours(image: Image, *steps: Any, fusion: Literal["off", "full"] = "full") -> np.ndarray:
    """Apply the canonical steps of these, neighbours merged as in a run."""
    size, made = Picture(image).size, []
    for step in steps_in(pipeline_of(*steps)):
        draw = step.transform.sample(Streams(17, b"a.jpg", 0)(step.name), size)
        assert draw is not None
        lowered = step.transform.lower(draw, size)
        for op in lowered if isinstance(lowered, tuple) else (lowered,):
            made.append(op)
            size = ops.size_after(op, size)
    return ops.run(fuse(made, Picture(image).size, fusion), Picture(image)).image


def by_torchvision(name: str, **given: Any) -> Callable[[Image], np.ndarray]:
    def reference(image: Image) -> np.ndarray:
        libraries.torchvision()
        import torch
        from torchvision.transforms import InterpolationMode, v2

        if "interpolation" in given:
            given["interpolation"] = InterpolationMode(given["interpolation"])
        made = getattr(v2, name)(**given)(torch.from_numpy(image.transpose(2, 0, 1).copy()))
        return made.numpy().transpose(1, 2, 0)

    return reference


def by_keras(name: str, **given: Any) -> Callable[[Image], np.ndarray]:
    def reference(image: Image) -> np.ndarray:
        keras = libraries.keras()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            layer = getattr(keras.layers, name)(**given)
            batch = keras.ops.convert_to_tensor(image[np.newaxis].astype(np.float32))
            values = keras.ops.convert_to_numpy(layer(batch, training=True))[0]
        return values if name in ("Rescaling", "Normalization") else to_bytes(values)

    return reference


def by_albumentations(name: str, **given: Any) -> Callable[[Image], np.ndarray]:
    def reference(image: Image) -> np.ndarray:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pairs = {key: tuple(v) if isinstance(v, list) else v for key, v in given.items()}
            made = getattr(libraries.albumentations(), name)(**pairs, p=1.0)(image=image)["image"]
        return np.asarray(made)

    return reference


MAKERS = {"torchvision": by_torchvision, "keras": by_keras, "albumentations": by_albumentations}


@dataclass(frozen=True)
class Case:
    """A call, how many levels may lie between, and where: at most `share` of the pixels differ by more."""

    name: str
    given: dict[str, Any]
    levels: float
    region: str = "whole"
    share: float = 0.0
    photos: tuple[str, ...] = PHOTOS
    fusion: Literal["off", "full"] = "full"

    @property
    def step(self) -> Any:
        library, _, _ = self.name.partition(".")
        chance = {"p": 1.0} if library == "albumentations" else {}
        return {self.name: self.given | chance}

    def difference(self, image: Image) -> tuple[float, float]:
        """Return the largest difference, and the share of pixels that differ by more than is allowed."""
        library, _, call = self.name.partition(".")
        made, expected = ours(image, self.step, fusion=self.fusion), MAKERS[library](call, **self.given)(image)
        assert made.shape == expected.shape
        off = np.abs(made.astype(np.float64) - expected).max(axis=2)
        if self.region == "interior":
            # Where nothing black has come in from outside, 3 px away from it.
            white = ours(np.full_like(image, 255), self.step).min(axis=2) == 255
            inside = cv2.erode(np.pad(white, 1).astype(np.uint8), np.ones((7, 7)), borderValue=0)[1:-1, 1:-1] == 1
            assert inside.mean() > 0.3
            off = off[inside]
        if self.region == "rim":
            off = off[3:-3, 3:-3]
        return float(off.max()), float((off > self.levels).mean())


def t(name: str, levels: float, region: str = "whole", share: float = 0.0, **given: Any) -> Case:
    return Case(f"torchvision.{name}", given, levels, region, share)


def k(name: str, levels: float, region: str = "whole", share: float = 0.0, **given: Any) -> Case:
    return Case(f"keras.{name}", given, levels, region, share)


def a(name: str, levels: float, region: str = "whole", share: float = 0.0, **given: Any) -> Case:
    return Case(f"albumentations.{name}", given, levels, region, share)


# Nearest: a place within a rounding error of a tie may fall to either side.
TIES = 0.002
CASES = [
    t("RandomHorizontalFlip", 0, p=1.0),
    t("RandomVerticalFlip", 0, p=1.0),
    t("RandomRotation", 0, share=TIES, degrees=[25.3, 25.3]),
    t("RandomRotation", 1, "interior", degrees=[25.3, 25.3], interpolation="bilinear"),
    t("RandomRotation", 0, share=TIES, degrees=[-61.7, -61.7], fill=200),
    t("RandomAffine", 0, share=TIES, degrees=[12.3, 12.3]),
    t(
        "RandomAffine",
        1,
        "interior",
        degrees=[12.3, 12.3],
        scale=[1.17, 1.17],
        shear=[10.1, 10.1, -5.3, -5.3],
        interpolation="bilinear",
    ),
    t("RandomAffine", 1, "interior", degrees=[0, 0], shear=[10.1, 10.1], interpolation="bilinear"),
    t("ColorJitter", 0, brightness=[1.3, 1.3]),
    t("ColorJitter", 1, contrast=[0.6, 0.6]),
    t("ColorJitter", 1, saturation=[1.7, 1.7]),
    t("ColorJitter", 1, hue=[0.13, 0.13]),
    t("RandomGrayscale", 1, p=1.0),
    t("GaussianBlur", 1, kernel_size=5, sigma=[1.3, 1.3]),
    t("RandomInvert", 0, p=1.0),
    t("RandomPosterize", 0, bits=3, p=1.0),
    t("RandomSolarize", 0, threshold=100, p=1.0),
    t("RandomAutocontrast", 1, p=1.0),  # in single precision there
    t("RandomEqualize", 0, p=1.0),
    t("RandomAdjustSharpness", 1, sharpness_factor=1.9, p=1.0),
    t("Resize", 1, size=25),
    t("Resize", 1, size=[40, 70]),
    t("CenterCrop", 0, size=[20, 24]),
    t("CenterCrop", 0, size=[200, 201]),
    t("Pad", 0, padding=[3, 1, 4, 2], padding_mode="reflect"),
    t("Pad", 0, padding=[3, 2], fill=77),
    t("Pad", 0, padding=5, padding_mode="symmetric"),
    # All of the photo, or where that is none of this shape the central box.
    Case(
        "torchvision.RandomResizedCrop",
        {"size": [30, 40], "scale": [1, 1], "ratio": [4 / 3, 4 / 3]},
        1,
        fusion="off",  # merged, a crop and a scaling by less than two are one read between pixels
    ),
    *(
        k("RandomRotation", 1, factor=[0.07, 0.07], fill_mode=mode, fill_value=90)
        for mode in ("reflect", "nearest", "wrap", "constant")
    ),
    k("RandomZoom", 1, height_factor=[0.23, 0.23]),
    k("RandomZoom", 1, height_factor=[-0.3, -0.3], width_factor=[0.2, 0.2]),
    k("RandomTranslation", 1, height_factor=[0.13, 0.13], width_factor=[-0.21, -0.21], fill_mode="nearest"),
    k("RandomBrightness", 1, factor=[0.15, 0.15]),
    k("RandomSaturation", 1, factor=[0.4, 0.4]),
    k("RandomSharpness", 1, "rim", factor=[0.9, 0.9]),
    k("RandomPosterization", 0, factor=[3, 3]),
    k("RandomInvert", 0, factor=[1.0, 1.0]),
    k("AutoContrast", 1),
    k("RandomGrayscale", 1, factor=1.0),
    k("RandomGaussianBlur", 1, "rim", factor=[1.0, 1.0], kernel_size=5, sigma=[0.8, 0.8]),
    k("Resizing", 1, height=150, width=190),
    k("Rescaling", 1e-6, scale=0.00392156862745098, offset=-0.5),
    k("Normalization", 1e-5, mean=[120.0, 110.0, 100.0], variance=[3400.0, 3200.0, 3300.0]),
    a("HorizontalFlip", 0),
    a("VerticalFlip", 0),
    a("Transpose", 0),
    a("Rotate", 1, "interior", limit=[20.3, 20.3]),
    *(a("Rotate", 1, limit=[20.3, 20.3], border_mode=mode) for mode in (1, 2, 3, 4)),
    # Shares that come to whole pixels: the library cuts off what is beyond.
    Case(
        "albumentations.ShiftScaleRotate",
        {
            "shift_limit_x": [0.125, 0.125],
            "shift_limit_y": [-0.25, -0.25],
            "scale_limit": [0.2, 0.2],
            "rotate_limit": [-20.3, -20.3],
            "border_mode": 4,
        },
        1,
        photos=("large", "portrait"),
    ),
    a("Affine", 1, "interior", rotate=[12.3, 12.3], scale=[1.2, 1.2], shear={"x": (7.3, 7.3), "y": (0, 0)}),
    a("Affine", 1, "interior", rotate=[0, 0], shear={"x": (0, 0), "y": (-7.3, -7.3)}, keep_ratio=True),
    a("Affine", 1, "interior", scale={"x": (1.3, 1.3), "y": (0.8, 0.8)}),
    a("RandomBrightnessContrast", 1, brightness_limit=[0.1, 0.1], contrast_limit=[0.2, 0.2]),
    a("RandomBrightnessContrast", 1, brightness_limit=[0.1, 0.1], contrast_limit=[-0.2, -0.2], brightness_by_max=False),
    a("HueSaturationValue", 2, hue_shift_limit=[20.5, 20.5], sat_shift_limit=[30, 30], val_shift_limit=[-20, -20]),
    a("RGBShift", 1, r_shift_limit=[15, 15], g_shift_limit=[-20, -20], b_shift_limit=[30, 30]),
    a("RandomGamma", 1, gamma_limit=[120, 120]),
    a("ColorJitter", 1, brightness=[1.3, 1.3], contrast=[1, 1], saturation=[1, 1], hue=[0, 0]),
    a("ColorJitter", 1, brightness=[1, 1], contrast=[0.7, 0.7], saturation=[1, 1], hue=[0, 0]),
    a("ColorJitter", 1, brightness=[1, 1], contrast=[1, 1], saturation=[1.5, 1.5], hue=[0, 0]),
    a("ToGray", 1),
    a("InvertImg", 0),
    a("Posterize", 0, num_bits=[3, 3]),
    a("Solarize", 0, threshold_range=[0.3, 0.3]),
    a("AutoContrast", 1, method="pil"),
    a("MedianBlur", 0, blur_limit=[5, 5]),
    a("Blur", 1, blur_limit=[5, 5]),
    a("GaussianBlur", 1, blur_limit=[5, 5], sigma_limit=[1.3, 1.3]),
    a("GaussianBlur", 1, sigma_limit=[2.0, 2.0]),
    a("MotionBlur", 1, blur_limit=[7, 7], allow_shifted=False, angle_range=[30, 30], direction_range=[0.4, 0.4]),
    a("CLAHE", 0, clip_limit=[3, 3], tile_grid_size=[4, 4]),
    a("Sharpen", 1, alpha=[0.3, 0.3], lightness=[0.8, 0.8]),
    a("RandomSnow", 0, snow_point_range=[0.2, 0.2]),
    a("Pad", 0, padding=[3, 1, 4, 2], border_mode=4),
    a("PadIfNeeded", 0, min_height=131, min_width=170, fill=9),
    # An odd difference is cut one pixel elsewhere.
    Case("albumentations.CenterCrop", {"height": 20, "width": 40}, 0, photos=("large", "portrait")),
    a("Resize", 1, height=150, width=190),
    a("Normalize", 1e-5),
    a("ToFloat", 1e-6),
]


@pytest.mark.parametrize(
    ("case", "name"),
    [
        pytest.param(case, name, id=f"{number}-{case.name}-{name}")
        for number, case in enumerate(CASES)
        for name in case.photos
    ],
)
def test_a_call_makes_the_pixels_of_its_library(case: Case, name: str):
    image = photo(name)
    most, share = case.difference(image)
    assert share <= case.share, f"{share:.3%} differ by more than {case.levels}, by {most} at most"


def test_a_generator_is_one_affine_map_of_keras():
    """On a square image; angles and shifts are as likely to one side as to the other, so any signs will do."""
    keras = libraries.keras()
    generator = keras.src.legacy.preprocessing.image.ImageDataGenerator(fill_mode="nearest")
    image = photo("large")[:, 20:140].copy()
    given = {
        "rotation_range": 20,
        "width_shift_range": 0.2,
        "height_shift_range": 0.2,
        "shear_range": 12,
        "zoom_range": 0.2,
    }
    step = {"keras.ImageDataGenerator": given}
    made = ours(image, step).astype(int)
    draws = {
        found.transform.name(): found.transform.sample(Streams(17, b"a.jpg", 0)(found.name), Picture(image).size)
        for found in steps_in(pipeline_of(step))
    }
    ways = []
    for turn, right, down, slant in itertools.product((1, -1), repeat=4):
        x, y = right * draws["translate"].x * 120, down * draws["translate"].y * 120
        values = {"theta": turn * draws["rotate"].degrees, "shear": slant * draws["shear"].x}
        sides = ("zx", "zy", draws["zoom"]), ("zy", "zx", draws["zoom"])
        for (one, other, zoom), (tx, ty) in itertools.product(sides, ((x, y), (y, x))):
            values |= {one: zoom.x, other: zoom.y, "tx": tx, "ty": ty}
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                theirs = to_bytes(generator.apply_transform(image.astype(np.float32), dict(values)))
            ways.append(float(np.abs(made - theirs).max()))
    assert min(ways) <= 1


def test_a_hue_of_keras_is_turned_either_way():
    image = photo("large")
    theirs = [by_keras("RandomHue", factor=[0.4, 0.4], seed=seed)(image) for seed in range(6)]
    for turns in (-0.2, 0.2):
        made = ours(image, {"hue": {"turns": [turns, turns]}}).astype(int)
        assert min(np.abs(made - other).max() for other in theirs) <= 1


# What is written


def classes(library: str) -> Iterator[tuple[str, Any]]:
    """The classes of a library that are known here, by their names."""
    libraries.torchvision()
    from torchvision.transforms import v2

    keras = libraries.keras()
    generator = keras.src.legacy.preprocessing.image.ImageDataGenerator
    for name, entry in dialects.entries(library).items():
        found: Any = None
        if library == "torchvision":
            found = getattr(v2, name, None)
        elif library == "albumentations":
            found = getattr(libraries.albumentations(), name, None)
        elif library == "keras":
            found = {"ImageDataGenerator": generator, "Sequential": None}.get(name, getattr(keras.layers, name, None))
        if found is not None and entry.refusal is None:
            yield name, found


def plain(value: Any) -> Any:
    """Write a default as YAML would have it."""
    if isinstance(value, tuple):
        return [plain(part) for part in value]
    if type(value).__name__ == "dtype":
        return str(value)
    return getattr(value, "value", value)


OTHER_DEFAULTS = {
    # as documented and as up to 1.3, see the entry
    ("ShiftScaleRotate", "border_mode"),
    ("ElasticTransform", "noise_distribution"),
    # required there, and here too but for an old name of theirs
    ("RandomResizedCrop", "size"),
    # float32 is what files can hold
    ("ToDtype", "dtype"),
    # none there, and one of two is needed; or none for nothing to do
    ("SmallestMaxSize", "max_size"),
    ("LongestMaxSize", "max_size"),
    *(("ColorJitter", part) for part in ("brightness", "contrast", "saturation", "hue")),
    # nothing to do with images as they are here
    ("Normalization", "mean"),
    ("Normalization", "variance"),
}


@pytest.mark.parametrize("library", ["torchvision", "albumentations", "keras"])
def test_every_parameter_of_a_class_is_known_with_its_default(library):
    seen = 0
    for name, found in classes(library):
        entry = dialects.find(f"{library}.{name}")
        for parameter in list(inspect.signature(found.__init__).parameters.values())[1:]:
            if parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL) or parameter.name == "name":
                continue
            default = plain(parameter.default)
            if parameter.name == "p" and "p" not in entry.parameters:
                assert entry.p == default, name
                continue
            assert parameter.name in entry.parameters, f"{name} has {parameter.name}"
            ours = entry.parameters[parameter.name].default
            if (name, parameter.name) in OTHER_DEFAULTS:
                continue
            if parameter.default is parameter.empty:
                assert ours is REQUIRED, f"{name} needs {parameter.name}"
                continue
            seen += 1
            if ours is not None and ours != default:
                # What is written otherwise means the same.
                read = entry.parameters[parameter.name].read
                assert default is not None, f"{name}: {parameter.name} is {ours}, none there"
                assert read(ours) == read(default), f"{name}: {parameter.name} is {ours}, {default} there"
    assert seen > 50


# Keras looks at one end of a pair alone; pairs that its messages exclude are refused here, and not listed.
REJECTED: list[tuple[str, dict[str, Any]]] = [
    ("torchvision.RandomAffine", {"degrees": 0, "scale": 0.9}),
    ("torchvision.RandomAffine", {"degrees": 0, "scale": [0.5]}),
    ("torchvision.RandomAffine", {"degrees": 0, "translate": 0.1}),
    ("torchvision.RandomAffine", {"degrees": 0, "translate": [10, 10]}),
    ("torchvision.RandomAffine", {"degrees": 0, "shear": [10]}),
    ("torchvision.RandomAffine", {"degrees": -5}),
    ("torchvision.RandomRotation", {"degrees": -5}),
    ("torchvision.RandomResizedCrop", {"size": 9, "scale": 0.8}),
    ("torchvision.RandomResizedCrop", {"size": 9, "ratio": 1}),
    ("torchvision.RandomErasing", {"scale": 0.2}),
    ("torchvision.RandomErasing", {"ratio": 1.5}),
    ("torchvision.RandomErasing", {"scale": [0.1, 2]}),
    ("torchvision.RandomPerspective", {"distortion_scale": 2}),
    ("torchvision.ColorJitter", {"brightness": [0.8]}),
    ("torchvision.ColorJitter", {"brightness": -0.2}),
    ("torchvision.ColorJitter", {"hue": 18}),
    ("torchvision.JPEG", {"quality": 0}),
    ("keras.RandomRotation", {"factor": 15}),
    ("keras.RandomZoom", {"height_factor": [0.8, 1.2]}),
    ("keras.RandomTranslation", {"height_factor": 20, "width_factor": 0.1}),
    ("keras.RandomHue", {"factor": 18}),
    ("keras.RandomSharpness", {"factor": 2}),
    ("keras.RandomErasing", {"scale": 3}),
    ("keras.RandomGrayscale", {"factor": 2}),
    ("keras.ImageDataGenerator", {"brightness_range": 0.2}),
    ("keras.ImageDataGenerator", {"zoom_range": [0.2]}),
    ("albumentations.GaussNoise", {"std_range": 0.1}),
    ("albumentations.GaussNoise", {"std_range": [10, 50]}),
    ("albumentations.ImageCompression", {"quality_range": 80}),
    ("albumentations.Solarize", {"threshold_range": 0.5}),
    ("albumentations.RandomGamma", {"gamma_limit": [0.8, 1.2]}),
    ("albumentations.RandomFog", {"fog_coef_range": 0.3}),
    ("albumentations.RandomSnow", {"snow_point_range": 0.3}),
    ("albumentations.Sharpen", {"alpha": 0.3}),
    ("albumentations.SaltAndPepper", {"amount": 0.1}),
    ("albumentations.ISONoise", {"intensity": 0.1}),
    ("albumentations.Downscale", {"scale_range": 0.5}),
    ("albumentations.CoarseDropout", {"num_holes_range": 3}),
    ("albumentations.Erasing", {"scale": 0.1}),
    ("albumentations.MotionBlur", {"angle_range": 30}),
    ("albumentations.RandomShadow", {"num_shadows_limit": 2}),
    ("albumentations.ColorJitter", {"brightness": -0.2}),
    ("albumentations.Rotate", {"limit": [20]}),
]


@pytest.mark.parametrize(
    ("name", "given"), REJECTED, ids=[f"{i}-{name}-{[*given][-1]}" for i, (name, given) in enumerate(REJECTED)]
)
def test_what_a_library_rejects_is_refused(name, given):
    library, _, call = name.partition(".")
    made = dict(classes(library))[call]
    pairs = {key: tuple(value) if isinstance(value, list) else value for key, value in given.items()}
    with pytest.raises((ValueError, TypeError)):
        made(**pairs)
    with pytest.raises(Refused):
        pipeline_of({name: given})


# What is drawn


def drawn(step: Any, field: str, count: int = 2000) -> np.ndarray:
    """Draw a field of a step's only transform, for an image of 200 by 100."""
    (made,) = steps_in(pipeline_of(step))
    size = Picture(np.zeros((100, 200, 3), np.uint8)).size
    draws = (made.transform.sample(Streams(3, b"a.jpg", copy)("step"), size) for copy in range(count))
    return np.array([getattr(draw, field) for draw in draws])


def alike(ours: np.ndarray, theirs: np.ndarray) -> bool:
    """Whether means and ends agree, to a twentieth of the range."""
    width = theirs.max() - theirs.min()
    pairs = ((ours.min(), theirs.min()), (ours.max(), theirs.max()), (ours.mean(), theirs.mean()))
    return all(abs(one - other) <= 0.05 * width for one, other in pairs)


def test_an_affine_of_torchvision_is_drawn_from_the_same_ranges():
    libraries.torchvision()
    from torchvision.transforms import RandomAffine

    given: dict[str, Any] = {"degrees": [-5, 30], "translate": [0.1, 0.3], "scale": [0.7, 1.4], "shear": [-5, 10, 3, 4]}
    rows = [RandomAffine.get_params(*given.values(), [200, 100]) for _ in range(2000)]
    step = {"torchvision.RandomAffine": given}
    assert alike(drawn(step, "degrees"), -np.array([row[0] for row in rows]))  # clockwise there
    assert alike(drawn(step, "x"), np.array([row[1][0] for row in rows]))
    assert alike(drawn(step, "y"), np.array([row[1][1] for row in rows]))
    assert alike(drawn(step, "scale"), np.array([row[2] for row in rows]))
    assert alike(drawn(step, "shear_x"), np.array([row[3][0] for row in rows]))
    assert alike(drawn(step, "shear_y"), np.array([row[3][1] for row in rows]))


def test_a_jitter_of_torchvision_is_drawn_from_the_same_ranges():
    libraries.torchvision()
    from torchvision.transforms import ColorJitter

    given = {"brightness": 0.2, "contrast": 1.5, "saturation": [0.3, 0.4], "hue": 0.1}
    jitter = ColorJitter(**given)
    rows = [jitter.get_params(jitter.brightness, jitter.contrast, jitter.saturation, jitter.hue) for _ in range(2000)]
    for place, name in enumerate(given, start=1):
        assert alike(drawn({"torchvision.ColorJitter": given}, name), np.array([row[place] for row in rows]))


def places_around(boxes: list[tuple[float, ...]]) -> tuple[np.ndarray, np.ndarray]:
    """Draw where crops around boxes begin, here and there, in an image of 200 by 100."""
    given: dict[str, Any] = {"height": 64, "width": 64}
    call = libraries.albumentations().AtLeastOneBBoxRandomCrop(**given)
    call.set_random_seed(5)
    data = {"bboxes": np.array(boxes) / (200, 100, 200, 100)}
    rows = [call.get_params_dependent_on_data({"shape": (100, 200, 3)}, data)["crop_coords"] for _ in range(4000)]
    (made,) = steps_in(pipeline_of({"albumentations.AtLeastOneBBoxRandomCrop": given}))
    streams = (Streams(3, b"a.jpg", copy)("step") for copy in range(4000))
    draws = [made.transform.sample_around(stream, Size(200, 100), boxes) for stream in streams]
    return np.array(draws)[:, :2], np.array(rows)[:, :2]


@pytest.mark.parametrize("box", [(60.0, 40.0, 75.0, 50.0), (10.0, 2.0, 180.0, 98.0)], ids=["small", "larger"])
def test_a_crop_around_a_box_of_albumentations_is_drawn_from_the_same_places(box):
    for ours, theirs in zip(*(found.T for found in places_around([box])), strict=True):
        # it cuts fractions off, so that the last place is hardly ever drawn there
        assert (ours.min(), ours.max() - 1) == (theirs.min(), theirs.max())
        assert stats.ks_2samp(ours, theirs).statistic < 0.08


def test_a_crop_of_albumentations_is_around_each_box_as_often():
    for found in places_around([(0.0, 40.0, 15.0, 50.0), (180.0, 40.0, 199.0, 50.0)]):
        assert abs((found[:, 0] < 64).mean() - 0.5) < 0.04


LAYERS: list[tuple[str, dict[str, Any], str, Callable[[dict[str, Any]], Any]]] = [
    ("RandomRotation", {"factor": 0.1}, "degrees", lambda made: made["angle"]),
    ("RandomBrightness", {"factor": [-0.1, 0.3]}, "delta", lambda made: made["rgb_delta"] / 255),
    ("RandomContrast", {"factor": [0.2, 0.5]}, "factor", lambda made: made["contrast_factor"]),
    ("RandomZoom", {"height_factor": [-0.3, 0.1]}, "y", lambda made: made["height_zoom"]),
    (
        "RandomTranslation",
        {"height_factor": [-0.3, 0.1], "width_factor": 0},
        "y",
        lambda made: made["translations"][:, 1] / 10,
    ),
    ("RandomSharpness", {"factor": [0.2, 0.9]}, "factor", lambda made: made["factor"] * 2),
    ("RandomHue", {"factor": 0.6}, "turns", lambda made: made["factor"]),
]


@pytest.mark.parametrize(("name", "given", "field", "value"), LAYERS, ids=[layer[0] for layer in LAYERS])
def test_a_layer_of_keras_is_drawn_from_the_same_range(name, given, field, value):
    keras = libraries.keras()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        layer = getattr(keras.layers, name)(**given)
        made = layer.get_random_transformation(keras.ops.zeros((2000, 10, 20, 3)), training=True)
        theirs = np.asarray(keras.ops.convert_to_numpy(value(made))).reshape(-1)
    assert alike(drawn({f"keras.{name}": given}, field), theirs)


CALLS: list[tuple[str, dict[str, Any], str, str, float]] = [
    ("RandomGamma", {"gamma_limit": [80, 150]}, "gamma", "gamma", 1),
    ("RandomGamma", {"gamma_limit": 150}, "gamma", "gamma", 1),
    ("HueSaturationValue", {}, "hue", "hue_shift", 1 / 180),
    ("HueSaturationValue", {}, "saturation", "sat_shift", 1),
    ("MedianBlur", {"blur_limit": 9}, "kernel_size", "kernel", 1),
    ("Blur", {"blur_limit": [3, 8]}, "kernel_size", "kernel", 1),
    ("CLAHE", {}, "clip_limit", "clip_limit", 1),
    ("Posterize", {"num_bits": [2, 6]}, "bits", "num_bits", 1),
    ("Solarize", {"threshold_range": [0.2, 0.7]}, "threshold", "threshold", 255),
    ("ImageCompression", {"quality_range": [30, 80]}, "quality", "quality", 1),
    ("Sharpen", {}, "alpha", "alpha", 1),
]


@pytest.mark.parametrize(("name", "given", "field", "theirs", "unit"), CALLS, ids=[f"{c[0]}-{c[2]}" for c in CALLS])
def test_a_call_of_albumentations_is_drawn_from_the_same_range(name, given, field, theirs, unit):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pairs = {key: tuple(v) if isinstance(v, list) else v for key, v in given.items()}
        call = getattr(libraries.albumentations(), name)(**pairs)
        call.set_random_seed(5)
        image = np.zeros((100, 200, 3), np.uint8)
        data: dict[str, Any] = {"image": image}
        shape = {"shape": image.shape}
        rows = [call.get_params() | call.get_params_dependent_on_data(shape, data) for _ in range(2000)]
    values = np.array([float(np.ravel(row[theirs])[0]) for row in rows]) * unit
    assert alike(drawn({f"albumentations.{name}": {**given, "p": 1}}, field), values)
