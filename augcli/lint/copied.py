"""Pitfalls of files that are copied as they are, beside others that are written anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from augcli.lint.folder import Images
from augcli.problems import Problem
from augcli.spec.spec import Spec

CopiedRule: TypeAlias = Callable[[Images], Iterator[Problem]]

SEEN = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp")
"""Suffixes of torchvision's ImageFolder; Keras knows fewer."""


def orientation(images: Images) -> Iterator[Problem]:
    """Copied files keep an EXIF orientation, which torchvision and Keras do not apply: the model sees them turned."""

    def is_meant(path: str) -> bool:
        header = images.headers.get(path)
        return header is not None and header.format == "jpeg" and header.orientation != 1

    for role, paths in _copied(images, is_meant).items():
        what = "have an EXIF orientation, which torchvision and Keras ignore"
        yield Problem(f"{images.root}: {_some(role, paths, what)}", _help(images.spec, role, "writes them upright"))


def profiles(images: Images) -> Iterator[Problem]:
    """Copied files keep a colour profile, which torchvision and Keras ignore, beside pictures converted to sRGB."""
    from augcli.image.pictures import colour_conversion

    def is_meant(path: str) -> bool:
        header = images.headers.get(path)
        return header is not None and colour_conversion(header.profile, header.mode, "convert").word == "icc"

    for role, paths in _copied(images, is_meant).items() if images.spec.input.color_profiles == "convert" else ():
        what = "have a colour profile other than sRGB, which torchvision and Keras ignore"
        yield Problem(f"{images.root}: {_some(role, paths, what)}", _help(images.spec, role, "converts them"))


def copied_formats(images: Images) -> Iterator[Problem]:
    """Copied files keep their suffix, and a loader leaves out the files of suffixes that it does not know."""
    if images.has_labels:  # whose loaders are others
        return
    for role, paths in _copied(images, lambda path: not path.lower().endswith(SEEN)).items():
        what = "have a suffix that torchvision's ImageFolder leaves out"
        yield Problem(
            f"{images.root}: {_some(role, paths, what)}", _help(images.spec, role, "writes them as JPEG or PNG")
        )


def _copied(images: Images, is_meant: Callable[[str], bool]) -> dict[str, list[str]]:
    """Return the paths that are meant of those that are copied, by role."""
    spec = images.spec
    found: dict[str, list[str]] = {}
    for source in images.listing.sources:
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


COPIED_RULES: tuple[CopiedRule, ...] = (orientation, profiles, copied_formats)
