"""Data sets whose labels are images: masks, depth, targets; and pairs of images for translation.

Class folders may hold the same running numbers as each other, so shared names alone prove nothing: the names of
the folders must say it, or one side must look like masks.
"""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Iterator, Sequence
from itertools import combinations

from augcli.dataset.layouts.mask_names import name_of
from augcli.dataset.layouts.tree import Finding, Tree, join, stem_of
from augcli.dataset.layouts.words import (
    IMAGE_WORDS,
    LABEL_WORDS,
    ROLE_OF_FOLDER,
    SURE_IMAGES,
    SURE_LABELS,
    telling,
    words,
)
from augcli.problems import Unusable

_OPPOSITES = (("hr", "lr"), ("low", "high"), ("blur", "sharp"), ("noisy", "clean"), ("a", "b"))
_MASK_AFFIXES = (*SURE_LABELS, "seg", "matte", "_l")
_MASK_OF = re.compile(rf"(.+)[_. -](?:{'|'.join(SURE_LABELS)}|seg|matte|L)$", re.IGNORECASE)

_FEW, _SAMPLES = 6, 6
_FLAT, _OVERHEAD, _PALETTE = 0.15, 200, 768
"""Bytes per pixel of a lossless file, but for what stands around them, below which it can hardly be a photo."""
_MEGAPIXELS = 1000


def mask_folders(tree: Tree) -> Finding | None:
    """Find folders side by side of which one holds images and another what belongs to them."""
    for folder in tree.folders:
        inside = tree.with_images(folder)
        if len(inside) < 2:
            continue
        for images, labels in _by_name(tree, folder, inside):
            return _masks(tree, join(folder, images), join(folder, labels))
        if by_content := _by_content(tree, folder, inside):
            return _masks(tree, *by_content)
    return None


def sides_by_content(tree: Tree) -> tuple[str, str] | None:
    """Return the folder of images and that of their masks, where no name tells them."""
    found = (_by_content(tree, folder, tree.with_images(folder)) for folder in tree.folders)
    return next((pair for pair in found if pair), None)


def _by_content(tree: Tree, folder: str, inside: Sequence[str]) -> tuple[str, str] | None:
    paths = [join(folder, name) for name in inside] if 1 < len(inside) <= _FEW else []
    for labels in [path for path in paths if _is_flat(tree, tree.some(path))]:
        for images in paths:
            if images != labels and _masks_by_content(tree, images, labels):
                return images, labels
    return None


def _masks(tree: Tree, images: str, labels: str) -> Finding:
    layout, kind = "masks", "a data set with masks"
    if "leftimg8bit" in images.lower() or "leftimg8bit" in tree.some(images).lower():
        layout, kind = "cityscapes", "a Cityscapes data set"
    elif "jpegimages" in images.lower():
        layout, kind = "voc", "a Pascal VOC data set"
    elif tree.some(images).rpartition("/")[2].startswith("ADE_"):
        kind = "an ADE20K data set"
    what = f"{kind}: the {tree.number[labels]} images of `{labels}` belong to the {tree.number[images]} of `{images}`"
    return Finding(layout, what)


def _by_name(tree: Tree, folder: str, inside: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Return the names of two folders where one is called after images, and the other after labels of the same."""
    said = {name: words(name) for name in inside}
    telltale = IMAGE_WORDS | LABEL_WORDS | frozenset(ROLE_OF_FOLDER)
    known = [name for name in inside if telltale & set(said[name])]
    if len(known) * 2 <= len(inside):
        return
    for labels in known:
        if not LABEL_WORDS & set(said[labels]):
            continue
        rest = set(telling(said[labels], LABEL_WORDS))
        for images in known:
            found = set(said[images])
            is_split = {word for word in found if not word.isdecimal()} <= ROLE_OF_FOLDER.keys()
            if LABEL_WORDS & found or not (IMAGE_WORDS & found or is_split):
                continue
            sure = SURE_IMAGES & found and SURE_LABELS & set(said[labels]) and len(known) == len(inside)
            same = set(telling(said[images], IMAGE_WORDS)) <= rest | (ROLE_OF_FOLDER.keys() if not rest else set())
            if sure or (same and _share(tree, join(folder, images), join(folder, labels)) >= 0.5):
                yield images, labels


def _cores(tree: Tree, folder: str) -> dict[str, str]:
    """Return the images in and below a folder by their names without suffix, `_mask` and the like."""
    return {name_of(path.rpartition("/")[2]).text: path for path in tree.images_below(folder)}


def _share(tree: Tree, one: str, other: str) -> float:
    """Return how much of the smaller folder has a counterpart in the other."""
    first, second = _cores(tree, one).keys(), _cores(tree, other).keys()
    return len(first & second) / min(len(first), len(second))


def _masks_by_content(tree: Tree, images: str, labels: str) -> bool:
    """Tell whether the images of a folder are as large as those of the same name in another, and drawn flat."""
    if not 0.9 <= tree.number[labels] / tree.number[images] <= 1.1:
        return False
    first, second = _cores(tree, images), _cores(tree, labels)
    both = sorted(first.keys() & second.keys())
    if len(both) * 10 < len(first) * 9 or len(both) < 2:
        return False
    sample = both[:: max(1, len(both) // _SAMPLES)][:_SAMPLES]
    return all(_is_mask_of(tree, second[core], first[core]) for core in sample)


def _is_mask_of(tree: Tree, mask: str, image: str) -> bool:
    """Tell whether a flat image is as large as one that has colours; of JPEG and PNG, the safe ones to open here."""
    from augcli.image.pictures import format_of, peek  # codecs are loaded only where there is a doubt

    if format_of(tree.start(image)) not in ("jpeg", "png") or not _is_flat(tree, mask):
        return False
    try:
        photo, size = peek(os.path.join(tree.root, image), _MEGAPIXELS), tree.start(mask)[16:24]
    except Unusable:
        return False
    return photo.mode not in ("1", "L", "P") and photo.size == struct.unpack(">II", size)


def _is_flat(tree: Tree, path: str) -> bool:
    """Tell whether an image is a PNG of one channel that takes far fewer bytes than a photo could."""
    start = tree.start(path)
    if not path.lower().endswith(".png") or start[12:16] != b"IHDR" or len(start) < 26 or start[25] not in (0, 3):
        return False
    width, height = struct.unpack(">II", start[16:24])
    pixels = tree.size(path) - _OVERHEAD - _PALETTE * (start[25] == 3)
    return bool(pixels < _FLAT * width * height)


def masks_beside_images(tree: Tree) -> Finding | None:
    """Find `photo_mask.png` beside `photo.jpg`, and the images of Cityscapes."""
    for path, folder in tree.folders.items():
        if folder.images and stem_of(folder.images[0]).endswith("_leftImg8bit"):
            return Finding("cityscapes", f"a Cityscapes data set: images such as `{join(path, folder.images[0])}`")
        names = [*folder.images, *folder.others]
        text = "\n".join(names).lower()
        if not any(f"{affix}." in text for affix in _MASK_AFFIXES):  # far cheaper than a pattern for each name
            continue
        masks = [(name, found[1]) for name in names if (found := _MASK_OF.match(os.path.splitext(name)[0]))]
        if not masks:
            continue
        stems = {name_of(name).text: name for name in folder.images if not _is_mask(name)}
        pairs = [(name, stems[core]) for name, core in masks if core in stems]
        if len(pairs) > 1 and len(pairs) * 2 >= len(masks):
            mask, image = (join(path, name) for name in pairs[0])
            return Finding("masks", f"a data set with masks: `{mask}` belongs to `{image}` ({len(pairs)} such pairs)")
    return None


def _is_mask(name: str) -> bool:
    return _MASK_OF.match(os.path.splitext(name)[0]) is not None


def translated_images(tree: Tree) -> Finding | None:
    """Find pairs of images, one to be made from the other: CycleGAN, pix2pix, super-resolution."""
    for folder in tree.folders:
        inside = tree.with_images(folder)
        if not 1 < len(inside) <= 2 * _FEW:
            continue
        said = {name: frozenset(words(name)) for name in inside}
        scaled = all({"hr", "lr"} & found for found in said.values())
        for one, other in combinations(inside, 2):
            paths = join(folder, one), join(folder, other)
            for pair in _OPPOSITES:
                sides = [said[name] & set(pair) for name in (one, other)]
                if not sides[0] ^ sides[1] or any(len(side) != 1 for side in sides):
                    continue
                rest = [said[name] - set(pair) for name in (one, other)]
                if pair == ("hr", "lr"):
                    is_pair = scaled
                elif rest[0] or rest[1]:  # trainA and trainB
                    is_pair = pair == ("a", "b") and rest[0] == rest[1] and rest[0] <= ROLE_OF_FOLDER.keys()
                else:
                    is_pair = len(inside) == 2 and (pair != ("a", "b") or one.isupper()) and _are_pairs(tree, *paths)
                if is_pair:
                    return Finding("pairs", f"pairs of images: `{paths[0]}` and `{paths[1]}` are the two sides")
    return None


def _are_pairs(tree: Tree, one: str, other: str) -> bool:
    """Tell whether two folders share all names and these are more than the running numbers of two classes."""
    first, second = ({stem_of(path) for path in tree.images_below(folder)} for folder in (one, other))
    return first == second and len(first) > 1 and not _are_running(first)


def _are_running(stems: set[str]) -> bool:
    numbers = [int(found[-1]) for stem in stems if (found := re.findall(r"\d{1,18}", stem))]
    return len(numbers) * 2 >= len(stems) and max(numbers) - min(numbers) < 2 * len(stems)
