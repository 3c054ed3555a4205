"""Which steps of a container are applied to one copy; images and texts choose alike."""

from __future__ import annotations

from collections.abc import Callable, Collection

from augcli.random_streams import Stream
from augcli.spec.pipeline import ALL, BRANCH, Group, PipelineNode


def is_for(node: PipelineNode, classes: Callable[[], Collection[str]]) -> bool:
    """Tell whether a step is for something that shows these classes: for each of them.

    A step that is `only` for some is not for what shows none.
    """
    if node.classes == ALL:
        return True
    shown = classes()
    return all(map(node.classes.fit, shown)) and bool(shown or not node.classes.only)


def chosen(group: Group, stream: Stream, classes: Callable[[], Collection[str]]) -> list[int]:
    """Return the indices of the steps of a group that are applied, in order; those for other classes are not chosen."""
    everything = list(range(len(group.steps)))
    if group.kind in ("sequence", BRANCH):
        return everything
    if group.kind == "random_order":
        return stream.order(len(everything))
    weights = [step.weight if is_for(step, classes) else 0.0 for step in group.steps]
    if group.kind == "one_of":
        return [stream.index(weights)] if any(weights) else []
    chosen: list[int] = []
    for _ in range(min(stream.integer(*group.n), sum(weight > 0 for weight in weights))):
        index = stream.index(weights)
        weights[index] = 0.0
        chosen.append(index)
    return chosen if group.shuffle else sorted(chosen)
