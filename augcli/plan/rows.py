"""The manifest rows of a source: one for each of its files, or one that says why there is none."""

from __future__ import annotations

import json
from collections.abc import Mapping

from augcli.output.manifest import Row
from augcli.plan.output_names import Item, Output


def row_of(
    item: Item,
    output: Output,
    size: tuple[int, int],
    *,
    source_sha256: str,
    sha256: str,
    bytes: int,
    converted: str = "",
    params: str = "",
    soft_label: str = "",
    objects: str = "",
    dropped: Mapping[str, int] | None = None,
    labels_sha256: str = "",
    notes: str = "",
) -> Row:
    """Return the row of a file; `size` is (width, height), `objects` how many it shows and `dropped` has lost."""
    source, copy = item.source, "" if output.copy is None else str(output.copy)
    return Row(  # by their places, which takes a third of the time
        *(output.file_name, source.path, source.split, source.label, soft_label, copy, output.status),
        *("", converted, str(size[0]), str(size[1]), str(bytes), source_sha256, sha256, params),
        objects,
        "" if dropped is None else str(sum(dropped.values())),
        json.dumps(dict(sorted(dropped.items()))) if dropped else "",
        labels_sha256,
        notes,
    )


def row_without_file(item: Item, status: str, error: str = "", source_sha256: str = "", labels_sha256: str = "") -> Row:
    """Return the row of a source of which nothing is made: `skipped`, or `failed` with an error."""
    nothing = dict.fromkeys(Row._fields, "")
    told = {"source": item.source.path, "split": item.source.split, "label": item.source.label}
    hashes = {"source_sha256": source_sha256, "labels_sha256": labels_sha256}
    return Row(**{**nothing, **told, **hashes, "status": status, "error": error})
