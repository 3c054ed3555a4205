"""Prints originals and copies of texts for a terminal, in colours, or with marks where there are none.

What is deleted stands as `[-old-]`, what is inserted as `{+new+}`, as `wdiff` has them. No control character of a text
is printed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from typing import TextIO

from augcli.commands.preview.text_rows import Applied, Row, Version
from augcli.problems import counted, printable
from augcli.text.pieces import Piece, excerpt

NEAR, MOST = 200, 4000
"""Characters that are shown around changes, and of a text in all."""

_MARKS = {"deleted": ("[-", "-]"), "inserted": ("{+", "+}")}
_COLOURS = {"deleted": ("\x1b[31;9m", "\x1b[0m"), "inserted": ("\x1b[32m", "\x1b[0m"), "bold": ("\x1b[1m", "\x1b[0m")}
_LINE_END = re.compile("\r?\n")
_JOINERS = re.compile("([\u200c\u200d])")


def has_colours(stream: TextIO) -> bool:
    """Tell whether a stream leads to a terminal with colours, and nobody has asked for none."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def lines(row: Row, colours: bool) -> Iterator[str]:
    """Return the lines of a row."""
    around = _COLOURS if colours else _MARKS
    start, end = around.get("bold", ("", ""))
    yield f"{start}{printable(row.title)}{end}" + (f" ({printable(row.label)})" if row.label else "")
    for version in row.versions:
        if not version.texts:
            yield f"  {printable(': '.join(filter(None, [version.title, version.notes])))}"
        for text in version.texts:
            if head := heading(version, text.column, text.applied):
                yield f"  {printable(head)}"
            for line in _drawn(excerpt(text.pieces, NEAR, MOST), around):
                yield f"    {line}".rstrip()
    yield ""


def heading(version: Version, column: str, applied: Iterable[Applied]) -> str:
    """Say which copy and which column it is, and what each step did: `copy 0: synonym_replacement (good -> fine)`."""
    place = ", ".join(filter(None, [version.title, column]))
    if not version.title:
        return place
    done = ", ".join(f"{step} ({told})" if step else told for step, told in _each_in_short(applied))
    notes = _NOTE.sub(", ", version.notes)
    return f"{place}: {done or 'nothing applied'}" + (f"; {notes}" if notes else "")


_NOTE = re.compile(" (?=draw|unchanged)")
_TOLD, _LONGEST = 5, 30


def _each_in_short(applied: Iterable[Applied]) -> Iterator[tuple[str, str]]:
    for step, changes in applied:
        told = [_told(*change) for change in changes[: _TOLD + 1]]
        more = [f"{len(changes) - _TOLD} more"] if len(changes) > _TOLD + 1 else []
        yield step, ", ".join(told[:_TOLD] + more if more else told)


def _told(*change: str) -> str:
    before, after = (text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..." for text in change)
    if not after:
        return f"-{before.strip() or before}"
    return f"{before} -> {after}" if before else f"+{after.strip() or after}"


def _drawn(found: Iterable[Piece], around: dict[str, tuple[str, str]]) -> Iterator[str]:
    """Return the lines of a text, whose pieces begin anew in each."""
    line = ""
    for kind, text in found:
        if kind == "omitted":
            line += f"[... {counted(len(text), 'character')} ...]"
            continue
        start, end = around.get(kind, ("", ""))
        for number, part in enumerate(_LINE_END.split(text)):
            if number:
                yield line
                line = ""
            if part or kind in _MARKS:
                line += f"{start}{_shown(part)}{end}"
    if line:  # or a line end is the last of the text
        yield line


def _shown(text: str) -> str:
    """Escape what drives a terminal; what joins letters and emoji stays."""
    if text.isprintable():
        return text
    return "".join(part if _JOINERS.fullmatch(part) else printable(part) for part in _JOINERS.split(text))
