"""What is doubtful about the labels of a set, as far as is known without reading those of each image."""

from __future__ import annotations

from collections.abc import Sequence

from augcli.dataset.sources import LabelSet
from augcli.spec.sections import Labels


def unknown_pairs(sets: Sequence[LabelSet], settings: Labels) -> list[str]:
    """Return the names of classes of whose keypoints it is not known which are left and right of each other.

    A format whose objects have keypoints says so, by a method of this name that takes `about`.
    """
    if settings.flip_pairs is not None:
        return []
    from augcli.labels.formats import format_of  # loads codecs, which a set without labels does not need

    found = [ask(one.about) for one in sets if (ask := getattr(format_of(one.format), "unknown_pairs", None))]
    return list(dict.fromkeys(name for names in found for name in names))


def with_mixed_rows(sets: Sequence[LabelSet]) -> bool:
    """Tell whether YOLO files have outlines beside plain boxes: whoever reads one kind leaves out the image."""
    return any(one.format == "yolo" and one.about.get("mixed", False) for one in sets)


def unsure_borders(sets: Sequence[LabelSet], settings: Labels) -> dict[str, list[int]]:
    """Return the kinds of label images for which the value outside is a guess, with that value."""
    if settings.outside is not None:
        return {}
    kinds = [kind for one in sets for kind in one.about.get("kinds", {}).items() if one.format == "masks"]
    return {name: told["outside"] for name, told in kinds if not told["is_sure"]}
