"""Data sets with one label file per image: YOLO, Pascal VOC, KITTI, DOTA, LabelMe, Supervisely and their like.

A label file has the name of its image, beside it or in a folder of its own; what is in it tells the format.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from augcli.dataset.layouts.tree import Finding, Tree, join
from augcli.dataset.layouts.words import LABEL_WORDS, words

SUFFIXES = frozenset((".txt", ".xml", ".json", ".csv", ".tsv", ".yaml", ".yml", ".mat", ".npy", ".npz", ".pts"))

_MOST_READ = 20

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_DOTA_ROW = rf"(?:\w+:.*\n)*(?:{_NUMBER} ){{8}}(?!{_NUMBER} )\S+ \d\s*$"
_FORMATS = (
    ("voc", "a Pascal VOC data set", ".xml", re.compile(r"\s*(?:<\?xml.*?\?>\s*)?<annotation\b", re.DOTALL)),
    ("labelme", "a LabelMe data set", ".json", re.compile(r'(?=.*"(?:shapes|imagePath|imageData)"\s*:)', re.DOTALL)),
    ("supervisely", "a Supervisely data set", ".json", re.compile(r'(?=.*"objects")(?=.*"size")', re.DOTALL)),
    ("kitti", "a KITTI data set", ".txt", re.compile(rf"[A-Za-z_]+(?: {_NUMBER}){{14,15}}\s*$", re.MULTILINE)),
    ("dota", "a DOTA data set", ".txt", re.compile(_DOTA_ROW, re.MULTILINE)),
    ("yolo", "a YOLO data set", ".txt", re.compile(rf"\s*\d+(?:\.0)?(?:[ \t]+{_NUMBER}){{4,}}\s*$", re.MULTILINE)),
)
_NO_LABELS = re.compile(r'"photoTakenTime"')
"""What Google Takeout writes beside each photo."""


def label_files(tree: Tree) -> Finding | None:
    """Find the files of one suffix that have the names of the images."""
    files: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for folder, inside in tree.folders.items():
        for name in inside.others:
            suffix = os.path.splitext(name)[1].lower()
            if suffix in SUFFIXES:
                files[suffix][folder].append(name)
    for suffix, folders in files.items():
        pairs = {folder: found for folder, names in folders.items() if (found := _pairs(tree, folder, names))}
        # KITTI has a file of calibration for each image too: what is known goes before what is not.
        heads = [(_format(tree, pairs[folder], suffix), folder) for folder in list(pairs)[:_MOST_READ]]
        formats = sorted((found, folder) for found, folder in heads if found)
        if not formats:
            continue
        (_, layout, kind), folder = formats[0]
        if layout == "labels" and any(path.rpartition("/")[2] == "JPEGImages" for path in tree.folders):
            continue  # what labelme writes beside VOC's masks
        labelled = {image for found in pairs.values() for image in found.values()}
        images = sum(len(tree.folders[folder].images) for folder in {_folder_of(image) for image in labelled})
        if len(labelled) * 2 >= images if layout == "labels" else len(labelled) > 1 or images == 1:
            label, image = next(iter(pairs[folder].items()))
            share = f"{len(labelled)} of {images} images have such a file"
            return Finding(layout, f"{kind}: `{label}` has the name of `{image}` ({share})")
    return None


def _folder_of(path: str) -> str:
    return path.rpartition("/")[0]


def _pairs(tree: Tree, folder: str, names: Sequence[str]) -> dict[str, str]:
    """Return the image whose name each file of a folder has, by the file's path, if most of them have one."""
    beside = {os.path.splitext(name)[0]: name for name in tree.folders[folder].images}
    stems = {name: os.path.splitext(name)[0] for name in names}
    found = {
        join(folder, name): join(folder, beside.get(stem, stem))
        for name, stem in stems.items()
        if stem in beside or stem in beside.values()
    }
    if not found and (len(names) > 1 or tree.number[""] == 1):
        parts = set(folder.split("/"))

        def nearness(path: str) -> tuple[bool, int]:
            """Of JPEGImages and SegmentationClass the first, of train/images and val/images that of our split."""
            around = path.split("/")[:-1]
            is_label = any(LABEL_WORDS & set(words(name)) for name in around)
            return not is_label, len(parts & set(around))

        for name, stem in stems.items():
            images = tree.by_stem.get(stem) or tree.by_name.get(stem)
            if images:
                found[join(folder, name)] = images[0] if len(images) == 1 else max(images, key=nearness)
    around = sum(len(tree.folders[here].images) for here in {_folder_of(image) for image in found.values()})
    return found if len(found) * 2 >= min(len(names), around) else {}  # some images of a set, and all of its labels


def is_dota(head: str) -> bool:
    """Tell whether the beginning of a text file is that of one of DOTA's."""
    return next(pattern for layout, _, _, pattern in _FORMATS if layout == "dota").match(head) is not None


def _format(tree: Tree, pairs: Mapping[str, str], suffix: str) -> tuple[int, str, str] | None:
    """Tell the format of label files from the first that is not empty: its rank, layout and name.

    Where all are empty, those of images/ in labels/ are YOLO's.
    """
    labels = list(pairs)
    head = next((head for label in labels[:_MOST_READ] if (head := tree.head(label).strip())), "")
    if suffix == ".json" and _NO_LABELS.search(head):
        return None
    for rank, (layout, kind, of, pattern) in enumerate(_FORMATS):
        if suffix == of and pattern.match(head):
            return rank, layout, kind
    if suffix == ".txt" and not head and _is_called_yolo(pairs) and not any(map(tree.size, labels)):
        return len(_FORMATS), "yolo", "a YOLO data set without objects"
    return len(_FORMATS), "labels", f"a data set with one {suffix} file per image"


def _is_called_yolo(pairs: Mapping[str, str]) -> bool:
    """Tell whether labels/ of label files stands where their images have images/."""
    label, image = next(iter(pairs.items()))
    return (
        f"/{_folder_of(image)}/".replace("/images/", "/labels/") == f"/{_folder_of(label)}/" != f"/{_folder_of(image)}/"
    )
