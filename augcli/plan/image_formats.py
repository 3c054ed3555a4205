"""In which format the images of a source are written, as its content and the spec say, and with which suffix."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from augcli.dataset.containers import refuse_failing
from augcli.dataset.reading import opened
from augcli.dataset.sources import Source, format_number
from augcli.image.pictures import (
    FORMATS,
    MAGIC_LENGTH,
    Header,
    format_of,
    name_of,
    peek_into,
    suffix_for,
    written_format,
)
from augcli.problems import Unusable
from augcli.storage.files import start, unread
from augcli.storage.places import stop_if_gone


class WrittenAs(NamedTuple):
    """The suffix of a source's outputs, their format, and why the source cannot be used, if so."""

    suffix: str
    format: str
    error: str = ""


def image_format(root: Path, wanted: str, source: Source, suffix: str) -> WrittenAs:
    """Return how the images of a source with that suffix are written; `wanted` is what the spec says."""
    if wanted != "source":
        return WrittenAs(suffix_for(wanted, suffix), wanted)
    try:
        format = _format(root, source)
    except Unusable as unusable:  # or it would get names without a suffix, should it be read later on
        return WrittenAs("", "", str(unusable))
    written = written_format(format, wanted) if format else ""
    return WrittenAs(suffix_for(written, suffix) if written else "", written)


def header_of(root: str, source: Source, max_megapixels: float) -> Header:
    """Read the header of a source, and hardly more. Raises `Unusable`."""
    with opened(root, source.path, source.member) as file:
        return peek_into(file, max_megapixels)


def refuse_other_format(source: Source, data: bytes, planned: str) -> None:
    """Raise `Unusable` for an image of another format than its suffix says, by which its outputs are planned.

    That is so where content is not looked at before: of images in Parquet.
    """
    found = format_of(data)
    if found is not None and written_format(found, "source") != planned:
        said = os.path.splitext(source.path)[1]
        raise Unusable(f"{name_of(found)}, and it is called {said}; set `output: {{format: png}}` in the spec, or jpeg")


def _format(root: Path, source: Source) -> str | None:
    """Return the format of a source, None where it is none that is read. Raises `Unusable` if it cannot be read."""
    if source.member is not None:  # it was seen when it was listed
        refuse_failing(source.member)
        number = format_number(source.member)
        return FORMATS[number - 1] if number else None
    try:
        return format_of(start(os.path.join(root, source.path), MAGIC_LENGTH))
    except OSError as error:
        stop_if_gone(root)
        raise unread(error) from None
