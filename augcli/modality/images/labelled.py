"""The labels of images: read from their files, moved as the pixels of each copy are, and written as they were."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from augcli.dataset.sources import LabelFile, LabelSet, Source
from augcli.image.arrays import Size
from augcli.image.matrices import Bounds
from augcli.image.ops import Op
from augcli.image.pictures import Header
from augcli.labels.annotation import Annotation
from augcli.labels.formats import Shown, file_format_of, shared_format_of
from augcli.labels.moving import Tracks
from augcli.labels.reading import LabelReader, is_list
from augcli.labels.said import digest_of, digests_of_sets, said_by
from augcli.output.joining import Addition
from augcli.problems import Unusable
from augcli.spec.sections import Labels
from augcli.spec.spec import Spec


class Mixed(NamedTuple):
    """A picture that is mixed in: its source and header, and the ops that bring it to the mix."""

    source: Source
    header: Header
    ops: Sequence[Op]


class _Known(NamedTuple):
    """What is remembered of a source: what its files of labels say of it, and its labels as they are read."""

    said: list[list[bytes]]
    tracks: list[Tracks]


class LabelledObjects:
    """What steps may ask of the objects of a source, read when one does."""

    def __init__(self, read: Callable[[], Iterable[Tracks]], settings: Labels) -> None:
        self._read, self._settings = read, settings

    def boxes(self, ops: Sequence[Op]) -> list[Bounds]:
        """Return the boxes around the objects that are there behind ops."""
        return [box for tracks in self._read() for box in tracks.boxes(ops, self._settings)]

    @cached_property
    def are_some(self) -> bool:
        """Whether there are any."""
        return any(tracks.annotation.objects for tracks in self._read())

    @cached_property
    def classes(self) -> frozenset[str]:
        """The names of the objects' classes."""
        return frozenset(one.name for tracks in self._read() for one in tracks.annotation.objects if one.name)


_REMEMBERED = 5
"""Sources: that of the copies that are being made, and those of a mosaic."""


class Labeller:
    """Reads, moves and writes labels; of the latest sources it remembers what was read."""

    def __init__(self, spec: Spec, root: str, sets: Sequence[LabelSet], sources: Sequence[Source] = ()) -> None:
        """Take the sets of a spec's sources; `sources` are those that may be mixed with one another."""
        self._spec, self.root, self._sources = spec, root, sources
        self._reader = LabelReader(spec.labels, root, sets)
        self._digests = digests_of_sets(sets)
        self._known: dict[str, _Known] = {}

    @cached_property
    def sources(self) -> dict[str, Source]:
        """The sources that may be mixed with one another, by path."""
        return {source.path: source for source in self._sources}

    def about(self, label: LabelFile) -> Mapping[str, Any]:
        """Return what the set of a file of labels has in common."""
        return self._reader.about(label)

    def _of(self, source: Source) -> _Known:
        known = self._known.get(source.path)
        if known is None:  # threads may come here at once: each step leaves something that holds
            known = _Known([said_by(self.root, label) for label in source.labels], [])
            for oldest in list(self._known)[: 1 - _REMEMBERED]:
                self._known.pop(oldest, None)
            self._known[source.path] = known
        return known

    def said(self, source: Source) -> list[list[bytes]]:
        """Return what each of a source's files of labels says of it. Raises `Unusable` if one cannot be read."""
        return self._of(source).said

    def digest(self, source: Source) -> str:
        """Return the SHA-256 of all that is said of a source; empty where it has no files of labels."""
        return digest_of(source, self.said(source), self._digests) if source.labels else ""

    def tracks(self, source: Source, header: Header) -> list[Tracks]:
        """Return what each file of labels says of an upright picture. Raises `Unusable`."""
        known = self._of(source)
        if not known.tracks:
            nothing = Tracks(Annotation(header.size))  # for all lists, of which Pascal VOC has forty
            shown = [
                (label, said, Shown(source.path, label.path, header.size, header.orientation))
                for label, said in zip(source.labels, known.said, strict=True)
            ]
            known.tracks[:] = [nothing if is_list(one[0]) else Tracks(self._reader.annotation(*one)) for one in shown]
        return known.tracks

    def as_stored(self, source: Source, image: str, size: Size) -> list[Addition]:
        """Return what an image of OUT adds to shared files whose file is copied: of `size`, not turned upright."""
        own = [(label, said) for label, said in zip(source.labels, self.said(source), strict=True)]
        found: list[Addition] = []
        read: list[Annotation] | None = None
        for label, said in own:
            if not label.is_shared or not self._reader.is_of_set(label):
                continue
            about, shown = self.about(label), Shown(image, label.path, size)
            format = shared_format_of(label.format)
            try:
                if is_list(label):
                    if read is None:
                        files = [one for one in own if not is_list(one[0])]
                        read = [self._reader.annotation(*one, Shown(source.path, one[0].path, size)) for one in files]
                    annotation = next((one for one in read if one.objects), Annotation(size))
                    record = format.records(annotation, said, about, shown, self._spec.labels)
                else:
                    record = format.copied(said, about, shown, source.path)
            except Unusable as unusable:
                raise Unusable(f"{label.path}: {unusable}") from None
            found.append(Addition(source.path, label.path, record))
        return found

    def moved(
        self,
        source: Source,
        header: Header,
        ops: Sequence[Op],
        mixed: Sequence[Mixed] = (),
        weights: Sequence[float] = (),
    ) -> list[Annotation]:
        """Return what is left of each file's labels behind the ops of a copy, with those of the pictures mixed in."""
        others = [(one, self.before_mix(one)) for one in mixed]
        found = []
        for label, tracks in zip(source.labels, self.tracks(source, header), strict=True):
            if is_list(label):
                found.append(Annotation(header.size))
                continue
            keys = [self._alike(label, one, source) for one, _ in others]
            beside = [
                known.pop(key) if key in known else _none(one) for key, (one, known) in zip(keys, others, strict=True)
            ]
            found.append(tracks.through(ops, beside, weights).kept(self._spec.labels))
        for _, known in others:  # what is left has no place in the files of this image
            lost = sum(len(tracks.annotation.objects) for tracks in known.values())
            if lost and found:
                found[0].dropped["in another file"] += lost
        return found

    def _alike(self, label: LabelFile, mixed: Mixed, source: Source) -> tuple[str, str]:
        """Return format and slot of the file of a picture mixed in whose labels may stand in a file of this image.

        It is of the same slot, or a shared file with the same classes that says nothing of this image.
        """
        slots = {other.slot: other for other in mixed.source.labels if other.format == label.format}
        own = {other.slot for other in source.labels}
        if label.slot in slots or not label.is_shared:
            return label.format, label.slot
        classes = self.about(label).get("categories")
        others = {slot: self.about(other).get("categories") for slot, other in slots.items() if slot not in own}
        return label.format, min((slot for slot in others if others[slot] == classes), default=label.slot)

    def objects(self, source: Source, header: Header) -> LabelledObjects | None:
        """Return what steps may ask of the objects of a source; None where it has no labels."""
        if not source.labels:
            return None

        def read() -> list[Tracks]:
            named = zip(source.labels, self.tracks(source, header), strict=True)
            return [tracks for label, tracks in named if not is_list(label)]

        return LabelledObjects(read, self._spec.labels)

    def before_mix(self, mixed: Mixed) -> dict[tuple[str, str], Tracks]:
        """Return the labels of a picture that is mixed in, by format and slot, as far as the mix."""
        source, header, ops = mixed
        named = zip(source.labels, self.tracks(source, header), strict=True)
        return {(label.format, label.slot): tracks.through(ops) for label, tracks in named if not is_list(label)}

    def written(self, source: Source, number: int, annotation: Annotation, shown: Shown) -> bytes:
        """Return the file of labels of an image of OUT: that for a source's file of this number."""
        label = source.labels[number]
        format = file_format_of(label.format)
        return format.write(annotation, self.said(source)[number], self.about(label), shown, self._spec.labels)

    def adds(self, source: Source) -> bool:
        """Tell whether something is said of a source in a shared file that is joined anew."""
        return any(label.is_shared and self._reader.is_of_set(label) for label in source.labels)

    def additions(self, source: Source, annotations: Sequence[Annotation], image: str, size: Size) -> list[Addition]:
        """Return what an image of OUT adds to shared files."""
        found = []
        for label, said, annotation in zip(source.labels, self.said(source), annotations, strict=True):
            if label.is_shared and self._reader.is_of_set(label):  # or it is copied whole
                about, shown = self.about(label), Shown(image, label.path, size)
                format = shared_format_of(label.format)
                if is_list(label):
                    annotation = next((one for one in annotations if one.objects), annotation)
                record = format.records(annotation, said, about, shown, self._spec.labels)
                found.append(Addition(source.path, label.path, record))
        return found


def _none(mixed: Mixed) -> Tracks:
    """Return the labels of a picture that has no such file: it shows no object."""
    return Tracks(Annotation(mixed.header.size)).through(mixed.ops)
