"""In which format the images of a source are written, as its content and the spec say, and with which suffix.

In a bucket no source is opened to plan: its suffix tells the format, and who reads it finds out whether that is so.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from augcli.dataset.containers import is_table, refuse_failing
from augcli.dataset.reading import opened
from augcli.dataset.sources import Source, format_number
from augcli.image.pictures import (
    FORMATS,
    MAGIC_LENGTH,
    Header,
    format_by_suffix,
    format_of,
    name_of,
    peek_into,
    suffix_for,
    written_format,
)
from augcli.problems import Unusable
from augcli.storage.addresses import in_bucket
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


def is_known_by_suffix(root: Path | str, source: Source) -> bool:
    """Tell whether a source is planned by its suffix, as nothing is read of it before: in a bucket, and in a table."""
    return is_table(source.path) or (source.member is None and in_bucket(root))


def refuse_other_format(source: Source, data: bytes, planned: str) -> None:
    """Raise `Unusable` for an image of another format than its suffix says, by which its outputs are planned."""
    found = format_of(data[:MAGIC_LENGTH])
    if found is not None and (written := written_format(found, "source")) != planned:
        said = os.path.splitext(source.path)[1]
        what = f"its content is {name_of(found)}, and its name ends with {said}, by which its outputs are planned"
        raise Unusable(f"{what}; rename it, or set `output: {{format: {written}}}` in the spec")


def _format(root: Path, source: Source) -> str | None:
    """Return the format of a source, None where it is none that is read. Raises `Unusable` if it cannot be read."""
    if source.member is not None:  # it was seen when it was listed
        refuse_failing(source.member)
        number = format_number(source.member)
        return FORMATS[number - 1] if number else None
    if in_bucket(root):
        return format_by_suffix(os.path.splitext(source.path)[1])
    try:
        return format_of(start(os.path.join(root, source.path), MAGIC_LENGTH))
    except OSError as error:
        stop_if_gone(root)
        raise unread(error) from None
