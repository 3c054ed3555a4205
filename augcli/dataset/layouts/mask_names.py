"""What names tell of label images: which side of a pair a file is on, what it shares with its partner, its kind.

`train_masks/a_mask.png` has the core `a` at the place `train`, as `train/a.jpg` has, and is of the kind `mask`.
"""

from __future__ import annotations

import os
import re
from functools import cache, lru_cache
from typing import NamedTuple

from augcli.dataset.layouts.words import (
    IMAGE_WORDS,
    LABEL_WORDS,
    ROLE_OF_FOLDER,
    SURE_LABELS,
    split_in,
    telling,
    words,
    words_of,
)

_LABELS = LABEL_WORDS | {"instance"}
_LABEL_AFFIXES = words_of(
    "seg segs matte depth depths disparity disp parts gtfine gtcoarse"
    " labelids labeltrainids instanceids instancetrainids"
) | (SURE_LABELS - {"label"})
"""Words behind or before the name of an image, by which a file is its label whatever its folder is called."""
_AFFIXES = "|".join(sorted(IMAGE_WORDS | _LABELS | _LABEL_AFFIXES | {"leftImg8bit", "rightImg8bit", "color", "colour"}))


@cache
def _stem() -> re.Pattern[str]:
    return re.compile(
        rf"(?P<before>(?:(?:{_AFFIXES})[_. -]+)?)(?P<core>.+?)"
        rf"(?P<after>(?:[_. -]+(?:{_AFFIXES}|L))*)"
        r"(?:(?<=[a-z])[_. -]*\((?P<nth>\d+)\)|(?<=[a-z])[_. -]+(?P<number>\d+))?",
        re.IGNORECASE,
    )


_SIGNS = "_. -"


class Name(NamedTuple):
    """What the name of a file tells. `core` is the place of its core in it.

    `text` is that core: empty where all of the name is a word for an image or a label, as in `case_7/mask.png`.
    """

    text: str
    core: tuple[int, int]
    affix: str
    """What stands around the core where that tells a label, as `gtFine_labelIds`; empty for images."""
    number: str
    """Which of several labels of its kind it is."""


class Place(NamedTuple):
    """What the folders of a file tell: those that pairs share, and whether the rest speaks of images or labels."""

    shared: tuple[str, ...]
    side: str
    """`image`, `label`, or empty."""
    kind: str
    """What the labels in it are, in its words, but for those of splits."""


@lru_cache(1 << 16)
def name_of(base_name: str) -> Name:
    """Return what a file name tells."""
    stem = os.path.splitext(base_name)[0]
    if stem.lower() in IMAGE_WORDS | LABEL_WORDS:
        return Name("", (0, len(stem)), stem if stem.lower() in _LABEL_AFFIXES else "", "")
    found = _stem().fullmatch(stem)
    if found is None:  # of an empty stem, or one with a line break
        return Name(stem, (0, len(stem)), "", "")
    around = [part.strip(_SIGNS) for part in (found["before"], found["after"]) if part]
    said = [word.lower() for part in around for word in re.split(r"[_. -]+", part)]
    is_label = bool(_LABEL_AFFIXES & set(said)) or found["after"].strip(_SIGNS).lower() == "l"
    number = found["nth"] or found["number"] or ""
    if number and not found["after"]:  # `a_1` is a name of its own
        return Name(stem[found.start("core") :], (found.start("core"), len(stem)), "", "")
    return Name(found["core"], found.span("core"), "_".join(around) if is_label else "", number)


@lru_cache(1 << 16)
def place_of(folder: str) -> Place:
    """Return what the path of a folder tells."""
    shared, side, kind = [], "", ""
    for part in folder.split("/") if folder else ():
        said = words(part)
        of_labels, of_images = _LABELS & set(said), IMAGE_WORDS & set(said)
        if not of_labels and not of_images:
            shared.append(ROLE_OF_FOLDER.get(part.lower(), part))
            continue
        is_label = bool(of_labels - {"labeled", "labelled"} or not of_images)
        side = "label" if is_label else "image"
        roles = [word for word in said if word in ROLE_OF_FOLDER]
        kind = ("_".join(word for word in said if word not in roles) if roles else part) if is_label else ""
        rest = [ROLE_OF_FOLDER.get(word, word) for word in telling(said, IMAGE_WORDS | _LABELS)]
        shared += ["_".join(rest)] if rest else []
    return Place(tuple(shared), side, kind)


def kind_of(path: str) -> str:
    """Return what a label image is by its path, the same for all of its kind: `SegmentationClass`, `mask`."""
    folder, _, base_name = path.rpartition("/")
    of_folder, of_name = place_of(folder).kind, name_of(base_name).affix
    if not of_name or not of_folder or of_folder.lower() in of_name.lower():
        return of_name or of_folder or "masks"
    return f"{of_folder}/{of_name}"


@lru_cache(1 << 16)
def split_of(folder: str) -> tuple[str, str]:
    """Return the name of the folder around that tells a split, and its role; neither where there is none."""
    parts = folder.split("/")
    exact = [part for part in parts if part.lower() in ROLE_OF_FOLDER]
    for part in exact or parts:
        said = split_in(part)
        if said:
            return part, said[0]
    return "", "train"
