r"""The manifest: its rows, how they are written and read back, and the parts that it is joined from.

`manifest.csv` is UTF-8 with line feeds, sorted by the bytes of the source path, and the same bytes for any
number of workers. A byte of a name that is not UTF-8 is written as `\xE9`, a backslash is doubled.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from augcli.problems import Problem, Refused
from augcli.storage.files import text, texts, whole_text
from augcli.storage.names import lies_inside


class Row(NamedTuple):
    """One line of the manifest, every field as the text that is written. New columns go to the end, with a default."""

    file_name: str
    source: str
    split: str
    label: str
    soft_label: str
    copy: str
    status: str
    error: str
    converted: str
    width: str
    height: str
    bytes: str
    source_sha256: str
    sha256: str
    params: str
    objects: str = ""
    dropped: str = ""
    drop_reasons: str = ""
    labels_sha256: str = ""
    notes: str = ""


NOTED = {
    "unchanged": "like their original or another copy",
    "blank": "of one colour",
    "clipped": "mostly black or white",
    "identical": "with the pixels of their source or another copy",
    "empty": "without any object",
    "unsegmented": "without blanks between words, which steps for words leave alone",
}
"""What the notes of a row may say that its owner is told of, in words."""


def record_of(name: str) -> tuple[str, int] | None:
    """Return the table and the number of a record, which is called as in `train.csv#17`; None for any other name."""
    table, _, number = name.rpartition("#")
    return (table, int(number)) if table and number.isdecimal() and number.isascii() else None


def conversions(row: Row) -> list[str]:
    """Return what reading changed, one by one; two of them are of two words."""
    return re.findall("first frame|bad icc|[^ ]+", row.converted) if row.converted else []


_encode = json.JSONEncoder(ensure_ascii=False).encode


def params_text(params: list[dict[str, Any]]) -> str:
    """Write params as JSON."""
    return _encode(params)


def escaped(name: str) -> str:
    r"""Write a file name as UTF-8 text: other bytes as `\xE9`, a backslash doubled."""
    text = name.replace("\\", "\\\\")
    if text.isascii():
        return text
    return re.sub("[\udc80-\udcff]", lambda found: f"\\x{ord(found[0]) - 0xDC00:02X}", text)


def unescaped(text: str) -> str:
    """Read back a file name that `escaped` wrote."""
    if "\\" not in text:
        return text
    return re.sub(
        r"\\(?:\\|x([0-9A-F]{2}))", lambda found: "\\" if found[1] is None else chr(0xDC00 + int(found[1], 16)), text
    )


_PARAMS = Row._fields.index("params")
_QUOTED = re.compile(r'[,"\x00-\x1f\x7f-\x9f\u2028\u2029]')


def line(fields: Iterable[str]) -> str:
    """Write a line of CSV. A field with a control character is quoted, a carriage return too."""
    return ",".join([f if f.isalnum() or not f else _field(f) for f in fields]) + "\n"


def _field(text: str) -> str:
    return f'"{text.replace(chr(34), chr(34) * 2)}"' if _QUOTED.search(text) else text


def csv_line(row: Row) -> str:
    """Write a row as a line of the manifest."""
    before, after = ",".join(row[:_PARAMS]), ",".join(row[_PARAMS + 1 :])
    others = before + after
    is_odd = others.count(",") != len(row) - 3 or '"' in others or "\\" in others
    if others.isascii() and others.isprintable() and not is_odd:
        return f"{before},{_field(row.params)},{after}\n"  # as nearly always, in half the time
    file_name, source, split, label, *rest = row
    return line((escaped(file_name), escaped(source), escaped(split), escaped(label), *rest))


def read_rows(path: Path) -> Iterator[Row]:
    """Read a manifest back, row by row, whatever the order of its columns. Raises `Refused` for a damaged one.

    Columns that are unknown are passed over; those that are missing, as an earlier version wrote it, are empty.
    """
    with text(path) as file:
        reader = _reader(file)
        try:
            head: list[str] = next(reader, [])
            if not set(head) >= _NEEDED or len(set(head)) < len(head):
                raise csv.Error
            places = [head.index(name) if name in head else len(head) for name in Row._fields]
            for fields in reader:
                if len(fields) != len(head):
                    raise csv.Error
                fields.append("")
                row = _row_of([fields[place] for place in places])
                if row.file_name and not re.fullmatch("[0-9]{1,18}", row.bytes):
                    raise csv.Error
                if not lies_inside(row.file_name, row.source):
                    raise csv.Error
                yield row
        except (csv.Error, TypeError, UnicodeDecodeError):
            where = f"line {reader.line_num}" if reader.line_num > 1 else "its head"
            help = "restore the file, or choose another OUT"
            raise Refused(Problem(f"{path}: not a manifest that augcli wrote ({where})", help)) from None


_NEEDED = {"file_name", "source", "copy", "status", "bytes", "source_sha256", "sha256", "params"}


def _reader(file: TextIO) -> Any:
    csv.field_size_limit(max(csv.field_size_limit(), 1 << 27))
    return csv.reader(file, strict=True)


def _row_of(fields: list[str]) -> Row:
    row = Row(*fields)
    names = (row.file_name, row.source, row.split, row.label)
    if not any("\\" in name for name in names):
        return row
    file_name, source, split, label = map(unescaped, names)
    return row._replace(file_name=file_name, source=source, split=split, label=label)


def as_row(text: str) -> Row:
    """Read a line that `csv_line` wrote, without its end. Raises ValueError where it is none."""
    try:
        (fields,) = csv.reader([text], strict=True)
        return _row_of(fields)
    except (csv.Error, TypeError) as error:
        raise ValueError(str(error)) from None


def write_part(path: Path, rows: Iterable[Row]) -> None:
    """Write the rows of a chunk whole and synced: how many have each status, then lines of the manifest."""
    rows = list(rows)
    with whole_text(path) as file:
        file.write(json.dumps(Counter(row.status for row in rows)) + "\n")
        file.writelines(map(csv_line, rows))


def read_parts(parts: Sequence[Path]) -> Iterator[Row]:
    """Read parts back, row by row. Raises `Refused` for one that was damaged or edited."""
    for path, file in zip(parts, texts(parts), strict=True):
        try:
            json.loads(file.readline())
            yield from map(_row_of, _reader(file))
        except (csv.Error, TypeError, ValueError):
            raise Refused(Problem(f"{path}: not what augcli wrote", "remove it, or choose another OUT")) from None


def counts_of(parts: Sequence[Path]) -> Counter[str]:
    """Return how many rows of each status parts say that they hold."""
    counts: Counter[str] = Counter()
    for rows in texts(parts):
        counts.update(json.loads(rows.readline()))
    return counts


def join_parts(path: Path, parts: Sequence[Path], first: Iterable[Row] = (), has_records: bool = False) -> Counter[str]:
    """Write a manifest from parts behind its `first` rows, whole and synced; count the parts' rows by status.

    With `has_records` some rows tell of records of tables.
    """
    counts = counts_of(parts)
    with whole_text(path) as file:
        file.write(line(Row._fields))
        file.writelines(map(csv_line, first))
        if has_records and counts["failed"]:  # then records behind one that failed have moved up
            file.writelines(map(csv_line, numbered(read_parts(parts))))
            return counts
        for rows in texts(parts):
            rows.readline()
            shutil.copyfileobj(rows, file)
    return counts


def numbered(rows: Iterable[Row]) -> Iterator[Row]:
    """Give the records of tables the numbers that they have in their file, in which those that failed are missing."""
    numbers: Counter[str] = Counter()
    for row in rows:
        if record := record_of(row.file_name):
            numbers[record[0]] += 1
            row = row._replace(file_name=f"{record[0]}#{numbers[record[0]]}")
        yield row
