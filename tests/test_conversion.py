"""Pipelines of other libraries become specs: read from source or from what Albumentations saved, never run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from augcli.problems import Refused
from augcli.spec.conversion import converted
from augcli.spec.loading import load, parse
from augcli.spec.spec import Spec

TORCHVISION = """
import torch.nn as nn
from torchvision import transforms
from torchvision.transforms import InterpolationMode, v2 as T

SIZE = 224
normalize = transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
raise SystemExit("this must not run")

train = transforms.Compose([
    transforms.RandomResizedCrop(SIZE, scale=(0.5, 1.0), interpolation=InterpolationMode.BICUBIC),
    transforms.RandomHorizontalFlip(),
    transforms.RandomApply([T.ColorJitter(0.4, 0.4, 0.4, 0.1)], p=0.8),
    T.RandomPosterize(4, 0.25),
    T.RandomRotation(360 / 24),
    transforms.RandomErasing(0.3),
    transforms.Lambda(lambda x: x),
    T.Pad(unknown_side),
    MyOwn(3),
    transforms.ToTensor(),
    normalize,
])
"""

JITTER = {"brightness": 0.4, "contrast": 0.4, "saturation": 0.4, "hue": 0.1}
MADE_OF_IT = [
    {"torchvision.RandomResizedCrop": {"size": 224, "scale": [0.5, 1.0], "interpolation": "InterpolationMode.BICUBIC"}},
    "torchvision.RandomHorizontalFlip",
    {
        "torchvision.RandomApply": {
            "p": 0.8,
            "transforms": [{"torchvision.ColorJitter": JITTER}],
        }
    },
    {"torchvision.RandomPosterize": {"bits": 4, "p": 0.25}},
    {"torchvision.RandomRotation": {"degrees": 15}},
    {"torchvision.RandomErasing": {"p": 0.3}},
]

KERAS = """
from tensorflow import keras
from tensorflow.keras import layers
augmentation = keras.Sequential([
    layers.RandomFlip("horizontal", input_shape=(224, 224, 3)),
    layers.RandomRotation(0.1, fill_mode="nearest"),
    layers.RandomZoom(0.1, 0.2, seed=3),
    layers.Rescaling(1./255),
])
model = keras.Sequential([augmentation, layers.Rescaling(1/255), layers.Conv2D(32, 3), layers.Dense(10)])
"""

GENERATOR = """
from keras.preprocessing.image import ImageDataGenerator
ImageDataGenerator(rotation_range=20, zoom_range=.2, rescale=1/255., preprocessing_function=lambda x: x)
"""

ALBUMENTATIONS = """
import albumentations as A, cv2
from albumentations.pytorch import ToTensorV2
def pipeline(size):
    return A.Compose([
        A.HorizontalFlip(p=0.5),
        A.OneOf([A.MotionBlur(blur_limit=5), A.Emboss(), A.GaussNoise(var_limit=(10, 50))], p=0.3),
        A.Rotate(15, border_mode=cv2.BORDER_REFLECT_101),
        A.Resize(size, size),
        ToTensorV2(),
    ], bbox_params=A.BboxParams(format="coco"))
"""


def saved(version: str, *steps: dict[str, object], **others: object) -> dict[str, object]:
    """Write steps as Albumentations saves them."""
    transforms = [{"__class_fullname__": "albumentations.augmentations." + step.pop("name"), **step} for step in steps]
    root = {"__class_fullname__": "Compose", "p": 1.0, "transforms": transforms, "keypoint_params": None, **others}
    return {"__version__": version, "transform": root}


SAVED = saved(
    "1.3.1",
    {"name": "HorizontalFlip", "always_apply": False, "p": 0.5},
    {
        "name": "Affine",
        "always_apply": False,
        "p": 1.0,
        "rotate": [-15, 15],
        "scale": {"x": [1.0, 1.0], "y": [1.0, 1.0]},
        "translate_px": {"x": [0, 0], "y": [0, 0]},
        "shear": {"x": [0.0, 0.0], "y": [0.0, 0.0]},
    },
    {"name": "Superpixels", "p": 0.5},
    {"name": "Normalize", "p": 1.0, "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]},
    bbox_params={"format": "coco"},
)


def made(text: str, folder: Path, name: str = "") -> tuple[Spec, str, list[str]]:
    """Convert a file with that text; return the spec, its text and what is left out."""
    path = folder / "given.txt"
    path.write_text(text, encoding="utf-8")
    found = converted(Path(f"{path}:{name}") if name else path)
    return parse(found.text.encode(), "spec.yaml"), found.text, found.left_out


def steps_of(text: str) -> list[object]:
    return yaml.safe_load(text)["pipeline"]


def test_torchvision_source_keeps_names_and_arguments(tmp_path):
    _, text, left_out = made(TORCHVISION, tmp_path)
    assert steps_of(text) == MADE_OF_IT
    assert [reason.partition(" (line ")[0] for reason in left_out] == [
        "transforms.Lambda(lambda x: x)",
        "T.Pad(unknown_side)",
        "MyOwn(3)",
        "transforms.ToTensor()",
        "transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])",
    ]
    assert left_out[1].endswith("`unknown_side` is no literal")
    assert left_out[3].endswith("training code does it")
    assert all(f"# left out: {reason}" in text for reason in left_out)


def test_keras_layers_are_told_from_a_network(tmp_path):
    _, text, left_out = made(KERAS, tmp_path)
    assert steps_of(text) == [
        {"keras.RandomFlip": {"mode": "horizontal"}},
        {"keras.RandomRotation": {"factor": 0.1, "fill_mode": "nearest"}},
        {"keras.RandomZoom": {"height_factor": 0.1, "width_factor": 0.2, "seed": 3}},
    ]
    assert len(left_out) == 1


def test_a_generator_without_what_training_code_does(tmp_path):
    _, text, left_out = made(GENERATOR, tmp_path)
    assert steps_of(text) == [{"keras.ImageDataGenerator": {"rotation_range": 20, "zoom_range": 0.2}}]
    assert [reason.partition("): left out: ")[0].rpartition(": ")[0] != "" for reason in left_out] == [True, True]


def test_albumentations_source_drops_what_it_cannot_take_out_of_a_choice(tmp_path):
    _, text, left_out = made(ALBUMENTATIONS, tmp_path)
    blur, noise = (
        {"albumentations.MotionBlur": {"blur_limit": 5}},
        {"albumentations.GaussNoise": {"var_limit": [10, 50]}},
    )
    assert steps_of(text) == [
        {"albumentations.HorizontalFlip": {"p": 0.5}},
        {"albumentations.OneOf": {"p": 0.3, "transforms": [blur, noise]}},
        {"albumentations.Rotate": {"limit": 15, "border_mode": "cv2.BORDER_REFLECT_101"}},
    ]
    assert yaml.safe_load(text)["labels"] == {"min_visible": 0}  # the default there
    assert [reason.split("(")[0] for reason in left_out] == [
        "A.Emboss",
        "A.Resize",
        "ToTensorV2",
    ]


@pytest.mark.parametrize("write", [json.dumps, yaml.safe_dump])
def test_what_albumentations_saved_is_read(write, tmp_path):
    spec, text, left_out = made(write(SAVED), tmp_path)
    flip, affine = steps_of(text)
    assert flip == "albumentations.HorizontalFlip"
    assert affine["albumentations.Affine"]["rotate"] == [-15, 15]
    assert "Albumentations 1.3.1" in text
    assert [reason.split(":")[0] for reason in left_out] == ["Superpixels", "Normalize"]
    assert spec.labels.min_visible == 0
    assert [step.name for step in spec.pipeline] == ["horizontal_flip", "affine"]


@pytest.mark.parametrize(
    ("params", "labels", "notes"),
    [
        ("A.BboxParams('yolo', ['c'])", {"min_visible": 0}, []),
        ("A.BboxParams(format='coco', label_fields=fields(), clip=True)", {"min_visible": 0}, []),
        ("A.BboxParams('coco', None, 30, 0.25)", {"min_visible": 0.25}, ["`min_visibility` is of", "`min_area` is in"]),
        ("dict(format='coco', min_width=4, min_height=4)", {"min_visible": 0, "min_pixels": 4}, []),
        ("{'format': 'coco', 'min_width': 4}", {"min_visible": 0}, ["`min_width` and `min_height` differ"]),
        ("PARAMS", {"min_visible": 0.5}, ["`min_visibility` is of"]),
        ("A.BboxParams('coco', min_visibility=7)", None, ["`7` is out of bounds; 0 to 1 is allowed"]),
        ("A.BboxParams('coco', min_visibility=given())", None, ["what it says is no literal"]),
        ("A.BboxParams(**settings)", None, ["what it says is no literal"]),
        ("None", None, []),
    ],
)
def test_thresholds_of_boxes_become_settings_of_labels(params, labels, notes, tmp_path):
    text = "import albumentations as A\nPARAMS = A.BboxParams('coco', min_visibility=0.5)\n"
    text += f"t = A.Compose([A.VerticalFlip()], bbox_params={params}, keypoint_params=A.KeypointParams('xy'))\n"
    spec, made_text, left_out = made(text, tmp_path)
    assert yaml.safe_load(made_text).get("labels") == labels
    assert spec.labels.min_visible == (0.1 if labels is None else labels["min_visible"])
    assert len(left_out) == len(notes)
    for said, note in zip(left_out, notes, strict=True):
        assert said.startswith(f"bbox_params: {note}")
        assert f"# left out: {said}" in made_text


def test_a_composition_that_can_be_replayed_is_one_all_the_same(tmp_path):
    steps = [{"__class_fullname__": "VerticalFlip", "p": 0.5}]
    whole = {"__class_fullname__": "ReplayCompose", "p": 1.0, "transforms": steps, "save_key": "replay"}
    source = "import albumentations as A\nt = A.ReplayCompose([A.VerticalFlip()])\n"
    for text in (json.dumps({"__version__": "2.0.8", "transform": whole}), source):
        assert steps_of(made(text, tmp_path)[1]) == ["albumentations.VerticalFlip"]


def test_several_pipelines_are_listed_and_chosen_by_name(tmp_path):
    text = "import torchvision.transforms as T\n" + "\n".join(
        f"{name} = T.Compose([T.RandomRotation({angle})])" for name, angle in (("train", 15), ("strong", 30))
    )
    with pytest.raises(Refused, match=r"2 pipelines: `train` or `strong`\n  = help: augcli init --from .*:train"):
        made(text, tmp_path)
    assert steps_of(made(text, tmp_path, "strong")[1]) == [{"torchvision.RandomRotation": {"degrees": 30}}]
    with pytest.raises(Refused, match="no pipeline is called `weak`"):
        made(text, tmp_path, "weak")


def test_a_notebook_is_read_cell_by_cell(tmp_path):
    cells = [
        {"cell_type": "markdown", "source": ["Compose(["]},
        {"cell_type": "code", "source": ["%matplotlib inline\n", "from torchvision import transforms\n"]},
        {"cell_type": "code", "source": ["t = transforms.Compose([transforms.RandomInvert()])"]},
    ]
    assert steps_of(made(json.dumps({"cells": cells}), tmp_path)[1]) == ["torchvision.RandomInvert"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("print(1)\n", "no pipeline of torchvision, Albumentations, Keras or nlpaug is built here"),
        ("x = = 1\n", "neither Python nor a saved pipeline: line 1: invalid syntax"),
        (
            "import os\nx = '\0'\n",
            "neither Python nor a saved pipeline: line 2: source code string cannot contain null",
        ),
        ("pipeline: [rotate]\n", "this is a spec already"),
        ("a: 1\n", "no pipeline that Albumentations saved"),
        ("from torchvision import transforms\nt = transforms.Compose([transforms.ToTensor()])", "has no step"),
        (
            "from torchvision import transforms as T\nsteps = [T.Resize(256)]\nsteps.append(T.RandomHorizontalFlip())\n"
            "t = T.Compose(steps)\n",
            "steps (line 4): what it stands for is known when the program runs",
        ),
        ("f(" * 5000, "neither Python nor"),
        (json.dumps(saved("1", {"name": "Blur"})).replace('"p": 1.0', '"p": 1e400'), "Compose"),
    ],
)
def test_what_is_no_pipeline_is_refused(text, said, tmp_path):
    with pytest.raises(Refused) as refused:
        made(text, tmp_path)
    assert said in str(refused.value)


def test_aliases_that_stand_for_more_than_memory_holds_are_refused(tmp_path):
    bomb = "__class_fullname__: Compose\ntransforms: &a0 [1, 1]\n" + "".join(
        f"x{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}, *a{n - 1}]\n" for n in range(1, 40)
    )
    with pytest.raises(Refused, match="larger than any pipeline"):
        made(bomb, tmp_path)


def nested(containers: int) -> str:
    step = "A.HorizontalFlip()"
    for _ in range(containers):
        step = f"A.OneOf([{step}])"
    return step


@pytest.mark.parametrize(
    ("library", "step", "said"),
    [
        (
            "from torchvision.transforms import v2",
            "v2.MixUp(num_classes=9), v2.CutMix(num_classes=9)",
            "only one mixing step",
        ),
        ("import albumentations as A", f"A.Blur({', '.join(f'k{n}=1' for n in range(150))})", "unknown parameter `k0`"),
        ("import albumentations as A", nested(5), "none of its steps can be taken"),
    ],
)
def test_what_a_spec_as_a_whole_would_refuse_is_left_out(library, step, said, tmp_path):
    flip = "albumentations.HorizontalFlip" if "A." in step else "torchvision.RandomHorizontalFlip"
    compose, _, name = flip.replace("albumentations", "A").replace("torchvision", "v2").partition(".")
    text = f"{library}\n{compose}.Compose([{compose}.{name}(), {step}])"
    _, written, left_out = made(text, tmp_path)
    assert flip in steps_of(written)
    assert len(left_out) == 1
    assert said in left_out[0]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (json.dumps(SAVED), "this is a pipeline that Albumentations saved, not a spec"),
        (yaml.safe_dump(SAVED), "this is a pipeline that Albumentations saved, not a spec"),
        (TORCHVISION, "this is a pipeline in Python, not a spec"),
        ("transforms.Compose([\n  transforms.ToTensor(),\n])\n", "this is a pipeline in Python, not a spec"),
    ],
)
def test_a_spec_that_is_a_pipeline_of_another_library_says_what_to_type(text, what, tmp_path):
    path = tmp_path / "given"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Refused) as refused:
        load(path)
    (problem,) = refused.value.problems
    assert problem.what == f"{path}: {what}"
    assert problem.help == f"augcli init --from {path} > spec.yaml"


def test_the_command_prints_the_spec_and_tells_what_it_leaves_out(tmp_path, augcli):
    path = tmp_path / "train.py"
    path.write_text(TORCHVISION, encoding="utf-8")
    done = augcli("init", "--from", path)
    assert done.stdout.startswith("# torchvision: train of train.py, as augcli init --from reads it.\n")
    assert done.stderr.count("left out: ") == 5


def test_what_python_thinks_of_the_source_is_not_told(tmp_path, augcli):
    """An escape of no meaning is worth a warning from Python 3.12 on, but not to who wants the pipeline."""
    path = tmp_path / "train.py"
    path.write_text('DIGITS = "\\d"\nflip = transforms.Compose([transforms.RandomHorizontalFlip()])\n')
    done = augcli("init", "--from", path)
    assert (done.returncode, done.stderr) == (0, "")
