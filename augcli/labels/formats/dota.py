"""DOTA's text files: a row for each object with four corners in pixels, its class, and how difficult it is.

Lines such as `imagesource:GoogleEarth` and `gsd:0.15` may stand before the rows, and are kept as they are. A row that
cannot be read is dropped, and counted by its reason:

    too few columns      not eight numbers and a class
    not numbers          another word, nan or inf where a number is expected
    zero size            four corners without width or height
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from augcli.labels.annotation import Annotation, Object
from augcli.labels.formats import Shown
from augcli.problems import Unusable
from augcli.spec.sections import Labels

_LARGEST = 16 << 20
_HEAD = re.compile(r"\s*[A-Za-z_]\w*\s*:")
_FARTHEST = 1e7
"""Pixels; no picture that is read is a tenth as wide."""


class Dota:
    """Reads and writes the text file of an image. The words of an object are its row, those of a file its head."""

    def suffix(self, path: str) -> str:
        return ".txt"

    def read(self, said: Sequence[bytes], about: Mapping[str, Any], shown: Shown, settings: Labels) -> Annotation:
        data = b"".join(said)
        if len(data) > _LARGEST:
            raise Unusable(f"a label file of more than {_LARGEST >> 20} MB")
        head: list[str] = []
        objects: list[Object] = []
        dropped = Counter[str]()
        for line in _text(data).splitlines():
            if not line or line.isspace():
                continue
            if _HEAD.match(line) and not objects:
                head.append(line)
                continue
            try:
                objects.append(_object(line))
            except _Bad as bad:
                dropped[bad.args[0]] += 1
        return Annotation(shown.size, tuple(objects), dropped=dropped, words=tuple(head))

    def write(
        self, annotation: Annotation, said: Sequence[bytes], about: Mapping[str, Any], shown: Shown, settings: Labels
    ) -> bytes:
        data = b"".join(said)
        if annotation.untouched:
            return data
        end = "\r\n" if b"\r\n" in data else "\n"
        rows = [one.words if one.untouched else _row(one) for one in annotation.objects]
        lines = [*(annotation.words or ()), *rows]
        after = end if lines and (not data or data.endswith((b"\n", b"\r"))) else ""
        return (end.join(lines) + after).encode("utf-8", "surrogateescape")


class _Bad(Exception):
    """A row that is dropped, and why."""


def _text(data: bytes) -> str:
    return data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")


def _object(line: str) -> Object:
    cells = line.split()
    if len(cells) < 9:
        raise _Bad("too few columns")
    try:
        numbers = [*map(float, cells[:8])]
    except ValueError:
        raise _Bad("not numbers") from None
    if not all(math.isfinite(number) and abs(number) < _FARTHEST for number in numbers):
        raise _Bad("not numbers")
    corners = np.array(numbers, np.float64).reshape(4, 2)
    if not np.ptp(corners, axis=0).all():
        raise _Bad("zero size")
    return Object(cells[8], corners=corners, stays=cells[9:10] not in ([], ["0"]), words=line)


def _row(one: Object) -> str:
    """Write a row with as many decimals as that of the source has, but two where these would lose something."""
    assert one.corners is not None
    cells = one.words.split()
    decimals = max(len(cell.partition(".")[2]) if "e" not in cell.lower() else 2 for cell in cells[:8])
    numbers = one.corners.ravel()
    if not np.allclose(numbers, np.round(numbers, decimals), rtol=0, atol=1e-6):
        decimals = max(decimals, 2)
    shown = (np.round(numbers, decimals) + 0.0).tolist()  # no -0
    return " ".join([*(f"{number:.{decimals}f}" for number in shown), *cells[8:]])


FORMAT = Dota()
