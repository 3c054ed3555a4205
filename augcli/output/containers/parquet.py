"""Parquet as Hugging Face's `datasets` reads it: a row for each image, with its bytes and what is said of it.

All containers of a run have the same columns, with nothing in those that a sample has no use for. Images are packed
already and stand as they are; other columns are packed with Zstandard. The bytes depend on pyarrow's version, too,
which stands in the file: it is among the versions of a run.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO

from augcli.dataset.tables.arrow_schemas import arrow
from augcli.output.containers import Sample, Stored
from augcli.output.containers.arrays import array_of
from augcli.output.manifest import escaped, unescaped
from augcli.problems import Unusable

ROWS_OF_A_GROUP, BYTES_OF_A_GROUP = 100, 16 << 20
"""Readers hold a group at least, and those that take images in random order skip to one; writing one takes the memory
of eight.
"""
_ROWS = 16
"""How many rows are in memory when a container is read."""


class Parquet:
    """Writes and reads Parquet, a row group in memory at most. Raises `Refused` where pyarrow is not installed."""

    suffix = ".parquet"

    def write(self, file: BinaryIO, samples: Iterable[Sample], classes: Sequence[str]) -> None:
        """Write samples as they come."""
        names = [escaped(name) for name in classes]
        pyarrow, schema = arrow(), _schema(names)
        numbers = {name: number for number, name in enumerate(names)}
        with pyarrow.parquet.ParquetWriter(_Target(file), schema, **_PACKING) as writer:
            for group in _groups(samples):
                rows = [_row(sample, names, numbers) for sample in group]
                columns = [array_of(one.type, [row[one.name] for row in rows]) for one in schema]
                writer.write_table(pyarrow.Table.from_arrays(columns, schema=schema))

    def read(self, file: BinaryIO) -> Iterator[tuple[str, Stored]]:
        """Give the samples of a file as they stand in it. Raises `Unusable` where it is cut off, damaged or foreign."""
        for row in self._rows(file):
            try:
                key, stored = _stored(row)
            except (TypeError, KeyError, ValueError, AttributeError):
                raise Unusable("not a Parquet file that augcli wrote") from None
            yield key, stored

    def _rows(self, file: BinaryIO) -> Iterator[dict[str, Any]]:
        pyarrow = arrow()
        try:
            table = pyarrow.parquet.ParquetFile(file)
            for group in range(table.num_row_groups):
                for batch in table.iter_batches(_ROWS, [group], list(_READ), use_threads=False):
                    yield from batch.to_pylist()
        except (OSError, ValueError, pyarrow.ArrowException) as error:
            if isinstance(error, OSError) and error.errno:
                raise  # the disk's own
            raise Unusable("cut off, damaged, or not Parquet") from None


class _Target(io.RawIOBase):
    """A file as pyarrow wants it, which is not closed with it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._file.write(data)
        return len(data)


_PACKED = (
    *("label", "soft_label.list.element", "image.path", "source", "copy", "width", "height", "params"),
    *("objects.name.list.element", "objects.category.list.element", "objects.bbox.list.element.list.element"),
    *("objects.corners.list.element.list.element", "objects.keypoints.list.element.list.element"),
    "objects.rle.list.element",
    *(
        "objects.polygons.list.element.list.element.list.element",
        "objects.lines.list.element.list.element.list.element",
    ),
    *("masks.list.element.path", "label_files.list.element.path", "label_files.list.element.bytes"),
)
"""Columns that are packed. Images and masks are not: packing saved 2 % of JPEG, and took half as long again."""
# Dictionaries save nothing that Zstandard leaves. Of a thousand small photos the other columns take 85 kB so, 344 kB
# unpacked and 124 kB as pyarrow writes them unasked.
_PACKING: Mapping[str, Any] = {
    "compression": dict.fromkeys(_PACKED, "zstd"),
    "use_dictionary": False,
    "write_statistics": ["label", "source", "copy"],
}
_READ = ("image", "masks", "label_files", "objects")


def _schema(names: Sequence[str]) -> Any:
    """Return the columns, with what `datasets` is told of them; `names` are those of the classes."""
    pyarrow = arrow()
    number, text, reals = pyarrow.int64(), pyarrow.string(), pyarrow.list_(pyarrow.float64())
    file = pyarrow.struct([("bytes", pyarrow.binary()), ("path", text)])
    about_objects = {
        "name": text,
        "category": number,
        "bbox": reals,
        "polygons": pyarrow.list_(reals),
        "lines": pyarrow.list_(reals),
        "corners": reals,
        "keypoints": reals,
        "rle": text,
    }
    columns = {
        "image": file,
        "label": number,
        "soft_label": reals,
        "source": text,
        "copy": number,
        "width": number,
        "height": number,
        "params": text,
        "objects": pyarrow.struct([(name, pyarrow.list_(kind)) for name, kind in about_objects.items()]),
        "masks": pyarrow.list_(file),
        "label_files": pyarrow.list_(file),
    }
    features = {name: _feature(kind) for name, kind in columns.items()}
    features |= {"image": {"_type": "Image"}, "masks": _list({"_type": "Image"})}
    if names:
        features["label"] = {"names": list(names), "_type": "ClassLabel"}
        features["objects"]["category"] = _list(features["label"])
    about = json.dumps({"info": {"features": features}}, ensure_ascii=False)
    return pyarrow.schema(list(columns.items()), {"huggingface": about})


def _feature(kind: Any) -> dict[str, Any]:
    """Return what `datasets` calls a type of Arrow."""
    types = arrow().types
    if types.is_struct(kind):
        return {one.name: _feature(one.type) for one in kind}
    if types.is_list(kind):
        return _list(_feature(kind.value_type))
    return {"dtype": {"double": "float64"}.get(str(kind), str(kind)), "_type": "Value"}


def _list(of: Mapping[str, Any]) -> dict[str, Any]:
    return {"feature": of, "_type": "Sequence"}  # versions before 4 know no `List`, and later ones know both


def _groups(samples: Iterable[Sample]) -> Iterator[list[Sample]]:
    """Cut samples into row groups."""
    group: list[Sample] = []
    size = 0
    for sample in samples:
        own = sum(map(len, sample.files.values()))
        if group and (len(group) == ROWS_OF_A_GROUP or size + own > BYTES_OF_A_GROUP):
            yield group
            group, size = [], 0
        group.append(sample)
        size += own
    if group:
        yield group


def _row(sample: Sample, names: Sequence[str], numbers: Mapping[str, int]) -> dict[str, Any]:
    row = sample.row
    image, *others = sample.files
    masks = [suffix for suffix in others if suffix.endswith(_PICTURES)]
    shares = json.loads(row.soft_label) if row.soft_label else None
    return {
        "image": _file(sample, image),
        "label": sample.class_index,
        "soft_label": None if shares is None else [shares.get(name, 0.0) for name in names],
        "source": escaped(row.source),
        "copy": int(row.copy) if row.copy else None,
        "width": int(row.width),
        "height": int(row.height),
        "params": row.params or None,
        "objects": None if sample.objects is None else _columns(sample.objects, numbers),
        "masks": [_file(sample, suffix) for suffix in masks],
        "label_files": [_file(sample, suffix) for suffix in others if suffix not in masks],
    }


_PICTURES = ("png", "jpg", "jpeg", "bmp", "gif", "tif", "tiff", "webp")
"""Suffixes of files of labels that `datasets` decodes."""


def _file(sample: Sample, suffix: str) -> dict[str, Any]:
    return {"bytes": sample.files[suffix], "path": escaped(f"{sample.key}.{suffix}")}


def _columns(objects: Sequence[Mapping[str, Any]], numbers: Mapping[str, int]) -> dict[str, list[Any]]:
    """Return a list for each thing that may be said of an object, as long as there are objects."""
    found = {word: [one.get(called) for one in objects] for called, word in _WORDS.items()}
    names = [escaped(one["class"]) for one in objects]
    return {**found, "name": names, "category": [numbers.get(name, -1) for name in names]}


def _stored(row: Mapping[str, Any]) -> tuple[str, Stored]:
    files = {
        one["path"].partition(".")[2]: one["bytes"]  # keys have no dots
        for one in (row["image"], *row["masks"], *row["label_files"])
    }
    key = unescaped(row["image"]["path"].partition(".")[0])
    told = row["objects"]
    if told is None:
        return key, Stored(files)
    objects = [{"class": unescaped(name)} for name in told["name"]]
    for called, word in _WORDS.items():
        for one, said in zip(objects, told[word], strict=True):
            if said is not None:
                one[called] = said
    return key, Stored(files, objects)


_WORDS = {
    "box": "bbox",
    "polygons": "polygons",
    "lines": "lines",
    "corners": "corners",
    "keypoints": "keypoints",
    "rle": "rle",
}
"""What is said of an object, and what those who use `datasets` call it."""
