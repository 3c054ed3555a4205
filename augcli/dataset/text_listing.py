"""The texts of IN: files in class folders or without classes, or blocks of the records of tables. IN is only read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from augcli.dataset.file_kinds import ARCHIVES, LINKS
from augcli.dataset.layouts.splits import one_level_too_deep, splits_below_classes
from augcli.dataset.layouts.tree import Tree, join
from augcli.dataset.layouts.words import ROLE_OF_FOLDER, role_of
from augcli.dataset.listing import Listing, empty_classes, in_classes, layout_of, refuse_no_folder, what_else
from augcli.dataset.packed_sources import PackedSources
from augcli.dataset.sources import Source
from augcli.dataset.tables import Table, Wanted
from augcli.dataset.tables.columns import NoTexts
from augcli.dataset.tables.delimited import holds_labelled_lines
from augcli.dataset.tables.opening import FORMATS, opened
from augcli.dataset.text_kinds import UNSUPERVISED, is_text, kind_of, split_of
from augcli.dataset.walk import Walk
from augcli.problems import Problem, Refused
from augcli.storage import files
from augcli.storage.names import byte_order

BESIDE_TABLES, BESIDE_TEXTS = "texts beside tables", "tables beside texts"
NO_TEXTS, NO_RECORDS = "tables without a column of texts", "tables without records"
LOOSE, UNLABELLED = "texts outside of class folders", "texts without labels"
OURS = "manifest of augcli"

_MOST_LISTS = 20
"""More `.txt` files in one folder are texts, none of which is opened to see whether it is a table."""


def scan_texts(root: Path, layout: str, wanted: Wanted, follow_links: bool = False, out: Path | None = None) -> Listing:
    """List the texts of a folder.

    `layout` is `classes` (IN/class/...), `splits` (IN/split/class/...), `flat` (no labels), `tables`, or `auto`: what
    is there decides. `wanted` is what the spec says of tables. Raises `Refused` as `scan` of `listing` does.
    """
    refuse_no_folder(root, "give the folder that it lies in, or the one that holds the class folders")
    walk = Walk(root, follow_links, out, kind_of)
    tree = walk.tree()
    ours = [name for name in tree.folders[""].images if name == "manifest.csv" and _is_output(tree)]
    tables = [path for path in tree.images_below("") if path not in ours and not is_text(path)]
    if layout in ("auto", "tables"):
        tables += _labelled_lines(root, tree)
    tables.sort(key=byte_order)
    texts = _without(tree, {*tables, *ours})
    if layout == "auto":
        layout = _layout(root, texts, tables, wanted)
    opened_tables: dict[str, Table] = {}
    bases: list[str] = []  # the folders whose folders are the classes
    left = {OURS: ours}
    stamps: dict[str, tuple[int, ...]] = {}
    if layout == "tables":
        stamps = {path: files.stamp(str(root / path)) for path in tables}  # before a byte is read
        opened_tables = _opened(root, tables, wanted, left)
        sources = [source for table in opened_tables.values() for source in _blocks(table)]
        told = {one.block.table for one in sources if one.block}
        left.setdefault(NO_RECORDS, []).extend(path for path in opened_tables if path not in told)
        left[BESIDE_TABLES] = [*texts.images_below("")]
    elif layout == "flat":
        sources = [Source(path, "", "train", "") for path in texts.images_below("")]
        left[BESIDE_TEXTS] = tables
    else:
        bases = _splits(texts) if layout == "splits" else [""]
        sources = [source for base in bases for source in _in_classes(texts, base, left)]
        left[LOOSE] = [join(base, name) for base in dict.fromkeys(["", *bases]) for name in texts.folders[base].images]
        left[BESIDE_TEXTS] = tables
    for reason, paths in left.items():
        if paths:
            walk.left_out.setdefault(reason, []).extend(paths)
    if not sources:
        raise Refused(Problem(f"{root}: no texts in it{what_else(walk.left_out)}", _help(walk.left_out)))
    sources.sort(key=lambda source: byte_order(source.path))
    empty = [folder for base in bases for folder in empty_classes(walk, texts, base)]
    return Listing(PackedSources(sources), walk.left_out, empty, tables=opened_tables, stamps=stamps)


def _is_output(tree: Tree) -> bool:
    """Tell whether IN is an output of augcli, whose manifest is no table of texts."""
    return "augcli.json" in tree.folders[""].others


def _labelled_lines(root: Path, tree: Tree) -> Iterator[str]:
    """Return the `.txt` files with lines of `label<TAB>text`, in IN and the folders in it."""
    for path, folder in tree.folders.items():
        names = [name for name in folder.images if is_text(name)]
        for name in names if path.count("/") == 0 and len(names) <= _MOST_LISTS else ():
            try:
                if holds_labelled_lines(str(root), join(path, name)):
                    yield join(path, name)
            except Refused:
                continue  # it is told of when it is read as a text


def _without(tree: Tree, paths: set[str]) -> Tree:
    """Return the tree without some of its files."""
    folders = {
        path: folder._replace(images=[name for name in folder.images if join(path, name) not in paths])
        for path, folder in tree.folders.items()
    }
    return Tree(tree.root, folders)


def _layout(root: Path, texts: Tree, tables: Sequence[str], wanted: Wanted) -> str:
    """Return what IN looks like. Raises `Refused` where that cannot be told, or is not read."""
    classes = [top for top in texts.with_images("") if top.lower() not in ROLE_OF_FOLDER or texts.with_images(top)]
    table = next((path for path in tables if _opens(root, path, wanted)), "")
    if classes and table:
        what = f"{root}: texts in folders, such as `{texts.some(classes[0])}`, and tables, such as `{table}`"
        raise Refused(Problem(what, "set `layout: classes`, `splits`, `flat` or `tables` in the spec"))
    if classes:
        folders = _without(texts, {*texts.folders[""].images})
        for finding in (splits_below_classes(folders), one_level_too_deep(folders)):
            if finding is not None:
                what = f"{root}: looks like {finding.what}"
                raise Refused(Problem(what, f"{finding.help}, or set `layout: classes` if every folder is a class"))
        return layout_of(root, texts)
    if texts.number[""] and not table:
        some = texts.some("")
        what = f"{root}: texts that lie in no class folder, such as `{some}`"
        raise Refused(Problem(what, "move them into class folders, or set `layout: flat` in the spec (no labels)"))
    return "tables"


def _opens(root: Path, path: str, wanted: Wanted) -> bool:
    try:
        opened(str(root), path, wanted)
    except Refused:
        return False
    return True


def _opened(root: Path, paths: Sequence[str], wanted: Wanted, left: dict[str, list[str]]) -> dict[str, Table]:
    """Open the tables; those without texts are left out, unless their names say that they are a split."""
    found: dict[str, Table] = {}
    missing: list[NoTexts] = []
    for path in paths:
        if _is_empty(root, path):
            left.setdefault(NO_RECORDS, []).append(path)
            continue
        try:
            found[path] = opened(str(root), path, wanted)
        except NoTexts as no_texts:
            if split_of(path)[0]:
                raise
            missing.append(no_texts)
            left.setdefault(NO_TEXTS, []).append(path)
    if missing and not found:
        raise missing[0]
    return found


def _blocks(table: Table) -> Iterator[Source]:
    split, role = split_of(table.path)
    return (Source(block.path, split, role, "", place=block) for block in table.blocks())


def _is_empty(root: Path, path: str) -> bool:
    """Tell whether a table has not one byte."""
    return not Tree(str(root), {}).start(path, 1)


def _splits(texts: Tree) -> list[str]:
    """Return the top folders, which are splits; those that hold no text count if they are called like one."""
    held = texts.with_pictures("")
    return [name for name in texts.folders[""].folders if name in held or name.lower() in ROLE_OF_FOLDER]


def _in_classes(texts: Tree, base: str, left: dict[str, list[str]]) -> Iterator[Source]:
    """Return the texts of a split, or of IN itself, whose folders are the classes, but for those that have no label."""
    sources = [*in_classes(texts, base, role_of(base) if base else "train")]
    has_classes = any(source.label.lower() not in UNSUPERVISED for source in sources)
    for source in sources:
        if has_classes and source.label.lower() in UNSUPERVISED:
            left.setdefault(f"{UNLABELLED} ({source.label})", []).append(source.path)
        else:
            yield source


def _help(left_out: dict[str, list[str]]) -> str:
    """Say what to do where IN holds no text that is read."""
    if LINKS in left_out:
        return "add --follow-links to read what the links lead to"
    if any(reason.startswith(ARCHIVES) for reason in left_out):
        return "unpack the archives first"
    return f"texts and tables must have one of the suffixes {' '.join(sorted(FORMATS))}"
