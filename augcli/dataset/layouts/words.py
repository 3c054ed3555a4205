"""The words in the names of folders and files: those of splits, of images, and of what belongs to images."""

from __future__ import annotations

import re

ROLE_OF_FOLDER = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "dev"), "val"),
    **dict.fromkeys(("test", "testing", "eval", "evaluation"), "test"),
}

_ROLES = {**ROLE_OF_FOLDER, "trainval": "train"}


def words_of(words: str) -> frozenset[str]:
    """Return a set of words that are written in a row."""
    return frozenset(words.split())


IMAGE_WORDS = words_of(
    "image images img imgs photo photos picture pictures pic pics im ims rgb input inputs frame frames"
    " original originals stills sat"
)
LABEL_WORDS = words_of(
    "label labels labeled labelled labelids mask masks annotation annotations annot annots anno annos ann"
    " gt groundtruth truth segmentation segmentations seg segs trimap trimaps matte mattes alpha depth depths"
    " disparity disparities disp edge edges contour contours target targets semantic panoptic instances"
)
SURE_IMAGES = words_of("image images img imgs")
SURE_LABELS = words_of(
    "label labels labelids mask masks annotation annotations annot annots gt groundtruth segmentation"
    " segmentations trimap trimaps"
)
"""No two classes are called by words of these two sets and nothing else."""

_GENERIC = IMAGE_WORDS | words_of(
    "set sets data dataset datasets split splits folder dir jpg jpeg png raw part parts full final"
)

_WORD = re.compile(r"\d+|[A-Z]+(?![^\W\d_A-Z])|[A-Z]?[^\W\d_A-Z]+")
_COMPOUND = re.compile("({})({})".format(*("|".join(known) for known in (_ROLES, _GENERIC | LABEL_WORDS))))


def words(name: str) -> tuple[str, ...]:
    """Split a name into its words, in small letters.

    Words end at a sign, where a capital begins, between letters and digits, and in compounds such as `testset`.
    """
    found: list[str] = []
    for word in map(str.lower, _WORD.findall(name)):
        compound = None if word in _ROLES else _COMPOUND.fullmatch(word)
        found += compound.groups() if compound else (word,)
    return tuple(found)


def split_in(name: str) -> tuple[str, tuple[str, ...]] | None:
    """Return the role that a name tells as a word of its own, and what else it says; None if there is no one role."""
    found = words(name)
    roles = {_ROLES[word] for word in found if word in _ROLES}
    return (roles.pop(), telling(found, frozenset(_ROLES))) if len(roles) == 1 else None


def telling(found: tuple[str, ...], but: frozenset[str]) -> tuple[str, ...]:
    """Return the words that tell something: no numbers or letters, none that fit any folder, and none of `but`."""
    no_matter = _GENERIC | but
    return tuple(word for word in found if not word.isdecimal() and len(word) > 1 and word not in no_matter)


def role_of(split: str) -> str:
    """Return the role of a folder that is a split: what its name says, also among other words, else `train`."""
    found = split_in(split)
    return ROLE_OF_FOLDER.get(split.lower()) or (found[0] if found else "train")
