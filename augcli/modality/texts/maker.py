"""What a worker makes of texts: files of copies, and the records that those of a block become."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from augcli.dataset.reading import read_source
from augcli.dataset.sources import Source
from augcli.dataset.tables import Record, Table, Written
from augcli.dataset.tables.opening import opened
from augcli.modality import Digests, MadeRecord
from augcli.modality.objects import Objects
from augcli.modality.texts.copies import Copies, Copy, recorded
from augcli.output.joining import Addition
from augcli.output.manifest import Row, params_text
from augcli.plan.output_names import Item, Output
from augcli.plan.rows import row_without_file
from augcli.plan.text_sources import wanted
from augcli.problems import Unusable, reason_of
from augcli.spec.spec import Spec
from augcli.storage.hashes import sha256
from augcli.text.text import Text

_NOTHING = Row(*[""] * 15)


def decoded(data: bytes) -> str:
    """Return the text of a file. Raises `Unusable` where it is no UTF-8."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unusable(f"byte {error.start} is no UTF-8") from None


class TextMaker:
    """Makes the texts of one spec."""

    def __init__(self, spec: Spec, root: str) -> None:
        self._spec, self._root = spec, root
        self._tables: dict[str, Table] = {}

    def read(self, item: Item) -> bytes:
        block = item.source.block
        return read_source(self._root, item.source.path) if block is None else self.table(block.table).read(block)

    def digest_of_labels(self, source: Source) -> str:
        return ""

    def shown(self, item: Item, output: Output, data: bytes) -> list[dict[str, Any]]:
        return []  # texts show none

    def shown_again(self, item: Item, row: Row, data: bytes) -> list[dict[str, Any]]:
        return []

    def additions(self, item: Item, rows: Mapping[Output, Row], data: bytes) -> Iterable[Addition]:
        return ()

    def objects(self, item: Item, copies: int) -> Objects:
        return Objects()

    def thumbnail(self, data: bytes) -> str:
        return " ".join(decoded(data).lower().split())

    def outdated(
        self, item: Item, data: bytes, rows: Mapping[Output, Row], made_by: Spec
    ) -> Iterable[tuple[Output, str]]:
        if self._makes_as(made_by, item):
            return ()
        return [(output, "spec changed") for output in rows]

    def _makes_as(self, other: Spec, item: Item) -> bool:
        """Tell whether another spec makes the same of a source."""
        one, two = (
            (spec.seed, spec.text, spec.layout, spec.treatment(item.source.role)) for spec in (self._spec, other)
        )
        steps = (spec.steps_of(item.source.role) for spec in (self._spec, other))
        return one == two and next(steps) == next(steps)

    # Files

    def make(
        self, item: Item, planned: Sequence[Output], data: bytes, digests: Digests
    ) -> Iterator[tuple[Output, Row, bytes | None]]:
        copies: Copies | None = None
        for output in planned:
            row = _row(item.source.path, item.source, output.status, output.copy)
            row = row._replace(file_name=output.file_name, source_sha256=digests.source)
            if not output.is_made:
                yield output, row._replace(bytes=str(len(data)), sha256=digests.source), data
                continue
            assert output.copy is not None
            if copies is None:
                copies = Copies(self._spec, item.source.role, [self._text(decoded(data))], ("",), item.source.label)
            copy = copies.drawn(output.copy)
            made = copy.texts[0].string.encode()
            yield output, _told(row, copy, made), made

    def make_again(self, item: Item, row: Row, data: bytes) -> bytes:
        if row.status != "augmented":
            return data
        copy = recorded(
            self._spec,
            self._spec.steps_of(item.source.role),
            [self._text(decoded(data))],
            ("",),
            json.loads(row.params),
        )
        return copy.texts[0].string.encode()

    def _text(self, string: str, kept: Sequence[tuple[int, int]] = ()) -> Text:
        return Text(string, kept, self._spec.text)

    # Records of tables

    def table(self, path: str) -> Table:
        """Return a table of IN. Raises `Refused` where it cannot be read as the spec says."""
        if path not in self._tables:
            self._tables[path] = opened(self._root, path, wanted(self._spec))
        return self._tables[path]

    def records(
        self, item: Item, data: bytes, known: Sequence[Row], made_by: Spec | None, make: bool = True
    ) -> Iterator[MadeRecord]:
        at = item.source.block
        assert at is not None
        holds = made_by is not None and self._makes_as(made_by, item)
        told = {(row.source, row.copy): row for row in known if row.file_name}
        block = _Block(item.source, self.table(at.table), told, holds, item.copies)
        for record in block.table.records(data, at.first):
            try:
                if record.error:
                    raise Unusable(record.error)
                yield from [*self._of_record(block, record, make)]
            except OSError:
                raise
            except Exception as error:  # no record may stop the others, as no source may
                row = row_without_file(item, "failed", reason_of(error), sha256(record.data))
                yield MadeRecord(row._replace(source=f"{at.table}#{record.number}", label=record.label), "", b"")

    def _of_record(self, block: _Block, record: Record, make: bool) -> Iterator[MadeRecord]:
        """Make what one record becomes: itself if originals are asked for, then its copies."""
        spec = self._spec
        source, digest = f"{block.table.path}#{record.number}", sha256(record.data)
        kept = record.kept or ((),) * len(record.texts)
        texts = [self._text(*both) for both in zip(record.texts, kept, strict=True)]
        copies = Copies(spec, block.source.role, texts, block.table.columns, record.label)
        original = Copy(tuple(texts), [], "", ((),) * len(texts))

        def written(copy: Copy, number: str) -> bytes:
            made = [Written(one.string, one.kept, edits) for one, edits in zip(copy.texts, copy.edits, strict=True)]
            return block.table.written(record, made, source, number)

        planned = [None, *range(block.copies)] if spec.include_originals else [*range(block.copies)]
        for at, number in enumerate(planned, (record.number - 1) * len(planned) + 1):
            before = block.known.get((source, "" if number is None else str(number)))
            reason = block.reason_to_make(before, digest)
            row = _row(source, block.source, "original" if number is None else "augmented", number)
            row = row._replace(file_name=f"{block.table.path}#{at}", label=record.label, source_sha256=digest)
            if before is not None and not reason:
                try:
                    copy = original if number is None else copies.recorded(json.loads(before.params), before.notes)
                    line = written(copy, row.copy)
                    reason = "" if sha256(line) == before.sha256 else "changed"
                except (AttributeError, LookupError, TypeError, ValueError, Unusable):  # somebody has edited the row
                    reason = "changed"
            if reason and not make:
                yield MadeRecord(row, reason, b"")
                continue
            if reason:
                copy = original if number is None else copies.drawn(number)
                line = written(copy, row.copy)
            elif number is not None:
                copies.keep(number, copy)
            strings = tuple(one.string for one in copy.texts)
            yield MadeRecord(_told(row, None if number is None else copy, line), reason, line, strings)


class _Block(NamedTuple):
    """A block that is made: its table, and the rows that are known of its records, by source and copy."""

    source: Source
    table: Table
    known: Mapping[tuple[str, str], Row]
    holds: bool
    """Whether what is known was made by a spec that makes the same."""
    copies: int

    def reason_to_make(self, row: Row | None, digest: str) -> str:
        """Say why a record must be made although a row tells of it; empty if the row still holds."""
        if row is None:
            return "new"
        if row.source_sha256 != digest:
            return "source changed"
        return "" if self.holds else "spec changed"


def _row(name: str, source: Source, status: str, copy: int | None) -> Row:
    number = "" if copy is None else str(copy)
    return _NOTHING._replace(source=name, split=source.split, label=source.label, status=status, copy=number)


def _told(row: Row, copy: Copy | None, made: bytes) -> Row:
    """Return a row with what was made, which is an original where there is no copy."""
    row = row._replace(bytes=str(len(made)), sha256=sha256(made))
    return row if copy is None else row._replace(params=params_text(copy.params), notes=copy.notes)
