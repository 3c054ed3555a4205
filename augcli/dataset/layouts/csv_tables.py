"""Tables of boxes, a row for each: RetinaNet's without a header, and those with one, in whatever order of columns."""

from __future__ import annotations

import os
import re
from array import array
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from augcli.dataset.layouts.image_lists import kept_text, set_of
from augcli.dataset.layouts.listed_images import Listed, Split, files_that_list, split_of, split_of_image
from augcli.dataset.layouts.tree import Tree, join
from augcli.dataset.sources import Hints, LabelFile, Labelled, LabelSet, Source
from augcli.problems import Problem, Refused, Unusable, counted, named
from augcli.storage import files
from augcli.storage.names import byte_order

NOT_LISTED = "images that no table lists"
NO_CELLS = "rows of a table with too few columns"

BOM = b"\xef\xbb\xbf"

_NAMES = {
    "path": "filename file_name file image image_name imagename image_path imagepath path img img_path image_file",
    "left": "xmin x_min x1 left",
    "top": "ymin y_min y1 top",
    "right": "xmax x_max x2 right",
    "bottom": "ymax y_max y2 bottom",
    "class": "class class_name classname label label_name name category category_name cell_type object type",
    "width": "width image_width img_width",
    "height": "height image_height img_height",
}
_KEY_OF = {name: key for key, names in _NAMES.items() for name in names.split()}
_NEEDED = ("path", "left", "top", "right", "bottom")
_RETINANET = {"path": 0, "left": 1, "top": 2, "right": 3, "bottom": 4, "class": 5}
_NUMBER = re.compile(r"\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?\s*")


class Columns(NamedTuple):
    """Where a table says what, and whether its first row does."""

    at: dict[str, int]
    has_header: bool


def columns_of(rows: Sequence[Sequence[str]]) -> Columns | None:
    """Return the columns of a table of boxes from its first rows; None where it is none."""
    if not rows:
        return None
    at: dict[str, int] = {}
    for column, cell in enumerate(rows[0]):
        key = _KEY_OF.get(cell.strip().lower().replace(" ", "_"))
        if key is not None:
            at.setdefault(key, column)
    if all(key in at for key in _NEEDED):
        return Columns(at, has_header=True)
    boxes = [row[1:5] for row in rows if len(row) == len(_RETINANET)]
    if len(boxes) < len(rows) or not any(all(map(_NUMBER.fullmatch, box)) for box in boxes):
        return None
    is_table = all(all(map(_NUMBER.fullmatch, box)) or not any(box) for box in boxes)
    return Columns(_RETINANET, has_header=False) if is_table else None


def find(tree: Tree, hints: Hints) -> Labelled | None:
    """Find the tables of boxes of a tree, and the images that they list."""
    listed = Listed(tree, hints.images)
    unpaired: dict[str, list[str]] = {}
    files_of: dict[str, list[LabelFile]] = {}
    splits_of: dict[str, list[Split]] = {}
    sets: list[LabelSet] = []
    for path in files_that_list(tree, hints, (".csv", ".tsv")):
        table = _table(tree, path)
        if table is None:
            continue
        split = split_of(path)
        places: dict[str, array[int]] = {}
        for name, spans in table.rows.items():
            image, reason = listed.image(path, name, split)
            if image:
                places.setdefault(image, array("Q")).extend(spans)
            else:
                unpaired.setdefault(reason, []).append(name)
        if not places:
            continue
        if table.short:
            unpaired.setdefault(NO_CELLS, []).extend([path] * table.short)
        for image, spans in places.items():
            files_of.setdefault(image, []).append(LabelFile("csv_boxes", path, path, spans.tobytes()))
            splits_of.setdefault(image, []).append(split)
        sets.append(set_of("csv_boxes", path, table.about))
    if not sets:
        return None
    what = f"a data set with boxes in {named([one.path for one in sets])}: {counted(len(files_of), 'image')}"
    sets += _classes(tree, {one.path for one in sets})
    left = [path for path in tree.images_below("") if path not in files_of]
    unpaired |= {NOT_LISTED: left} if left else {}
    sources = []
    for path, said in files_of.items():
        split = split_of_image(path.rpartition("/")[0], tuple(splits_of[path]))
        sources.append(Source(path, split.name, split.role or "train", "", tuple(said)))
    sources.sort(key=lambda source: byte_order(source.path))
    return Labelled("csv", what, sources, sets, unpaired)


def _classes(tree: Tree, tables: set[str]) -> Iterator[LabelSet]:
    """Return the tables of classes beside tables of boxes, which go along as they are."""
    for folder in dict.fromkeys(path.rpartition("/")[0] for path in sorted(tables)):
        for name in tree.folders[folder].others:
            path = join(folder, name)
            if name.lower().endswith(".csv") and "class" in name.lower() and path not in tables:
                kept = kept_text(tree, path)
                if kept is not None:
                    yield kept


class _Table(NamedTuple):
    about: dict[str, Any]
    rows: dict[str, array[int]]
    """Offset and length of each row, one after the other, by the path that it names."""
    short: int


_HEAD = 1 << 16
_MOST_ROWS = 50


def cells_of(row: str, delimiter: str) -> list[str]:
    """Split a row into its cells as they are written, with their quotes."""
    return _cell(delimiter).findall(delimiter + row)


def unquoted(cell: str) -> str:
    """Return what a cell says."""
    cell = cell.strip(" ")
    return cell[1:-1].replace('""', '"') if len(cell) > 1 and cell[0] == cell[-1] == '"' else cell


def _cell(delimiter: str) -> re.Pattern[str]:
    quoted = rf'[ ]*"(?:[^"]|"")*+"[ ]*(?=[{delimiter}\r\n]|$)'
    return re.compile(rf"[{delimiter}]({quoted}|[^{delimiter}\r\n]*+)")


def _row(delimiter: str) -> re.Pattern[bytes]:
    cell = rf'(?:[ ]*"(?:[^"]|"")*+"[^{delimiter}\r\n]*+|[^{delimiter}\r\n]*+)'
    return re.compile(rf"({cell}(?:[{delimiter}]{cell})*+)(\r\n|\n|\r|\Z)".encode())


def _table(tree: Tree, path: str) -> _Table | None:
    """Read a table; None where it is none of boxes in pixels. Raises `Refused` where it cannot be read."""
    head = tree.head(path, _HEAD)
    delimiter = max(",\t;", key=(head.splitlines() or [""])[0].count)
    lines = [line for line in head.splitlines()[: _MOST_ROWS + 1] if line.strip()]
    first = [[unquoted(cell) for cell in cells_of(line, delimiter)] for line in lines]
    columns = columns_of(first[:-1] if len(head) >= _HEAD or len(first) > _MOST_ROWS else first)
    if columns is None:
        return None
    try:
        data = files.read(os.path.join(tree.root, path))
    except Unusable as unusable:
        what = f"{os.path.join(tree.root, path)}: {unusable}"
        raise Refused(Problem(what, "change its permissions, or move it out of IN")) from None
    at = len(BOM) if data.startswith(BOM) else 0
    found = list(_row(delimiter).finditer(data, at))
    rows: dict[str, array[int]] = {}
    short, has_empty, largest = 0, False, 0.0
    newline = next((row[2].decode() for row in found if row[2]), "\n")
    title = ""
    for row in found:
        text = os.fsdecode(row[1])
        if not text.strip():
            continue
        if columns.has_header and not title:
            title = text
            continue
        cells = [unquoted(cell) for cell in cells_of(text, delimiter)]
        if len(cells) <= max(columns.at.values()) or not cells[columns.at["path"]]:
            short += 1
            continue
        box = [cells[columns.at[key]].strip() for key in _NEEDED[1:]]
        has_empty |= not any(box)
        largest = max([largest, *(float(cell) for cell in box if _NUMBER.fullmatch(cell))])
        spans = rows.setdefault(cells[columns.at["path"]], array("Q"))
        spans.append(row.start(1))
        spans.append(len(row[1]))
    if 0 < largest <= 1:
        return None  # shares of the size, no pixels
    about = {
        "columns": columns.at,
        "delimiter": delimiter,
        "newline": newline,
        "head": ("\ufeff" if at else "") + (title + newline if title else ""),
        "ends": data.endswith((b"\n", b"\r")),
        "lists_empty": has_empty or not columns.has_header,
    }
    return _Table(about, rows, short)
