"""How a contact sheet is drawn: rows of pictures with a title and a few lines below each."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont

from augcli.image.arrays import Picture
from augcli.problems import printable

CELL = 224
GAP = 10
COLUMNS = 9
"""Cells beside each other; further ones of a row follow below, the first column left free."""
FONT = Path(__file__).parent / "font" / "DejaVuSans-subset.ttf"
FONT_SIZE = 12
LINE = 17
PAPER, INK, FAINT = (255, 255, 255), (20, 20, 20), (110, 110, 110)
CHECKERED = (228, 228, 228)


class Cell(NamedTuple):
    image: PIL.Image.Image | None
    title: str
    lines: list[str]


@cache
def font() -> Any:
    """Return the font of all text, the same on every machine."""
    return PIL.ImageFont.truetype(FONT, FONT_SIZE, layout_engine=PIL.ImageFont.Layout.BASIC)


def framed(picture: Picture, title: str, lines: list[str], side: int = CELL) -> Cell:
    """Return a picture that is brought to a cell of that side."""
    return Cell(scaled(picture, side), drawable(title), _wrapped([drawable(line) for line in lines]))


def scaled(picture: Picture, edge: int) -> PIL.Image.Image:
    """Return a picture as large as fits into a square, on a checkered ground where it is transparent."""
    image, alpha, _ = picture
    shown = PIL.Image.fromarray(np.repeat(image, 3, axis=2) if image.shape[2] == 1 else image)
    if alpha is not None:
        tiles = (np.indices(alpha.shape[:2]) // 8).sum(axis=0) % 2
        ground = np.where(tiles[:, :, np.newaxis] == 0, PAPER, CHECKERED).astype(np.uint8)
        shown = PIL.Image.composite(shown, PIL.Image.fromarray(ground), PIL.Image.fromarray(alpha[:, :, 0]))
    scale = min(edge / shown.width, edge / shown.height, 4.0)
    size = max(1, round(shown.width * scale)), max(1, round(shown.height * scale))
    filter = PIL.Image.Resampling.LANCZOS if scale < 1 else PIL.Image.Resampling.NEAREST
    return shown.resize(size, filter)


def without_picture(title: str, lines: list[str]) -> Cell:
    return Cell(None, drawable(title), _wrapped([drawable(line) for line in lines]))


_DRAWN = re.compile(
    "[ -~\u00a0-\u017f\u0218-\u021b\u0386-\u03ce\u0400-\u045f\u0490\u0491\u2010-\u2026\u2190-\u2193\u20ac\u2212]+"
)
"""Characters that the font has."""


def drawable(text: str) -> str:
    """Reduce a name to what the font can draw: letters without it lose their accents or become `?`."""
    text = unicodedata.normalize("NFC", printable(text))
    if _DRAWN.fullmatch(text):
        return text
    return "".join(c if _DRAWN.fullmatch(c) else _bare(c) for c in text)


def _bare(character: str) -> str:
    base = unicodedata.normalize("NFKD", character)[0]
    return "" if unicodedata.combining(base) else base if _DRAWN.fullmatch(base) else "?"


def _wrapped(lines: list[str]) -> list[str]:
    """Break lines at spaces, and what is longer than a cell is wide where `_cut` says."""
    done = []
    for line in lines:
        current = ""
        for word in line.split(" "):
            while font().getlength(word) > CELL:
                cut = _cut(word)
                done += [current, word[:cut]] if current else [word[:cut]]
                current, word = "", word[cut:]
            longer = f"{current} {word}" if current else word
            if font().getlength(longer) > CELL:
                done.append(current)
                current = "  " + word
            else:
                current = longer
        done.append(current)
    return done


def _cut(word: str) -> int:
    """Return where to break a word that is too long: behind a separator near the end of the line, never in a suffix."""
    most = max(n for n in range(1, len(word)) if font().getlength(word[:n]) <= CELL)
    for separators in ("/", "_-,;+ "):
        found = max((word.rfind(one, 0, most) for one in separators), default=-1) + 1
        if found > most // 3:
            return found
    suffix = word.rfind(".")
    return suffix if 0 < suffix < most and len(word) - suffix < 8 else most


def _in_lines(row: list[Cell]) -> list[list[Cell]]:
    """Cut a row into lines of so many cells as stand beside each other."""
    first, rest, most = row[:COLUMNS], row[COLUMNS:], COLUMNS - 1
    return [first, *([Cell(None, "", []), *rest[at : at + most]] for at in range(0, len(rest), most))]


def laid_out(rows: list[list[Cell]]) -> PIL.Image.Image:
    """Draw rows of cells, the first one of each row at the left."""
    lines = [line for row in rows for line in _in_lines(row)]
    titles = [[_wrapped([cell.title]) for cell in line] for line in lines]
    pictures = [max(cell.image.height if cell.image else 0 for cell in line) for line in lines]
    texts = [
        max(len(title) + len(cell.lines) for title, cell in zip(above, line, strict=True))
        for above, line in zip(titles, lines, strict=True)
    ]
    heights = [deepest + LINE * text + 2 * GAP for deepest, text in zip(pictures, texts, strict=True)]
    width = GAP + max(len(line) for line in lines) * (CELL + GAP)
    canvas = PIL.Image.new("RGB", (width, GAP + sum(heights)), PAPER)
    draw = PIL.ImageDraw.Draw(canvas)
    top = GAP
    for line, above, deepest, height in zip(lines, titles, pictures, heights, strict=True):
        for column, (cell, title) in enumerate(zip(line, above, strict=True)):
            left = GAP + column * (CELL + GAP)
            if cell.image is not None:
                canvas.paste(cell.image, (left + (CELL - cell.image.width) // 2, top + deepest - cell.image.height))
            y = top + deepest + 4
            for text, ink in [*((t, INK) for t in title), *((t, FAINT) for t in cell.lines)]:
                draw.text((left, y), text, fill=ink, font=font())
                y += LINE
        top += height
    return canvas
