"""Which image a label file or a line is of: by its name or stem, and by the folders around it."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import TypeAlias

from augcli.dataset.layouts.tree import stem_of
from augcli.dataset.layouts.words import ROLE_OF_FOLDER

Named: TypeAlias = Callable[[str], str | None]
"""Returns the image that a word names, by its stem or as a path."""


class ImageNames:
    """Images by their names and stems."""

    def __init__(self, paths: Iterable[str]) -> None:
        self.paths = list(paths)
        self._by_word: dict[str, list[str]] = defaultdict(list)
        for path in self.paths:
            self._by_word[stem_of(path)].append(path)
            self._by_word[path.rpartition("/")[2]].append(path)

    def of(self, word: str) -> list[str]:
        """Return the images of a name or stem, whatever folders stand before it."""
        return self._by_word.get(word.replace("\\", "/").rpartition("/")[2], [])

    def nearest(self, word: str, folder: str) -> str | None:
        """Return the image of a name or stem whose path has most in common with a folder."""
        found = self.of(word)
        if len(found) < 2:
            return found[0] if found else None
        return max(found, key=lambda path: _nearness(path, folder))

    def nearest_to(self, folder: str) -> Named:
        return lambda word: self.nearest(word, folder)


def _nearness(path: str, folder: str) -> tuple[bool, int, int]:
    around = path.rpartition("/")[0]
    return (
        around == folder,
        len({*around.split("/")} & {*folder.split("/")}),
        len(os.path.commonprefix([around, folder])),  # noqa: RUF071  of equals, the one with the likest name
    )


def lies_in(folder: str, hint: str) -> bool:
    """Tell whether a folder is the one that a hint names, or lies in it; no hint: any folder."""
    return not hint or folder == hint or folder.startswith(f"{hint}/")


def split_around(path: str) -> str:
    """Return the folder around an image that is called after a split; empty without."""
    return next((part for part in path.split("/")[:-1] if part.lower() in ROLE_OF_FOLDER), "")
