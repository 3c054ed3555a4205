"""What files of labels say of an image, read by their formats, with what their set has in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from augcli.dataset.sources import LabelFile, LabelSet, Source
from augcli.image.pictures import Header
from augcli.labels.annotation import Annotation
from augcli.labels.formats import Shown, format_of
from augcli.labels.said import said_by
from augcli.problems import Unusable
from augcli.spec.sections import Labels


class LabelReader:
    """Reads files of labels of the sets of IN."""

    def __init__(self, settings: Labels, root: str, sets: Sequence[LabelSet]) -> None:
        self._settings, self._root = settings, root
        self._about = {(one.format, one.path): one.about for one in sets}

    def is_of_set(self, label: LabelFile) -> bool:
        """Tell whether a file of labels is itself that of a set."""
        return (label.format, label.path) in self._about

    def about(self, label: LabelFile) -> Mapping[str, Any]:
        """Return what the set of a file of labels has in common: the set is that file, or stands around it."""
        if (label.format, label.path) in self._about:
            return self._about[label.format, label.path]
        found: Mapping[str, Any] = {}
        longest = -1
        for (format, path), about in self._about.items():
            is_around = not path or label.path.startswith(path + "/")
            if format == label.format and is_around and len(path) > longest:
                found, longest = about, len(path)
        return found

    def annotation(self, label: LabelFile, said: Sequence[bytes], shown: Shown) -> Annotation:
        """Return what a file of labels says of an image. Raises `Unusable`."""
        if label.is_missing:
            return Annotation(shown.size)
        try:
            return format_of(label.format).read(said, self.about(label), shown, self._settings)
        except Unusable as unusable:
            raise Unusable(f"{label.path}: {unusable}") from None

    def classes(self, source: Source, header: Header) -> frozenset[str]:
        """Return the names of the classes of a source's objects. Raises `Unusable`."""
        found: set[str] = set()
        for label in source.labels:
            if not is_list(label):
                shown = Shown(source.path, label.path, header.size, header.orientation)
                found.update(one.name for one in self.annotation(label, said_by(self._root, label), shown).objects)
        return frozenset(found)


def is_list(label: LabelFile) -> bool:
    """Tell whether a file says nothing of its own of an image."""
    return getattr(format_of(label.format), "of_others", False)
