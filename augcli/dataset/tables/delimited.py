"""Tables of fields between commas, semicolons or tabs: CSV, TSV, and EDA's lines of `label<TAB>text`.

A field that is augmented is written as it was, in quotes or not, and in quotes where it must be; all other bytes of a
record stay as they are. A table has no head where the spec numbers its columns, and where it is one of EDA's.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from augcli.dataset.sources import Block
from augcli.dataset.tables import Record, Wanted, Written, block_length
from augcli.dataset.tables.beginnings import LARGEST, SAMPLE, mark_of, reading
from augcli.dataset.tables.columns import Chosen, added, choose, has_words, is_of_texts
from augcli.dataset.tables.dialect import Dialect, first_rows, parted, sniffed
from augcli.dataset.tables.packed import Readable, read_place, without_gz
from augcli.problems import Problem, Refused, counted
from augcli.storage import places

MOST_COLUMNS = 10_000

_LONGEST_LABEL = 64


def opened(root: str, path: str, wanted: Wanted) -> Delimited:
    """Open a table. Raises `Refused` where it cannot be read, or its columns are not those that are wanted."""
    where = os.path.join(root, path)
    start = _started(where)
    dialect, rows = start.dialect, start.rows
    if not rows:
        raise Refused(Problem(f"{where}: an empty table", "move it out of IN"))
    if len(rows[0]) > MOST_COLUMNS:
        raise Refused(
            Problem(f"{where}: more than {MOST_COLUMNS} columns", "it is no table of texts: move it out of IN")
        )
    if not wanted.columns and _holds_labelled_lines(where, start):
        wanted = wanted._replace(columns=(2,), label=wanted.label or 1)
    if wanted.columns and isinstance(wanted.columns[0], int):
        names = [""] * len(rows[0])
        chosen, more = choose(where, names, rows, wanted), added(where, names, wanted)
        return Delimited(root, path, dialect, names, chosen, start.bom, len(start.bom), len(more))
    names = rows[0]
    if rows[1:] and all(len(row) == len(names) + 1 for row in rows[1:]):
        what = f"{where}: its head has {counted(len(names), 'field')}, its records have {len(names) + 1}"
        raise Refused(Problem(what, "give the first column a name"))
    try:
        line, end = parted(start.head.decode())
    except UnicodeDecodeError as error:
        what = f"{where}: byte {len(start.bom) + error.start + 1} is no UTF-8"
        raise Refused(Problem(what, "save the table as UTF-8")) from None
    chosen, more = choose(where, names, rows[1:], wanted), added(where, names, wanted)
    is_quoted = dialect.has_quotes and all(cell.startswith('"') for cell in dialect.cells(line))
    fields = [line, *(dialect.cell(name, is_quoted) for name in more)]
    head = start.bom + (dialect.delimiter.join(fields) + (end or dialect.line_end)).encode()
    after = len(start.bom) + start.text.index(start.head) + len(start.head)
    return Delimited(root, path, dialect, names, chosen, head, after, len(more), is_quoted)


def holds_labelled_lines(root: str, path: str) -> bool:
    """Tell whether a file holds lines of `label<TAB>text`. Raises `Refused` where it cannot be read."""
    where = os.path.join(root, path)
    return _holds_labelled_lines(where, _started(where))


@dataclass
class Delimited:
    """A delimited table: `names` are those of its columns, empty where it has no head."""

    root: str
    path: str
    dialect: Dialect
    names: Sequence[str]
    chosen: Chosen
    head: bytes
    after: int
    """Where the records begin."""
    more: int
    """How many columns are added."""
    quotes_more: bool = False
    """Whether what is added is in quotes, as all of the head is."""

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(self.names[at] for at in self.chosen.texts)

    def blocks(self) -> Iterator[Block]:
        """Find the blocks of records in one pass. Raises `Refused` where the table ends inside a record."""
        where = os.path.join(self.root, self.path)
        with reading(where) as file:
            yield from self._blocks(where, file, block_length(places.size(where)))

    def _blocks(self, where: str, file: Readable, length: int) -> Iterator[Block]:
        data, is_last = _filled(b"", file, self.after)
        offset, first, data, wanted = self.after, 1, data[self.after :], length
        while True:
            data, is_last = _filled(data, file, wanted)
            end, number = self.dialect.whole(data, is_last)
            if number:
                yield Block(self.path, offset, end, first, number)
                offset, first, data, wanted = offset + end, first + number, data[end:], length
            elif is_last:
                break
            elif len(data) > LARGEST:
                raise _endless(where, first, self.dialect, data)
            else:
                wanted *= 2
        if data.strip(b"\r\n"):
            raise _endless(where, first, self.dialect, data)

    def read(self, block: Block) -> bytes:
        """Read a block. Raises `Unusable` where it cannot be read."""
        return read_place(self.root, self.path, block.offset, block.length)

    def records(self, data: bytes, first: int) -> Iterator[Record]:
        """Read the records of a block; `first` is the number of its first."""
        for number, row in enumerate(self.dialect.rows(data), first):
            try:
                text = row.decode()
            except UnicodeDecodeError as error:
                yield Record(number, row, error=f"byte {error.start + 1} of the record is no UTF-8")
                continue
            cells = self.dialect.cells(parted(text)[0])
            wrong = self._wrong(cells)
            if wrong:
                yield Record(number, row, error=wrong)
                continue
            label = self.chosen.label
            said = "" if label is None or label >= len(cells) else self.dialect.value(cells[label])
            yield Record(number, row, tuple(self.dialect.value(cells[at]) for at in self.chosen.texts), said)

    def _wrong(self, cells: Sequence[str]) -> str:
        """Say why a record cannot be used; empty if it can."""
        missing = [at for at in self.chosen.texts if at >= len(cells)]
        if missing:
            return f"has {counted(len(cells), 'field')}, and its text is field {missing[0] + 1}"
        if len(cells) > len(self.names):
            first = "head" if any(self.names) else "first record"
            return f"has {counted(len(cells), 'field')}, the {first} has {len(self.names)}"
        return ""

    def written(self, record: Record, texts: Sequence[Written], source: str, copy: str) -> bytes:
        """Write a record with other texts; `source` and `copy` fill the columns that are added.

        Raises `Unusable` where a text cannot stand in a table without quotes.
        """
        line, end = parted(record.data.decode())
        cells = self.dialect.cells(line)
        for at, written in zip(self.chosen.texts, texts, strict=True):
            if written.text != self.dialect.value(cells[at]):
                cells[at] = self.dialect.cell(written.text, cells[at].startswith('"'))
        if self.more:
            cells += [""] * (len(self.names) - len(cells))
            cells += [self.dialect.cell(value, self.quotes_more) for value in (source, copy)]
        return (self.dialect.delimiter.join(cells) + (end or self.dialect.line_end)).encode(errors="backslashreplace")


class _Start(NamedTuple):
    """How a table begins: the values of its first records, of which the first is its head or looks like one."""

    bom: bytes
    text: bytes
    dialect: Dialect
    head: bytes
    rows: list[list[str]]


def _started(where: str) -> _Start:
    """Read how a table begins, at least a record of it. Raises `Refused` where it cannot be read."""
    length = SAMPLE
    while True:
        with reading(where) as file:
            data, is_whole = _filled(b"", file, length)
        bom = mark_of(where, data)
        text = data[len(bom) :]
        dialect = sniffed(text, _delimiters(where), is_whole)
        rows = [[dialect.value(cell) for cell in row] for row in first_rows(dialect, text, is_whole)]
        if rows or is_whole:
            if text.strip(b"\r\n") and not rows:
                raise _endless(where, 0, dialect, text)
            return _Start(bom, text, dialect, next(dialect.rows(text), b"") if rows else b"", rows)
        if len(text) > LARGEST:
            raise _endless(where, 0, dialect, text)
        length *= 8


def _filled(data: bytes, file: Readable, length: int) -> tuple[bytes, bool]:
    """Read on until there are so many bytes, and tell whether the file ends with them."""
    parts = [data]
    left = length - len(data)
    while left > 0:
        part = file.read(left)
        if not part:
            return b"".join(parts), True
        parts.append(part)
        left -= len(part)
    return b"".join(parts), False


def _endless(where: str, number: int, dialect: Dialect, data: bytes) -> Refused:
    """Refuse a table for one of its records, which begins with `data`; 0 is the first line, its head or not."""
    how = f"is longer than {LARGEST >> 20} MB" if len(data) > LARGEST else "does not end"
    what = f"{where}: {f'record {number}' if number else 'its first line'} {how}"
    if dialect.has_quotes and b'"' in data:
        return Refused(Problem(f"{what}: a quote at the start of a field is not closed", "close it, or double it"))
    return Refused(Problem(what, "take it out"))


def _delimiters(where: str) -> Sequence[str]:
    """Return the signs that may stand between fields, the usual one first."""
    suffix = os.path.splitext(without_gz(where))[1].lower()
    return {".txt": "\t", ".tsv": "\t,;", ".tab": "\t,;"}.get(suffix, ",;\t")


def _holds_labelled_lines(where: str, start: _Start) -> bool:
    """Tell whether all lines have a short label and a text, and the first one names no columns."""
    rows = start.rows
    if _delimiters(where)[0] != "\t" or any(len(row) != 2 for row in rows):
        return False
    labels = [row[0] for row in rows]
    is_short = all(0 < len(label) <= _LONGEST_LABEL for label in labels)
    repeats = len(rows) < 10 or len(set(labels)) * 2 <= len(rows)
    return is_short and repeats and has_words(rows, 1) and not any(map(is_of_texts, rows[0])) and has_words(rows[:1], 1)
