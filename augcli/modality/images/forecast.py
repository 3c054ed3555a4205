"""What headers alone tell of a run: how large its sources are, and which of them would fail."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from augcli.image.arrays import Size
from augcli.plan import recipes
from augcli.plan.image_formats import header_of
from augcli.plan.output_names import Item, count_made, outputs
from augcli.problems import Unusable
from augcli.spec.spec import Spec

FIRST = 8  # copies that are drawn for every size; all of them where one of these fails


def foreseen(spec: Spec, root: Path, items: Iterable[Item]) -> tuple[dict[str, int], dict[str, list[str]]]:
    """Return how many pixels each source has that is made into others, and by reason those that would fail."""
    pixels: dict[str, int] = {}
    failing: dict[str, list[str]] = {}
    doubtful: dict[tuple[str, Size], bool] = {}  # whether a source of that size may fail at a step
    for item in items:
        if not count_made(item, spec):
            continue
        path, role = item.source.path, item.source.role
        try:
            if item.error:
                raise Unusable(item.error)
            size = header_of(str(root), item.source, spec.max_megapixels).size
            if (role, size) not in doubtful:
                doubtful[role, size] = bool(_failure(spec, item, size, FIRST))
            if doubtful[role, size] and (reason := _failure(spec, item, size, item.copies)):
                raise Unusable(reason)
            pixels[path] = size.width * size.height
        except Unusable as unusable:
            failing.setdefault(str(unusable), []).append(path)
    return pixels, failing


def _failure(spec: Spec, item: Item, size: Size, copies: int) -> str:
    """Say why a step cannot be applied to a source of that size, of the first copies; empty if it can."""
    planned = [output for output in outputs(item, spec) if output.is_made and output.label is None]
    try:
        for output in planned[:copies]:
            recipes.recipe(spec, item.source, output.copy, size, branch=output.branch)
    except Unusable as unusable:
        return str(unusable)
    return ""
