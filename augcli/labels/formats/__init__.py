"""Formats of labels: each module here reads and writes one, and is found by its name, which a `LabelFile` gives.

It has an object `FORMAT`: a `FileFormat`, whose files are of one image each, or a `SharedFormat`, whose files are of
many images and are joined from records when a run ends.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple, Protocol, cast

from augcli.dataset.sources import LabelSet
from augcli.image.arrays import Size
from augcli.labels.annotation import Annotation
from augcli.output.joining import Record, Template
from augcli.spec.sections import Labels


class Shown(NamedTuple):
    """An image file that labels are of. Paths are relative to IN or, where it is written, to OUT."""

    path: str
    label_path: str
    size: Size
    """Upright: what is seen, and what labels are moved on."""
    orientation: int = 1
    """Of EXIF, in the source. `upright.turned` brings labels of the stored picture along."""
    data: bytes = b""
    """The file's bytes, of an output; empty where they are not at hand."""


class Format(Protocol):
    """What reads a format."""

    def read(self, said: Sequence[bytes], about: Mapping[str, Any], shown: Shown, settings: Labels) -> Annotation:
        """Read what a label file says of an image: the bytes of the file, or of its places in a shared one.

        `about` is that of the format's `LabelSet`, empty where there is none. A single object that cannot be read is
        dropped and counted. Raises `Unusable` where the labels of the image as a whole cannot be read.
        """


class FileFormat(Format, Protocol):
    """A format with a file for each image."""

    def suffix(self, path: str) -> str:
        """Return the suffix of the file that is written for a source's file."""

    def write(
        self, annotation: Annotation, said: Sequence[bytes], about: Mapping[str, Any], shown: Shown, settings: Labels
    ) -> bytes:
        """Write the labels of an image of OUT. `said` is what `read` took, of the image itself.

        Where the annotation is untouched, all tokens are those of the source but for names and sizes.
        """


class SharedFormat(Format, Protocol):
    """A format whose files are of many images.

    One that has `of_others` set says nothing of its own: its records are made from what other files say of the image.
    """

    def records(
        self, annotation: Annotation, said: Sequence[bytes], about: Mapping[str, Any], shown: Shown, settings: Labels
    ) -> Record:
        """Return what a shared file says of an image of OUT: some lines for each of its sections."""

    def copied(self, said: Sequence[bytes], about: Mapping[str, Any], shown: Shown, source: str) -> Record:
        """Return what a shared file says of an image of OUT that is a copy of `source`, a path of IN.

        Nothing is mended: all is as it was said but for the names and numbers that join it, and what refers to nothing
        in the shared file is left out. A format with `of_others` has no such method.
        """

    def template(self, given: LabelSet) -> Template:
        """Return the shared file without what it says of single images."""


def template_of(given: LabelSet) -> Template | None:
    """Return the shared file of a set without what it says of single images; None where the set is no file."""
    format = format_of(given.format)
    return cast("SharedFormat", format).template(given) if hasattr(format, "template") else None


def leads_back(given: LabelSet) -> bool:
    """Tell whether a shared file that is copied would lead to the images of IN: by paths that begin at the root."""
    ask = getattr(format_of(given.format), "leads_back", None)
    return ask is not None and bool(ask(given.about))


@cache
def format_of(name: str) -> Format:
    """Return the format of that name."""
    return cast("Format", importlib.import_module(f"augcli.labels.formats.{name}").FORMAT)


def file_format_of(name: str) -> FileFormat:
    """Return a format with a file for each image."""
    return cast("FileFormat", format_of(name))


def shared_format_of(name: str) -> SharedFormat:
    """Return a format whose files are of many images."""
    return cast("SharedFormat", format_of(name))
