"""Parquet: tables in columns, read and written with pyarrow; all columns and what the schema says of them are kept.

A record is joined as a line of text, the Arrow batch of one row in base64, which `pack` puts back into a file. In such
a batch stand values, where the table has dictionaries: these would bring all their words along.
"""

from __future__ import annotations

import os
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, BinaryIO

from augcli.dataset.sources import Block
from augcli.dataset.tables import Record, Wanted, Written, block_length
from augcli.dataset.tables.arrow_schemas import arrow, holds_strings, refuse_odd_columns, values_of, with_more
from augcli.dataset.tables.columns import Chosen, added, choose
from augcli.problems import Problem, Refused, Unusable
from augcli.storage import files, places
from augcli.storage.addresses import in_bucket

ROWS_OF_A_GROUP, BYTES_OF_A_GROUP = 10_000, 64 << 20
_SAMPLE = 100


def opened(root: str, path: str, wanted: Wanted) -> Parquet:
    """Open a table. Raises `Refused` where it cannot be read, or has not the columns that are wanted."""
    pyarrow, where = arrow(), os.path.join(root, path)
    try:
        file = pyarrow.parquet.ParquetFile(_readable(where))
        schema = file.schema_arrow
        texts = [at for at, one in enumerate(schema) if holds_strings(one.type)]
        batch = next(file.iter_batches(_SAMPLE, columns=[schema.names[at] for at in texts]), None)
        found = [] if batch is None else [batch.column(schema.names[at]).to_pylist() for at in texts]
    except (OSError, ValueError, KeyError, pyarrow.ArrowException) as error:
        reason = (error.strerror or "").lower() if isinstance(error, OSError) else ""
        what = f"{where}: cannot be read as Parquet{f' ({reason})' if reason else ''}"
        raise Refused(Problem(what, "copy or download it again, or move it out of IN")) from None
    strings = dict(zip(texts, found, strict=False))
    rows = [[strings[at][row] or "" if at in strings else "" for at in range(len(schema))] for row in _rows(found)]
    chosen = choose(where, schema.names, rows, wanted)
    for at in chosen.texts:
        if at not in texts:
            what = f"{where}: column `{schema.names[at]}` holds no strings"
            raise Refused(Problem(what, "name another one in `columns` in `text` of the spec"))
    refuse_odd_columns(where, schema, wanted)
    more = added(where, schema.names, wanted)
    return Parquet(root, path, chosen, values_of(schema), with_more(schema) if more else schema)


def _rows(columns: Sequence[Sequence[str]]) -> range:
    return range(len(columns[0]) if columns else 0)


@dataclass
class Parquet:
    """A Parquet table: `plain` is its schema without dictionaries, `schema` that of the output."""

    root: str
    path: str
    chosen: Chosen
    plain: Any
    schema: Any
    _forward: _Forward | None = field(default=None, repr=False)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_forward": None}

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(self.plain.names[at] for at in self.chosen.texts)

    @property
    def head(self) -> bytes:
        """The schema of the output, as a line of base64."""
        return b64encode(self.schema.serialize().to_pybytes()) + b"\n"

    @cached_property
    def _joined(self) -> Any:
        """The schema of what is joined."""
        return values_of(self.schema)

    def blocks(self) -> Iterator[Block]:
        """Find the blocks of rows."""
        where = os.path.join(self.root, self.path)
        about, size = arrow().parquet.read_metadata(_readable(where)), places.size(where)
        rows = max(1, block_length(size) * about.num_rows // max(1, size))
        first = 0
        for group in range(about.num_row_groups):  # a block lies in one group
            end = first + about.row_group(group).num_rows
            for start in range(first, end, rows):
                number = min(rows, end - start)
                yield Block(self.path, start, number, start + 1, number)
            first = end

    def read(self, block: Block) -> bytes:
        """Read a block, as an Arrow stream. Raises `Unusable` where it cannot be read."""
        pyarrow = arrow()
        if self._forward is not None and self._forward.leads_to(block.offset, files.stamp(self._where)):
            with suppress(OSError, ValueError, pyarrow.ArrowException):  # of a damaged group on the way to the block
                return self._stream(self._forward, block)
        try:
            self._forward = _Forward(self._where, block.offset)
            return self._stream(self._forward, block)
        except (OSError, ValueError, pyarrow.ArrowException):
            self._forward = None
            places.stop_if_gone(self.root)
            raise Unusable("cannot be read as Parquet") from None

    @property
    def _where(self) -> str:
        return os.path.join(self.root, self.path)

    def _stream(self, forward: _Forward, block: Block) -> bytes:
        """Return the rows of a block as an Arrow stream."""
        pyarrow = arrow()
        rows = forward.rows(block.offset, block.length)
        if rows.num_rows != block.length:
            raise Unusable("has changed since it was listed")
        target = pyarrow.BufferOutputStream()
        with pyarrow.ipc.new_stream(target, self.plain) as stream:
            stream.write_table(rows.cast(self.plain).combine_chunks())
        return target.getvalue().to_pybytes()  # type: ignore[no-any-return]

    def records(self, data: bytes, first: int) -> Iterator[Record]:
        """Read the records of a block; `first` is the number of its first."""
        number = first
        for batch in arrow().ipc.open_stream(data):
            texts = [batch.column(at).to_pylist() for at in self.chosen.texts]
            labels = None if self.chosen.label is None else _said(batch.column(self.chosen.label))
            for row in range(batch.num_rows):
                # a slice would bring bits of its neighbours along
                known = batch.take(arrow().array([row])).serialize().to_pybytes()
                found = [column[row] for column in texts]
                if None in found:
                    yield Record(number, known, error=f"`{self.columns[found.index(None)]}` is null")
                else:
                    yield Record(number, known, tuple(found), labels[row] if labels else "")
                number += 1

    def written(self, record: Record, texts: Sequence[Written], source: str, copy: str) -> bytes:
        """Write a record with other texts, as a line of base64."""
        pyarrow = arrow()
        row = pyarrow.ipc.read_record_batch(pyarrow.py_buffer(record.data), self.plain)
        columns = row.columns
        for at, now in zip(self.chosen.texts, texts, strict=True):
            columns[at] = pyarrow.array([now.text], columns[at].type)
        if len(self.schema) > len(columns):
            columns += [pyarrow.array([source]), pyarrow.array([int(copy) if copy else None], pyarrow.int32())]
        batch = pyarrow.record_batch(columns, schema=self._joined)
        return b64encode(batch.serialize().to_pybytes()) + b"\n"


def _readable(where: str) -> Any:
    """Return what Arrow is given to read: a path of the disk, or an object of a bucket as a file."""
    return files.regular(where) if in_bucket(where) else where


class _Forward:
    """Reads rows on from a place, a batch at a time: no row group is held whole."""

    def __init__(self, where: str, first: int) -> None:
        self._stamp = files.stamp(where)
        file = arrow().parquet.ParquetFile(_readable(where))
        about = file.metadata
        start = group = 0
        while group < about.num_row_groups and start + about.row_group(group).num_rows <= first:
            start += about.row_group(group).num_rows
            group += 1
        # by group: in a damaged file the same rows can be read, wherever reading begins
        groups = range(group, about.num_row_groups)
        self._batches = (batch for one in groups for batch in file.iter_batches(1024, row_groups=[one]))
        self._at, self._batch = start, file.schema_arrow.empty_table()

    def leads_to(self, first: int, stamp: tuple[int, ...]) -> bool:
        """Tell whether a row of the file, which has that stamp now, is still to come."""
        return first >= self._at and stamp == self._stamp

    def rows(self, first: int, number: int) -> Any:
        """Return rows as a table, fewer where there are no more."""
        pyarrow, found = arrow(), []
        while True:
            start = max(first - self._at, 0)
            found.append(self._batch.slice(start, max(0, first + number - self._at - start)))
            if self._at + self._batch.num_rows >= first + number:
                break
            batch = next(self._batches, None)
            if batch is None:
                break
            self._at += self._batch.num_rows
            self._batch = pyarrow.Table.from_batches([batch])
        return pyarrow.concat_tables(found)


def _said(column: Any) -> list[str]:
    """Return classes as strings; none where a column holds no names, numbers or truth values."""
    types, kind = arrow().types, column.type
    if not (holds_strings(kind) or types.is_primitive(kind) or types.is_decimal(kind)) or types.is_temporal(kind):
        return []
    return ["" if value is None else str(value) for value in column.to_pylist()]


def pack(lines: Iterable[bytes], target: BinaryIO) -> None:
    """Write a Parquet file from joined lines, the schema first, with a row group in memory at most."""
    pyarrow, rest = arrow(), iter(lines)
    schema = pyarrow.ipc.read_schema(pyarrow.py_buffer(b64decode(next(rest))))
    plain = values_of(schema)

    def write(batches: list[Any]) -> None:
        writer.write_table(pyarrow.Table.from_batches(batches, plain).combine_chunks().cast(schema))

    with pyarrow.parquet.ParquetWriter(target, schema) as writer:
        batches: list[Any] = []
        size = 0
        for line in rest:
            batches.append(pyarrow.ipc.read_record_batch(pyarrow.py_buffer(b64decode(line)), plain))
            size += len(line)
            if len(batches) == ROWS_OF_A_GROUP or size > BYTES_OF_A_GROUP:
                write(batches)
                batches, size = [], 0
        if batches:
            write(batches)
