"""All transforms that a spec may name, for images and for texts, by their names."""

from __future__ import annotations

from typing import Any

from augcli.image import transforms as for_images
from augcli.settings.transform import AnyTransform
from augcli.text import transforms as for_texts


def names() -> list[str]:
    """Return the names of all transforms of ours: those for images, then those for texts, each sorted."""
    return for_images.names() + for_texts.names()


def by_kind() -> dict[str, list[str]]:
    """Return the same names by the kind of data that they are for, `image` or `text`."""
    return {"image": for_images.names(), "text": for_texts.names()}


def find(name: str) -> type[AnyTransform[Any]]:
    """Import the transform of that name, ours or another package's.

    Raises KeyError if there is none, and `Refused` for one of another package that cannot be used.
    """
    return for_texts.find(name) if name in for_texts.names() else for_images.find(name)
