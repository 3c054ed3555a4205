"""What a folder of images looks like besides class folders: data sets with labels of their own, splits, pairs.

A recogniser is a function that takes the tree of IN and returns a `Finding`, or None. It looks at names, at the
heads of a few files and never at pixels; its finding is what a reader of that layout would start from. The first
one that finds something is believed, so the surest come first.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import TypeAlias, cast

from augcli.dataset.layouts.files import label_files
from augcli.dataset.layouts.pairs import mask_folders, masks_beside_images, translated_images
from augcli.dataset.layouts.splits import one_level_too_deep, split_words, splits_below_classes, unlabelled_split
from augcli.dataset.layouts.tables import indexes, split_lists, yolo_yaml
from augcli.dataset.layouts.tree import Finding, Tree
from augcli.dataset.sources import Hints, Labelled

RECOGNISERS = (
    label_files,
    indexes,
    mask_folders,
    masks_beside_images,
    translated_images,
    yolo_yaml,
    splits_below_classes,
    split_words,
    split_lists,
    one_level_too_deep,
    unlabelled_split,
)


READERS = {
    "coco": "coco",
    "yolo": "yolo",
    "voc": "voc",
    "masks": "masks",
    "cityscapes": "masks",
    "labelme": "labelme",
    "dota": "dota",
    "csv": "csv_tables",
}
"""The layouts with labels in files that are read, each with the module here that does."""

Reader: TypeAlias = Callable[[Tree, Hints], Labelled | None]


def reader_of(layout: str) -> Reader:
    """Return what finds the images and labels of a layout."""
    try:
        module = importlib.import_module(f"augcli.dataset.layouts.{READERS[layout]}")
    except ModuleNotFoundError:
        return lambda tree, hints: None
    return cast("Reader", module.find)


def recognise(tree: Tree) -> Finding | None:
    """Return what IN is, where it is no plain folder of classes."""
    return next((found for recogniser in RECOGNISERS if (found := recogniser(tree))), None)
