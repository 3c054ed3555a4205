"""Pitfalls of files that are copied as they are, beside others that are written anew."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

from augcli.dataset import Listing
from augcli.problems import Problem, Unusable
from augcli.spec import Spec

CopiedRule: TypeAlias = Callable[[Spec, Path, Listing], Iterator[Problem]]

SEEN = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp")
"""Suffixes of torchvision's ImageFolder; Keras knows fewer."""


def profiles(spec: Spec, root: Path, listing: Listing) -> Iterator[Problem]:
    """Copied files keep a colour profile, which torchvision and Keras ignore, beside pictures converted to sRGB."""
    from augcli.image.pictures import peek, way

    def is_meant(path: str) -> bool:
        try:
            header = peek(os.path.join(root, path), spec.max_megapixels)
        except Unusable:
            return False  # a run will say so
        return way(header.profile, header.mode, "convert").word == "icc"

    for role, paths in _copied(spec, listing, is_meant).items() if spec.input.color_profiles == "convert" else ():
        what = "have a colour profile other than sRGB, which torchvision and Keras ignore"
        yield Problem(f"{root}: {_some(role, paths, what)}", _help(spec, role, "converts them"))


def copied_formats(spec: Spec, root: Path, listing: Listing) -> Iterator[Problem]:
    """Copied files keep their suffix, and a loader leaves out the files of suffixes that it does not know."""
    for role, paths in _copied(spec, listing, lambda path: not path.lower().endswith(SEEN)).items():
        what = "have a suffix that torchvision's ImageFolder leaves out"
        yield Problem(f"{root}: {_some(role, paths, what)}", _help(spec, role, "writes them as JPEG or PNG"))


def _copied(spec: Spec, listing: Listing, is_meant: Callable[[str], bool]) -> dict[str, list[str]]:
    """Return the paths that are meant of those that are copied, by role."""
    found: dict[str, list[str]] = {}
    for source in listing.sources:
        treatment = spec.treatment(source.role)
        is_copied = treatment == "copy" or (treatment == "augment" and spec.include_originals)
        if is_copied and is_meant(source.path):
            found.setdefault(source.role, []).append(source.path)
    return found


def _some(role: str, paths: list[str], what: str) -> str:
    if len(paths) == 1:
        return f"`{paths[0]}`, which is copied to `{role}`, {what.replace('have', 'has', 1)}"
    return f"{len(paths)} files that are copied to `{role}`, such as `{paths[0]}`, {what}"


def _help(spec: Spec, role: str, mends: str) -> str:
    copied = spec.treatment(role) == "copy"
    return f"write splits: {{{role}: []}}, which {mends}" if copied else "write include_originals: false"


COPIED_RULES: tuple[CopiedRule, ...] = (profiles, copied_formats)
