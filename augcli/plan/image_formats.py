"""In which format the images of a source are written, as its content and the spec say, and with which suffix.

In a bucket no source is opened to plan: its suffix tells the format, and who reads it finds out whether that is so.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from augcli.dataset.sources import Source
from augcli.image.pictures import MAGIC_LENGTH, format_by_suffix, format_of, name_of, suffix_for, written_format
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


def _format(root: Path, source: Source) -> str | None:
    """Return the format of a source, None where it is none that is read. Raises `Unusable` if it cannot be read."""
    if in_bucket(root):
        return format_by_suffix(os.path.splitext(source.path)[1])
    try:
        return format_of(start(os.path.join(root, source.path), MAGIC_LENGTH))
    except OSError as error:
        stop_if_gone(root)
        raise unread(error) from None


def refuse_other_content(path: str, format: str, wanted: str, data: bytes) -> None:
    """Raise `Unusable` where a source whose suffix has told its `format` has other content."""
    found = format_of(data[:MAGIC_LENGTH])
    if wanted == "source" and found is not None and written_format(found, wanted) != format:
        suffix = os.path.splitext(path)[1]
        what = (
            f"its content is {name_of(found)}, and its name ends with {suffix}, by which files in a bucket are planned"
        )
        raise Unusable(f"{what}; rename it, or set `output: {{format: {written_format(found, wanted)}}}`")
