"""Pitfalls that lie in the images themselves: what they were made of, and what reading changes."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeAlias

from augcli.dataset.reading import read_source
from augcli.dataset.sources import Source
from augcli.lint.copied import COPIED_RULES
from augcli.lint.doubles import DOUBLE_RULES
from augcli.lint.folder import Images
from augcli.lint.sizes import SIZE_RULES
from augcli.problems import Problem, Unusable, named, such_as
from augcli.spec.spec import ROLES, Spec
from augcli.storage import places
from augcli.storage.addresses import place

if TYPE_CHECKING:
    from augcli.image.pictures import Header

ImageRule: TypeAlias = Callable[[Images], Iterator[Problem]]

MADE_NAME = re.compile(
    r".+_aug\d+"  # augcli
    r"|.+_original_.+_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # Augmentor
    r"|aug(mented)?_.+"  # Keras with save_prefix="aug"
    r"|.+[-_](h?flip(ped)?|flip(lr|tb|ud)|mirror(ed)?|(rot)?(90|180|270)(deg)?|rotated|aug(mented)?)([-_]?\d+)?",
    re.IGNORECASE | re.DOTALL,
)
"""Stems as tools and people give them to augmented copies."""

MADE_SHARE = 0.05
"""A set whose copies were mixed in has at least so many; fewer may be called so by chance."""


def augmented_twice(images: Images) -> Iterator[Problem]:
    """Copies of copies are far from any photo, and the same source counts many times."""
    from augcli.output.paths import RUN_RECORD
    from augcli.output.run_record import read_record

    root = images.root
    sources = [source for source in images.listing.sources if images.spec.treatment(source.role) == "augment"]
    help = "give the folder of the original images"
    real = place(places.real(root))
    leaves = {os.path.dirname(source.path) for source in sources}
    inside = {folder for leaf in leaves for folder in (real / leaf, *(real / leaf).parents)}
    for folder in sorted(inside, key=os.fsencode):
        if read_record(folder / RUN_RECORD) is not None:
            way = "is" if folder == real else "lies in" if folder in real.parents else "holds"
            what = f"{root}: {way} an output of augcli (it has {os.path.relpath(folder / RUN_RECORD, real)})"
            yield Problem(f"{what}; its images would be augmented twice", help)
            return
    made = [source.path for source in sources if MADE_NAME.fullmatch(os.path.splitext(_base(source))[0])]
    if len(made) > 1 and len(made) >= MADE_SHARE * len(sources):
        what = f"{root}: {len(made)} of {len(sources)} images are called as augmented copies are, such as `{made[0]}`"
        yield Problem(f"{what}; they would be augmented twice", help)


def _base(source: Source) -> str:
    return source.path.rpartition("/")[2]


def unusable_images(images: Images) -> Iterator[Problem]:
    """A file that is no image that can be read becomes none of OUT, and a class of such files no class."""
    wanted = {s.path: s for s in images.listing.sources if images.spec.treatment(s.role) != "skip"}
    reasons = {**images.unusable, **images.undecodable}
    found: dict[str, list[str]] = {}
    failing = set()
    for path, reason in reasons.items():
        source = wanted.get(path)
        if source and not (images.spec.treatment(source.role) == "copy" and _is_copied(images, source)):
            # sizes differ from file to file
            found.setdefault(re.sub(r"[\d.]+", "", reason), []).append(path)
            failing.add(path)
    read = {(source.split, source.label) for path, source in wanted.items() if path not in failing}
    has_no_classes = images.spec.layout == "flat" or images.has_labels
    for paths in found.values():
        classes = {(wanted[path].split, wanted[path].label) for path in paths} - read
        emptied = sorted("/".join(filter(None, names)) for names in classes)
        number, them = ("an image", "it") if len(paths) == 1 else (f"{len(paths)} images", "them")
        left = f"; of class {named(emptied)} nothing is left" if emptied and not has_no_classes else ""
        what = f"{images.root}: {number} cannot be used{such_as(len(paths), paths[0])}: {reasons[paths[0]]}{left}"
        yield Problem(what, f"fix or replace {them}, or move {them} away; a run makes `failed` rows of {them}")


def _is_copied(images: Images, source: Source) -> bool:
    """Tell whether a file that cannot be decoded is an image all the same, such as one of 16 bits."""
    from augcli.image.pictures import stored_size

    try:
        stored_size(read_source(str(images.root), source.path, source.member))
    except Unusable:
        return False
    return True


LOSES_NOTHING = ("exif", "palette", "bilevel")
"""What is read as the picture that a viewer shows: turned upright, in colours or greys of its own."""

LOSSES: Mapping[str, tuple[str, str, str]] = {
    "first frame": (
        "has several frames or pages, and only the first is read",
        "have several frames or pages, and only the first of each is read",
        "save the frames that matter as images of their own",
    ),
    "alpha": (
        "is transparent, and its copies will not be: a colour is laid behind it",
        "are transparent, and their copies will not be: a colour is laid behind them",
        "write output: {format: png}",
    ),
    "icc": (
        "has colours of another profile than sRGB, which are converted",
        "have colours of other profiles than sRGB, which are converted",
        "convert them to sRGB beforehand",
    ),
    "bad icc": (
        "has a colour profile that is broken or for another kind of picture, and is read as if it had none",
        "have colour profiles that are broken or for other kinds of pictures, and are read as if they had none",
        "save them anew with the profile that is meant, or without one",
    ),
}
"""What is said of one image, of several, and the remedy."""


def converted(images: Images) -> Iterator[Problem]:
    """What reading changes is not what lies in the folder: frames, transparency or colours are lost."""
    found: dict[str, list[str]] = {}
    for role in ROLES:
        if images.spec.treatment(role) in ("copy", "skip"):
            continue
        for source in images.of(role):
            header = images.headers[source.path]
            for word in _changed(header, images.spec):
                found.setdefault(word, []).append(source.path)
    for word, paths in found.items():
        colours = (f"is {word.upper()} and becomes RGB", f"are {word.upper()} and become RGB")
        one, many, help = LOSSES.get(word, (*colours, "convert them to RGB beforehand if their colours matter"))
        number, said = ("an image", one) if len(paths) == 1 else (f"{len(paths)} images", many)
        yield Problem(f"{images.root}: {number} {said}{such_as(len(paths), paths[0])}", help)


def _changed(header: Header, spec: Spec) -> list[str]:
    """Return what is lost of an image between its file and that of a copy, as far as its header tells."""
    from augcli.image.pictures import colour_conversion, written_format

    words = [word for word in header.converted if word not in LOSES_NOTHING]
    if word := colour_conversion(header.profile, header.mode, spec.input.color_profiles).word:
        words.append(word)
    has_alpha = header.mode in ("LA", "La", "PA", "RGBA", "RGBa")
    return words + ["alpha"] * (has_alpha and written_format(header.format, spec.output.format) in ("jpeg", "npy"))


IMAGE_RULES: tuple[ImageRule, ...] = (
    *(augmented_twice, unusable_images, converted),
    *(*COPIED_RULES, *SIZE_RULES, *DOUBLE_RULES),
)
