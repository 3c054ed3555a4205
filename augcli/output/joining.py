"""Files that are about many images: joined, when a run ends, from records that stand beside the rows of its parts.

A file has sections one after another, each a list of lines. A record has the lines that one image adds to each.
Nothing here grows with the number of images, however many there are.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

Record: TypeAlias = tuple[tuple[str, ...], ...]
"""For each section of a file, the lines of one image. `number(k)` in a line stands for the number of the line of
section k that was written last, counted from 1: the line itself where k is its own section, otherwise the first line
that the same record has in section k."""


class Section(NamedTuple):
    """Lines with `separator` between them, and `after` behind the last."""

    separator: str
    after: str


class Template(NamedTuple):
    """A file without its lines: `head` stands before the first section. `digest` is that of what it was made from."""

    path: str
    head: str
    sections: tuple[Section, ...] = ()
    digest: str = ""


def number(section: int) -> str:
    """Return what stands in a line for a number of a section; no JSON and no text file holds it."""
    return f"\0{section}\0"
