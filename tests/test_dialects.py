"""Other libraries' names: accepted with their arguments, translated with their units, refused with a way out.

What is expected here is worked out by hand from the libraries' documentation, not read from the tables.
"""

from __future__ import annotations

import contextlib
import itertools
import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import yaml

from augcli.image import ops, transforms
from augcli.image.arrays import Picture, Size
from augcli.problems import Refused
from augcli.spec import descriptions, dialects, json_schema, outline
from augcli.spec.loading import load
from augcli.spec.pipeline import canonical, leaves
from augcli.spec.spec import Spec
from augcli.spec.translation import suggest_name

ROOT = Path(__file__).parents[1]
GUIDE = [path for path in sorted((ROOT / "configs" / "guide").glob("*.yaml")) if not path.stem.startswith("text_")]
"""The blocks about images; `test_text_dialects.py` has those about texts."""


@pytest.fixture
def spec_of(tmp_path):
    """Load a pipeline that is given as plain data."""

    def make(*steps: Any) -> Spec:
        path = tmp_path / "spec.yaml"
        text = yaml.safe_dump({"output": {"format": "npy"}, "pipeline": list(steps)}, sort_keys=False)
        path.write_text(text, encoding="utf-8")
        return load(path)

    return make


@pytest.fixture
def steps_of(spec_of):
    """Return the canonical steps of a pipeline, behind a flip, since one of nothing is refused."""

    def make(*steps: Any) -> list[dict[str, Any]]:
        return [canonical(node) for node in spec_of({"vertical_flip": {"name": "first"}}, *steps).pipeline[1:]]

    return make


@pytest.fixture
def said_of(spec_of, tmp_path):
    """Return what is said about a step, without the place that it is shown in."""

    def make(*steps: Any) -> str:
        with pytest.raises(Refused) as refused:
            spec_of(*steps)
        return "\n".join(f"{problem.what} | {problem.help}" for problem in refused.value.problems)

    return make


# Every name of the guide's image sections, with the arguments that it has there.
IN_THE_GUIDE: list[Any] = [
    {
        "keras.ImageDataGenerator": {
            "rotation_range": 20,
            "width_shift_range": 0.2,
            "height_shift_range": 0.2,
            "shear_range": 0.2,
            "zoom_range": 0.2,
            "horizontal_flip": True,
            "vertical_flip": False,
            "fill_mode": "nearest",
            "brightness_range": [0.8, 1.2],
            "rescale": 0.00392156862745098,
        }
    },
    {"keras.Sequential": {"layers": ["horizontal_flip"]}},
    {"keras.RandomFlip": {"mode": "horizontal"}},
    {"keras.RandomRotation": {"factor": 0.1}},
    {"keras.RandomZoom": {"height_factor": 0.1}},
    {"keras.RandomContrast": {"factor": 0.1}},
    {"keras.RandomBrightness": {"factor": 0.1}},
    {"keras.RandomTranslation": {"height_factor": 0.1, "width_factor": 0.1}},
    {"tf.image.random_crop": {"size": [200, 200, 3]}},
    {"tf.image.resize": {"size": [224, 224]}},
    {"tf.image.random_brightness": {"max_delta": 0.2}},
    {"tf.image.random_contrast": {"lower": 0.8, "upper": 1.2}},
    {"tf.image.random_saturation": {"lower": 0.8, "upper": 1.2}},
    {"tf.image.random_hue": {"max_delta": 0.1}},
    "tf.image.random_flip_left_right",
    {"tf.image.rot90": {"k": "random"}},
    {"tf.clip_by_value": {"clip_value_min": 0, "clip_value_max": 1}},
    {"torchvision.Compose": {"transforms": ["horizontal_flip"]}},
    {"torchvision.Resize": {"size": 256}},
    {"torchvision.RandomCrop": {"size": 224}},
    {"torchvision.RandomHorizontalFlip": {"p": 0.5}},
    {"torchvision.RandomVerticalFlip": {"p": 0.1}},
    {"torchvision.RandomRotation": {"degrees": 15}},
    {"torchvision.RandomAffine": {"degrees": 0, "translate": [0.1, 0.1], "scale": [0.9, 1.1], "shear": 10}},
    {"torchvision.ColorJitter": {"brightness": 0.2, "contrast": 0.2, "saturation": 0.2, "hue": 0.1}},
    {"torchvision.RandomGrayscale": {"p": 0.1}},
    {"torchvision.RandomPerspective": {"distortion_scale": 0.2, "p": 0.5}},
    {"torchvision.RandomErasing": {"p": 0.5, "scale": [0.02, 0.2]}},
    "torchvision.ToTensor",
    {"torchvision.Normalize": {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}},
    {"torchvision.CenterCrop": {"size": 224}},
    {"torchvision.AutoAugment": {"policy": "AutoAugmentPolicy.IMAGENET"}},
    {"torchvision.RandAugment": {"num_ops": 2, "magnitude": 9}},
    {"albumentations.Compose": {"transforms": ["horizontal_flip"]}},
    {"albumentations.RandomResizedCrop": {"height": 224, "width": 224, "scale": [0.8, 1.0]}},
    {"albumentations.HorizontalFlip": {"p": 0.5}},
    {"albumentations.ShiftScaleRotate": {"shift_limit": 0.1, "scale_limit": 0.1, "rotate_limit": 15, "p": 0.5}},
    {"albumentations.Perspective": {"scale": [0.05, 0.1], "p": 0.5}},
    {"albumentations.ElasticTransform": {"alpha": 1, "sigma": 50, "p": 0.3}},
    {"albumentations.RandomBrightnessContrast": {"brightness_limit": 0.2, "contrast_limit": 0.2, "p": 0.5}},
    {"albumentations.HueSaturationValue": {"hue_shift_limit": 20, "sat_shift_limit": 30, "val_shift_limit": 20}},
    {"albumentations.RGBShift": {"r_shift_limit": 15, "g_shift_limit": 15, "b_shift_limit": 15, "p": 0.5}},
    {"albumentations.RandomGamma": {"gamma_limit": [80, 120], "p": 0.5}},
    {"albumentations.OneOf": {"transforms": ["hue", "gamma"], "p": 0.3}},
    {"albumentations.MotionBlur": {"blur_limit": 5}},
    {"albumentations.MedianBlur": {"blur_limit": 5}},
    {"albumentations.GaussianBlur": {"blur_limit": 5}},
    {"albumentations.GaussNoise": {"var_limit": [10.0, 50.0]}},
    "albumentations.ISONoise",
    {"albumentations.RandomRain": {"p": 1.0}},
    {"albumentations.RandomFog": {"p": 1.0}},
    {"albumentations.RandomSunFlare": {"p": 1.0}},
    {"albumentations.CoarseDropout": {"max_holes": 8, "max_height": 32, "max_width": 32, "fill_value": 0, "p": 0.5}},
    {"albumentations.Normalize": {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}},
    "albumentations.ToTensorV2",
]


def name_of(step: Any) -> str:
    return step if isinstance(step, str) else next(iter(step))


@pytest.mark.parametrize("step", IN_THE_GUIDE, ids=name_of)
def test_what_the_guide_writes_is_accepted(step, spec_of):
    assert len(spec_of("hue", step).pipeline) >= 1


def test_every_name_of_the_guide_stands_in_a_ready_made_spec():
    told = "\n".join(path.read_text(encoding="utf-8") for path in GUIDE)
    missing = [name_of(step) for step in IN_THE_GUIDE if name_of(step) not in told]
    # Compose is what a pipeline itself is.
    assert missing == ["torchvision.Compose", "albumentations.Compose"]


BLACK = {"mode": "constant", "fill": [0, 0, 0]}
GREY = {"mode": "constant", "fill": [114, 114, 114]}

# A call, and the steps that it stands for; settings that are left out here are not looked at.
TRANSLATED: list[tuple[Any, list[Any]]] = [
    # torchvision: degrees, factors, turns; RandomAffine turns clockwise.
    (
        {"torchvision.RandomRotation": {"degrees": 15}},
        [{"rotate": {"degrees": [-15, 15], "interpolation": "nearest", "border": BLACK}}],
    ),
    (
        {"torchvision.RandomRotation": {"degrees": [0, 30], "interpolation": "InterpolationMode.BILINEAR", "fill": 9}},
        [
            {
                "rotate": {
                    "degrees": [0, 30],
                    "interpolation": "bilinear",
                    "border": {"mode": "constant", "fill": [9, 9, 9]},
                }
            }
        ],
    ),
    (
        {"torchvision.RandomAffine": {"degrees": [10, 30], "translate": [0.1, 0.2], "shear": 10}},
        [
            {
                "affine": {
                    "degrees": [-30, -10],
                    "translate": {"x": [-0.1, 0.1], "y": [-0.2, 0.2]},
                    "scale": [1, 1],
                    "shear": {"x": [-10, 10], "y": [0, 0]},
                }
            }
        ],
    ),
    (
        {"torchvision.RandomAffine": {"degrees": 0, "scale": [0.9, 1.1], "shear": [-5, 5, 1, 2]}},
        [
            {
                "affine": {
                    "degrees": [0, 0],
                    "scale": [0.9, 1.1],
                    "translate": {"x": [0, 0], "y": [0, 0]},
                    "shear": {"x": [-5, 5], "y": [1, 2]},
                }
            }
        ],
    ),
    (
        {"torchvision.ColorJitter": {"brightness": 0.2, "contrast": [0.5, 3], "hue": 0.1}},
        [
            {
                "color_jitter": {
                    "brightness": [0.8, 1.2],
                    "contrast": [0.5, 3],
                    "saturation": [1, 1],
                    "hue": [-0.1, 0.1],
                }
            }
        ],
    ),
    ({"torchvision.ColorJitter": {"brightness": 1.5}}, [{"color_jitter": {"brightness": [0, 2.5]}}]),
    ("torchvision.RandomGrayscale", [{"grayscale": {"p": 0.1}}]),
    (
        {"torchvision.RandomErasing": {"scale": [0.02, 0.2]}},
        [{"random_erasing": {"scale": [0.02, 0.2], "fill": [0, 0, 0]}}],
    ),
    ({"torchvision.GaussianBlur": {"kernel_size": 5}}, [{"gaussian_blur": {"kernel_size": [5, 5], "sigma": [0.1, 2]}}]),
    ("torchvision.GaussianNoise", [{"gauss_noise": {"std": [0.1, 0.1], "mean": [0, 0]}}]),
    # alpha is in units of half the image over its side, so in half pixels.
    ("torchvision.ElasticTransform", [{"elastic": {"alpha": [25, 25], "sigma": [5, 5]}}]),
    (
        {"torchvision.RandomCrop": {"size": [200, 300], "padding": [1, 2], "padding_mode": "edge"}},
        [
            {
                "random_crop": {
                    "size": [200, 300],
                    "padding": [1, 2, 1, 2],
                    "border": {"mode": "edge", "fill": [0, 0, 0]},
                }
            }
        ],
    ),
    ({"torchvision.RandomSolarize": {"threshold": 192}}, [{"solarize": {"threshold": [192, 192], "p": 0.5}}]),
    ({"torchvision.RandomPosterize": {"bits": 2, "p": 1}}, [{"posterize": {"bits": [2, 2], "p": 1}}]),
    ("torchvision.AutoAugment", [{"auto_augment": {"policy": "imagenet", "interpolation": "nearest"}}]),
    ("torchvision.AugMix", [{"augmix": {"chain_depth": [1, 3], "interpolation": "bilinear"}}]),
    ("torchvision.TrivialAugmentWide", [{"trivial_augment_wide": {"num_magnitude_bins": 31}}]),
    ("torchvision.MixUp", [{"mixup": {"alpha": 1}}]),
    ({"torchvision.CutMix": {"num_classes": 10}}, [{"cutmix": {"alpha": 1}}]),
    ("torchvision.ToTensor", [{"rescale": {"scale": pytest.approx(1 / 255)}}]),
    (
        {"torchvision.ToDtype": {"dtype": "torch.float32", "scale": True}},
        [{"rescale": {"scale": pytest.approx(1 / 255)}}],
    ),
    ({"torchvision.ToDtype": {"dtype": "torch.float32"}}, []),
    ("torchvision.ToImage", []),
    (
        {"torchvision.Normalize": {"mean": [0.5, 0.4, 0.3], "std": [0.2, 0.2, 0.1]}},
        [{"normalize": {"mean": [0.5, 0.4, 0.3], "std": [0.2, 0.2, 0.1], "max_pixel_value": 1}}],
    ),
    # Keras: parts of a turn, height first, zoom above 1 shows more, levels by range, words for borders of its own.
    (
        {"keras.RandomRotation": {"factor": 0.1}},
        [{"rotate": {"degrees": [-36, 36], "border": {"mode": "symmetric", "fill": [0, 0, 0]}}}],
    ),
    (
        {"keras.RandomRotation": {"factor": [0.25, 0.5], "fill_mode": "nearest"}},
        [{"rotate": {"degrees": [90, 180], "border": {"mode": "edge", "fill": [0, 0, 0]}}}],
    ),
    (
        {"keras.RandomZoom": {"height_factor": 0.1}},
        [{"zoom": {"factor": {"x": [0.9, 1.1], "y": [0.9, 1.1]}, "keep_ratio": True}}],
    ),
    (
        {"keras.RandomZoom": {"height_factor": [-0.3, -0.2], "width_factor": 0}},
        [{"zoom": {"factor": {"x": [1, 1], "y": [0.7, 0.8]}, "keep_ratio": False}}],
    ),
    (
        {"keras.RandomTranslation": {"height_factor": 0.1, "width_factor": [-0.3, 0.2]}},
        [{"translate": {"shift": {"x": [-0.3, 0.2], "y": [-0.1, 0.1]}}}],
    ),
    ({"keras.RandomBrightness": {"factor": 0.1}}, [{"brightness": {"mode": "add", "delta": [-0.1, 0.1]}}]),
    ({"keras.RandomContrast": {"factor": 0.1}}, [{"contrast": {"factor": [0.9, 1.1], "pivot": "channel"}}]),
    ({"keras.RandomContrast": {"factor": [0.2, 0.5]}}, [{"contrast": {"factor": [0.8, 1.5]}}]),
    ("keras.RandomFlip", [{"horizontal_flip": {}}, {"vertical_flip": {}}]),
    ({"keras.RandomFlip": {"mode": "vertical"}}, [{"vertical_flip": {}}]),
    ({"keras.RandomHue": {"factor": 0.5}}, [{"hue": {"turns": [-0.25, 0.25]}}]),
    # f / (1 - f): 2/3 and 3/2
    ({"keras.RandomSaturation": {"factor": [0.4, 0.6]}}, [{"saturation": {"factor": [pytest.approx(2 / 3), 1.5]}}]),
    ({"keras.RandomSharpness": {"factor": [0.5, 1]}}, [{"sharpness": {"factor": [1, 2], "p": 1}}]),
    ({"keras.RandomPosterization": {"factor": [2, 5]}}, [{"posterize": {"bits": [2, 4], "p": 1}}]),
    ("keras.RandomInvert", [{"invert": {}}]),
    ({"keras.RandomInvert": {"factor": [1, 1]}}, [{"invert": {"p": 1}}]),
    ({"keras.Solarization": {"threshold_factor": [0.5, 0.5]}}, [{"solarize": {"threshold": [127.5, 127.5], "p": 1}}]),
    (
        {"keras.Solarization": {"addition_factor": 0.1, "threshold_factor": 0.8}},
        [{"brightness": {"mode": "add", "delta": [0, 0.1]}}, {"solarize": {"threshold": [0, 204], "p": 1}}],
    ),
    ({"keras.CutMix": {"factor": [1, 1]}}, [{"cutmix": {"alpha": 1}}]),
    ("keras.MixUp", [{"mixup": {"alpha": 0.2}}]),
    (
        {"keras.Normalization": {"mean": 100, "variance": 400}},
        [{"normalize": {"mean": [100] * 3, "std": [20] * 3, "max_pixel_value": 1}}],
    ),
    (
        {"keras.RandomColorJitter": {"hue_factor": 0.1, "brightness_factor": 0.2}},
        [{"brightness": {"delta": [-0.2, 0.2]}}, {"hue": {"turns": [-0.05, 0.05]}}],
    ),
    (
        {
            "keras.ImageDataGenerator": {
                "rotation_range": 20,
                "width_shift_range": 0.2,
                "height_shift_range": 0.1,
                "shear_range": 5,
                "zoom_range": 0.2,
                "channel_shift_range": 30,
                "horizontal_flip": True,
                "vertical_flip": True,
                "fill_mode": "reflect",
                "brightness_range": [0.8, 1.2],
                "rescale": 0.5,
            }
        },
        [
            {"rotate": {"degrees": [-20, 20], "border": {"mode": "symmetric", "fill": [0, 0, 0]}}},
            {"translate": {"shift": {"x": [-0.2, 0.2], "y": [-0.1, 0.1]}}},
            {"shear": {"degrees": {"x": [-5, 5], "y": [0, 0]}, "keep": "length"}},
            {"zoom": {"factor": {"x": [0.8, 1.2], "y": [0.8, 1.2]}, "keep_ratio": False}},
            {"channel_shift": {"shift": [-30, 30]}},
            {"horizontal_flip": {}},
            {"vertical_flip": {}},
            {"brightness": {"mode": "multiply", "factor": [0.8, 1.2]}},
            {"rescale": {"scale": 0.5}},
        ],
    ),
    # tf.image: shares of the range, turns
    ({"tf.image.random_brightness": {"max_delta": 0.2}}, [{"brightness": {"mode": "add", "delta": [-0.2, 0.2]}}]),
    (
        {"tf.image.random_contrast": {"lower": 0.8, "upper": 1.5}},
        [{"contrast": {"factor": [0.8, 1.5], "pivot": "channel"}}],
    ),
    (
        {"tf.image.random_saturation": {"lower": 0.8, "upper": 1.5}},
        [{"saturation": {"factor": [0.8, 1.5], "space": "hsv"}}],
    ),
    ({"tf.image.random_hue": {"max_delta": 0.1}}, [{"hue": {"turns": [-0.1, 0.1]}}]),
    ({"tf.image.adjust_hue": {"delta": 0.75}}, [{"hue": {"turns": [-0.25, -0.25]}}]),
    ("tf.image.rot90", [{"rotate90": {"times": [1, 1]}}]),
    ({"tf.image.rot90": {"k": "random"}}, [{"rotate90": {"times": [0, 3]}}]),
    ({"tf.image.rot90": {"k": -1}}, [{"rotate90": {"times": [3, 3]}}]),
    ("tf.image.flip_left_right", [{"horizontal_flip": {"p": 1}}]),
    ({"tf.image.random_crop": {"size": [200, 100, 3]}}, [{"random_crop": {"size": [200, 100]}}]),
    # Albumentations: half degrees, percent, limits; p 0.5 for most
    (
        "albumentations.HueSaturationValue",
        [
            {
                "hue_saturation_value": {
                    "hue": [pytest.approx(-1 / 9), pytest.approx(1 / 9)],
                    "saturation": [-30, 30],
                    "value": [-20, 20],
                    "p": 0.5,
                }
            }
        ],
    ),
    ({"albumentations.RandomGamma": {"gamma_limit": [80, 120]}}, [{"gamma": {"gamma": [0.8, 1.2], "p": 0.5}}]),
    (
        {"albumentations.RandomBrightnessContrast": {"contrast_limit": [-0.1, 0.4]}},
        [{"brightness_contrast": {"brightness": [-0.2, 0.2], "contrast": [0.9, 1.4], "by_max": True}}],
    ),
    (
        {"albumentations.ShiftScaleRotate": {"shift_limit_x": 0, "scale_limit": 0.2}},
        [
            {
                "shift_scale_rotate": {
                    "shift": {"x": [0, 0], "y": [-0.0625, 0.0625]},
                    "scale": [0.8, 1.2],
                    "degrees": [-45, 45],
                    "border": {"mode": "reflect", "fill": [0, 0, 0]},
                }
            }
        ],
    ),
    ("albumentations.Rotate", [{"rotate": {"degrees": [-90, 90], "border": BLACK, "interpolation": "bilinear"}}]),
    (
        {"albumentations.Rotate": {"limit": 10, "border_mode": 2, "interpolation": "cv2.INTER_CUBIC"}},
        [{"rotate": {"border": {"mode": "symmetric", "fill": [0, 0, 0]}, "interpolation": "bicubic"}}],
    ),
    (
        {
            "albumentations.Affine": {
                "rotate": [-10, 10],
                "shear": {"x": [-5, 5]},
                "translate_percent": {"x": 0.1},
                "p": 1,
            }
        },
        [
            {
                "affine": {
                    "degrees": [-10, 10],
                    "scale": [1, 1],
                    "translate": {"x": [0.1, 0.1], "y": [0, 0]},
                    "shear": {"x": [-5, 5], "y": [0, 0]},
                    "shear_last": True,
                }
            }
        ],
    ),
    (
        {"albumentations.Affine": {"scale": {"x": 2, "y": [0.5, 0.7]}, "p": 1}},
        [{"affine": {"scale": [2, 2], "scale_y": [0.5, 0.7], "shear_last": False}}],
    ),
    ({"albumentations.Affine": {"scale": [0.8, 1.2]}}, [{"affine": {"scale": [0.8, 1.2], "scale_y": [0.8, 1.2]}}]),
    (
        {"albumentations.Affine": {"scale": [0.8, 1.2], "keep_ratio": True}},
        [{"affine": {"scale": [0.8, 1.2], "scale_y": None}}],
    ),
    (
        {"albumentations.Perspective": {"pad_mode": "cv2.BORDER_REPLICATE", "pad_val": 3}},
        [{"perspective": {"border": {"mode": "edge", "fill": [3, 3, 3]}}}],
    ),
    (
        {"albumentations.ShiftScaleRotate": {"fill": [1, 2, 3]}},
        [{"shift_scale_rotate": {"border": {"mode": "constant", "fill": [1, 2, 3]}}}],
    ),
    (
        {"albumentations.Rotate": {"border_mode": 0, "value": 5}},
        [{"rotate": {"border": {"mode": "constant", "fill": [5, 5, 5]}}}],
    ),
    ({"albumentations.Perspective": {"scale": 0.1}}, [{"perspective": {"sampler": "zoom", "scale": [0, 0.1]}}]),
    ({"albumentations.MotionBlur": {"blur_limit": 5}}, [{"motion_blur": {"kernel_size": [3, 5], "degrees": [0, 360]}}]),
    ({"albumentations.Blur": {"blur_limit": [4, 6]}}, [{"box_blur": {"kernel_size": [5, 7]}}]),
    ("albumentations.GaussianBlur", [{"gaussian_blur": {"kernel_size": [21, 21], "sigma": [0.5, 3]}}]),
    (
        {"albumentations.GaussianBlur": {"blur_limit": [3, 7], "sigma_limit": [1, 2]}},
        [{"gaussian_blur": {"kernel_size": [3, 7], "sigma": [1, 2]}}],
    ),
    ("albumentations.GaussNoise", [{"gauss_noise": {"std": [0.2, 0.44]}}]),
    # Square roots of 10 and 50, of 255
    (
        {"albumentations.GaussNoise": {"var_limit": [10, 50], "mean": 51}},
        [
            {
                "gauss_noise": {
                    "std": [pytest.approx(0.012401, abs=1e-6), pytest.approx(0.02773, abs=1e-6)],
                    "mean": [0.2, 0.2],
                }
            }
        ],
    ),
    (
        {"albumentations.GaussNoise": {"var_limit": 50}},
        [{"gauss_noise": {"std": [0, pytest.approx(0.02773, abs=1e-6)]}}],
    ),
    (
        {"albumentations.CoarseDropout": {"max_holes": 8, "max_height": 32, "max_width": 32, "fill_value": 7}},
        [{"coarse_dropout": {"holes": [8, 8], "height": [32, 32], "width": [32, 32], "fill": [7, 7, 7]}}],
    ),
    (
        {"albumentations.CoarseDropout": {"max_holes": 3, "min_holes": 1}},
        [{"coarse_dropout": {"holes": [1, 3], "height": [8, 8], "width": [8, 8]}}],
    ),
    ("albumentations.CoarseDropout", [{"coarse_dropout": {"holes": [1, 2], "height": [0.1, 0.2], "p": 0.5}}]),
    ("albumentations.Cutout", [{"coarse_dropout": {"holes": [8, 8], "height": [8, 8], "width": [8, 8]}}]),
    (
        {"albumentations.RandomRain": {"slant_lower": -5, "slant_upper": 0}},
        [{"rain": {"slant": [-5, 0], "kind": "default"}}],
    ),
    ({"albumentations.RandomFog": {"fog_coef_lower": 0.5}}, [{"fog": {"density": [0.5, 1], "alpha": [0.08, 0.08]}}]),
    (
        {"albumentations.RandomSunFlare": {"angle_upper": 0.5, "num_flare_circles_range": [2, 3]}},
        [{"sun_flare": {"angle": [0, 0.5], "circles": [2, 3], "radius": [400, 400], "roi": [0, 0, 1, 0.5]}}],
    ),
    (
        {"albumentations.RandomSnow": {"snow_point_lower": 0.2}},
        [{"snow": {"point": [0.2, 0.3], "brightness": [2.5, 2.5]}}],
    ),
    (
        {"albumentations.RandomShadow": {"num_shadows_upper": 4}},
        [{"shadow": {"count": [1, 4], "intensity": [0.5, 0.5]}}],
    ),
    ({"albumentations.Solarize": {"threshold_range": [0.2, 0.4]}}, [{"solarize": {"threshold": [51, 102]}}]),
    ({"albumentations.Solarize": {"threshold": 100}}, [{"solarize": {"threshold": [100, 100]}}]),
    ("albumentations.ImageCompression", [{"jpeg_compression": {"quality": [99, 100], "p": 0.5}}]),
    ({"albumentations.JpegCompression": {"quality_lower": 30}}, [{"jpeg_compression": {"quality": [30, 100]}}]),
    (
        {"albumentations.Downscale": {"scale_min": 0.2, "scale_max": 0.5}},
        [{"downscale": {"scale": [0.2, 0.5], "interpolation": "nearest", "grid": "corner"}}],
    ),
    ({"albumentations.CLAHE": {"tile_grid_size": [4, 4]}}, [{"clahe": {"clip_limit": [1, 4], "tiles": 4}}]),
    (
        {"albumentations.Erasing": {"ratio": [0.5, 4]}},
        [{"random_erasing": {"sampler": "fitted", "ratio": [0.25, 2], "p": 0.5}}],
    ),
    (
        {"albumentations.RandomResizedCrop": {"size": [100, 200]}},
        [{"random_resized_crop": {"size": [100, 200], "p": None}}],
    ),
    ({"albumentations.RandomResizedCrop": {"height": 1, "width": 2}}, [{"random_resized_crop": {"size": [1, 2]}}]),
    (
        {"albumentations.AtLeastOneBBoxRandomCrop": {"height": 9, "width": 8}},
        [{"random_crop": {"size": [9, 8], "keep": "objects"}}],
    ),
    (
        {"albumentations.RandomCrop": {"height": 9, "width": 8, "pad_if_needed": True}},
        [{"pad": {"size": [9, 8]}}, {"random_crop": {"size": [9, 8], "pad_if_needed": False}}],
    ),
    ({"albumentations.LongestMaxSize": {"max_size": 99}}, [{"resize": {"size": 32766, "max_size": 99}}]),
    ({"albumentations.HorizontalFlip": {"p": 0.2, "always_apply": True}}, [{"horizontal_flip": {"p": 1}}]),
    ("albumentations.ToTensorV2", []),
    ("albumentations.ToFloat", [{"rescale": {"scale": pytest.approx(1 / 255)}}]),
    # Ultralytics: limits to both sides, gains about 1, hue in turns, grey borders; defaults of a training.
    (
        "ultralytics.augment",
        [
            {"resize": {"max_size": 640, "interpolation": "bilinear"}},
            {"whole_mosaic": {"fold": False, "border": GREY}},
            {"center_crop": {"size": 640, "border": GREY}},
            {
                "affine": {
                    "degrees": [0, 0],
                    "translate": {"x": [-0.1, 0.1], "y": [-0.1, 0.1]},
                    "scale": [0.5, 1.5],
                    "border": GREY,
                }
            },
            {
                "hue_saturation_value": {
                    "hue": [-0.015, 0.015],
                    "saturation": [0, 0],
                    "value": [0, 0],
                    "saturation_factor": [pytest.approx(0.3), 1.7],
                    "value_factor": [0.6, 1.4],
                }
            },
            {"horizontal_flip": {"p": 0.5}},
        ],
    ),
    (
        {
            "ultralytics.augment": {
                "imgsz": None,
                "degrees": 10,
                "translate": 0,
                "scale": [0.8, 1.1],
                "shear": 2,
                "hsv_h": 0,
                "hsv_s": 0,
                "hsv_v": 0,
                "flipud": 0.2,
                "fliplr": 0,
                "mosaic": 0,
                "mixup": 0.1,
            }
        },
        [
            {
                "affine": {
                    "degrees": [-10, 10],
                    "translate": {"x": [0, 0], "y": [0, 0]},
                    "scale": [0.8, 1.1],
                    "shear": {"x": [-2, 2], "y": [-2, 2]},
                    "shear_last": True,
                }
            },
            {"mixup": {"alpha": 32, "fold": False, "p": 0.1}},
            {"vertical_flip": {"p": 0.2}},
        ],
    ),
    (
        "ultralytics.classify",
        [
            {"random_resized_crop": {"size": 640, "scale": [0.5, 1], "ratio": [0.75, pytest.approx(4 / 3, abs=1e-5)]}},
            {"horizontal_flip": {"p": 0.5}},
            {"rand_augment": {"num_ops": 2, "magnitude": 9, "interpolation": "bilinear", "border": BLACK}},
            {"random_erasing": {"p": 0.4, "scale": [0.02, 0.33], "fill": [0, 0, 0]}},
        ],
    ),
    (
        {"ultralytics.classify": {"imgsz": 224, "scale": 0.9, "fliplr": 0, "auto_augment": None, "erasing": 0}},
        [
            {"random_resized_crop": {"size": 224, "scale": [0.1, 1]}},
            {
                "color_jitter": {
                    "brightness": [0.6, 1.4],
                    "contrast": [0.6, 1.4],
                    "saturation": [pytest.approx(0.3), 1.7],
                    "hue": [-0.015, 0.015],
                }
            },
        ],
    ),
]


@pytest.mark.parametrize(
    ("call", "expected"), TRANSLATED, ids=[f"{i}-{name_of(call)}" for i, (call, _) in enumerate(TRANSLATED)]
)
def test_a_call_becomes_steps_with_its_library_s_meaning(call, expected, steps_of):
    made = steps_of(call)
    assert [name_of(step) for step in made] == [name_of(step) for step in expected]
    for step, wanted in zip(made, expected, strict=True):
        settings, known = next(iter(step.values())), next(iter(wanted.values()))
        assert {key: settings.get(key) for key in known} == known


def test_the_gains_of_ultralytics_are_its_tables(photo):
    """As documented: hue moves by 180 r, saturation and value are multiplied by 1 + r, all through tables."""
    image = photo((61, 43), 3)
    transform = transforms.find("hue_saturation_value")(saturation=0, value=0)
    levels = np.arange(256)
    for hue, saturation, value in ((0.0123, 1.6, 0.61), (-0.015, 0.33, 1.39), (0.0, 1.0, 1.2), (0.25, 0.0, 1.0)):
        tables = [(levels + hue * 180) % 180, np.clip(levels * saturation, 0, 255), np.clip(levels * value, 0, 255)]
        tables[1][0] = 0
        hsv = cv2.cvtColor(image, cv2.COLOR_RGB2HSV)
        changed = np.stack([table.astype(np.uint8)[hsv[:, :, at]] for at, table in enumerate(tables)], axis=2)
        draw = transform.draw_type()(hue, 0.0, 0.0, saturation, value)
        made = ops.run([transform.lower(draw, Size(61, 43))], Picture(image)).image
        assert np.array_equal(made, cv2.cvtColor(changed, cv2.COLOR_HSV2RGB))


# Probabilities, weights and containers


def test_p_is_the_library_s_default_or_what_is_written(spec_of):
    names = ["torchvision.RandomVerticalFlip", "albumentations.CLAHE", "keras.RandomHue", "albumentations.Resize"]
    steps: list[Any] = [names[0], names[1], {names[2]: {"factor": 0.1}}, {names[3]: {"height": 9, "width": 9}}]
    assert [step.p for step in spec_of(*steps).pipeline] == [0.5, 0.5, 1, 1]
    assert [step.p for step in spec_of({"torchvision.RandomInvert": {"p": 0.3}}).pipeline] == [0.3]


def test_p_inside_one_of_is_a_weight_in_albumentations(steps_of):
    (step,) = steps_of(
        {
            "albumentations.OneOf": {
                "p": 0.3,
                "transforms": [
                    {"albumentations.MotionBlur": {"p": 1}},
                    "albumentations.MedianBlur",
                    {"albumentations.GaussianBlur": {"blur_limit": 3, "p": 0.2}},
                ],
            }
        }
    )
    one_of = step["one_of"]
    assert one_of["p"] == 0.3
    assert [(name_of(child), next(iter(child.values())).get("weight", 1)) for child in one_of["steps"]] == [
        ("motion_blur", 1),
        ("median_blur", 0.5),
        ("gaussian_blur", 0.2),
    ]


def test_p_inside_torchvision_s_choice_stays_a_chance(steps_of):
    (step,) = steps_of({"torchvision.RandomChoice": {"transforms": ["torchvision.RandomInvert", "hue"]}})
    sequence, hue = step["one_of"]["steps"]
    assert [name_of(child) for child in sequence["sequence"]["steps"]] == ["invert"]
    assert name_of(hue) == "hue"


def test_p_inside_albumentations_some_of_stays_a_chance(steps_of):
    children = ["albumentations.CLAHE", {"albumentations.Blur": {"p": 1}}]
    (step,) = steps_of({"albumentations.SomeOf": {"n": 1, "transforms": children}})
    assert [name_of(child) for child in step["some_of"]["steps"]] == ["sequence", "box_blur"]


def test_old_blur_limits_are_kernels_with_opencv_s_sigma(steps_of):
    (step,) = steps_of({"albumentations.GaussianBlur": {"blur_limit": 5, "p": 0.4}})
    assert step["one_of"]["p"] == 0.4
    kernels = [next(iter(child.values())) for child in step["one_of"]["steps"]]
    # 0.3 ((k - 1) / 2 - 1) + 0.8
    assert [(kernel["kernel_size"], kernel["sigma"]) for kernel in kernels] == [
        ([3, 3], [0.8, 0.8]),
        ([5, 5], [1.1, 1.1]),
    ]


def test_containers_hold_ours_and_each_other(steps_of):
    made = steps_of(
        {
            "torchvision.Compose": {
                "transforms": [
                    "hue",
                    {"torchvision.RandomApply": {"p": 0.3, "transforms": ["gamma", "torchvision.RandomInvert"]}},
                    {"torchvision.RandomOrder": {"transforms": ["rotate", "saturation"]}},
                    "torchvision.ToTensor",
                ]
            }
        }
    )
    assert [name_of(step) for step in made] == ["hue", "sequence", "random_order", "rescale"]
    assert made[1]["sequence"]["p"] == 0.3


def test_several_steps_of_one_name_share_its_p_and_its_label(steps_of):
    (step,) = steps_of({"albumentations.Transpose": {"p": 0.3, "name": "swap"}})
    assert step["sequence"]["p"] == 0.3
    assert step["sequence"]["name"] == "swap"
    assert [name_of(child) for child in step["sequence"]["steps"]] == ["rotate90", "vertical_flip"]


def test_a_spec_in_other_names_is_the_spec_in_ours(spec_of):
    theirs = spec_of({"keras.RandomRotation": {"factor": 0.1}}, {"torchvision.RandomVerticalFlip": {"p": 0.1}})
    ours = spec_of({"rotate": {"degrees": 36, "border": {"mode": "symmetric"}}}, {"vertical_flip": {"p": 0.1}})
    assert theirs.key == ours.key


# Refusals: the step, and all that is said about it

REFUSED: list[tuple[Any, str]] = [
    (
        "torchvision.RandomRotatoin",
        "unknown name `RandomRotatoin` of torchvision | did you mean `torchvision.RandomRotation`?",
    ),
    ("keras.Dense", "unknown name `Dense` of keras | augcli show keras lists the names that are known"),
    (
        {"torchvision.RandomRotation": {"degree": 5, "degrees": 5}},
        "unknown parameter `degree` of `torchvision.RandomRotation` | leave it out; `degrees` stands there already",
    ),
    (
        "torchvision.RandomRotation",
        "`degrees` of `torchvision.RandomRotation` is missing | write degrees: 15",
    ),
    (
        {"torchvision.RandomRotation": {"degrees": "wide"}},
        '`degrees`: expected a number or a pair [low, high], got `"wide"` | None',
    ),
    (
        {"torchvision.RandomRotation": {"degrees": 5, "center": [0, 0]}},
        "`center`: `[0, 0]` is not offered | leave it out; turns are about the middle of the image",
    ),
    (
        {"torchvision.RandomRotation": {"degrees": 5, "interpolation": "lanczos"}},
        '`interpolation`: `"lanczos"` is not offered | write bilinear or bicubic',
    ),
    (
        {"torchvision.Resize": {"size": 5, "antialias": False}},
        "`antialias`: `false` is not offered; `true` is | leave it out; what shrinks is always antialiased",
    ),
    (
        {"torchvision.RandomErasing": {"value": 1}},
        "`value`: `1` may be a share or a level | write 255 for 1 of ToTensor",
    ),
    (
        {"torchvision.RandomChoice": {"transforms": ["hue"], "p": [1]}},
        "`p`: `[1]` is not offered | leave it out; weights stand in `one_of`, on its steps",
    ),
    (
        "torchvision.FiveCrop",
        "`torchvision.FiveCrop`: makes five images of one | write random_crop: {size: 224}, and set copies",
    ),
    (
        {"torchvision.RandAugment": {"magnitude": 31}},
        "`magnitude`: `31` is out of bounds; 0 to 30 is allowed | None",
    ),
    (
        {"albumentations.ElasticTransform": {"alpha_affine": 50}},
        "`alpha_affine`: `50` moved three corners by up to 50 px before the elastic part"
        " | leave it out, and put an affine step before it",
    ),
    (
        {"albumentations.GaussNoise": {"var_limit": 10, "std_range": [0.1, 0.2]}},
        "`var_limit`: stands beside its new name | leave it out; std_range says it",
    ),
    (
        {"albumentations.RandomFog": {"fog_coef_lower": 0.1, "fog_coef_range": [0.1, 0.2]}},
        "`fog_coef_lower`: stands beside its own old name | leave it out; fog_coef_range says it",
    ),
    (
        {"albumentations.Rotate": {"value": 255}},
        "`value`: did nothing without `border_mode: 0` | write border_mode: 0 as well",
    ),
    (
        {"albumentations.Affine": {"scale": {"x": 2, "y": 0.5}, "keep_ratio": True}},
        "`scale`: `keep_ratio` scales both sides by one factor | write one range for both",
    ),
    (
        "albumentations.AutoContrast",
        "`method`: `cdf` is not offered; it spreads values by their ranks | write method: pil",
    ),
    (
        {"albumentations.CoarseDropout": {"fill": "inpaint_ns"}},
        "`fill`: `inpaint_ns` is not offered | write random, or a colour",
    ),
    (
        {"albumentations.Resize": {"height": 9, "width": 9, "interpolation": "cv2.INTER_AREA"}},
        '`interpolation`: `"cv2.INTER_AREA"` is not offered | leave it out; what shrinks is averaged',
    ),
    (
        "albumentations.OpticalDistortion",
        "`albumentations.OpticalDistortion`: its lens has a term more, and another unit"
        " | write optical_distortion: {distortion: 0.0375}, which bends a square as much as distort_limit: 0.05",
    ),
    (
        {"albumentations.OneOf": {"transforms": ["hue", "albumentations.ToTensorV2"]}},
        "`albumentations.ToTensorV2` changes nothing and cannot be chosen | leave it out",
    ),
    (
        "keras.RandomShear",
        "`keras.RandomShear`: slants about the upper left corner, by slopes"
        " | write shear: {degrees: {x: 11.3, y: 0}}, a slope of 0.2 about the middle",
    ),
    (
        "keras.Equalization",
        "`keras.Equalization`: has a formula of its own | write equalize, which is Pillow's and torchvision's",
    ),
    (
        {"keras.RandomSaturation": {"factor": 0.3}},
        "`factor`: one number draws from -0.3 to 0.3, and below 0 all colour is lost"
        " | write [0.4, 0.6], a pair about 0.5, which changes nothing",
    ),
    (
        {"keras.RandomRotation": {"factor": 0.1, "fill_mode": "edge"}},
        '`fill_mode`: expected `constant`, `nearest`, `reflect`, `mirror` or `wrap`, got `"edge"` | write nearest',
    ),
    (
        {"keras.ImageDataGenerator": {"featurewise_center": True}},
        "`featurewise_center`: `true` is not offered; `false` is"
        " | leave it out; it needs the whole data set, or belongs to the training code",
    ),
    (
        {"keras.ImageDataGenerator": {"width_shift_range": 20}},
        "`width_shift_range`: `20` is a shift in pixels, which is not offered | write 0.2 for -0.2 to 0.2 of the side",
    ),
    (
        "tf.image.per_image_standardization",
        "`tf.image.per_image_standardization`: needs the mean and deviation of each image"
        " | leave it out: training code does it",
    ),
    (
        {"tf.image.random_contrast": {"lower": 2, "upper": 1}},
        "`lower`: `2` is above `upper` | write lower: 1, upper: 2",
    ),
    (
        {
            "albumentations.Compose": {
                "transforms": ["hue"],
                "bbox_params": {"format": "coco", "min_visibility": 0.3, "min_width": 2, "min_height": 2},
            }
        },
        "`bbox_params`: is said for all steps at the top of a spec;"
        " `min_visibility` is of the box at each step there, `min_visible` of the whole shape, once"
        " | leave it out, and write labels: {min_visible: 0.3, min_pixels: 2} there",
    ),
    (
        {"albumentations.BboxParams": {"format": "coco"}},
        "`albumentations.BboxParams`: says which boxes are dropped, which is no step"
        " | write labels: {min_visible: 0.1} at the top of the spec, a share of the whole shape, counted once",
    ),
    (
        {"ultralytics.augment": {"perspective": 0.001}},
        "`perspective`: `0.001` is not offered; `0.0` is"
        " | write 0, and perspective: {distortion_scale: [0, 0.3]} before it",
    ),
    (
        {"ultralytics.augment": {"mosaic": 0, "mixup": 0.1, "cutmix": 0.2}},
        "`cutmix`: `0.2` stands beside `mixup`; only one mixing step per pipeline | write mixup: 0, or cutmix: 0",
    ),
    (
        {"ultralytics.augment": {"mixup": 0.1}},
        "`mixup`: `0.1` stands beside `mosaic`; only one mixing step per pipeline | write mosaic: 0, or mixup: 0",
    ),
    (
        {"ultralytics.augment": {"imgsz": None}},
        "`imgsz`: a mosaic is cut to `imgsz` | write mosaic: 0, or imgsz: 640",
    ),
    (
        {"ultralytics.augment": {"scale": 1}},
        "`scale`: `0` is out of bounds; 0.05 to 20 is allowed, in factors | write 0.9 for factors of 0.1 to 1.9",
    ),
    (
        {"ultralytics.augment": {"hsv_h": 18}},
        "`hsv_h`: `18` is out of bounds; 0 to 0.5 is allowed, in parts of the full circle, of which 0.5 is all"
        " | write 0.05 for 18 degrees",
    ),
    (
        {"ultralytics.augment": {"copy_paste": 0.3}},
        "`copy_paste`: `0.3` is not offered; `0.0` is | write 0",
    ),
    (
        "ultralytics.RandomHSV",
        "`ultralytics.RandomHSV`: is a part of augment | write ultralytics.augment: {hsv_h: 0.015}",
    ),
]


@pytest.mark.parametrize(("step", "said"), REFUSED, ids=[f"{i}-{name_of(step)}" for i, (step, _) in enumerate(REFUSED)])
def test_what_is_not_offered_is_refused_with_what_to_write(step, said, said_of):
    assert said_of(step) == said


def test_a_value_that_cannot_be_translated_is_told_with_its_place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("spec.yaml").write_text(
        "pipeline:\n  - keras.RandomRotation: {factor: 0.1, fill_mode: edge, fil_value: 3}\n"
        "  - torchvision.ColorJitter: {brightness: [1, 2, 3]}\n",
        encoding="utf-8",
    )
    with pytest.raises(Refused) as refused:
        load(Path("spec.yaml"))
    assert str(refused.value).splitlines() == [
        'spec.yaml:2:52: `fill_mode`: expected `constant`, `nearest`, `reflect`, `mirror` or `wrap`, got `"edge"`',
        "  |",
        "2 |   - keras.RandomRotation: {factor: 0.1, fill_mode: edge, fil_value: 3}",
        "  |                                                    ^",
        "  = help: write nearest",
        "spec.yaml:2:58: unknown parameter `fil_value` of `keras.RandomRotation`",
        "  |",
        "2 |   - keras.RandomRotation: {factor: 0.1, fill_mode: edge, fil_value: 3}",
        "  |                                                          ^",
        "  = help: did you mean `fill_value`?",
        "spec.yaml:3:43: `brightness`: expected a number or a pair [low, high], got `[1, 2, 3]`",
        "  |",
        "3 |   - torchvision.ColorJitter: {brightness: [1, 2, 3]}",
        "  |                                           ^",
    ]


def test_all_mistakes_of_a_call_are_told_at_once(said_of):
    given = {"degrees": "wide", "fill": "white", "expnd": True, "interpolation": "lanczos"}
    assert said_of({"torchvision.RandomRotation": given}).splitlines() == [
        '`degrees`: expected a number or a pair [low, high], got `"wide"` | None',
        '`fill`: expected a level 0 to 255 or [red, green, blue], got `"white"` | write 255',
        "unknown parameter `expnd` of `torchvision.RandomRotation` | did you mean `expand`?",
        '`interpolation`: `"lanczos"` is not offered | write bilinear or bicubic',
    ]


# Numbers in another unit, one where two belong, and words of elsewhere: the step, and what to write instead.

SPAN = "a number or a pair [low, high]"
MISUNDERSTOOD: list[tuple[Any, str]] = [
    # pairs
    (
        {"keras.ImageDataGenerator": {"brightness_range": 0.2}},
        "`brightness_range`: expected a pair [low, high], got `0.2` | write [0.8, 1.2]",
    ),
    ({"keras.ImageDataGenerator": {"zoom_range": [0.2]}}, f"`zoom_range`: expected {SPAN}, got `[0.2]` | write 0.2"),
    (
        {"torchvision.RandomAffine": {"degrees": 0, "scale": 0.9}},
        "`scale`: expected a pair [low, high], got `0.9` | write [0.9, 1.1]",
    ),
    (
        {"torchvision.RandomAffine": {"degrees": 0, "scale": [0.5]}},
        "`scale`: expected a pair [low, high], got `[0.5]` | write [0.5, 1.5]",
    ),
    (
        {"torchvision.RandomAffine": {"degrees": 0, "translate": 0.1}},
        "`translate`: expected a list of 2 numbers, got `0.1` | write [0.1, 0.1]",
    ),
    (
        {"torchvision.RandomAffine": {"degrees": 0, "shear": [10]}},
        "`shear`: expected a number or a list of 2 or 4, got `[10]` | write 10",
    ),
    (
        {"torchvision.RandomResizedCrop": {"size": 9, "scale": 0.8}},
        "`scale`: expected a pair [low, high], got `0.8` | write [0.8, 1]",
    ),
    (
        {"torchvision.RandomResizedCrop": {"size": 9, "ratio": 1}},
        "`ratio`: expected a pair [low, high], got `1` | write [1, 1] for exactly 1",
    ),
    (
        {"torchvision.RandomErasing": {"scale": 0.2}},
        "`scale`: expected a pair [low, high], got `0.2` | write [0.02, 0.2]",
    ),
    (
        {"torchvision.RandomErasing": {"ratio": 1.5}},
        "`ratio`: expected a pair [low, high], got `1.5` | write [1.5, 1.5] for exactly 1.5",
    ),
    ({"torchvision.ColorJitter": {"brightness": [0.8]}}, f"`brightness`: expected {SPAN}, got `[0.8]` | write 0.8"),
    (
        {"albumentations.GaussNoise": {"std_range": 0.1}},
        "`std_range`: expected a pair [low, high], got `0.1` | write [0.1, 0.1] for exactly 0.1",
    ),
    (
        {"albumentations.ImageCompression": {"quality_range": [80]}},
        "`quality_range`: expected a pair [low, high], got `[80]` | write [80, 80] for exactly 80",
    ),
    ({"tf.image.resize": {"size": 224}}, "`size`: expected a list of 2 whole numbers, got `224` | write [224, 224]"),
    (
        {"tf.image.random_crop": {"size": 200}},
        "`size`: expected a list of 2 or 3 whole numbers, got `200` | write [200, 200]",
    ),
    (
        {"albumentations.RandomResizedCrop": {"size": 224}},
        "`size`: expected a list of 2 whole numbers, got `224` | write [224, 224]",
    ),
    (
        {"torchvision.Normalize": {"mean": [0.5], "std": [1, 1, 1]}},
        "`mean`: expected a list of 3 numbers, got `[0.5]` | write [0.5, 0.5, 0.5]",
    ),
    # upside down
    (
        {"keras.RandomRotation": {"factor": [0.2, 0.1]}},
        "`factor`: the range `[0.2, 0.1]` is upside down | write [0.1, 0.2]",
    ),
    (
        {"tf.image.random_saturation": {"lower": 1.5, "upper": 0.5}},
        "`lower`: `1.5` is above `upper` | write lower: 0.5, upper: 1.5",
    ),
    (
        {"tf.image.random_contrast": {"lower": 1.5, "upper": 1.5}},
        "`lower`: `1.5` is `upper` too | write tf.image.adjust_contrast: {contrast_factor: 1.5}",
    ),
    (
        {"tf.image.random_jpeg_quality": {"min_jpeg_quality": 90, "max_jpeg_quality": 40}},
        "`min_jpeg_quality`: `90` is not below `max_jpeg_quality` | write min_jpeg_quality: 40, max_jpeg_quality: 90",
    ),
    (
        {"albumentations.Downscale": {"scale_min": 0.9, "scale_max": 0.2}},
        "`scale_min`: `scale_min` 0.9 is above `scale_max` 0.2 | write scale_min: 0.2, scale_max: 0.9",
    ),
    # units
    (
        {"keras.RandomRotation": {"factor": 15}},
        "`factor`: `15` is out of bounds; -1 to 1 is allowed, in parts of a full turn | write 0.0417 for 15 degrees",
    ),
    (
        {"keras.RandomRotation": {"factor": [-15, 30]}},
        "`factor`: `30` is out of bounds; -1 to 1 is allowed, in parts of a full turn"
        " | write [-0.0417, 0.0833] for [-15, 30] degrees",
    ),
    (
        {"keras.RandomTranslation": {"height_factor": 20, "width_factor": 0.1}},
        "`height_factor`: `20` is out of bounds; -1 to 1 is allowed, in shares of the side"
        " | write 0.1 for a tenth of the side",
    ),
    (
        {"keras.RandomZoom": {"height_factor": [0.8, 1.2]}},
        "`height_factor`: `1.2` is out of bounds; -0.95 to 1 is allowed, in shares of the side"
        " | write [-0.2, 0.2] for the factors [0.8, 1.2]",
    ),
    (
        {"keras.RandomContrast": {"factor": [0.8, 1.2]}},
        "`factor`: `1.2` is out of bounds; 0 to 1 is allowed, in distances from 1"
        " | write [0.2, 0.2] for the factors [0.8, 1.2]",
    ),
    (
        {"keras.RandomBrightness": {"factor": [0.8, 1.2]}},
        "`factor`: `1.2` is out of bounds; -1 to 1 is allowed, in shares of the full range"
        " | write [-0.2, 0.2] for the factors [0.8, 1.2]",
    ),
    (
        {"keras.RandomSaturation": {"factor": [0.8, 1.2]}},  # 0.8 / 1.8 and 1.2 / 2.2
        "`factor`: `1.2` is out of bounds; 0 to 1 is allowed, where 0.5 changes nothing"
        " | write [0.444, 0.545] for the factors [0.8, 1.2]",
    ),
    (
        {"tf.image.random_brightness": {"max_delta": 32}},
        "`max_delta`: `32` is out of bounds; 0 to 1 is allowed, in shares of the full range"
        " | write 0.125 for 32 levels of 255",
    ),
    (
        {"tf.image.random_hue": {"max_delta": 18}},
        "`max_delta`: `18` is out of bounds; 0 to 0.5 is allowed, in parts of the full circle"
        " | write 0.05 for 18 degrees",
    ),
    (
        {"torchvision.ColorJitter": {"hue": 18}},
        "`hue`: `18` is out of bounds; -0.5 to 0.5 is allowed, in parts of the full circle | write 0.05 for 18 degrees",
    ),
    (
        {"torchvision.ColorJitter": {"brightness": -0.2}},
        "`brightness`: one number is a spread about 1 and not negative, got `-0.2` | write [0.8, 1]",
    ),
    (
        {"torchvision.RandomRotation": {"degrees": -15}},
        "`degrees`: one number is a limit and not negative, got `-15` | write 15 or [-15, -15]; 15 is -15 to 15",
    ),
    (
        {"albumentations.HueSaturationValue": {"hue_shift_limit": 200}},
        "`hue_shift_limit`: `200` is out of bounds; -90 to 90 is allowed, in half degrees"
        " | write 90 for all hues, 10 for 20 degrees",
    ),
    (
        {"albumentations.RandomGamma": {"gamma_limit": [0.8, 1.2]}},
        "`gamma_limit`: `0.8` is out of bounds; 1 to 10000 is allowed, in percent | write [80, 120] in percent",
    ),
    (
        {"albumentations.RandomBrightnessContrast": {"brightness_limit": [0.8, 1.2]}},
        "`brightness_limit`: `1.2` is out of bounds; -1 to 1 is allowed, in shares of the full range"
        " | write [-0.2, 0.2] for the factors [0.8, 1.2]",
    ),
    # found where the canonical step is read, and told at the parameter that it comes from
    (
        {"albumentations.CoarseDropout": {"max_holes": 2000, "max_height": 9}},
        "`max_holes`, here `holes`: `2000` is out of bounds; 1 to 1000 is allowed | None",
    ),
    (
        {"torchvision.GaussianBlur": {"kernel_size": 4, "sigma": 1}},
        "`kernel_size`: `4` is even; a kernel has a middle pixel | write 3 or 5",
    ),
    (
        {"torchvision.RandomApply": {"transforms": ["torchvision.ToTensor"]}},
        "`torchvision.ToTensor` is inside `sequence` | put it at the end of the pipeline itself",
    ),
    # words
    (
        {"keras.ImageDataGenerator": {"rescale": "1./255"}},
        '`rescale`: expected a number, got `"1./255"` | write 0.00392157',
    ),
    (
        {"torchvision.RandomCrop": {"size": 9, "fill": "white"}},
        '`fill`: expected a level 0 to 255 or [red, green, blue], got `"white"` | write 255',
    ),
    (
        {"torchvision.RandomCrop": {"size": 9, "padding_mode": "mirror"}},
        '`padding_mode`: expected `constant`, `edge`, `reflect` or `symmetric`, got `"mirror"` | write reflect',
    ),
    (
        {"keras.RandomRotation": {"factor": 0.1, "fill_mode": "zeros"}},
        '`fill_mode`: expected `constant`, `nearest`, `reflect`, `mirror` or `wrap`, got `"zeros"` | write constant',
    ),
    (
        {"torchvision.RandomAffine": {"degrees": 0, "resample": 2}},
        "unknown parameter `resample` of `torchvision.RandomAffine` | write interpolation, its name of today",
    ),
    (
        {"torchvision.RandomAffine": {"degrees": 0, "fillcolor": 2}},
        "unknown parameter `fillcolor` of `torchvision.RandomAffine` | write fill, its name of today",
    ),
    (
        {"tf.image.resize_with_pad": {"target_height": 224, "target_width": 200}},
        "`target_width`: `200` is not `target_height`; only square boxes are offered"
        " | write target_width: 224; tf.image.resize stretches",
    ),
    # names
    ("keras.RandomQuux", "unknown name `RandomQuux` of keras | augcli show keras lists the names that are known"),
    (
        "keras.RandomHeight",
        "`keras.RandomHeight`: changes the size at random | write zoom: {factor: {x: 0, y: 0.2}, keep_ratio: false}",
    ),
    (
        "albumentations.PixelDropout",
        "`albumentations.PixelDropout`: drops single pixels"
        " | write salt_and_pepper: {amount: 0.01, salt: 0}, for black ones",
    ),
    (
        "RandomRotation",
        "unknown transform `RandomRotation`"
        " | write torchvision.RandomRotation: {degrees: 15} or keras.RandomRotation: {factor: 0.1} or rotate",
    ),
    ("Flip", "unknown transform `Flip` | did you mean `albumentations.Flip`?"),
    ("flip", "unknown transform `flip` | did you mean `horizontal_flip` or `vertical_flip`?"),
    ("RandomWombat", "unknown transform `RandomWombat` | augcli show lists them all"),
    ("albumentations.Cutmix", "unknown name `Cutmix` of albumentations | write cutmix"),
    ("A.NoOp", "`albumentations.NoOp`: does nothing | leave it out; `one_of` does nothing in 1 - p of the cases"),
]


@pytest.mark.parametrize(
    ("step", "said"), MISUNDERSTOOD, ids=[f"{i}-{name_of(step)}" for i, (step, _) in enumerate(MISUNDERSTOOD)]
)
def test_what_is_misunderstood_is_told_at_what_was_written(step, said, said_of):
    assert said_of(step) == said


@pytest.mark.parametrize(
    ("imported", "written"),
    [
        ("torchvision.transforms.RandomRotation", "torchvision.RandomRotation"),
        ("torchvision.transforms.v2.JPEG", "torchvision.JPEG"),
        ("torchvision.autoaugment.AutoAugment", "torchvision.AutoAugment"),
        ("albumentations.pytorch.ToTensorV2", "albumentations.ToTensorV2"),
        ("tf.keras.layers.RandomFlip", "keras.RandomFlip"),
        ("keras.layers.RandomFlip", "keras.RandomFlip"),
        ("tensorflow.keras.layers.RandomFlip", "keras.RandomFlip"),
        ("tf.keras.preprocessing.image.ImageDataGenerator", "keras.ImageDataGenerator"),
        ("tensorflow.image.random_hue", "tf.image.random_hue"),
        ("tensorflow.clip_by_value", "tf.clip_by_value"),
        ("A.HorizontalFlip", "albumentations.HorizontalFlip"),
        ("T.Resize", "torchvision.Resize"),
        ("v2.Resize", "torchvision.Resize"),
        ("transforms.Resize", "torchvision.Resize"),
        ("layers.RandomZoom", "keras.RandomZoom"),
    ],
)
def test_a_name_as_a_program_imports_it_is_refused_with_the_one_to_write(imported, written, said_of):
    assert said_of(imported) == f"unknown transform `{imported}` | write {written}"
    with pytest.raises(Refused, match=f"write {written}"):
        descriptions.description(imported)


NORMALIZE = {"torchvision.Normalize": {"mean": [0.5] * 3, "std": [0.5] * 3}}


def test_to_tensor_before_other_steps_is_told_by_its_own_name(said_of):
    said = (
        "`torchvision.ToTensor` makes numbers that no other step takes"
        " | `torchvision.RandomErasing` works on bytes: move torchvision.ToTensor and torchvision.Normalize to the end"
    )
    steps = ["torchvision.ToTensor", NORMALIZE, "torchvision.RandomErasing"]
    assert said_of(*steps) == said
    assert said_of({"torchvision.Compose": {"transforms": steps}}) == said
    assert said_of("torchvision.ToTensor", "torchvision.RandomErasing", NORMALIZE) == said.replace(
        " and torchvision.Normalize", ""
    )


def test_all_that_makes_numbers_is_told_for_an_output_of_bytes(tmp_path):
    path = tmp_path / "spec.yaml"
    path.write_text(yaml.safe_dump({"pipeline": ["torchvision.ToTensor", NORMALIZE]}), encoding="utf-8")
    with pytest.raises(Refused) as refused:
        load(path)
    assert [(problem.what, problem.help) for problem in refused.value.problems] == [
        (
            f"`torchvision.{name}` makes numbers outside 0 to 255, which an image file cannot hold",
            "leave it out: training code does it, or set output: {format: npy}",
        )
        for name in ("ToTensor", "Normalize")
    ]


# Legal there and doubtful: they mean what they mean there.
DOUBTFUL: list[tuple[Any, dict[str, Any]]] = [
    (
        {"albumentations.ShiftScaleRotate": {"scale_limit": [0.9, 1.1]}},
        {"shift_scale_rotate": {"scale": [1.9, 2.1]}},
    ),
    (
        {"albumentations.RandomBrightnessContrast": {"contrast_limit": [0.8, 1.2]}},
        {"brightness_contrast": {"contrast": [1.8, 2.2]}},
    ),
]


@pytest.mark.parametrize(("call", "expected"), DOUBTFUL, ids=[name_of(call) for call, _ in DOUBTFUL])
def test_what_a_library_accepts_is_accepted_with_its_meaning(call, expected, steps_of):
    (made,) = steps_of(call)
    ((kind, settings),) = expected.items()
    assert {key: made[kind][key] for key in settings} == settings


def test_a_square_box_is_filled_up(steps_of):
    made = steps_of({"tf.image.resize_with_pad": {"target_height": 224, "target_width": 224}})
    assert [name_of(step) for step in made] == ["resize", "pad"]
    assert made[0]["resize"]["max_size"] == 224
    assert made[1]["pad"]["size"] == [224, 224]
    (crop,) = steps_of({"tf.image.resize_with_crop_or_pad": {"target_height": 224, "target_width": 200}})
    assert crop["center_crop"]["size"] == [224, 200]


@pytest.mark.parametrize("name", [name for name in dialects.names() if "." in name])
def test_a_help_never_leads_to_a_name_that_is_refused(name):
    """Every name with a slip in it leads to a name that is offered, or to the list of them."""
    library, _, call = name.partition(".")
    help = suggest_name(library, call[:-1])
    if help.startswith("did you mean"):
        assert dialects.find(help.split("`")[1]).refusal is None


def test_show_says_what_may_be_written_for_every_parameter():
    for name in dialects.names():
        entry = dialects.find(name)
        assert all(parameter.words for parameter in entry.parameters.values()), name
    assert descriptions.description("keras.RandomRotation").splitlines()[:6] == [
        "keras.RandomRotation",
        "",
        "  In parts of a full turn there: 0.1 is 36 degrees.",
        "",
        "  factor  required",
        "      a number v: -v to v; [a, b]: a to b; -1 to 1, in parts of a full turn",
    ]
    assert "InterpolationMode.BILINEAR" in descriptions.description("torchvision.RandomRotation")
    assert "cv2.INTER_LINEAR" in descriptions.description("albumentations.Rotate")


def test_show_lists_the_names_of_a_library():
    listed = descriptions.description("keras")
    assert "\nkeras.RandomRotation " in listed
    assert " rotate\n" in listed
    offered, _, refused = listed.partition("not offered:")
    assert "keras.RandomShear" in refused
    assert "keras.RandomShear" not in offered


def test_show_points_a_bare_name_to_its_library():
    with pytest.raises(Refused, match=r"did you mean `albumentations\.CoarseDropout` or `coarse_dropout`\?"):
        descriptions.description("CoarseDropout")


# Every name


@pytest.mark.parametrize("name", dialects.names())
def test_every_name_is_described_by_steps_or_refused_with_help(name):
    refusal = dialects.find(name).refusal
    if refusal is not None:
        assert refusal.help
        with pytest.raises(Refused):
            descriptions.description(name)
    else:
        assert "stands for" in descriptions.description(name)


JUNK = [
    None,
    True,
    "x",
    "",
    -1,
    0,
    0.5,
    3,
    1e9,
    [],
    [1],
    [3, 1],
    [1, 2, 3, 4, 5],
    ["x"],
    {},
    {"x": 1},
    {"z": [1]},
    [[1]],
]


@pytest.mark.parametrize("name", [name for name in dialects.names() if dialects.find(name).refusal is None])
@pytest.mark.parametrize("share", [0, *(pytest.param(other, marks=pytest.mark.slow) for other in range(1, 5))])
def test_whatever_is_written_is_read_or_refused(name, share, spec_of):
    entry = dialects.find(name)
    for parameter, value in list(itertools.product(entry.parameters, JUNK))[share::5]:
        with contextlib.suppress(Refused):
            spec_of({name: {**entry.example, parameter: value}})


def test_the_listing_names_every_library():
    *_, torchvision, albumentations, keras, tf, ultralytics, nlpaug, eda, _, _, _, _ = (
        descriptions.listing().splitlines()
    )
    assert torchvision.startswith("torchvision: Compose, RandomApply")
    assert "GaussNoise" in albumentations
    assert "FiveCrop" not in torchvision
    assert "ImageDataGenerator" in keras
    assert "image.random_crop" in tf
    assert ultralytics == "ultralytics: augment, classify"
    assert nlpaug.startswith("nlpaug: SynonymAug, RandomWordAug")
    assert eda == "eda: eda"


def test_the_schema_knows_the_names_and_their_parameters():
    bare, steps = json_schema.schema()["$defs"]["step"]["anyOf"]
    rotation = steps["properties"]["torchvision.RandomRotation"]
    assert rotation["required"] == ["degrees"]
    assert {"degrees", "fill", "p", "name", "weight"} <= set(rotation["properties"])
    assert "torchvision.RandomRotation" not in bare["enum"]
    assert "albumentations.CLAHE" in bare["enum"]
    assert "keras.RandomShear" not in steps["properties"]


def test_names_are_translated_without_a_library_for_arrays():
    for file in (ROOT / "augcli/spec/dialects").rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        assert not any(f"import {name}" in text for name in ("numpy", "cv2", "PIL"))


# The guide, block by block


@pytest.mark.parametrize("path", GUIDE, ids=lambda path: path.stem)
def test_a_block_of_the_guide_survives_its_expansion(path, tmp_path):
    spec = load(path)
    (tmp_path / "spec.yaml").write_text(outline.expanded(spec), encoding="utf-8")
    assert load(tmp_path / "spec.yaml").resolved() == spec.resolved()
    assert not any("." in step.transform.name() for step in leaves(spec.pipeline))


@pytest.fixture(scope="session")
def some_photos(tmp_path_factory) -> Path:
    """A wide, a small and a grey photo of the samples, in two classes and two splits."""
    folder = tmp_path_factory.mktemp("photos")
    for path in (
        "train/everyday/cat.jpg",
        "train/everyday/cat face.png",
        "train/texture/grass.jpg",
        "val/everyday/camera.jpg",
        "val/texture/grass.jpg",
    ):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / "sample_data" / path, folder / path)
    return folder


@pytest.mark.parametrize("path", GUIDE, ids=lambda path: path.stem)
def test_a_block_of_the_guide_runs(path, some_photos, augcli, tmp_path):
    out = tmp_path / "out"
    done = augcli("run", path, some_photos, out, "--copies", 2, "-j", 1, "-q")
    # Keras' shear of 0.2 is one of degrees, which is what the guide's author did not mean
    said = [line for line in done.stderr.splitlines() if not line.startswith(("warning[does-nothing]", "  = help"))]
    assert (done.returncode, said) == (0, [])
    written_files = [file for file in out.rglob("*") if file.is_file() and file.parent != out]
    spec = load(path)
    made = [file for file in written_files if file.suffix == ".npy"] if spec.output.format == "npy" else written_files
    alike = spec.output.format != "npy" or not isinstance(spec.splits.get("val", "copy"), str)
    assert len(made) == (2 if path.stem == "torchvision_val" else 6 + 2 * alike)
    assert augcli("verify", out).returncode == 0
