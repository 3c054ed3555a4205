r"""The manifest: its rows, how they are written and read back, and the record of the run beside it.

`manifest.csv` is UTF-8 with line feeds, sorted by the bytes of the source path, and the same bytes for any
number of workers. A byte of a name that is not UTF-8 is written as `\xE9`, a backslash is doubled.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from augcli import __version__, there
from augcli.image.pictures import TEMPORARY
from augcli.problems import Problem, Refused
from augcli.spec import Spec, restored

MANIFEST = "manifest.csv"
RECORD = "augcli.json"
STATE = ".augcli"

FORMAT = 1
"""Of OUT: what its files and their fields mean. Raise it when older versions of augcli would misread a newer OUT.

A setting of the spec with a default, or a column at the end of `Row` with one, is no such reason.
"""

BYTES = 2
"""Of the pixels: raise it when the same spec, source and libraries come to other bytes than before, and only then.

Every OUT of a lower number is made anew. It was 1 until JPEG got its accurate DCT and colour profiles were converted.
"""


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


_QUOTED = re.compile(r'[,"\x00-\x1f\x7f-\x9f\u2028\u2029]')


def line(fields: Iterable[str]) -> str:
    """Write one CSV line. Every control character is quoted, a carriage return too."""
    return ",".join(f'"{f.replace(chr(34), chr(34) * 2)}"' if _QUOTED.search(f) else f for f in fields) + "\n"


def csv_line(row: Row) -> str:
    file_name, source, split, label, *rest = row
    return line((escaped(file_name), escaped(source), escaped(split), escaped(label), *rest))


def read_rows(path: Path) -> Iterator[Row]:
    """Read a manifest back, row by row, whatever the order of its columns. Raises `Refused` for a damaged one.

    Columns that are unknown are passed over; those that are missing, as an earlier version wrote it, are empty.
    """
    with path.open(encoding="utf-8", newline="") as file:
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


def lies_inside(*names: str) -> bool:
    """Tell whether relative names lead nowhere outside the folder that they are relative to."""
    return not any(name.startswith("/") or "\0" in name or (".." in name and ".." in name.split("/")) for name in names)


def _reader(file: TextIO) -> Any:
    csv.field_size_limit(1 << 27)
    return csv.reader(file, strict=True)


def _row_of(fields: list[str]) -> Row:
    row = Row(*fields)
    names = (row.file_name, row.source, row.split, row.label)
    if not any("\\" in name for name in names):
        return row
    file_name, source, split, label = map(unescaped, names)
    return row._replace(file_name=file_name, source=source, split=split, label=label)


@contextmanager
def whole_text(path: Path) -> Iterator[TextIO]:
    """Open a UTF-8 text file that gets its name only when it is written to its end and synced."""
    temporary = path.with_name(TEMPORARY + path.name)
    try:
        with temporary.open("w", encoding="utf-8", newline="") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_part(path: Path, rows: Iterable[Row]) -> None:
    """Write the rows of a chunk whole and synced: how many have each status, then lines of the manifest."""
    rows = list(rows)
    with whole_text(path) as file:
        file.write(json.dumps(Counter(row.status for row in rows)) + "\n")
        file.writelines(map(csv_line, rows))


def read_part(path: Path) -> Iterator[Row]:
    """Read a part back, row by row. Raises `Refused` for one that was damaged or edited."""
    with path.open(encoding="utf-8", newline="") as file:
        try:
            json.loads(file.readline())
            yield from map(_row_of, _reader(file))
        except (csv.Error, TypeError, ValueError):
            raise Refused(Problem(f"{path}: not what augcli wrote", "remove it, or choose another OUT")) from None


def counts_of(parts: Iterable[Path]) -> Counter[str]:
    """Return how many rows of each status parts say that they hold."""
    counts: Counter[str] = Counter()
    for part in parts:
        with part.open(encoding="utf-8", newline="") as rows:
            counts.update(json.loads(rows.readline()))
    return counts


def join_parts(path: Path, parts: Iterable[Path]) -> Counter[str]:
    """Write a manifest from parts, whole and synced; return how many rows have each status."""
    counts: Counter[str] = Counter()
    with whole_text(path) as file:
        file.write(line(Row._fields))
        for part in parts:
            with part.open(encoding="utf-8", newline="") as rows:
                counts.update(json.loads(rows.readline()))
                shutil.copyfileobj(rows, file)
    return counts


def versions() -> dict[str, Any]:
    """Return the versions of everything that decides bytes, and the family of the CPU."""
    import cv2
    import numpy
    import PIL
    import simplejpeg

    return {
        "bytes": BYTES,
        "cpu": _family(cv2.getCPUFeaturesLine()),
        "numpy": numpy.__version__,
        "opencv": cv2.__version__,
        "pillow": PIL.__version__,
        "simplejpeg": ".".join(simplejpeg.__version__.split(".")[:3]),
    }


def _family(features: str) -> str:
    """Return the CPU features that decide bytes, of those that OpenCV uses.

    With AVX-512 or without, every transform comes to the same bytes; without AVX2 some differ by a level.
    """
    return " ".join(name for name in features.split() if not name.lstrip("*").startswith("AVX512"))


def record_of(spec: Spec, made_with: dict[str, Any]) -> dict[str, Any]:
    """Return what `augcli.json` says before the counts; no times, no host name, no job count."""
    about = {"format": FORMAT, "augcli": __version__}
    return {**about, "versions": made_with, "spec_key": spec.key, "spec": spec.resolved()}


def write_json(path: Path, data: dict[str, Any]) -> None:
    """Write JSON whole and synced."""
    with whole_text(path) as file:
        json.dump(data, file, indent=2, ensure_ascii=False)
        file.write("\n")


def read_record(path: Path) -> dict[str, Any] | None:
    """Read a run record; None if there is none, or none that augcli wrote.

    Raises `Refused` for that of a later version, and OSError where it cannot be told whether there is one.
    """
    if not there.is_file(path):  # a pipe would be waited for
        return None
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError, RecursionError):  # a run that ends removes its own
        return None
    whole = isinstance(data, dict) and "spec_key" in data
    if not whole or not isinstance(data.get("spec"), dict) or not isinstance(data.get("versions"), dict):
        return None
    if data.get("format", 0) not in range(FORMAT + 1):
        what = f"{path}: made by a newer augcli (format {data['format']}; this one reads up to {FORMAT})"
        raise Refused(Problem(what, "install that version, or choose another OUT"))
    return _brought_up(data, str(path))


def _brought_up(record: dict[str, Any], shown: str) -> dict[str, Any]:
    """Return a record as this version would have written it: a setting that it does not know has its default."""
    if "format" not in record:
        before = {"bytes": 1, **record["versions"], "cpu": _family(str(record["versions"].get("cpu")))}
        record = {**record, "versions": {name: value for name, value in before.items() if name != "augcli"}}
    with suppress(Refused):  # what it asks for is no more: a difference
        spec = _completed(json.dumps(record["spec"]), shown)
        if spec.resolved() != record["spec"]:
            return {**record, "spec": spec.resolved(), "spec_key": spec.key}
    return record


@lru_cache(maxsize=8)
def _completed(resolved: str, shown: str) -> Spec:
    return restored(json.loads(resolved), shown)


def differences(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """Say in which settings two resolved specs differ: `seed 17 -> 18`."""
    found = []
    for name in sorted(before.keys() | now.keys()):
        old, new = before.get(name), now.get(name)
        if old == new:
            continue
        if isinstance(old, dict) and isinstance(new, dict):
            found += [f"{name}.{text}" for text in differences(old, new)]
        elif isinstance(old, list) and isinstance(new, list):
            found += _step_differences(name, old, new)
        else:
            found.append(f"{name} {json.dumps(old)} -> {json.dumps(new)}")
    return found


def _step_differences(name: str, old: list[Any], new: list[Any]) -> list[str]:
    if len(old) != len(new) or not all(isinstance(item, dict) for item in old + new):
        return [f"{name} {json.dumps(_outline(old))} -> {json.dumps(_outline(new))}"]
    found = []
    for number, (before, after) in enumerate(zip(old, new, strict=True), 1):
        found += [f"{name}[{number}].{text}" for text in differences(before, after)]
    return found


def _outline(items: list[Any]) -> list[Any]:
    return [next(iter(item)) if isinstance(item, dict) and len(item) == 1 else item for item in items]


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def files_below(out: Path) -> Iterator[str]:
    """Return the relative names of all files in OUT besides our own two and the state folder."""
    pending = [""]
    while pending:
        here = pending.pop()
        with os.scandir(out / here) as entries:
            for entry in sorted(entries, key=lambda entry: os.fsencode(entry.name)):
                name = f"{here}/{entry.name}" if here else entry.name
                if entry.is_dir(follow_symlinks=False):
                    if name != STATE:
                        pending.append(name)
                elif name not in (MANIFEST, RECORD):
                    yield name
