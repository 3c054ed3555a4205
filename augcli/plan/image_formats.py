"""In which format the images of a source are written, as its content and the spec say, and with which suffix."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from augcli.dataset.sources import Source
from augcli.image.pictures import MAGIC_LENGTH, format_of, suffix_for, written_format
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


def _format(root: Path, source: Source) -> str | None:
    """Return the format of a source, None where it is none that is read. Raises `Unusable` if it cannot be read."""
    try:
        return format_of(start(os.path.join(root, source.path), MAGIC_LENGTH))
    except OSError as error:
        stop_if_gone(root)
        raise unread(error) from None
