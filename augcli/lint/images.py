"""Pitfalls that lie in an image folder itself: what it was made of, what stands in it twice, what is stored turned."""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

from augcli.dataset import Listing, Source
from augcli.image.transform import Mixing
from augcli.pipeline import leaves, written
from augcli.problems import Problem, Unusable
from augcli.spec import Spec

ImageRule: TypeAlias = Callable[[Spec, Path, Listing], Iterator[Problem]]

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

TAIL = 4096
"""Bytes at the end of a file that tell most files of one size apart."""


def augmented_twice(spec: Spec, root: Path, listing: Listing) -> Iterator[Problem]:
    """Copies of copies are far from any photo, and the same source counts many times."""
    from augcli.manifest import RECORD, read_record

    sources = [source for source in listing.sources if spec.treatment(source.role) == "augment"]
    help = "give the folder of the original images"
    real = Path(os.path.realpath(root))
    leaves = {os.path.dirname(source.path) for source in sources}
    inside = {folder for leaf in leaves for folder in (real / leaf, *(real / leaf).parents)}
    for folder in sorted(inside, key=os.fsencode):
        if read_record(folder / RECORD) is not None:
            way = "is" if folder == real else "lies in" if folder in real.parents else "holds"
            what = f"{root}: {way} an output of augcli (it has {os.path.relpath(folder / RECORD, real)})"
            yield Problem(f"{what}; its images would be augmented twice", help)
            return
    made = [source.path for source in sources if MADE_NAME.fullmatch(os.path.splitext(_base(source))[0])]
    if len(made) > 1 and len(made) >= MADE_SHARE * len(sources):
        what = f"{root}: {len(made)} of {len(sources)} images are called as augmented copies are, such as `{made[0]}`"
        yield Problem(f"{what}; they would be augmented twice", help)


def _base(source: Source) -> str:
    return source.path.rpartition("/")[2]


def leaks(spec: Spec, root: Path, listing: Listing) -> Iterator[Problem]:
    """An image that was trained on is remembered; what is measured on it says nothing of others."""
    train = [source.path for source in listing.sources if source.role == "train"]
    others = [source.path for source in listing.sources if source.role != "train"]
    keys: tuple[Callable[[str], Hashable], ...] = (os.path.getsize, _tail, _sha256)
    pairs: list[tuple[str, str]] = []
    for key in keys if others else ():  # from cheap to dear, each for what the one before could not tell apart
        here, there = _keyed(root, train, key), _keyed(root, others, key)
        first = {found: path for path, found in reversed(here.items())}
        pairs = [(path, first[found]) for path, found in there.items() if found in first]
        shared = {there[path] for path, _ in pairs}
        train = [path for path, found in here.items() if found in shared]
        others = [path for path, _ in pairs]
    if pairs:
        shown = ", ".join(f"`{other}` is `{path}`" for other, path in pairs[:3])
        number = "an image that is trained on stands" if len(pairs) == 1 else f"{len(pairs)} images of train stand"
        more = f" and {len(pairs) - 3} more" if len(pairs) > 3 else ""
        what = f"{root}: {number} in another split as well, byte for byte: {shown}{more}"
        yield Problem(f"{what}; what is measured there is memory", "remove them from one of the splits")


def _keyed(root: Path, paths: list[str], key: Callable[[str], Hashable]) -> dict[str, Hashable]:
    found = {}
    for path in paths:
        try:
            found[path] = key(os.path.join(root, path))
        except OSError:
            continue  # a run will say so
    return {path: value for path, value in found.items() if value != 0}  # empty files are no images


def _tail(path: str) -> Hashable:
    size = os.path.getsize(path)
    with open(path, "rb", buffering=0) as file:
        file.seek(max(0, size - TAIL))
        return size, file.read(TAIL)


def _sha256(path: str) -> Hashable:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def orientation(spec: Spec, root: Path, listing: Listing) -> Iterator[Problem]:
    """Copied files keep an EXIF orientation, which torchvision and Keras do not apply: the model sees them turned."""
    turned: dict[str, list[str]] = {}
    for source in listing.sources:
        treatment = spec.treatment(source.role)
        is_copied = treatment == "copy" or (treatment == "augment" and spec.include_originals)
        if is_copied and _is_turned(os.path.join(root, source.path), spec.max_megapixels):
            turned.setdefault(source.role, []).append(source.path)
    for role, paths in turned.items():
        copied = spec.treatment(role) == "copy"
        files = f"{len(paths)} JPEG files of `{role}`" if len(paths) > 1 else f"a JPEG file of `{role}`"
        verb = "carry" if len(paths) > 1 else "carries"
        what = f"{root}: {files} to be copied {verb} an EXIF orientation, such as `{paths[0]}`"
        help = (
            f"write splits: {{{role}: []}}, which writes them upright" if copied else "write include_originals: false"
        )
        yield Problem(f"{what}; torchvision and Keras do not apply it and see them turned", help)


def _is_turned(path: str, max_megapixels: float) -> bool:
    from augcli.image.pictures import peek

    try:
        header = peek(path, max_megapixels)
    except Unusable:
        return False  # a run will say so
    return header.format == "jpeg" and header.orientation != 1


def nobody_to_mix_with(spec: Spec, root: Path, listing: Listing) -> Iterator[Problem]:
    """A step that mixes is left out where there is no other image of the kind that it asks for."""
    for split in sorted({source.split for source in listing.sources}):
        sources = [source for source in listing.sources if source.split == split]
        if spec.treatment(sources[0].role) != "augment":
            continue
        classes = Counter(source.label for source in sources)
        for step in leaves(spec.steps_of(sources[0].role)):
            if not isinstance(step.transform, Mixing):
                continue
            others = {
                "any": len(sources) - 1,
                "same_class": max(classes.values()) - 1,
                "other_class": len(sources) - min(classes.values()),
            }
            wanted, asked = step.transform.partners, step.transform.partner
            if others[asked] < wanted:
                what = f"`{step.name}` needs {wanted} other images of `partner: {asked}`, and no image has so many"
                yield Problem(f"{root}: {what}; it is never applied", "write partner: any, or leave it out")


def unlike_training(spec: Spec, root: Path, listing: Listing) -> Iterator[Problem]:
    """A model that is trained on numbers of one range wants the same range when it is measured."""

    def ranges(role: str) -> list[dict[str, Any]]:
        return [written(step) for step in leaves(spec.steps_of(role)) if step.transform.changes_range]

    roles = {source.role for source in listing.sources}
    if spec.output.format != "npy" or "train" not in roles or spec.treatment("train") == "skip":
        return
    for role in sorted(roles - {"train"}):
        treatment = spec.treatment(role)
        if treatment == "copy":
            what = f"`{role}` is copied as image files, beside numbers in `train`"
            yield Problem(
                f"{root}: {what}", f"write splits: {{{role}: [...]}} with the same last steps as the pipeline"
            )
        elif treatment != "skip" and ranges(role) != ranges("train"):
            what = f"the numbers of `{role}` have another range than those of `train`"
            yield Problem(f"{root}: {what}", f"end the steps of `{role}` as the pipeline ends")
    if spec.include_originals and spec.treatment("train") == "augment":
        yield Problem(f"{root}: originals are image files, beside numbers", "leave out include_originals")


IMAGE_RULES: tuple[ImageRule, ...] = (augmented_twice, leaks, orientation, nobody_to_mix_with, unlike_training)
