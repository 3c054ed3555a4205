"""What kind of labels a YOLO data set has, as the numbers of columns in a sample of its files tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from augcli.dataset.layouts.data_yaml import Description
from augcli.dataset.layouts.tree import Tree

_MOST_FILES, _MOST_READ = 200, 1 << 16


def told(tree: Tree, labels: Sequence[str], described: Iterable[Description]) -> dict[str, Any]:
    """Return what `about` of the format `yolo` says of all rows: `task`, and `columns` and `mixed` where they hold.

    Nine columns are four corners or an outline of four points. They are taken for corners where all rows have nine.
    """
    columns = _columns(tree, labels)
    shape = next((one.about["keypoints"] for one in described if "keypoints" in one.about), None)
    if shape and (not columns or 5 + shape[0] * shape[1] in columns):
        return {"task": "pose"}
    if set(columns) == {9}:
        return {"task": "obb"}
    if len(columns) == 1 and (number := next(iter(columns))) > 6 and number % 2 == 0:
        return {"task": "detect", "columns": number}
    is_mixed = {"mixed": True} if any(n in (5, 6) for n in columns) and any(n > 6 for n in columns) else {}
    return {"task": "segment" if any(number > 6 for number in columns) else "detect", **is_mixed}


def _columns(tree: Tree, labels: Sequence[str]) -> Counter[int]:
    """Count rows by their columns, in files from all over the set."""
    found: Counter[int] = Counter()
    step = max(1, len(labels) // _MOST_FILES)
    for path in labels[::step]:
        text = tree.head(path, _MOST_READ)
        lines = text.splitlines()[: -1 if len(text) >= _MOST_READ else None]
        found.update(number for line in lines if (number := len(line.split())) > 4)
    return found
