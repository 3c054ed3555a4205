"""JSON lines: an object on each line. Strings are replaced in place; all else of a line stays as it is."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from augcli.dataset.sources import Block
from augcli.dataset.tables import Record, Wanted, Written, block_length, spans
from augcli.dataset.tables.beginnings import LARGEST, SAMPLE, mark_of, reading
from augcli.dataset.tables.columns import ADDED, added, choose
from augcli.dataset.tables.json_text import Value, ends, replaced, values, written
from augcli.dataset.tables.packed import Readable, read_place
from augcli.problems import Problem, Refused, Unusable
from augcli.storage import places

_LOOKED_AT = 100  # lines
_LEAST_READ, _MOST_READ = 1 << 16, 1 << 22


def opened(root: str, path: str, wanted: Wanted) -> JsonLines:
    """Open a table. Raises `Refused` where it cannot be read, or has not the fields that are wanted."""
    where = os.path.join(root, path)
    if any(isinstance(column, int) for column in (*wanted.columns, wanted.label, wanted.spans)):
        raise Refused(Problem(f"{where}: fields of JSON lines have names, not numbers", "write their names"))
    data = _start(where)
    bom = mark_of(where, data)
    lines = data[len(bom) :].split(b"\n")
    objects = [found for line in lines[:_LOOKED_AT] if (found := _object(line)) is not None]
    if lines[0].strip() == b"[":
        raise Refused(
            Problem(f"{where}: a list, not JSON lines", "write one object a line, without commas between them")
        )
    if not objects:
        what = f"{where}: has no object on a line of its own" if data.strip() else f"{where}: an empty table"
        raise Refused(Problem(what, "write one object a line, or move it out of IN"))
    names = list(dict.fromkeys(key for one in objects for key in one))
    tied = _spans_field(where, names, objects, wanted)
    strings = [[_string(one.get(name)) for name in names] for one in objects]
    chosen = choose(where, names, strings, wanted)
    label = None if chosen.label is None else names[chosen.label]
    added(where, names, wanted)
    newline = b"\r\n" if b"\r\n" in data else b"\n"
    texts = tuple(names[at] for at in chosen.texts)
    return JsonLines(root, path, texts, label if label != tied else None, tied, wanted.origin, bom, newline)


def _start(where: str) -> bytes:
    """Read how a table begins, at least a line of it. Raises `Refused` where it cannot be read."""
    data, length = b"", SAMPLE
    with reading(where) as file:
        while part := file.read(length):
            data += part
            if b"\n" in data or len(data) > LARGEST:
                break
            length = len(data)
    return data


def _object(line: bytes) -> dict[str, object] | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _spans_field(where: str, names: Sequence[str], objects: Sequence[dict[str, object]], wanted: Wanted) -> str | None:
    """Return the field with spans, None where there is none."""
    if isinstance(wanted.spans, str):
        if wanted.spans not in names:
            what = f"{where}: no field `{wanted.spans}`; its fields are {', '.join(f'`{name}`' for name in names[:20])}"
            raise Refused(Problem(what, "correct `spans` in `text` of the spec"))
        return wanted.spans
    found = [
        name
        for name in names
        if any((spans.are_some if name in spans.NAMES else spans.are_labelled)(one.get(name)) for one in objects)
    ]  # what is none in another record fails that one
    if len(found) > 1:
        what = f"{where}: both `{found[0]}` and `{found[1]}` look like spans of the text, and one can move with it"
        raise Refused(Problem(what, f"name it in the spec, as in `text: {{spans: {found[0]}}}`, or remove the other"))
    return found[0] if found else None


@dataclass
class JsonLines:
    """A table of JSON lines: the names of its fields with texts, with the class, and with spans of the first text."""

    root: str
    path: str
    columns: tuple[str, ...]
    label: str | None
    spans: str | None
    origin: bool
    head: bytes
    newline: bytes

    def blocks(self) -> Iterator[Block]:
        """Find the blocks of lines in one pass. Raises `Refused` where a line is far too long."""
        where = os.path.join(self.root, self.path)
        with reading(where) as file:
            file.read(len(self.head))
            yield from self._blocks(where, file, block_length(places.size(where)))

    def _blocks(self, where: str, file: Readable, length: int) -> Iterator[Block]:
        offset, first, data = len(self.head), 1, b""
        while part := file.read(min(max(length, len(data), _LEAST_READ), _MOST_READ)):  # more and more of a long line
            data += part
            at = 0
            while end := data.find(b"\n", at + length - 1) + 1:
                if number := _records(data[at:end]):
                    yield Block(self.path, offset + at, end - at, first, number)
                at, first = end, first + number
            offset, data = offset + at, data[at:]
            if len(data) > LARGEST:
                raise Refused(Problem(f"{where}: line {first} is longer than {LARGEST >> 20} MB", "take it out"))
        if number := _records(data):
            yield Block(self.path, offset, len(data), first, number)

    def read(self, block: Block) -> bytes:
        """Read a block. Raises `Unusable` where it cannot be read."""
        return read_place(self.root, self.path, block.offset, block.length)

    def records(self, data: bytes, first: int) -> Iterator[Record]:
        """Read the records of a block; `first` is the number of its first."""
        number = first
        for line in _lines(data):
            if line.strip():
                yield self._record(number, line)
                number += 1

    def _record(self, number: int, line: bytes) -> Record:
        try:
            text = line.decode()
            found = _members(text)
            texts = tuple(self._text(found, name) for name in self.columns)
            regions = spans.regions(self._spans(text, found, texts[0]))
        except UnicodeDecodeError as error:
            return Record(number, line, error=f"byte {error.start + 1} of the line is no UTF-8")
        except json.JSONDecodeError as error:
            return Record(number, line, error=f"no JSON (column {error.pos + 1})")
        except ValueError:
            return Record(number, line, error="a number of thousands of digits")
        except RecursionError:
            return Record(number, line, error="JSON that is nested too deep")
        except Unusable as unusable:
            return Record(number, line, error=str(unusable))
        label = _said(found[self.label], text) if self.label in found else ""
        return Record(number, line, texts, label, (regions, *[()] * (len(texts) - 1)) if self.spans else ())

    def _text(self, found: dict[str, Value], name: str) -> str:
        if name not in found:
            raise Unusable(f"has no field `{name}`")
        if not isinstance(found[name].value, str):
            raise Unusable(f"`{name}` is no string")
        return str(found[name].value)

    def _spans(self, line: str, found: dict[str, Value], text: str) -> list[tuple[int, int]]:
        if self.spans is None:
            for name in spans.NAMES:
                if name in found and spans.are_some(found[name].value):
                    raise Unusable(f"`{name}` holds spans, the first records do not: set `text: {{spans: {name}}}`")
            return []
        place = found.get(self.spans)
        if place is None or place.value is None:
            return []
        try:
            ends = [one.span for one in spans.read(line, place.start)]
        except ValueError:
            raise Unusable(f"`{self.spans}` is no list of spans") from None
        for number, (start, end) in enumerate(ends, 1):
            if not 0 <= start <= end <= len(text):
                raise Unusable(f"span {number} of `{self.spans}` lies outside the text")
        return ends

    def written(self, record: Record, texts: Sequence[Written], source: str, copy: str) -> bytes:
        """Write a record with other texts; `source` and `copy` fill the fields that are added."""
        line = record.data.decode()
        found = _members(line)
        places = [
            (found[name].start, found[name].end, written(now.text, line))
            for name, before, now in zip(self.columns, record.texts, texts, strict=True)
            if now.text != before
        ]
        if self.spans in found and record.kept and record.kept[0] != texts[0].kept:
            for one in spans.read(line, found[self.spans].start):
                start, end = spans.moved(one.span, record.kept[0], texts[0].kept)
                places += [(*one.start_at, str(start)), (*one.end_at, str(end))]
        if self.origin:
            last = max(value.end for value in found.values())
            is_wide = line[: min(value.start for value in found.values())].endswith(" ")
            comma, colon = (", ", ": ") if is_wide else (",", ":")
            values = written(source, line), copy or "null"
            more = "".join(f'{comma}"{name}"{colon}{value}' for name, value in zip(ADDED, values, strict=True))
            places.append((last, last, more))
        made = replaced(line, places).encode()
        return made if made.endswith(b"\n") else made + self.newline


def _members(line: str) -> dict[str, Value]:
    """Return the members of the object that a line is, by their keys, the last of each. Raises as `values`."""
    if not line.lstrip().startswith("{"):
        raise Unusable("no JSON object")
    found, closing = values(line)
    if not ends(line, closing):
        raise json.JSONDecodeError("more than an object", line, closing + 1)
    return {value.key: value for value in found}


def _said(label: Value, line: str) -> str:
    """Return a class as a string, a number as the line spells it."""
    if isinstance(label.value, str):
        return label.value
    return "" if isinstance(label.value, (dict, list, type(None))) else line[label.start : label.end]


def _lines(data: bytes) -> Iterator[bytes]:
    """Return lines with their ends; a carriage return ends none."""
    at = 0
    while at < len(data):
        end = data.find(b"\n", at) + 1 or len(data)
        yield data[at:end]
        at = end


def _records(data: bytes) -> int:
    """Count the lines that are not blank."""
    return sum(1 for line in data.split(b"\n") if line.strip())
