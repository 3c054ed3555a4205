"""Every pitfall that `check` warns of, with the whole text, and what is near it but no pitfall; the starter specs."""

from __future__ import annotations

import inspect
import io
import json
import re
from pathlib import Path
from textwrap import dedent
from typing import Any

import PIL.Image
import pytest
from PIL import ImageCms

from augcli import lint
from augcli.image import transforms
from augcli.lint import of_images, of_texts
from augcli.lint.naming import name_of
from augcli.lint.outputs import OUTPUT_RULES
from augcli.lint.steps import STEP_RULES
from augcli.plan.request import Options, look_into
from augcli.settings.values import PerAxis, Range
from augcli.spec.loading import load
from augcli.spec.pipeline import Step
from augcli.spec.spec import OF_OTHERS, Spec
from tests import profiles

ROOT = Path(__file__).parents[1]
RULES = (*of_images.RULES, *of_texts.RULES, *OUTPUT_RULES)
PRESETS = ("light", "medium", "heavy", "validation", "text")


@pytest.fixture
def warned(spec_file, tmp_path):
    """Return everything that is warned of a spec, given as a list of steps or whole, and of files in a folder `in`."""

    def warn(spec: str, files: list[str] | None = None) -> str:
        text = spec if "pipeline" in spec else f"pipeline:\n  - {spec}\n"
        if files is None:
            return "\n".join(map(str, lint.warnings(load(spec_file(dedent(text))))))
        root = tmp_path / "in"
        for number, name in enumerate(files):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(b"picture %d" % number)
        return whole(root, load(spec_file(dedent(text))))

    return warn


def whole(root: Path, spec: Spec) -> str:
    """Return what is warned of a spec and a folder, but for what tests/test_lint_sets.py is about."""
    found = map(str, lint.warnings(spec, root, look_into(spec, root, None, Options(allow_augmented_input=True))))
    beside = tuple(f"warning[{rule}]" for rule in ("single-class", "class-sets", "different-sizes", "unusable-images"))
    return "\n".join(text for text in found if not text.startswith(beside)).replace(str(root), "in")


def told(rule: str, what: str, help: str) -> str:
    """Return a warning as it is printed."""
    return f"warning[{rule}]: {what}\n  = help: {help}"


def classes(*names: str) -> list[str]:
    return [f"{name}/photo.jpg" for name in names]


# A pitfall of the spec alone: its name, the spec or its only step, and everything that is said about it.
OF_SPECS = [
    (
        "val is augmented",
        "{pipeline: [rotate], splits: {val: augment}}",
        told(
            "augments-evaluation",
            "`val` is augmented; what is measured on changed images is not what the model will meet",
            "write splits: {val: copy}",
        ),
    ),
    (
        "p is 0",
        "rotate: {p: 0}",
        told("never-applied", "`rotate` is never applied: its `p` is 0", "leave `rotate` out, or raise its p above 0"),
    ),
    (
        "p of a container is 0, and only that is told",
        "sequence: {p: 0, steps: [rotate: {degrees: 0}]}",
        told(
            "never-applied", "`sequence` is never applied: its `p` is 0", "leave `sequence` out, or raise its p above 0"
        ),
    ),
    (
        "weight is 0, deep inside",
        "sequence: {steps: [one_of: {steps: [hue, rotate: {weight: 0}]}]}",
        told(
            "never-applied",
            "`rotate` is never applied: its `weight` is 0",
            "leave `rotate` out, or raise its weight above 0",
        ),
    ),
    (
        "none of some is chosen",
        "some_of: {n: 0, steps: [hue]}",
        told(
            "never-applied", "`some_of` is never applied: its `n` is 0", "leave `some_of` out, or raise its n above 0"
        ),
    ),
    (
        "a step's fill that is never shown",
        "rotate: {border: {mode: reflect, fill: 255}}",
        told(
            "unused-fill",
            "the border of `rotate` has a fill, which mode `reflect` never shows",
            "write mode: constant, or leave `fill` out",
        ),
    ),
    (
        "the spec's fill that is never shown",
        "{pipeline: [rotate], border: {mode: edge, fill: [255, 0, 0]}}",
        told(
            "unused-fill",
            "the spec's `border` has a fill, which mode `edge` never shows",
            "write mode: constant, or leave `fill` out",
        ),
    ),
    (
        "a step for some classes behind a mix",
        "{pipeline: [cutmix: {p: 0.5}, horizontal_flip: {except: cat}]}",
        told(
            "classes-behind-mix",
            "`horizontal_flip` is for some classes, and behind `cutmix` images show others as well",
            "put `horizontal_flip` before `cutmix`",
        ),
    ),
    (
        "normalised as if it were rescaled",
        "{pipeline: [normalize: {max_pixel_value: 1}], output: {format: npy}}",
        told(
            "normalize-range", "`normalize` takes 1 for white, but its values reach 255", "write max_pixel_value: 255"
        ),
    ),
    (
        "normalised as if it were not rescaled",
        "{pipeline: [rescale, normalize], output: {format: npy}}",
        told("normalize-range", "`normalize` takes 255 for white, but its values reach 1", "write max_pixel_value: 1"),
    ),
    (
        "levels as npy",
        "{pipeline: [rotate], output: {format: npy}}",
        told(
            "levels-as-npy",
            "`output.format` is npy, but no step changes the range of values: the files hold "
            "levels 0 to 255, as a PNG would in less space",
            "end the pipeline with `- rescale` or `- normalize`, or write format: png",
        ),
    ),
    (
        "neutral by default",
        "affine",
        told(
            "does-nothing",
            "`affine` does nothing that could be seen: `degrees` 0, `translate` 0, `scale` 1, `shear` 0",
            "write affine: {translate: 0.1, scale: 0.1}, or leave `affine` out",
        ),
    ),
    (
        "a slope for an angle",
        "affine: {shear: 0.2, name: slant}",
        told(
            "does-nothing",
            "`slant` does nothing that could be seen: `degrees` 0, `translate` 0, `scale` 1, `shear` -0.2 to 0.2",
            "write affine: {translate: 0.1, scale: 0.1}, or leave `slant` out",
        ),
    ),
    (
        "a turn of nothing",
        "rotate: {degrees: 0}",
        told(
            "does-nothing",
            "`rotate` does nothing that could be seen: `degrees` 0",
            "write rotate: {degrees: 15}, or leave `rotate` out",
        ),
    ),
    (
        "brightness of exactly one",
        "brightness: {factor: [1, 1]}",
        told(
            "does-nothing",
            "`brightness` does nothing that could be seen: `factor` 1",
            "write brightness: {factor: 0.2}, or leave `brightness` out",
        ),
    ),
    (
        "a blur of one pixel",
        "gaussian_blur: {kernel_size: 1}",
        told(
            "does-nothing",
            "`gaussian_blur` does nothing that could be seen: `standard deviation` 0",
            "write gaussian_blur: {kernel_size: 5, sigma: [0.1, 2]}, or leave `gaussian_blur` out",
        ),
    ),
    (
        "elastic as Albumentations 2 has it by default",
        "elastic: {alpha: 1, sigma: 50}",
        told(
            "does-nothing",
            "`elastic` does nothing that could be seen: `displacement` 0.00326",
            "write elastic: {alpha: 120, sigma: 6}, or leave `elastic` out",
        ),
    ),
    (
        "holes of nothing",
        "coarse_dropout: {height: 0}",
        told(
            "does-nothing",
            "`coarse_dropout` does nothing that could be seen: `covered area` 0",
            "write coarse_dropout: {height: 0.2, width: 0.2}, or leave `coarse_dropout` out",
        ),
    ),
    (
        "noise over all",
        "gauss_noise: {std: [0.1, 0.5]}",
        told(
            "subject-gone",
            "`std` of `gauss_noise` reaches 0.5, but above 0.3 the noise is stronger than most subjects",
            "write std: [0.1, 0.3]",
        ),
    ),
    (
        "a factor that was meant as a spread",
        "color_jitter: {brightness: 1}",
        told(
            "subject-gone",
            "`brightness` of `color_jitter` reaches 0, but below 0.1 the image is nearly black",
            "write brightness: [0.1, 2]",
        ),
    ),
    (
        "both ends too far",
        "brightness: {factor: [0, 5]}",
        told(
            "subject-gone",
            "`factor` of `brightness` reaches 0, but below 0.1 the image is nearly black",
            "write factor: [0.1, 4]",
        )
        + "\n"
        + told(
            "subject-gone",
            "`factor` of `brightness` reaches 5, but above 4 most of the image is white",
            "write factor: [0.1, 4]",
        ),
    ),
    (
        "holes over all",
        "coarse_dropout: {holes: 4, height: 0.5, width: 0.5}",
        told(
            "subject-gone",
            "`covered area` of `coarse_dropout` reaches 1, but above 0.6 little of the subject is left",
            "keep it at 0.6 or less",
        ),
    ),
    (
        "shifted off the canvas",
        "translate: {shift: {x: 0.7}}",
        told(
            "subject-gone",
            "`shift` of `translate` reaches -0.7, but below -0.5 the middle of the image leaves the canvas",
            "keep it at -0.5 or more",
        )
        + "\n"
        + told(
            "subject-gone",
            "`shift` of `translate` reaches 0.7, but above 0.5 the middle of the image leaves the canvas",
            "keep it at 0.5 or less",
        ),
    ),
    (
        "a step of a split's own list",
        "{pipeline: [rotate], splits: {val: [brightness: {factor: [9, 9]}]}}",
        told(
            "subject-gone",
            "`factor` of `brightness` reaches 9, but above 4 most of the image is white",
            "write factor: [4, 4]",
        ),
    ),
    (
        "one pipeline for two splits is told of once",
        "{pipeline: [rotate], splits: {val: [posterize: {bits: 1, p: 1}], test: [posterize: {bits: 1, p: 1}]}}",
        told(
            "subject-gone",
            "`bits` of `posterize` reaches 1, but below 2 the image is black and white",
            "write bits: [2, 2]",
        ),
    ),
]

# Near a pitfall, but none.
SOUND_SPECS = [
    "{pipeline: [rotate], splits: {val: [resize: {size: 8}], test: skip}}",
    "{pipeline: [rotate: {degrees: 0}], splits: {train: copy}}",  # its pipeline is not used
    "rotate: {p: 0.01}",
    "{pipeline: [rotate], border: {mode: edge}}",
    "{pipeline: [rotate], border: {mode: edge, fill: 255}, output: {format: jpeg}}",  # stands behind transparency
    "rotate: {border: {mode: constant, fill: 255}}",
    "{pipeline: [normalize], output: {format: npy}}",
    "{pipeline: [rescale, normalize: {max_pixel_value: 1}], output: {format: npy}}",
    "{pipeline: [rescale: {scale: 0.00784313725, offset: -1}], output: {format: npy}}",
    "rotate: {degrees: 2}",
    "affine: {shear: {y: 5}}",
    "brightness: {mode: add, factor: [1, 1]}",  # `factor` is for the other mode
    "elastic",
    "elastic: {alpha: 120, sigma: 6}",
    "pad: {size: 64}",
    "brightness: {factor: [0.1, 4]}",
    "gauss_noise: {std: 0.3}",
    "gaussian_blur: {kernel_size: 255}",  # its sigma is small
    "coarse_dropout: {holes: 2, height: 0.5, width: 0.5}",
    "coarse_dropout: {holes: 8, height: 32, width: 32}",  # a share that depends on the image
]

# A pitfall of a step and the classes that it meets.
OF_CLASSES = [
    (
        "digits mirrored",
        "horizontal_flip",
        classes(*"0123456789"),
        told(
            "mirrored-text",
            "`horizontal_flip` mirrors what classes are named for: `1`, `2`, `3` and 5 more; it "
            "becomes another character, or none",
            'write except: ["1", "2", "3", "4", "5", "6", "7", "9"]',
        ),
    ),
    (
        "digits turned upside down, in words",
        "vertical_flip",
        classes("six", "digit_3", "digit-4"),
        told(
            "mirrored-text",
            "`vertical_flip` turns upside down what classes are named for: `digit-4` and `six`; it "
            "becomes another character, or none",
            'write except: ["digit-4", "six"]',
        ),
    ),
    (
        "letters turned far, in a container",
        "one_of: {steps: [hue, rotate: {degrees: 90}]}",
        classes("A", "upper_B", "O"),
        told(
            "mirrored-text",
            "`rotate` turns by up to 90 degrees what classes are named for: `A` and `upper_B`; it "
            "becomes another character, or none",
            "write degrees: 15",
        ),
    ),
    (
        "letters turned by quarters",
        "rotate90",
        classes("я", "О"),
        told(
            "mirrored-text",
            "`rotate90` turns by quarters what classes are named for: `О` and `я`; "
            "it becomes another character, or none",
            "leave `rotate90` out",
        ),
    ),
    (
        "text mirrored",
        "horizontal_flip",
        classes("handwriting", "scannedText", "photo"),
        told(
            "mirrored-text",
            "`horizontal_flip` mirrors text, which nobody writes like that: `handwriting` and `scannedText`",
            'write except: ["handwriting", "scannedText"]',
        ),
    ),
    (
        "faces upside down",
        "vertical_flip",
        classes("happy_face", "hat"),
        told(
            "upended-faces",
            "`vertical_flip` turns upside down faces, which stand upright in photos: `happy_face`",
            'write except: ["happy_face"]',
        ),
    ),
    (
        "left and right mirrored",
        "horizontal_flip",
        classes("turn_left", "turnRight", "straight", "pfeil links", "pfeil rechts"),
        told(
            "swapped-sides",
            "`horizontal_flip` mirrors classes that are named for a side: `pfeil links`, `pfeil "
            "rechts`, `turnRight` and 1 more; their copies show another",
            'write except: ["pfeil links", "pfeil rechts", "turnRight", "turn_left"]',
        ),
    ),
    (
        "up and down turned",
        "affine: {degrees: 180}",
        classes("thumbs_up", "thumbs_down"),
        told(
            "swapped-sides",
            "`affine` turns by up to 180 degrees classes that are named for a side: "
            "`thumbs_down` and `thumbs_up`; their copies show another",
            "write degrees: 15",
        ),
    ),
    (
        "hues of apples",
        "color_jitter: {hue: 0.1}",
        classes("red_apple", "greenApple", "orange", "pear"),
        told(
            "hue-of-colour-names",
            "`color_jitter` changes the colours that classes are named for: `greenApple`, `orange` and `red_apple`",
            "write hue: 0",
        ),
    ),
    (
        "black and white inverted",
        "invert",
        classes("black_king", "white_king"),
        told(
            "hue-of-colour-names",
            "`invert` changes the colours that classes are named for: `black_king` and `white_king`",
            "leave `invert` out",
        ),
    ),
    (
        "a step that is for other classes is not warned of",
        "{pipeline: [horizontal_flip: {except: ['[1-9]']}, vertical_flip: {only: [8, cat*]}]}",
        classes(*"0123456789", "cats"),
        "",
    ),
    (
        "a step that is for too many classes, in a container that is for some",
        "sequence: {only: ['6', '8', '9'], steps: [vertical_flip: {only: ['?']}]}",
        classes(*"0123456789"),
        told(
            "mirrored-text",
            "`vertical_flip` turns upside down what classes are named for: `6` and `9`; it becomes another "
            "character, or none",
            'write only: ["8"]',
        ),
    ),
    (
        "a class that no folder is called",
        "{pipeline: [rotate: {only: [cta, cat]}, hue: {except: ['dog*']}], copies: {zebra: 3}}",
        classes("cat", "cow"),
        "\n".join(
            told("unmatched-classes", f"in: {what}, and no class is called so", help)
            for what, help in (
                ("`copies` names `zebra`", "the classes are `cat` and `cow`"),
                ("`only` of `rotate` names `cta`", "did you mean `cat`?"),
                ("`except` of `hue` names `dog*`", "the classes are `cat` and `cow`"),
            )
        ),
    ),
    (
        "a class that is too small to be balanced",
        "{pipeline: [rotate], copies: 4, balance: {to: largest, at_most: 6}}",
        [*(f"cat/{number}.jpg" for number in range(10)), "cow/a.jpg", "dog/a.jpg", "dog/b.jpg"],
        told(
            "few-sources",
            "in: `balance` makes 6 copies of a source at most: of `cow`, which has 1, there will be 6 where 40 are "
            "wanted, and 1 more class is short",
            "get more of them, or write at_most: 40",
        ),
    ),
    (
        "a single class that is balanced",
        "{pipeline: [rotate], balance: {to: largest}}",
        classes("cat"),
        told("few-sources", "in: a single class, which `balance` has nothing to compare with", "leave `balance` out"),
    ),
    (
        "only the augmented split's classes count",
        "horizontal_flip",
        ["train/2/a.jpg", "val/3/a.jpg"],
        told(
            "mirrored-text",
            "`horizontal_flip` mirrors what classes are named for: `2`; it becomes another character, or none",
            "leave `horizontal_flip` out",
        ),
    ),
]

SOUND_CLASSES = [
    ("rotate: {degrees: 30}", classes(*"0123456789")),
    ("horizontal_flip", classes("0", "8", "A", "X", "letter_o")),
    ("horizontal_flip: {p: 0}", []),
    ("horizontal_flip", classes(*map(str, range(12)))),  # running numbers, not digits
    ("horizontal_flip", classes("cat", "n01440764", "x1", "letter", "right_whale", "happy_face")),
    ("vertical_flip", classes("turn_left", "turn_right", "close_up", "surface")),
    ("horizontal_flip", classes("thumbs_up", "thumbs_down")),
    ("color_jitter: {brightness: 0.2, hue: 0.02}", classes("red_apple", "green_apple")),
    ("hue", classes("orange", "violet", "infrared", "black_cat")),
    ("grayscale: {p: 0.1}", classes("white", "black")),
    ("rotate", classes("red", "left", "2")),
]


@pytest.mark.parametrize(("spec", "said"), [case[1:] for case in OF_SPECS], ids=[case[0] for case in OF_SPECS])
def test_a_pitfall_of_a_spec_is_told(spec, said, warned):
    assert warned(spec) == said


@pytest.mark.parametrize("spec", SOUND_SPECS)
def test_a_sound_spec_is_not_warned_of(spec, warned):
    assert warned(spec) == ""


@pytest.mark.parametrize(
    ("spec", "files", "said"), [case[1:] for case in OF_CLASSES], ids=[case[0] for case in OF_CLASSES]
)
def test_a_pitfall_of_a_step_and_its_classes_is_told(spec, files, said, warned):
    assert warned(spec, files) == said
    assert warned(spec) == ""  # without IN nothing is known of classes


@pytest.mark.parametrize(("spec", "files"), [case for case in SOUND_CLASSES if case[1]])
def test_sound_classes_are_not_warned_of(spec, files, warned):
    assert warned(spec, files) == ""


def test_a_step_that_never_happens_is_warned_of_for_that_alone(warned):
    said = warned("horizontal_flip: {p: 0}", classes("2"))
    assert re.findall(r"warning\[(.*?)\]", said) == ["never-applied"]


def test_names_that_other_tools_give_to_copies(warned):
    made = [
        "cat/a_aug000.jpg",
        "cat/cat_original_a.jpg_0b5c3a52-5b0f-4c57-8d1b-0f7c9f4c1a11.jpg",
        "cat/aug_0_4812.jpeg",
        "cat/a-flipped.jpg",
        "cat/a_rot90.jpg",
        "cat/a_270deg.jpg",
        "cat/a_flipLR.jpg",
    ]
    assert warned("rotate", [*made, "cat/a.jpg", "cat/black_rot_1.jpg", "cat/augusta.jpg"]) == told(
        "augmented-twice",
        "in: 7 of 10 images are called as augmented copies are, such as `cat/a-flipped.jpg`; "
        "they would be augmented twice",
        "give the folder of the original images",
    )


def test_one_such_name_or_few_among_many_are_chance(warned):
    assert warned("rotate", ["cat/a_rot90.jpg", "cat/b.jpg"]) == ""
    assert warned("rotate", ["cat/b_rot90.jpg", *(f"cat/{number:03}.jpg" for number in range(60))]) == ""


def test_outputs_of_augcli_above_in_and_below(augcli, tmp_path, tree, photo):
    tree(tmp_path / "in", {"train/cat/a.png": photo()})
    (tmp_path / "spec.yaml").write_text("pipeline: [rotate]\n", encoding="utf-8")
    augcli("run", "spec.yaml", "in", "set/first", cwd=tmp_path)
    loaded = load(tmp_path / "spec.yaml")
    for folder, way, record in (
        ("set/first", "is", "augcli.json"),
        ("set/first/train", "lies in", "../augcli.json"),
        ("set", "holds", "first/augcli.json"),
    ):
        root = tmp_path / folder
        assert whole(root, loaded) == (
            f"warning[augmented-twice]: in: {way} an output of augcli (it has {record}); "
            "its images would be augmented twice\n  = help: give the folder of the original images"
        )
    assert whole(tmp_path / "in", loaded) == ""


def turned(path: Path, photo, orientation: int, comment: bytes = b"") -> None:
    import PIL.Image

    exif = PIL.Image.Exif()
    exif[0x0112] = orientation
    path.parent.mkdir(parents=True, exist_ok=True)
    PIL.Image.fromarray(photo(seed=sum(path.name.encode()) + orientation)).save(
        path, exif=exif, quality=95, icc_profile=comment
    )


def test_copied_files_that_are_stored_turned(tmp_path, spec_file, photo):
    turned(tmp_path / "in/train/cat/a.jpg", photo, 6)  # made upright
    turned(tmp_path / "in/val/cat/upright.jpg", photo, 1)
    turned(tmp_path / "in/val/cat/b.png", photo, 6)
    (tmp_path / "in/val/cat/damaged.jpg").write_bytes(b"\xff\xd8\xff\xe1 no more")
    spec = load(spec_file("pipeline: [random_resized_crop: {size: [36, 48]}]\n"))
    assert whole(tmp_path / "in", spec) == ""
    turned(tmp_path / "in/val/cat/c.jpg", photo, 5)
    assert whole(tmp_path / "in", spec) == told(
        "orientation",
        "in: `val/cat/c.jpg`, which is copied to `val`, has an EXIF orientation, which torchvision and Keras ignore",
        "write splits: {val: []}, which writes them upright",
    )
    upright = load(spec_file("pipeline: [random_resized_crop: {size: [36, 48]}]\nsplits: {val: []}\n"))
    assert "orientation" not in whole(tmp_path / "in", upright)
    long = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes() + bytes(500_000)
    turned(tmp_path / "in/train/cat/d.jpg", photo, 8, comment=long)  # a header longer than is read at first
    with_originals = load(
        spec_file("pipeline: [random_resized_crop: {size: [36, 48]}]\ninclude_originals: true\nsplits: {val: skip}\n")
    )
    assert whole(tmp_path / "in", with_originals) == told(
        "orientation",
        "in: 2 files that are copied to `train`, such as `train/cat/a.jpg`, have an EXIF orientation, "
        "which torchvision and Keras ignore",
        "write include_originals: false",
    )


def test_copied_files_whose_profile_or_format_training_code_ignores(tmp_path, spec_file, tree):
    buffer = io.BytesIO()
    PIL.Image.new("RGB", (8, 6), (200, 30, 30)).save(buffer, "PNG", icc_profile=profiles.rgb("p3"))
    names = ("train/cat/a.png", "val/cat/b.png", "val/cat/c.png")
    tree(tmp_path / "in", {name: buffer.getvalue() for name in names} | {"val/cat/d.avif": b"damaged"})
    what = (
        "in: 2 files that are copied to `val`, such as `val/cat/b.png`, have a colour profile other than sRGB, "
        "which torchvision and Keras ignore"
    )
    known = told("profiles", what, "write splits: {val: []}, which converts them")
    what = "in: `val/cat/d.avif`, which is copied to `val`, has a suffix that torchvision's ImageFolder leaves out"
    unseen = told("copied-formats", what, "write splits: {val: []}, which writes them as JPEG or PNG")
    found = whole(tmp_path / "in", load(spec_file("pipeline: [rotate]\n")))
    assert known in found
    assert unseen in found
    for text in ("input: {color_profiles: ignore}\n", "splits: {val: []}\n"):
        assert known not in whole(tmp_path / "in", load(spec_file("pipeline: [rotate]\n" + text)))
    assert "warning[profiles]" in whole(
        tmp_path / "in", load(spec_file("pipeline: [rotate]\nsplits: {val: []}\ninclude_originals: true\n"))
    )


@pytest.mark.parametrize(
    ("step", "files", "said"),
    [
        ("mixup: {partner: other_class}", ["cat/a.png", "cat/b.png"], (1, "other_class")),
        ("one_of: {steps: [rotate, cutmix: {partner: same_class}]}", ["cat/a.png", "dog/b.png"], (1, "same_class")),
        ("mosaic", ["cat/a.png", "cat/b.png", "dog/c.png"], (3, "any")),
        ("mixup", ["cat/a.png"], (1, "any")),
    ],
)
def test_a_mix_without_partners_is_told(warned, step, files, said):
    name = next(word for word in ("mixup", "cutmix", "mosaic") if word in step)
    assert warned(step, files) == told(
        "nobody-to-mix-with",
        f"in: `{name}` needs {said[0]} other image{'s' * (said[0] > 1)} of `partner: {said[1]}`, and no image has so "
        "many; it is never applied",
        "write partner: any, or leave it out",
    )


def test_a_mix_with_partners_is_not_warned_of(warned):
    assert warned("mixup: {partner: other_class}", ["cat/a.png", "dog/b.png"]) == ""
    assert warned("mosaic: {partner: same_class}", [f"cat/{n}.png" for n in range(4)]) == ""
    assert warned("{pipeline: [mixup], splits: {train: copy}}", ["cat/a.png"]) == ""


NUMBERS = "{pipeline: [rescale], output: {format: npy}%s}"
BOTH = ["train/cat/a.png", "val/cat/b.png"]


def test_numbers_beside_something_else_are_told(warned):
    assert warned(NUMBERS % "", BOTH) == told(
        "unlike-training",
        "in: `val` is copied as image files, beside numbers in `train`",
        "write splits: {val: [...]} with the same last steps as the pipeline",
    )
    assert warned(NUMBERS % ", splits: {val: [resize: {size: 9}]}", BOTH) == told(
        "unlike-training",
        "in: the numbers of `val` have another range than those of `train`",
        "end the steps of `val` as the pipeline ends",
    )
    assert warned(NUMBERS % ", include_originals: true, splits: {val: skip}", BOTH) == told(
        "unlike-training", "in: originals are image files, beside numbers", "leave out include_originals"
    )
    assert warned(NUMBERS % ", splits: {val: [rescale]}", BOTH) == ""
    assert warned(NUMBERS % ", splits: {val: skip}", BOTH) == ""


def test_every_rule_is_registered_documented_and_tried_above():
    written = {
        name
        for module in (
            *(
                lint.spec,
                lint.steps,
                lint.classes,
                lint.class_numbers,
                lint.splits,
                lint.sets,
                lint.images,
                lint.copied,
                lint.sizes,
                lint.doubles,
                lint.outputs,
                lint.labels,
                lint.texts,
            ),
        )
        for name, value in vars(module).items()
        if inspect.isgeneratorfunction(value) and value.__module__ == module.__name__ and not name.startswith("_")
        if "Problem" in str(inspect.signature(value).return_annotation)
    }
    assert {rule.__name__ for rule in RULES} == written
    page = (ROOT / "docs/pitfalls.md").read_text(encoding="utf-8")
    names = ("test_lint.py", "test_lint_sets.py", "test_lint_labels.py", "test_lint_texts.py", "test_splitting.py")
    tests = "".join(Path(__file__).with_name(name).read_text(encoding="utf-8") for name in names)
    for rule in RULES:
        assert re.fullmatch(r"[A-Z][^\n]*\.", rule.__doc__), f"{rule.__name__} says in one sentence why it matters"
        name = name_of(rule)
        assert f"`{name}`" in page, f"docs/pitfalls.md names `{name}` and says what it is about"
        assert f'"{name}"' in tests or f"warning[{name}]" in tests, f"a test in {' or '.join(names)} tries `{name}`"


@pytest.mark.parametrize("name", transforms.names())
def test_a_transform_as_it_comes_is_no_pitfall(name):
    found = transforms.find(name)
    needed = {key: 224 for key, field in found.fields.items() if field.is_required()}
    step = Step(name, found(**{**needed, **found.example}))
    assert [problem for rule in STEP_RULES for problem in rule(step)] == []


@pytest.mark.parametrize("name", lint.steps.EFFECTS)
def test_the_table_of_effects_knows_the_settings_of_its_transforms(name):
    fields = transforms.find(name).fields
    for key, effect in lint.steps.EFFECTS[name].items():
        assert key in fields or (name, key) in lint.steps.COMPUTED
        assert effect.only is None or effect.only[0] in fields
        assert effect.remedy is not None or effect.neutral is None or key in fields


def neutral(name: str) -> dict[str, Any] | None:
    """Return settings with which a transform does nothing, as they are written; None where they are computed."""
    found = transforms.find(name)
    settings = {}
    for key, effect in lint.steps.EFFECTS[name].items():
        if effect.only is not None and found.fields[effect.only[0]].default != effect.only[1]:
            continue
        if effect.neutral is None or (name, key) in lint.steps.COMPUTED:
            return None
        kind, pair = found.fields[key].annotation, [effect.neutral, effect.neutral]
        if kind is Range:
            settings[key] = pair
        elif kind is PerAxis:
            settings[key] = {"x": pair, "y": pair}
    return settings


@pytest.mark.parametrize("name", [name for name in lint.steps.EFFECTS if neutral(name) is not None])
def test_what_is_to_be_written_instead_of_nothing_does_something(name, warned):
    said = warned(f"{name}: {json.dumps(neutral(name))}")
    (instead,) = re.findall(r"^warning\[does-nothing\]: .*\n  = help: write (.*), or leave", said)
    assert warned(instead) == ""


def test_check_prints_warnings_to_stderr_and_with_strict_exits_1(augcli, spec_file, tmp_path):
    spec = spec_file("pipeline: [rotate: {degrees: 0}]\n")
    said = (
        "warning[does-nothing]: `rotate` does nothing that could be seen: `degrees` 0\n"
        "  = help: write rotate: {degrees: 15}, or leave `rotate` out\n"
    )
    plain, strict = augcli("check", spec), augcli("check", spec, "--strict")
    assert (plain.returncode, plain.stderr) == (0, said)
    assert (strict.returncode, strict.stderr, strict.stdout) == (1, said, plain.stdout)
    assert "rotate" in plain.stdout
    spec.write_text("pipeline: [random_resized_crop: {size: 64}]\nsplits: {val: skip}\n", encoding="utf-8")
    sound = augcli("check", spec, ROOT / "sample_data", "--strict")
    assert (sound.returncode, "warning" in sound.stderr) == (0, False)


def test_a_class_name_cannot_drive_a_terminal(augcli, spec_file, tmp_path, tree, photo):
    tree(tmp_path / "in", {"\x1b[31m_left/a.png": photo()})
    done = augcli("check", spec_file("pipeline: [horizontal_flip]\n"), tmp_path / "in")
    assert r"`\x1b[31m_left`" in done.stderr
    assert "\x1b" not in done.stdout + done.stderr


@pytest.mark.parametrize("preset", PRESETS)
def test_init_prints_a_spec_that_loads_and_explains_every_key(preset, augcli, tmp_path):
    done = augcli("init", "--preset", preset)
    assert (done.returncode, done.stderr) == (0, "")
    (tmp_path / "spec.yaml").write_text(done.stdout, encoding="utf-8")
    spec = load(tmp_path / "spec.yaml")
    assert lint.warnings(spec) == []
    keys = re.findall(r"^(\w+):", done.stdout, re.MULTILINE)
    assert set(keys) == set(Spec.fields) - {*OF_OTHERS[spec.kind]}
    assert re.findall(r"^(\w+):.* # \w", done.stdout, re.MULTILINE) == keys
    assert all(len(line) <= 120 for line in done.stdout.splitlines())


def test_init_prints_the_light_preset_by_default_and_names_the_others(augcli):
    assert augcli("init").stdout == augcli("init", "--preset", "light").stdout
    done = augcli("init", "--preset", "wild")
    assert done.returncode == 2
    assert "'light', 'medium', 'heavy', 'validation'" in done.stderr


def test_presets_are_the_ready_made_configs():
    packaged = {path.name: path.read_bytes() for path in (ROOT / "augcli/spec/presets").glob("*.yaml")}
    assert set(packaged) == {f"{preset}.yaml" for preset in PRESETS}
    for name, data in packaged.items():
        assert (ROOT / "configs" / name).read_bytes() == data


def test_the_page_of_pitfalls_shows_a_warning_as_it_is_printed(tmp_path, spec_file):
    page = (ROOT / "docs/pitfalls.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"^```text\n(warning.*?)^```", page, re.MULTILINE | re.DOTALL)
    spec = load(spec_file("pipeline: [horizontal_flip, gauss_noise: {std: [0.1, 0.5]}]\n"))
    for label in "0123456789":
        (tmp_path / "in" / label).mkdir(parents=True)
        (tmp_path / "in" / label / "a.jpg").write_bytes(label.encode())
    assert whole(tmp_path / "in", spec) + "\n" == shown
