"""The names of a set's classes, in the set's own order, where it says them in one place."""

from __future__ import annotations

from collections.abc import Sequence

from augcli.dataset.sources import LabelSet
from augcli.labels.formats import format_of


def class_names(sets: Sequence[LabelSet]) -> list[str]:
    """Return the names of all classes, each once; none where they stand with the objects alone.

    A format whose sets name their classes says so, by a method of this name that takes `about`.
    """
    found = [ask(one.about) for one in sets if (ask := getattr(format_of(one.format), "class_names", None))]
    return list(dict.fromkeys(name for names in found for name in names))


def are_numbers(sets: Sequence[LabelSet]) -> bool:
    """Tell whether classes are called by their numbers, as a set that says their names elsewhere says none."""
    asked = [(ask, one.about) for one in sets if (ask := getattr(format_of(one.format), "class_names", None))]
    return any(not ask(about) for ask, about in asked)
