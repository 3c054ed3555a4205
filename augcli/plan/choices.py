"""Which steps of a container are applied to one copy; images and texts choose alike."""

from __future__ import annotations

from augcli.random_streams import Stream
from augcli.spec.pipeline import Group


def chosen(group: Group, stream: Stream) -> list[int]:
    """Return the indices of the steps of a group that are applied, in order."""
    everything = list(range(len(group.steps)))
    if group.kind == "sequence":
        return everything
    if group.kind == "random_order":
        return stream.order(len(everything))
    weights = [step.weight for step in group.steps]
    if group.kind == "one_of":
        return [stream.index(weights)]
    chosen = []
    for _ in range(stream.integer(*group.n)):
        index = stream.index(weights)
        weights[index] = 0.0
        chosen.append(index)
    return chosen if group.shuffle else sorted(chosen)
