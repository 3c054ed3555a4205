"""Parquet files with a column of images: Hugging Face's, a struct of `bytes` and `path`, or plain bytes of files."""

from __future__ import annotations

import json
import os
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from augcli.dataset.containers.samples import COLUMN, NOT_TOLD, Image, Notes, number_of
from augcli.dataset.file_kinds import IMAGE_SUFFIXES
from augcli.dataset.sources import packed_member
from augcli.dataset.tables.arrow_schemas import arrow, holds_strings
from augcli.problems import Problem, Refused, Unreachable, Unusable
from augcli.storage import files

_LABELS = ("label", "class", "cls")
"""Columns of classes, where Hugging Face's metadata name none."""
_IMAGES = ("image", "img", "jpg", "png")
"""Of several columns with images that one is read, or else the first."""
_ROWS, _BUFFER = 32, 1 << 20
_MOST_OPEN = 6
"""Files that are read forward at once: that of a source, and of those that are mixed in."""


class Columns(NamedTuple):
    """The column with images, whether it is a struct of `bytes` and `path`, and that of classes with their names."""

    image: str
    is_struct: bool
    label: str = ""
    names: tuple[str, ...] = ()


@contextmanager
def opened(where: str) -> Iterator[Any]:
    """Open a file with pyarrow. Raises `Refused` where it is no Parquet."""
    pyarrow, help = arrow(), "copy or download it again, or move it out of IN"
    try:
        raw = files.regular(where)
    except Unusable as unusable:
        raise Refused(Problem(f"{where}: {unusable}", help)) from None
    with raw:
        try:
            file = pyarrow.parquet.ParquetFile(raw, buffer_size=_BUFFER)
        except Unreachable:
            raise
        except (OSError, ValueError, KeyError, pyarrow.ArrowException):
            raise Refused(Problem(f"{where}: cannot be read as Parquet", help)) from None
        yield file


def holds_images(where: str) -> bool:
    """Tell whether a column of a file holds images; not if it is no Parquet."""
    try:
        with opened(where) as file:
            return columns_of(file) is not None
    except Refused:
        return False


def columns_of(file: Any) -> Columns | None:
    """Return which columns hold images and classes; None where none holds images."""
    types, schema = arrow().types, file.schema_arrow
    features = _features(schema)
    said = [name for name, about in features.items() if about.get("_type") == "Image"]
    found: dict[str, bool] = {}
    for one in schema:
        if types.is_struct(one.type):
            inside = {each.name: each.type for each in one.type}
            if "bytes" in inside and _is_binary(inside["bytes"]) and (one.name in said or "path" in inside):
                found[one.name] = True
        elif _is_binary(one.type) and (one.name in said or _begins_like_image(file, one.name)):
            found[one.name] = False
    if not found:
        return None
    image = next((name for name in (*said, *_IMAGES, *found) if name in found), "")
    of_classes = {name: about for name, about in features.items() if about.get("_type") == "ClassLabel"}
    label = next((name for name in (*_LABELS, *of_classes) if name in of_classes), "")
    if label:
        names = of_classes[label].get("names")
        return Columns(image, found[image], label, tuple(map(str, names)) if isinstance(names, list) else ())
    kinds = {one.name: one.type for one in schema}
    fits = (name for name in _LABELS if name in kinds)
    label = next((name for name in fits if types.is_integer(kinds[name]) or holds_strings(kinds[name])), "")
    return Columns(image, found[image], label)


def images(where: str, table: str, notes: Notes) -> Iterator[Image]:
    """Give the images of a table, row by row, from the columns beside them; none where no column holds images.

    The format of an image is that of its suffix, or of the first image. Raises `Refused` where the table is damaged.
    """
    with opened(where) as file:
        columns = columns_of(file)
        if columns is not None:
            yield from _listed(file, columns, where, table, notes)


def _listed(file: Any, columns: Columns, where: str, table: str, notes: Notes) -> Iterator[Image]:
    pyarrow = arrow()
    notes.columns.add(columns.image)
    notes.words |= {columns.label} - {""}
    wanted = [columns.label] if columns.label else []
    has_paths = columns.is_struct and "path" in {one.name for one in file.schema_arrow.field(columns.image).type}
    wanted += [f"{columns.image}.path"] if has_paths else []
    number = file.metadata.num_rows
    try:
        first = _first(file, columns.image) if number else b""
        read = file.read(columns=wanted, use_threads=False)
        labels = read.column(columns.label).to_pylist() if columns.label else [None] * number
        paths = _paths(read.column(columns.image)) if has_paths else [""] * number
        size = sum(_size_of_images(file, columns, group) for group in range(file.num_row_groups))
    except Unreachable:
        raise
    except (OSError, ValueError, KeyError, pyarrow.ArrowException):
        what = f"{where}: damaged: its columns cannot be read"
        raise Refused(Problem(what, "copy or download it again, or move it out of IN")) from None
    from augcli.image.pictures import SUFFIX_OF, format_by_suffix, format_of  # loads codecs

    usual = SUFFIX_OF[format_of(first) or "jpeg"]
    are_names = len(set(paths)) == number and all(map(_is_name, paths))  # what does not tell images apart is no name
    for row, (path, label) in enumerate(zip(paths, labels, strict=True)):
        suffix = os.path.splitext(path)[1]
        suffix = suffix if format_by_suffix(suffix) else usual
        rest = f"{row:08d}:{path}" if are_names else f"{row:08d}{suffix}"
        member = packed_member(row, size // number, number_of(format_by_suffix(suffix)))
        known = _class(label, columns)
        yield Image(f"{table}#{rest}", member, known, NOT_TOLD if known is None else COLUMN)


def _is_name(name: str) -> bool:
    return os.path.splitext(name)[1].lower() in IMAGE_SUFFIXES and name[0] != "." and "\0" not in name


def _class(label: Any, columns: Columns) -> str | int | None:
    if not isinstance(label, int) or isinstance(label, bool):
        return label if isinstance(label, str) else None
    if label < 0:
        return None  # so Hugging Face writes that nothing is known
    if columns.names:
        return columns.names[label] if label < len(columns.names) else label
    return label


def _features(schema: Any) -> dict[str, dict[str, Any]]:
    """Return what Hugging Face's `datasets` says of the columns."""
    try:
        features = json.loads((schema.metadata or {})[b"huggingface"])["info"]["features"]
        return {name: about for name, about in features.items() if isinstance(about, dict)}
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError):
        return {}


def _is_binary(type: Any) -> bool:
    types = arrow().types
    return bool(types.is_binary(type) or types.is_large_binary(type))


def _first(file: Any, column: str) -> bytes:
    """Return the beginning of the first image that there is, in the first row groups."""
    for batch in file.iter_batches(
        _ROWS, row_groups=range(min(file.num_row_groups, 3)), columns=[column], use_threads=False
    ):
        for value in batch.column(0):
            data = value.as_py()
            data = data.get("bytes") if isinstance(data, dict) else data
            if data is not None:
                return bytes(data[:64])
    return b""


def _begins_like_image(file: Any, column: str) -> bool:
    from augcli.image.pictures import format_of  # loads codecs

    try:
        return format_of(_first(file, column)) is not None
    except Unreachable:
        raise
    except (OSError, ValueError, arrow().ArrowException):
        return False


def _paths(column: Any) -> list[str]:
    """Return the names of files that a column has beside its images."""
    return [os.path.basename(((value and value.get("path")) or "").replace("\\", "/")) for value in column.to_pylist()]


def _size_of_images(file: Any, columns: Columns, group: int) -> int:
    """Return the bytes of the images of a row group."""
    about = file.metadata.row_group(group)
    chunks = (about.column(at) for at in range(about.num_columns))
    of_image = (columns.image, f"{columns.image}.bytes")
    return sum(int(chunk.total_uncompressed_size) for chunk in chunks if chunk.path_in_schema in of_image)


class _Forward:
    """Reads the images of a file on from a row, some at a time: no row group is held whole."""

    def __init__(self, where: str) -> None:
        self.stamp = files.stamp(where)
        self._opened = opened(where)
        self._file = self._opened.__enter__()
        columns = columns_of(self._file)
        if columns is None:
            self.close()
            raise Unusable("has changed since it was listed")
        self._columns = columns
        self._group, self._first = -1, 0
        self._values: Any = ()
        self._batches: Iterator[Any] = iter(())

    def close(self) -> None:
        self._opened.__exit__(None, None, None)

    def image(self, row: int) -> bytes:
        """Return the bytes of the image in a row. Raises `Unusable`."""
        group, start = 0, 0
        about = self._file.metadata
        while group < about.num_row_groups and start + about.row_group(group).num_rows <= row:
            start += about.row_group(group).num_rows
            group += 1
        if group == about.num_row_groups:
            raise Unusable("has changed since it was listed")
        if group != self._group or row < self._first:
            self._group, self._first, self._values = group, start, ()
            column = self._columns.image
            self._batches = self._file.iter_batches(_ROWS, row_groups=[group], columns=[column], use_threads=False)
        while row >= self._first + len(self._values):
            self._first += len(self._values)
            self._values = next(self._batches).column(0)
        value = self._values[row - self._first].as_py()
        data = value.get("bytes") if isinstance(value, dict) else value
        if data is None:
            is_named = isinstance(value, dict) and bool(value.get("path"))
            raise Unusable("the table has only the path of a file" if is_named else "null in the table")
        return bytes(data)


_open: OrderedDict[str, _Forward] = OrderedDict()


def read(where: str, row: int) -> bytes:
    """Return the bytes of the image in a row. Raises `Unusable` where it cannot be read."""
    pyarrow = arrow()
    try:
        forward = _open.pop(where, None)
        if forward is not None and forward.stamp != files.stamp(where):
            forward.close()
            forward = None
        forward = forward or _Forward(where)
        _open[where] = forward
        if len(_open) > _MOST_OPEN:
            _open.popitem(last=False)[1].close()
        return forward.image(row)
    except Unreachable:
        _forget(where)
        raise
    except (OSError, ValueError, StopIteration, pyarrow.ArrowException, Refused):
        _forget(where)
        raise Unusable("cannot be read as Parquet") from None


def _forget(where: str) -> None:
    """Close a file that was not read to where it should be: the next row is looked for anew."""
    forward = _open.pop(where, None)
    if forward is not None:
        forward.close()
