"""File names as they are ordered, and as a disk may see them."""

from __future__ import annotations

import os
import unicodedata


def folded(name: str) -> str:
    """Return what a disk may see that ignores case and Unicode form, by whichever of the usual rules.

    Two names come to one if they do so under NFC and casefolding, or under NFD and capitals, as `ss` and `ß` do.
    """
    if name.isascii():
        return name.lower()
    return _capitals(_small(_capitals(_small(name)))).lower()


def _small(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _capitals(name: str) -> str:
    return unicodedata.normalize("NFD", name).upper()


def byte_order(path: str) -> bytes:
    """The key by which sources are sorted everywhere."""
    return os.fsencode(path)


def lies_inside(*names: str) -> bool:
    """Tell whether relative names lead nowhere outside the folder that they are relative to."""
    return not any(name.startswith("/") or "\0" in name or (".." in name and ".." in name.split("/")) for name in names)
