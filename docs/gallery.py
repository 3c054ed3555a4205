"""Makes docs/transforms.md, its pictures, and the tables of other pages from the code: `make gallery`."""

from __future__ import annotations

import inspect
import io
import re
from functools import cache
from pathlib import Path
from typing import Any, cast

import PIL.Image

from augcli.commands.preview.copies import as_picture
from augcli.commands.preview.steps import Version, versions
from augcli.dataset.sources import Source
from augcli.image import pictures, transforms
from augcli.image.arrays import Numbers, Picture, as_colour
from augcli.image.transform import Mixing, Transform
from augcli.image.transforms.resize import Resize
from augcli.problems import Unusable
from augcli.settings import Settings
from augcli.settings.values import PerAxis, Range
from augcli.spec.descriptions import (
    CONTAINERS,
    description,
    example_line,
    example_of,
    facts,
    summary,
    table_of_names,
    table_of_transforms,
    words,
)
from augcli.spec.pipeline import GROUPS as CONTAINER_SETTINGS
from augcli.spec.pipeline import Step
from augcli.spec.range_ends import ENDS
from augcli.spec.spec import Spec

DOCS = Path(__file__).parent
PAGE, STRIPS = DOCS / "transforms.md", DOCS / "transforms"
SAMPLES = DOCS.parent / "sample_data"
PHOTO = "train/space/astronaut.jpg"
PHOTOS = {  # where that one shows little: it has black and white already, a black corner, a light sky
    "autocontrast": "train/everyday/cat.jpg",
    "coarse_dropout": "train/everyday/cat.jpg",
    "sun_flare": "train/space/rocket.jpg",
}
PARTNERS = ("train/everyday/cat.jpg", "train/everyday/coffee.jpg", "train/space/rocket.jpg")
HEIGHT = 150
TALLEST = 190
GAP = 6
QUALITIES = (80, 75, 70, 65, 60, 55, 50, 45, 40, 35)
HEAVIEST = 20_000  # bytes of a strip

GROUPS: dict[str, tuple[str, ...]] = {
    "Geometry": (
        *("horizontal_flip", "vertical_flip", "rotate", "rotate90", "translate", "zoom", "shear", "affine"),
        *("shift_scale_rotate", "perspective", "elastic", "optical_distortion", "grid_distortion"),
        *("resize", "center_crop", "random_crop", "random_resized_crop", "pad"),
    ),
    "Colour": (
        *("brightness", "contrast", "brightness_contrast", "gamma", "saturation", "hue", "hue_saturation_value"),
        *("color_jitter", "rgb_shift", "channel_shift", "channel_shuffle", "grayscale", "invert", "posterize"),
        *("solarize", "autocontrast", "equalize", "clahe"),
    ),
    "Blur, sharpness and noise": (
        *("gaussian_blur", "box_blur", "median_blur", "motion_blur", "sharpen", "sharpness"),
        *("gauss_noise", "iso_noise", "salt_and_pepper"),
    ),
    "Weather and light": ("rain", "snow", "fog", "sun_flare", "shadow"),
    "Dropout": ("random_erasing", "coarse_dropout", "grid_dropout"),
    "Loss of quality": ("jpeg_compression", "downscale"),
    "Policies": ("auto_augment", "rand_augment", "trivial_augment_wide", "augmix"),
    "Two images and more": ("mixup", "cutmix", "mosaic", "whole_mosaic"),
    "Range of values": ("rescale", "normalize"),
}

INTRODUCTION = """\
# The transforms, in pictures

Each strip has the photo, then the step with all its ranges at their low end, in the middle, and at their high end. A
step whose ranges make no difference is drawn three times, and one that always does the same is shown once.
`augcli preview --steps SPEC IN` draws the same of your own steps and photos. Every step also takes `p`, `name` and
`weight`; `augcli show rotate` prints what is said here.

This page is made from the code, by `make gallery`. The photos are samples (`sample_data/SOURCES.md`), made small
before the step, so that a pixel here is a pixel of the step.
"""


def grouped() -> dict[str, list[str]]:
    """Return all transforms by group, those that no group names yet at the end."""
    known = transforms.names()
    found = {title: [name for name in names if name in known] for title, names in GROUPS.items()}
    named = {name for names in found.values() for name in names}
    more = [name for name in known if name not in named]
    return found | ({"More": more} if more else {})


@cache
def photo(path: str) -> Picture:
    """Read a sample, upright and small."""
    data = (SAMPLES / path).read_bytes()
    whole = pictures.decode(data, pictures.read_header(data, float("inf")))
    width, height = whole.size
    resize = Resize(size=(HEIGHT, round(HEIGHT * width / height)))
    return resize.lower(cast("Any", (resize.size[1], HEIGHT)), whole.size).run(whole)  # type: ignore[index]


_PLAIN = Spec(seed=20, pipeline=(), splits={})  # a seed with which all draws show something


def example(name: str) -> Step:
    found: type[Transform[Any]] = transforms.find(name)
    return Step(name, found(**example_of(found)))


@cache
def shown(name: str) -> list[Version]:
    partners = [(path, photo(path)) for path in PARTNERS] if issubclass(transforms.find(name), Mixing) else []
    source = Source(PHOTOS.get(name, PHOTO), "train", "train", "")
    return versions(_PLAIN, example(name), source, photo(source.path), partners)


def page() -> str:
    """Return the text of docs/transforms.md."""
    groups = grouped()
    lines = [INTRODUCTION]
    for title, names in {**groups, "Containers": list(CONTAINERS)}.items():
        lines.append(f"- [{title}](#{_anchor(title)}): {', '.join(f'[{name}](#{name})' for name in names)}")
    for title, names in groups.items():
        lines += ["", f"## {title}"]
        for name in names:
            lines += ["", *_section(name)]
    lines += ["", "## Containers", "", "Steps that hold other steps; chance and choice belong to them."]
    for name, text in CONTAINERS.items():
        example = description(name).rpartition("\n")[2].strip()
        lines += ["", f"### {name}", "", text, "", "```yaml", example, "```"]
        lines += _settings(CONTAINER_SETTINGS[name])
    return "\n".join(lines) + "\n"


def _anchor(title: str) -> str:
    return title.lower().replace(",", "").replace(" ", "-")


def _section(name: str) -> list[str]:
    found: type[Transform[Any]] = transforms.find(name)
    lines = [f"### {name}", "", *(inspect.getdoc(found) or "").splitlines(), ""]
    lines += [f"![{summary(found)}](transforms/{name}.jpg)", "", _caption(name), ""]
    lines += ["```yaml", f"- {example_line(found)}", "```"]
    lines += _settings(found)
    if found.default_p != 1:
        lines += ["", f"Applied with p {found.default_p:g}, where the step says nothing else."]
    return lines


def _settings(model: type[Settings]) -> list[str]:
    lines = ["", "| setting | means | unit, range, default |", "|---|---|---|"] if model.fields else []
    for key, field in model.fields.items():
        lines.append(f"| `{key}` | {f'{field.description} {words(field)}'.strip()} | {facts(field)} |")
    return lines


def _caption(name: str) -> str:
    found = shown(name)
    if len(found) == 1:
        changed = found[0].made
        if isinstance(changed, Picture) and changed.image.dtype.kind == "f":
            said = as_picture(cast("Numbers", changed.image), [example(name)])[1]
            return f"*The photo; {said}, turned back to be seen.*"
        return "*The photo; what becomes of it.*"
    if found[0].title not in ENDS:
        return "*The photo; three draws.*"
    told = [
        f"{title}: {', '.join(f'{key} {_value(value)}' for key, value in fixed.items())}"
        for title, _, _, fixed in found
    ]
    return f"*The photo; {'; '.join(told)}.*"


def _value(value: Range | PerAxis) -> str:
    if isinstance(value, PerAxis):
        x, y = _value(value.x), _value(value.y)
        return x if x == y else f"x {x} y {y}"
    return f"{value.low:.4g}"


def strip(name: str) -> bytes:
    """Draw the photo and what a transform makes of it, side by side, as JPEG."""
    cells = [photo(PHOTOS.get(name, PHOTO))]
    for title, _, made, _ in shown(name):
        assert not isinstance(made, Unusable), f"{name}, {title}: {made}"
        numbers = transforms.find(name).changes_range
        cells.append(as_picture(cast("Numbers", made.image), [example(name)])[0] if numbers else made)
    images = [PIL.Image.fromarray(as_colour(cell.image)) for cell in cells]
    scale = min(1.0, TALLEST / max(image.height for image in images))
    if scale < 1:
        images = [image.resize((round(image.width * scale), round(image.height * scale))) for image in images]
    height = max(image.height for image in images)
    canvas = PIL.Image.new("RGB", (sum(image.width + GAP for image in images) - GAP, height), "white")
    left = 0
    for image in images:
        canvas.paste(image, (left, (height - image.height) // 2))
        left += image.width + GAP
    data = b""
    for quality in QUALITIES:
        buffer = io.BytesIO()
        canvas.save(buffer, "JPEG", quality=quality, optimize=True)
        data = buffer.getvalue()
        if len(data) <= HEAVIEST:
            break
    return data


def main() -> None:
    STRIPS.mkdir(exist_ok=True)
    names = [name for names in grouped().values() for name in names]
    for old in STRIPS.glob("*.jpg"):
        if old.stem not in names:
            old.unlink()
    for name in names:
        (STRIPS / f"{name}.jpg").write_bytes(strip(name))
    PAGE.write_text(page(), encoding="utf-8")
    renew_tables()


def renew_tables() -> None:
    """Write the tables of transforms and of other libraries' names into their pages, and the count into the README."""
    for file, start, table in (
        ("spec.md", "transforms for images", table_of_transforms("image")),
        ("text.md", "transforms for texts", table_of_transforms("text")),
        *(
            ("migrating.md", f"names of {name}", table_of_names(name))
            for name in ("albumentations", "torchvision", "keras")
        ),
    ):
        before, head, rest = re.split(rf"(<!-- {start}.*?-->\n)", (DOCS / file).read_text(encoding="utf-8"))
        after = rest.partition("\n<!-- end -->")[2]
        (DOCS / file).write_text(f"{before}{head}{table}\n<!-- end -->{after}", encoding="utf-8")
    readme = DOCS.parent / "README.md"
    count = len([name for name in transforms.names() if "." not in name])
    readme.write_text(re.sub(r"All \d+ transforms", f"All {count} transforms", readme.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
