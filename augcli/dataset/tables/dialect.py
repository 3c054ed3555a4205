"""How a delimited table is written: its delimiter, its quotes and its line ends, and what follows for reading it.

Read is as Python's `csv` and pandas read: a quote counts where a field begins, is doubled inside, and what follows the
closing one belongs to the field; a line ends with LF, CRLF or CR; empty lines are no records. TSV is often written
without quotes that count (`QUOTE_NONE`): which of the two it is, the fields tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from augcli.problems import Unusable

_END = re.compile(r"(?:\r\n|\n|\r)\Z")
_MOST_ROWS = 1000


class Dialect(NamedTuple):
    """How a table is written; the sign between fields is one character."""

    delimiter: str
    has_quotes: bool
    line_end: str

    def rows(self, data: bytes) -> Iterator[bytes]:
        """Split whole records, each with its line end, which the last may lack."""
        if not self.has_quotes or b'"' not in data:
            yield from (line for line in data.splitlines(keepends=True) if line.strip(b"\r\n"))
            return
        match = _patterns(self.delimiter).last.match
        at = 0
        while found := match(data, at):
            yield found[1]
            at = found.end()

    def whole(self, data: bytes, is_last: bool) -> tuple[int, int]:
        """Return where the last whole record ends, and how many there are; `is_last`: the file ends with `data`."""
        if (not self.has_quotes or b'"' not in data) and _has_plain_lines(data):
            end = data.rfind(b"\n") + 1
            return (len(data), data.count(b"\n") + 1) if is_last and end < len(data) else (end, data.count(b"\n"))
        patterns = _patterns(self.delimiter if self.has_quotes else "")
        match = (patterns.last if is_last else patterns.inner).match
        at = number = 0
        while found := match(data, at):
            at = found.end()
            number += 1
        return at, number

    def cells(self, row: str) -> list[str]:
        """Split a record without its line end into its fields as they are written."""
        if not self.has_quotes or '"' not in row:
            return row.split(self.delimiter)
        return _patterns(self.delimiter).cell.findall(self.delimiter + row)

    def value(self, cell: str) -> str:
        """Return what a field says."""
        if not self.has_quotes or not cell.startswith('"'):
            return cell
        inner, after = _QUOTED.fullmatch(cell).groups()  # type: ignore[union-attr]  # records are whole
        return inner.replace('""', '"') + after

    def cell(self, value: str, is_quoted: bool = False) -> str:
        """Write a field, in quotes where it must be or `is_quoted`. Raises `Unusable` where that cannot be."""
        must = self.delimiter in value or "\n" in value or "\r" in value
        if not self.has_quotes:
            if must:
                raise Unusable("a text with a tab or a line end, in a table without quotes")
            return value
        if not (is_quoted or must or value.startswith('"')):
            return value
        return '"' + value.replace('"', '""') + '"'


def parted(row: str) -> tuple[str, str]:
    """Split a record from its line end."""
    found = _END.search(row, max(0, len(row) - 2))
    return (row[: found.start()], found[0]) if found else (row, "")


def sniffed(sample: bytes, delimiters: Sequence[str], is_whole: bool) -> Dialect:
    """Return how a table is written that begins with `sample`, whole lines of it or, `is_whole`, all of it.

    Of the delimiters the one counts that stands in the first record and parts the others most evenly, else the first.
    """
    end = re.search(rb"\r\n|\n|\r", sample)
    line_end = end[0].decode() if end else "\n"
    best = Dialect(delimiters[0], _counts_quotes(sample, delimiters[0], is_whole), line_end)
    most = 0.0
    for delimiter in (one for one in delimiters if one.encode() in sample):
        dialect = Dialect(delimiter, _counts_quotes(sample, delimiter, is_whole), line_end)
        share = _evenness(first_rows(dialect, sample, is_whole))
        if share > most:
            best, most = dialect, share
    return best


def first_rows(dialect: Dialect, sample: bytes, is_whole: bool) -> list[list[str]]:
    """Return the fields of the first records as they are written; bytes that are no UTF-8 are replaced."""
    end, _ = dialect.whole(sample, is_whole)
    rows = []
    for row in dialect.rows(sample[:end]):
        rows.append(dialect.cells(parted(row.decode("utf-8", "replace"))[0]))
        if len(rows) == _MOST_ROWS:
            break
    return rows


def _counts_quotes(sample: bytes, delimiter: str, is_whole: bool) -> bool:
    """Tell whether quotes count in a table: always, but for tabs, where its fields tell.

    They do where they make the records more even; else where all of them can, and the head is quoted or some are
    doubled, as in `"a ""b"" c"`.
    """
    if delimiter != "\t":
        return True
    with_quotes = first_rows(Dialect(delimiter, True, "\n"), sample, is_whole)
    without = first_rows(Dialect(delimiter, False, "\n"), sample, is_whole)
    more, less = _evenness(with_quotes), _evenness(without)
    if more != less:
        return more > less
    quoted = [cell for row in without for cell in row if cell.startswith('"')]
    can = all(found is not None and not found[2] for found in map(_QUOTED.fullmatch, quoted))
    tells = quoted and (all(cell.startswith('"') for cell in without[0]) or any('""' in cell[1:-1] for cell in quoted))
    return can and bool(tells)


def _evenness(rows: Sequence[Sequence[str]]) -> float:
    """Return the share of records that have as many fields as the first; 0 where that has one."""
    if not rows or len(rows[0]) < 2:
        return 0.0
    return sum(len(row) == len(rows[0]) for row in rows) / len(rows)


_QUOTED = re.compile(r'"([^"]*+(?:""[^"]*+)*+)"(.*+)', re.DOTALL)


class _Patterns(NamedTuple):
    """Of a record behind empty lines, with its line end, `last` of one that may end with the file; of a field."""

    inner: re.Pattern[bytes]
    last: re.Pattern[bytes]
    cell: re.Pattern[str]


@cache
def _patterns(delimiter: str) -> _Patterns:
    """Return the patterns of a table; no delimiter: no quotes count. They are linear, whatever is matched."""
    quoted = r'"[^"]*+(?:""[^"]*+)*+"' + rf"[^{delimiter}\r\n]*+"
    field = rf'(?:{quoted}|(?!")[^{delimiter}\r\n]*+)'
    record = rf'[^"\r\n]++(?=[\r\n]|\Z)|(?=[^\r\n]){field}(?:{delimiter}{field})*+'
    if not delimiter:
        record = r"[^\r\n]++"
    inner = rf"[\r\n]*+((?:{record})(?:\r\n|\n|\r(?=[\s\S])))"
    last = rf"[\r\n]*+((?:{record})(?:\r\n|\n|\r|\Z))"
    cell = rf"{delimiter}({quoted}|[^{delimiter}]*+)" if delimiter else "()"
    return _Patterns(re.compile(inner.encode()), re.compile(last.encode()), re.compile(cell, re.DOTALL))


def _has_plain_lines(data: bytes) -> bool:
    """Tell whether all lines end alike, with LF or CRLF, and none is empty: they can be counted at once."""
    if data[:1] in (b"\n", b"\r") or b"\n\n" in data:
        return False
    returns = data.count(b"\r")
    return not returns or (b"\n\r" not in data and returns == data.count(b"\r\n") == data.count(b"\n"))
