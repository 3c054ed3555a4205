"""What sizes alone tell of a run: how large its sources are, and which of them would fail."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from augcli.plan.output_names import Item, count_made
from augcli.spec.spec import Spec
from augcli.storage import places


def foreseen(spec: Spec, root: Path, items: Iterable[Item]) -> tuple[dict[str, int], dict[str, list[str]]]:
    """Return how many bytes each source has that is made into others, and by reason those that would fail."""
    sizes: dict[str, int] = {}
    failing: dict[str, list[str]] = {}
    for item in items:
        if not count_made(item, spec):
            continue
        path, block = item.source.path, item.source.block
        if item.error:
            failing.setdefault(item.error, []).append(path)
        else:
            sizes[path] = places.size(root / path) if block is None else block.length
    return sizes, failing
