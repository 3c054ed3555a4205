"""Data sets whose labels stand in one file for many images: COCO, CVAT, Open Images, Hugging Face, tables, lists.

Such a file is known by the names of images that stand in it.
"""

from __future__ import annotations

import csv
import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence

from augcli.dataset.layouts.tree import Finding, Tree, join, stem_of
from augcli.dataset.layouts.words import ROLE_OF_FOLDER, SURE_IMAGES, SURE_LABELS, split_in, words, words_of
from augcli.problems import named

_TABLES = frozenset((".csv", ".tsv"))
_TEXTS = frozenset((".json", ".jsonl", ".ndjson", ".xml"))
_OURS = frozenset(("augcli.json", "manifest.csv"))
"""An output of augcli may be its input, if the user says so."""
_MOST_FILES, _MOST_ROWS = 40, 400
_LENGTH = 1 << 16

_BOXES = words_of("xmin ymin xmax ymax bbox box boxes roi polygon segmentation pixels rle keypoints caption text")
_LABELS = _BOXES | words_of(
    "label labels class classes category categories target tags attributes annotation annotations regions"
    " objects shapes captions breed species dx diagnosis"
)

_COCO = r'(?=.*"(?:images|annotations)"\s*:)(?=.*"(?:file_name|image_id)"\s*:)'
_COCO_BEGUN = re.compile(r'\s*\{\s*"(?:info|licenses|categories)"\s*:')
"""Of a file whose classes alone take more than what is looked at."""
_COCO_NAMES = re.compile(
    r"(?:.*/)?(?:annotations/(?:instances|person_keypoints)_[^/]*|[^/]*_annotations\.coco)\.json", re.IGNORECASE
)
"""Names that are believed, whatever is in the file: its reader tells what is wrong with it."""
_VIA = r'(?=.*"regions"\s*:)(?=.*"filename"\s*:)'
_JSON_KINDS = (
    ("coco", "a COCO data set", re.compile(_COCO, re.DOTALL)),
    ("via", "a VIA data set", re.compile(_VIA, re.DOTALL)),
)
_XML_KINDS = (("cvat", "a CVAT data set", re.compile(r"(?=.*<annotations\b)(?=.*<image\b)", re.DOTALL)),)
_QUOTED = re.compile(r"""["'>]([^"'<>\n]{1,300})["'<]""")


def indexes(tree: Tree) -> Finding | None:
    """Find a file that names the images and says something of them."""
    for path in _candidates(tree, frozenset((".json",))):
        if _COCO_NAMES.fullmatch(path):
            return _text(tree, path) or Finding("coco", f"a COCO data set: `{path}` is called as its annotations are")
    for path in _candidates(tree, _TABLES | _TEXTS | {".txt"}):
        suffix = os.path.splitext(path)[1].lower()
        found = _text(tree, path) if suffix in _TEXTS and suffix not in (".jsonl", ".ndjson") else _table(tree, path)
        if found is not None:
            return found
    return None


def split_lists(tree: Tree) -> Finding | None:
    """Find class folders whose splits stand in lists beside them, such as `train.txt` and `test.txt`."""
    lists: dict[str, str] = {}
    if any(name.lower() in ROLE_OF_FOLDER for name in tree.with_images(tree.alone(""))):
        return None
    for path in _candidates(tree, frozenset((".txt", ".csv"))):
        said = split_in(stem_of(path))
        rows = _rows(tree, path) if said else []
        if said and rows and sum(_is_named(tree, row) for row in rows) * 2 > len(rows):
            lists.setdefault(said[0], path)
    if len(lists) < 2:
        return None
    what = f"class folders whose splits stand in lists, {named(list(lists.values()))}"
    help = "move the images into train/ and test/ as the lists say"
    start = tree.alone("")
    give = f", or give {os.path.join(tree.root, start)} to train on all" if start else ""
    return Finding("lists", what, help + give)


def yolo_yaml(tree: Tree) -> Finding | None:
    """Find what a data set keeps whose labels are not there: the YAML file of YOLO, or links to the labels."""
    for name in tree.folders[""].others:
        if name.lower().endswith((".yaml", ".yml")) and not _has_classes(tree):
            head = tree.head(name)
            if re.search(r"^names\s*:", head, re.MULTILINE) and re.search(r"^(train|val)\s*:", head, re.MULTILINE):
                return Finding("yolo", f"a YOLO data set: `{name}` names its splits and classes")
    return _linked_labels(tree)


def _linked_labels(tree: Tree) -> Finding | None:
    """Find links that are not followed, to labels beside a folder that is called by images."""
    for folder, inside in tree.folders.items():
        if not any(SURE_IMAGES & set(words(name)) for name in tree.with_images(folder)):
            continue
        beside = [name for name in inside.folders if SURE_LABELS & set(words(name))]
        links = [
            path for name in beside if not tree.number[join(folder, name)] for path in tree.links(join(folder, name))
        ]
        links += [path for path in tree.links(folder) if SURE_LABELS & set(words(stem_of(path)))]
        if links:
            what = f"a data set whose labels are links, which are not followed: `{links[0]}`"
            return Finding("links", what, "add --follow-links")
    return None


def _candidates(tree: Tree, suffixes: frozenset[str]) -> Iterator[str]:
    """Return the first files of these suffixes, but for folders that hold many: no index has fifty parts."""
    left = _MOST_FILES
    for folder, inside in sorted(tree.folders.items(), key=lambda item: item[0].count("/")):
        if not tree.number[""] or not inside.others:
            continue
        names = [name for name in inside.others if os.path.splitext(name)[1].lower() in suffixes]
        for name in names if len(names) <= _MOST_FILES else ():
            if left == 0:
                return
            left -= 1
            if not (name in _OURS and set(inside.others) >= _OURS):
                yield join(folder, name)


def _has_classes(tree: Tree) -> bool:
    """Tell whether the folders could be classes: two or more that are not called `images`."""
    start = tree.alone("")
    tops = tree.with_images(start)
    splits = [join(start, name) for name in tops if name.lower() in ROLE_OF_FOLDER]
    labels = {label for split in splits for label in tree.with_images(split)} if splits else set(tops)
    return sum(not SURE_IMAGES & set(words(label)) for label in labels) > 1


def _named(tree: Tree, cell: str) -> list[str]:
    """Return the images that a path names, as far as it goes."""
    cell = cell.strip().replace("\\", "/")
    parts = cell.split("/")
    paths = tree.by_name.get(parts[-1]) or tree.by_stem.get(parts[-1], [])
    if cell in paths:
        return [cell]
    for part in reversed(parts[:-1]):
        paths = [path for path in paths if part in path.split("/")] or paths
    return paths


def _is_named(tree: Tree, row: Iterable[str]) -> bool:
    return any(_named(tree, cell) for cell in row if not cell.strip().isdecimal() or len(cell.strip()) > 3)


def _rows(tree: Tree, path: str) -> list[list[str]]:
    """Return the first rows of a table; those of a JSON-lines file and the words of a list too."""
    text = tree.head(path, _LENGTH)
    lines = text.splitlines()[: _MOST_ROWS + 1]
    if len(text) >= _LENGTH and len(lines) <= _MOST_ROWS:
        lines = lines[:-1]
    suffix = os.path.splitext(path)[1].lower()
    if suffix == ".txt":
        return [re.split(r"[,\s]+", line.strip()) for line in lines]
    if suffix in (".jsonl", ".ndjson"):
        found = [_object(line) for line in lines]
        keys = list(found[0]) if found else []
        return [keys, *([str(row.get(key, "")) for key in keys] for row in found)]
    delimiter = max("\t;|,", key=lines[0].count) if lines else ","
    try:
        return list(csv.reader(lines, delimiter=delimiter))
    except csv.Error:
        return []


def _object(line: str) -> dict[str, object]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _table(tree: Tree, path: str) -> Finding | None:
    rows = _rows(tree, path)
    if len(rows) < 2:
        return None
    header, body = rows[0], rows[1:]
    from augcli.dataset.layouts.csv_tables import columns_of  # few folders have such a table

    columns = columns_of(rows)
    if columns is not None and any(_named(tree, row[columns.at["path"]]) for row in body if row):
        return Finding("csv", f"a data set with boxes in a table: `{path}` has a row for each")
    column = _column_of_images(tree, body)
    said = {word for cell in header for word in words(cell)}
    is_open_images = "ImageID" in header and bool({"LabelName", "Subset", "Confidence"} & set(header))
    if column is None and not is_open_images:
        return None
    if column is not None and _has_classes(tree) and _repeats_folders(tree, body, column, said):
        return None
    if column is not None and max(map(len, body)) < 2:
        return None  # a list of the files, and no more
    if all(len(row) == 2 and _named(tree, row[0]) and _named(tree, row[1]) for row in body):
        return None  # a list of images and their masks
    name = path.rpartition("/")[2]
    evidence = f"`{path}` has rows about its images"
    if column is not None:
        row = next(row for row in body if len(row) > column and _named(tree, row[column]))
        evidence = f"`{path}` has a row for `{_named(tree, row[column])[0]}`"
    if is_open_images:
        return Finding("open-images", f"an Open Images data set: {evidence}")
    if os.path.splitext(name)[0] == "metadata":
        return Finding("huggingface", f"a Hugging Face data set with metadata: {evidence}")
    return Finding("table", f"a data set with its labels in a table: {evidence}")


def _column_of_images(tree: Tree, body: Sequence[Sequence[str]]) -> int | None:
    """Return the column that names images; numbers that happen to be file names are none."""
    for column in range(max((len(row) for row in body), default=0)):
        cells = [row[column].strip() for row in body if len(row) > column]
        named = [cell for cell in cells if _named(tree, cell)]
        by_stem = not any(tree.by_name.get(cell.replace("\\", "/").rpartition("/")[2]) for cell in named)
        if by_stem and len(body) < _MOST_ROWS and len(set(named)) * 2 < len(tree.by_stem):
            continue
        too_few = by_stem and len(named) * 2 < len(body)  # a part of a large set may have its whole table
        if not too_few and named and (len(named) > 1 or len(named) == len(body)):
            return column
    return None


def _repeats_folders(tree: Tree, body: Sequence[Sequence[str]], column: int, header: set[str]) -> bool:
    """Tell whether a table says no more of an image than its folder does, by name or by a number for each."""
    if header & _BOXES:
        return False
    if not header & _LABELS:
        return True
    rows = [(row, images) for row in body if len(row) > column and (images := _named(tree, row[column]))]
    return any(_repeats(rows, at) for at in range(max(len(row) for row, _ in rows)) if at != column)


def _repeats(rows: Sequence[tuple[Sequence[str], list[str]]], column: int) -> bool:
    folder_of: dict[str, str] = {}
    value_of: dict[str, str] = {}
    for row, images in rows:
        value = row[column].strip().casefold() if len(row) > column else ""
        folder = images[0].rpartition("/")[0]
        if value in {part.casefold() for path in images for part in path.split("/")[:-1]}:
            continue
        if (
            len(images) > 1
            or value_of.setdefault(folder, value) != value
            or folder_of.setdefault(value, folder) != folder
        ):
            return False
    return True


def _text(tree: Tree, path: str) -> Finding | None:
    """Look into a JSON or XML file."""
    head = tree.head(path, _LENGTH)
    kinds = _XML_KINDS if path.lower().endswith(".xml") else _JSON_KINDS
    for layout, kind, pattern in kinds:
        if pattern.match(head):
            return Finding(layout, f"{kind}: `{path}` describes its images")
    if kinds is _JSON_KINDS and _COCO_BEGUN.match(head) and tree.size(path) > _LENGTH:
        return Finding("coco", f"a COCO data set: `{path}` begins like one")
    if _has_classes(tree) and not _BOXES & set(re.findall(r"[a-z]+", head)):
        return None
    names = {quoted.replace("\\", "/").rpartition("/")[2] for quoted in _QUOTED.findall(head)}
    images = [tree.by_name[name][0] for name in sorted(names) if name in tree.by_name]
    if len(images) > 1 or tree.number[""] == len(images):
        return Finding("table", f"a data set with its labels in one file: `{path}` names `{images[0]}`")
    return None
