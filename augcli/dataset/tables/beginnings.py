"""How tables of text are read when IN is listed: unpacked, from their beginning on, as UTF-8."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from contextlib import contextmanager

from augcli.dataset.tables.packed import Readable, stream
from augcli.problems import Problem, Refused, Unusable
from augcli.storage import files

LARGEST = 32 << 20
"""Bytes of one record."""
SAMPLE = 1 << 18
"""Bytes that tell how a table is written."""

_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@contextmanager
def reading(path: str) -> Iterator[Readable]:
    """Open a table to read it on. Raises `Refused`, also later, where it cannot be read or unpacked."""
    try:
        with stream(path) as file:
            yield file
    except (OSError, Unusable) as error:
        why = files.unread(error) if isinstance(error, OSError) else error
        raise Refused(Problem(f"{path}: {why}", "mend it, copy or download it again, or move it out of IN")) from None


def mark_of(path: str, data: bytes) -> bytes:
    """Return the byte order mark before what a table begins with, if there is one. Raises `Refused` for UTF-16."""
    if data.startswith(_WIDE):
        raise Refused(Problem(f"{path}: UTF-16 text", "save it as UTF-8"))
    return codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
