"""Opens a table by the suffix of its file; each format is a module of this folder, loaded when it is needed."""

from __future__ import annotations

import importlib
import os
from typing import cast

from augcli.dataset.tables import Table, Wanted
from augcli.dataset.tables.packed import without_gz

FORMATS = {
    **dict.fromkeys((".csv", ".tsv", ".txt"), "delimited"),
    **dict.fromkeys((".jsonl", ".ndjson"), "json_lines"),
    **dict.fromkeys((".conll", ".iob", ".iob2", ".bio"), "conll"),
    ".parquet": "parquet",
}
"""The modules by suffix; all but Parquet may be packed, as `.csv.gz`. A `.txt` file is a table if its lines say so."""


def format_of(path: str) -> str:
    """Return the module that reads a table; empty for what is none by its name."""
    found = FORMATS.get(os.path.splitext(without_gz(path))[1].lower(), "")
    return "" if found == "parquet" and without_gz(path) != path else found


def opened(root: str, path: str, wanted: Wanted) -> Table:
    """Open a table of IN. Raises `Refused` where it cannot be read, or has not the columns that are wanted."""
    module = importlib.import_module(f"augcli.dataset.tables.{format_of(path)}")
    return cast(Table, module.opened(root, path, wanted))
