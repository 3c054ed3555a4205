"""Pairs of images as a contact sheet: A, B and where they differ in a row, three rows beside each other."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from augcli.commands.diff import MADE_BY
from augcli.commands.diff.pairs import Pair, Version
from augcli.commands.diff.pictures import difference, picture_of
from augcli.commands.diff.sides import Side
from augcli.commands.preview import copies
from augcli.commands.preview.contact_sheet import Cell, framed, laid_out, without_picture
from augcli.problems import Unusable


def is_ours(path: Path) -> bool:
    """Tell whether a picture is such a sheet. Raises OSError, SyntaxError and ValueError."""
    return copies.is_ours(path, MADE_BY)


def sheet(pairs: Iterable[Pair], a: Side, b: Side) -> bytes:
    """Draw pairs into a PNG."""
    specs = a.spec, b.spec
    rows = []
    for pair in pairs:
        cells: list[Cell] = []
        shown = []
        for side, version, spec in zip("AB", (pair.a, pair.b), specs, strict=True):
            try:
                picture = picture_of(version, spec)
                shown.append(picture)
                cells.append(framed(picture, f"{side}: {version.name}", _applied(version)))
            except Unusable as unusable:
                cells.append(without_picture(f"{side}: {version.name}", [str(unusable)]))
        if len(shown) == 2:
            found = difference(*shown)
            title = "A and B differ"
            cells.append(
                framed(found.picture, title, [found.said]) if found.picture else without_picture(title, [found.said])
            )
        rows.append(cells)
    return copies.as_png(laid_out(rows), MADE_BY)


def _applied(version: Version) -> list[str]:
    return version.applied or ["nothing applied"]
