"""Parquet: tables in columns, read and written with pyarrow; all columns and what the schema says of them are kept.

A record is joined as a line of text, the Arrow batch of one row in base64, which `pack` puts back into a file.
"""

from __future__ import annotations

import json
import os
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO

from augcli.dataset.sources import Block
from augcli.dataset.tables import Record, Wanted, Written, block_length
from augcli.dataset.tables.columns import ADDED, added, choose
from augcli.problems import Problem, Refused, Unusable
from augcli.storage import disk

SUFFIX = ".parquet"
ROWS_OF_A_GROUP = 10_000
_SAMPLE = 100


def arrow() -> Any:
    """Return pyarrow, with its Parquet part. Raises `Refused` where it is not installed."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise Refused(Problem("Parquet needs pyarrow", 'pip install "augcli[text-parquet]"')) from None
    return pyarrow


def opened(root: str, path: str, wanted: Wanted) -> Parquet:
    """Open a table. Raises `Refused` where it cannot be read, or has not the columns that are wanted."""
    pyarrow, where = arrow(), os.path.join(root, path)
    try:
        file = pyarrow.parquet.ParquetFile(where)
        first = next(file.iter_batches(_SAMPLE), None)
    except (OSError, pyarrow.ArrowException) as error:
        reason = (error.strerror or "").lower() if isinstance(error, OSError) else ""
        what = f"{where}: cannot be read as Parquet{f' ({reason})' if reason else ''}"
        raise Refused(Problem(what, "copy or download it again, or move it out of IN")) from None
    names = file.schema_arrow.names
    rows = [] if first is None else first.to_pylist()
    strings = [[one[name] if isinstance(one[name], str) else "" for name in names] for one in rows]
    chosen = choose(where, names, strings, wanted)
    label = None if chosen.label is None else names[chosen.label]
    more = added(where, names, wanted)
    return Parquet(root, path, tuple(names[at] for at in chosen.texts), label, bool(more))


class Parquet:
    """A Parquet table: the names of its columns with texts, and of that with the class."""

    def __init__(self, root: str, path: str, columns: tuple[str, ...], label: str | None, origin: bool) -> None:
        self.root, self.path, self.columns, self.label, self.origin = root, path, columns, label, origin
        self._file: Any = None
        self._group: tuple[int, Any] | None = None  # the row group that was read last
        self._read: tuple[int, Any] | None = None  # the rows of the block that was read last, and its first number

    def __getstate__(self) -> tuple[str, str, tuple[str, ...], str | None, bool]:
        return self.root, self.path, self.columns, self.label, self.origin

    def __setstate__(self, state: tuple[str, str, tuple[str, ...], str | None, bool]) -> None:
        self.__init__(*state)  # type: ignore[misc]

    def _opened(self) -> Any:
        if self._file is None:
            self._file = arrow().parquet.ParquetFile(os.path.join(self.root, self.path))
        return self._file

    @property
    def head(self) -> bytes:
        """The schema of the output, as a line of base64."""
        return b64encode(self._schema().serialize().to_pybytes()) + b"\n"

    def _schema(self) -> Any:
        pyarrow, schema = arrow(), self._opened().schema_arrow
        if not self.origin:
            return schema
        types = pyarrow.string(), pyarrow.int32()
        for name, kind in zip(ADDED, types, strict=True):
            schema = schema.append(pyarrow.field(name, kind))
        return schema.with_metadata(_told_to_datasets(schema.metadata)) if schema.metadata else schema

    def blocks(self) -> Iterator[Block]:
        """Find the blocks of rows."""
        about = self._opened().metadata
        size = disk.size(os.path.join(self.root, self.path))
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
        try:
            rows = self._rows(block)
        except (OSError, pyarrow.ArrowException):
            raise Unusable("cannot be read as Parquet") from None
        target = pyarrow.BufferOutputStream()
        with pyarrow.ipc.new_stream(target, rows.schema) as stream:
            stream.write_table(rows)
        return target.getvalue().to_pybytes()  # type: ignore[no-any-return]

    def _rows(self, block: Block) -> Any:
        file, first = self._opened(), 0
        for group in range(file.metadata.num_row_groups):
            number = file.metadata.row_group(group).num_rows
            if first <= block.offset < first + number:
                if self._group is None or self._group[0] != group:
                    self._group = group, file.read_row_group(group)
                return self._group[1].slice(block.offset - first, block.length)
            first += number
        raise Unusable("has changed since it was listed")

    def records(self, data: bytes, first: int) -> Iterator[Record]:
        """Read the records of a block; `first` is the number of its first."""
        rows = arrow().ipc.open_stream(data).read_all()
        self._read = first, rows
        for number, row in enumerate(rows.to_pylist(), first):
            known = json.dumps(row, default=repr, ensure_ascii=False).encode("utf-8", "surrogatepass")
            texts = tuple(row[name] for name in self.columns)
            missing = [name for name, text in zip(self.columns, texts, strict=True) if not isinstance(text, str)]
            if missing:
                yield Record(number, known, error=f"`{missing[0]}` is no string")
                continue
            label = row.get(self.label or "")
            yield Record(number, known, texts, "" if label is None else str(label))

    def written(self, record: Record, texts: Sequence[Written], source: str, copy: str) -> bytes:
        """Write a record with other texts, as a line of base64."""
        assert self._read is not None, "a record is written after its block is read"
        pyarrow, (first, rows), schema = arrow(), self._read, _without_dictionaries(self._schema())
        row = rows.slice(record.number - first, 1)
        given: dict[str, Any] = dict(zip(self.columns, (now.text for now in texts), strict=True))
        given |= {ADDED[0]: source, ADDED[1]: int(copy) if copy else None} if self.origin else {}
        arrays = [
            pyarrow.array([given[field.name]], field.type)
            if field.name in given
            else row.column(field.name).cast(field.type).combine_chunks().take([0])
            for field in schema
        ]
        batch = pyarrow.record_batch(arrays, schema=schema)
        return b64encode(batch.serialize().to_pybytes()) + b"\n"


def _without_dictionaries(schema: Any) -> Any:
    """Return a schema whose columns hold their values themselves: a batch of one row would bring all words along."""
    for at, field in enumerate(schema):
        if arrow().types.is_dictionary(field.type):
            schema = schema.set(at, field.with_type(field.type.value_type))
    return schema


def _told_to_datasets(metadata: dict[bytes, bytes]) -> dict[bytes, bytes]:
    """Return a schema's metadata with the columns that are added, where Hugging Face's `datasets` wrote it."""
    told = metadata.get(b"huggingface")
    if told is None:
        return metadata
    about = json.loads(told)
    features = about.get("info", {}).get("features")
    if isinstance(features, dict):
        kinds = dict(zip(ADDED, ("string", "int32"), strict=True))
        features.update({name: {"dtype": kind, "_type": "Value"} for name, kind in kinds.items()})
    return {**metadata, b"huggingface": json.dumps(about).encode()}


def pack(lines: Iterable[bytes], target: BinaryIO) -> None:
    """Write a Parquet file from joined lines, the schema first, with a row group in memory at most."""
    pyarrow, rest = arrow(), iter(lines)
    schema = pyarrow.ipc.read_schema(pyarrow.py_buffer(b64decode(next(rest))))
    plain = _without_dictionaries(schema)

    def group(batches: list[Any]) -> Any:
        return pyarrow.Table.from_batches(batches, plain).cast(schema).combine_chunks()

    with pyarrow.parquet.ParquetWriter(target, schema) as writer:
        batches: list[Any] = []
        for line in rest:
            batches.append(pyarrow.ipc.read_record_batch(pyarrow.py_buffer(b64decode(line)), plain))
            if len(batches) == ROWS_OF_A_GROUP:
                writer.write_table(group(batches))
                batches = []
        if batches:
            writer.write_table(group(batches))
