"""CoNLL: a token on each line, its tag in the last column, a blank line behind each sentence.

A record is a sentence, its text the tokens with a blank between them. Comments and `-DOCSTART-` before it belong to it.
Lines that no edit reaches stay as they are; comments behind the last sentence are not kept.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from augcli.dataset.sources import Block
from augcli.dataset.tables import Record, Wanted, Written, block_length
from augcli.dataset.tables.beginnings import LARGEST, SAMPLE, mark_of, reading
from augcli.dataset.tables.columns import ADDED, NoTexts
from augcli.dataset.tables.packed import Readable, read_place
from augcli.dataset.tables.tagged_tokens import DOCUMENT, OUTSIDE, Columns, edited, kept
from augcli.problems import Problem, Refused, Unusable, counted
from augcli.storage import places

_BLANK_LINE = re.compile(rb"^[ \t\r]*\n", re.MULTILINE)
_TEXT = re.compile(r"(# ?text ?= ?)[^\r\n]*")


def opened(root: str, path: str, wanted: Wanted) -> Conll:
    """Open a table. Raises `Refused` where it cannot be read, or its tags tell no spans."""
    where = os.path.join(root, path)
    with reading(where) as file:
        data = file.read(SAMPLE)
    bom = mark_of(where, data)
    text = data[len(bom) : data.rfind(b"\n") + 1 or len(data)].decode(errors="replace")
    lines = [line.rstrip("\r") for line in text.split("\n") if line.strip()]
    columns = _columns(where, [line for line in lines if not line.startswith(("#", DOCUMENT))], wanted)
    tells = wanted.origin and any(line.startswith("#") and columns.is_before(line) for line in lines)
    return Conll(root, path, columns, bom, "\r\n" if "\r\n" in text else "\n", tells)


def _columns(where: str, lines: Sequence[str], wanted: Wanted) -> Columns:
    """Find how lines with tokens are parted. Raises `NoTexts` where they tell no spans."""
    separator = "\t" if sum("\t" in line for line in lines) * 2 > len(lines) else " "
    parted = [Columns(separator, 0, 0, 0).places(line) for line in lines]
    width = max(Counter(map(len, parted)).items(), key=lambda both: both[1], default=(0, 0))[0]
    if width < 2:
        raise NoTexts(Problem(f"{where}: no line with a token and its tag", "move it out of IN"))
    token = _place(where, width, wanted.columns, "columns", 1)
    tag = _place(where, width, () if wanted.spans is None else (wanted.spans,), "spans", width)
    tags = {line[slice(*places[tag])].strip() for line, places in zip(lines, parted, strict=True) if len(places) > tag}
    if OUTSIDE not in tags:
        what = f"{where}: no token is tagged `{OUTSIDE}`, so that none could be edited"
        raise NoTexts(Problem(what, "number the column with the tags of spans, as in `text: {spans: 4}`"))
    return Columns(separator, width, token, tag)


def _place(where: str, width: int, wanted: Sequence[str | int], setting: str, usual: int) -> int:
    """Return the place of a column that the spec numbers, or the usual one."""
    one = wanted[0] if wanted else usual
    if len(wanted) > 1 or not isinstance(one, int):
        what = f"{where}: columns of CoNLL have numbers, and one of them holds the tokens"
        raise Refused(Problem(what, f"number it, as in `text: {{{setting}: {'[1]' if setting == 'columns' else 4}}}`"))
    if one > width:
        what = f"{where}: no column {one}; it has {counted(width, 'column')}"
        raise NoTexts(Problem(what, f"correct `{setting}` in `text` of the spec"))
    return one - 1


@dataclass
class Conll:
    """A table of tagged tokens. `tells` is whether copies name their source, in comments as it has them itself."""

    root: str
    path: str
    parted: Columns
    head: bytes
    newline: str
    tells: bool

    @property
    def columns(self) -> tuple[str, ...]:
        return ("",)

    def blocks(self) -> Iterator[Block]:
        """Find the blocks of sentences in one pass. Raises `Refused` where a sentence is far too long."""
        where = os.path.join(self.root, self.path)
        with reading(where) as file:
            file.read(len(self.head))
            yield from self._blocks(where, file, block_length(places.size(where)))

    def _blocks(self, where: str, file: Readable, length: int) -> Iterator[Block]:
        offset, first, data, asked = len(self.head), 1, b"", length
        while True:
            part = file.read(asked)
            data += part
            ends = [end for _, end in self._sentences(data, is_last=not part)]
            if ends:
                yield Block(self.path, offset, ends[-1], first, len(ends))
                offset, first, data, asked = offset + ends[-1], first + len(ends), data[ends[-1] :], length
            elif len(data) > LARGEST:
                what = f"{where}: sentence {first} is longer than {LARGEST >> 20} MB"
                raise Refused(Problem(what, "put a blank line behind each sentence"))
            else:
                asked = max(length, len(data))
            if not part:
                return

    def _sentences(self, data: bytes, *, is_last: bool) -> Iterator[tuple[int, int]]:
        """Return where sentences begin and end, up to their blank lines."""
        start = at = 0
        for blank in _BLANK_LINE.finditer(data):
            if self._has_tokens(data[at : blank.start()]):
                yield start, blank.end()
                start = blank.end()
            at = blank.end()
        if is_last and self._has_tokens(data[at:]):
            yield start, len(data)

    def _has_tokens(self, lines: bytes) -> bool:
        if not lines.startswith((b"#", DOCUMENT.encode())):
            return bool(lines.strip())
        return not all(self.parted.is_before(line.rstrip("\r")) for line in lines.decode(errors="replace").split("\n"))

    def read(self, block: Block) -> bytes:
        """Read a block. Raises `Unusable` where it cannot be read."""
        return read_place(self.root, self.path, block.offset, block.length)

    def records(self, data: bytes, first: int) -> Iterator[Record]:
        """Read the records of a block; `first` is the number of its first."""
        for number, (start, end) in enumerate(self._sentences(data, is_last=True), first):
            lines = data[start:end]
            try:
                sentence = self.parted.read(lines.decode(), self.newline)
            except UnicodeDecodeError as error:
                yield Record(number, lines, error=f"byte {error.start + 1} of the sentence is no UTF-8")
            except Unusable as unusable:
                yield Record(number, lines, error=str(unusable))
            else:
                yield Record(number, lines, (sentence.text,), "", (kept(sentence),))

    def written(self, record: Record, texts: Sequence[Written], source: str, copy: str) -> bytes:
        """Write a sentence behind edits; `source` and `copy` are told in comments, where the table has some."""
        sentence, (now,) = self.parted.read(record.data.decode(), self.newline), texts
        lines = sentence.before
        if now.text != record.texts[0]:
            lines = [_TEXT.sub(lambda found: found[1] + now.text, line, count=1) for line in lines]
        if self.tells:
            told = zip(ADDED, (source, copy), strict=True)
            lines = [*lines, *(f"# {name} = {value}{self.newline}" for name, value in told if value)]
        tokens = edited(sentence, self.parted, now.text, now.edits)
        return "".join((*lines, tokens, sentence.after)).encode()
