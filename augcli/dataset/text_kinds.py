"""The kinds of files of a set of texts, told apart by their names: texts, tables, and why others are left out."""

from __future__ import annotations

import os

from augcli.dataset.file_kinds import ARCHIVES, is_image, kind_by_name
from augcli.dataset.layouts.words import split_in, words, words_of
from augcli.dataset.tables.opening import format_of
from augcli.dataset.tables.packed import without_gz

TEXT = ".txt"
UNSUPERVISED = words_of("unsup unlabeled unlabelled unsupervised")
"""Folders beside classes whose texts have none, as IMDb's `unsup`."""

_NOTES = words_of("readme license licence copying changelog citation")
_DOCUMENTS = words_of(".pdf .doc .docx .odt .rtf .htm .html .epub .md .tex")


def is_text(name: str) -> bool:
    return name.lower().endswith(TEXT)


def kind_of(name: str) -> str:
    """Return `image`, which is what is read, for a text and a table; else the reason why such a file is left out."""
    stem, suffix = os.path.splitext(name.lower())
    if stem in _NOTES:
        return "notes about the data set"
    if format_of(name) and not (is_text(without_gz(name)) and not is_text(name)):
        return "image"
    if is_image(name):
        return f"images ({suffix})"
    if suffix in _DOCUMENTS:
        return f"documents that are not read ({suffix})"
    kind = kind_by_name(name)
    return kind if kind.startswith(ARCHIVES) else "without a suffix of texts or tables"


def split_of(path: str) -> tuple[str, str]:
    """Return the split of a table and its role: what its name says of it, else its nearest folder that says so."""
    folder, _, name = path.rpartition("/")
    for part in (os.path.splitext(without_gz(name))[0], *reversed(folder.split("/"))):
        said = split_in(part)
        if said is not None:
            return next(word for word in words(part) if split_in(word)), said[0]
    return "", "train"
