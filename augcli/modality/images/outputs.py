"""The files of a source, made from its bytes: header, recipes, one decode for all of them, pixels, file, row."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from augcli.image import pictures
from augcli.image.arrays import Picture, Size
from augcli.image.ops.geometric import Layers
from augcli.image.pictures import Header
from augcli.image.transparency import layers
from augcli.modality import Digests
from augcli.modality.images.mixes import Mix, Mixer, mixing_of
from augcli.modality.images.sources import open_picture
from augcli.output.joining import Addition
from augcli.output.manifest import Row
from augcli.plan.drawing import AnyRecipe, Key, Recipes
from augcli.plan.output_names import Item, Output, outputs
from augcli.plan.rows import row_of
from augcli.spec.spec import Spec
from augcli.storage import hashes

if TYPE_CHECKING:
    from augcli.labels.annotation import Annotation
    from augcli.modality.images.gate import Attempt, Gate
    from augcli.modality.images.labelled import LabelledObjects, Labeller


class Copy(NamedTuple):
    """What is made of a source for one of its images: the whole recipe, and what is left of its labels."""

    mix: Mix
    size: Size
    labels: Sequence[Annotation] = ()
    files: Mapping[int, bytes] = {}
    """Its files of labels, by the number of the source's file."""
    objects: int = 0
    dropped: Mapping[str, int] = {}
    picture: Picture | None = None
    """What comes of it, where somebody has looked at that."""
    notes: str = ""


class SourceMaker:
    """Makes the files of one source from its bytes: decodes it at most once, and draws each copy once."""

    def __init__(
        self, spec: Spec, item: Item, data: bytes, labeller: Labeller | None, mixer: Mixer | None, recipes: Recipes
    ) -> None:
        """Take what reads labels; a source that has none does without."""
        self._spec, self._item, self._data, self._recipes = spec, item, data, recipes
        self._labeller, self._mixer = labeller, mixer
        self._latest: tuple[tuple[str, int | None], Copy] | None = (
            None  # no other: each holds all pictures that are mixed in
        )
        self._objects: dict[int | None, Sequence[Annotation]] = {}
        self._gates: dict[str, Gate[Copy]] = {}

    def is_of(self, item: Item, data: bytes) -> bool:
        """Tell whether it is of these bytes of a source."""
        return self._item is item and self._data is data

    @cached_property
    def header(self) -> Header:
        return pictures.read_header(self._data, self._spec.max_megapixels)

    @cached_property
    def _opened(self) -> tuple[Picture, str]:
        return open_picture(self._spec, self._item, self._data, self.header)

    @cached_property
    def _layers(self) -> Layers:
        return layers(self._opened[0])

    @cached_property
    def _planned(self) -> dict[int | None, list[Output]]:
        """The planned files of each copy."""
        found: dict[int | None, list[Output]] = {}
        for output in outputs(self._item, self._spec):
            if output.is_made:
                found.setdefault(output.copy, []).append(output)
        return found

    def draw(self, planned: Iterable[Output]) -> Mapping[Key, AnyRecipe]:
        """Return the recipes of copies, before partners are found. Raises `Unusable` where a step cannot be applied."""
        source = self._item.source
        objects = self._labelled_objects()
        made = [output.key for output in planned if output.is_made]
        # what has no labels and is copied need not have a header
        return self._recipes.of(source, self.header.size, made, objects) if made else {}

    def _labelled_objects(self) -> LabelledObjects | None:
        return None if self._labeller is None else self._labeller.objects(self._item.source, self.header)

    def copy(self, output: Output, recipe: AnyRecipe) -> Copy:
        """Return what is made for an image, or for that of a file of labels, which follows its image."""
        if self._latest is None or self._latest[0] != output.key:
            if self._spec.reject.is_on and "augmented" in (output.status, output.of):
                assert output.copy is not None
                accepted = self._gate(output.branch).copy(output.copy)
                copy = accepted.attempt.copy._replace(picture=accepted.attempt.picture, notes=accepted.notes)
            else:
                copy = self._drawn(output.copy, recipe)
            self._latest = output.key, copy
            if self._labeller is not None and self._labeller.adds(self._item.source):
                self._objects[output.copy] = [replace(one, image=None) for one in copy.labels]
        return self._latest[1]

    def _drawn(self, number: int | None, recipe: AnyRecipe) -> Copy:
        return self.labelled(mixed(self._mixer, self._item, number, self.header.size, recipe), number)

    def _gate(self, branch: str) -> Gate[Copy]:
        """Return what draws the copies of a pipeline again; it remembers them."""
        if branch in self._gates:
            return self._gates[branch]
        from augcli.modality.images.gate import Attempt, Gate  # most specs reject nothing

        source, size = self._item.source, self.header.size
        objects = self._labelled_objects()

        def draw(number: int, attempt: int) -> Attempt[Copy]:
            (recipe,) = self._recipes.of(source, size, [(branch, number)], objects, attempt).values()
            copy = self._drawn(number, recipe)
            made = copy.mix.recipe.run(self._opened[0], self._layers)
            is_empty = objects is not None and objects.are_some and not any(one.objects for one in copy.labels)
            return Attempt(copy, made, is_empty, mixing_of(recipe) is not None)

        self._gates[branch] = Gate(self._spec.reject, self._opened[0], draw)
        return self._gates[branch]

    def shown(self, output: Output) -> Sequence[Annotation]:
        """Return what labels say of an image that was made last, or has the bytes of the source."""
        if output.is_made:
            return self.labels()
        if self._labeller is None:
            return ()
        return [tracks.annotation for tracks in self._labeller.tracks(self._item.source, self.header)]

    def labels(self) -> Sequence[Annotation]:
        """Return what is left of the labels of the copy that was made last."""
        return () if self._latest is None else self._latest[1].labels

    def labelled(self, mix: Mix, number: int | None) -> Copy:
        """Return what is made for the copy of that number, with its labels."""
        source, size = self._item.source, mix.recipe.size_after(self.header.size)
        if self._labeller is None or not source.labels:
            return Copy(mix, size)
        from augcli.labels.formats import Shown

        labels = self._labeller.moved(source, self.header, mix.recipe.ops, mix.others, mix.weights)
        moved = sum(len(one.objects) for one in labels)
        lost = sum(sum(one.dropped.values()) for one in labels)
        names = {output.label: output.file_name for output in self._planned[number]}
        files = {
            at: self._labeller.written(source, at, labels[at], Shown(names[None], name, size))
            for at, name in names.items()
            if at is not None
        }
        dropped: Counter[str] = Counter()
        for one in labels:
            dropped.update(one.dropped)  # also by a format that cannot say all
        objects = moved - (dropped.total() - lost)
        return Copy(mix, size, labels, files, objects, dropped)

    def make(self, planned: Sequence[Output], digests: Digests) -> Iterator[tuple[Output, Row, bytes | None]]:
        """Make files, each with its row and its bytes; none of a copy that `on_empty` leaves out.

        Raises `Unusable` before the first of them where a step cannot be applied.
        """
        drawn = self.draw(planned)
        if any(output.is_made and output.label is None for output in planned):
            _ = self._opened  # what cannot be decoded fails first
        if drawn and self._labeller is not None:
            self._labeller.tracks(self._item.source, self.header)
        for output in planned:
            if not output.is_made:
                yield output, *self._as_it_is(output, digests)
                continue
            copy = self.copy(output, drawn[output.key])
            if self._is_left_out(copy):
                row = self._row(output, copy, "", b"", digests)
                yield output, row._replace(file_name="", status="skipped", bytes="", sha256=""), None
                continue
            converted = ""
            if output.label is None:
                picture, converted = self._opened
                made = copy.picture or copy.mix.recipe.run(picture, self._layers)
                encoded = encode(self._spec, self._item, made, self.header, self._data)
            else:
                encoded, converted = copy.files[output.label], self._converted(output)
            yield output, self._row(output, copy, converted, encoded, digests), encoded

    def _converted(self, output: Output) -> str:
        """Say in what format a file of labels was, where it is written in another."""
        assert output.label is not None
        before = os.path.splitext(self._item.source.labels[output.label].path)[1]
        return before[1:].lower() if before.lower() != os.path.splitext(output.file_name)[1].lower() else ""

    def _row(self, output: Output, copy: Copy, converted: str, encoded: bytes, digests: Digests) -> Row:
        shows_objects = output.label is None and bool(self._item.source.labels)
        return row_of(
            self._item,
            output,
            copy.size,
            source_sha256=digests.source,
            sha256=hashes.sha256(encoded),
            bytes=len(encoded),
            converted=converted,
            params=copy.mix.recipe.params_text(),
            soft_label=copy.mix.soft_label,
            objects=str(copy.objects) if shows_objects else "",
            dropped=copy.dropped if shows_objects else None,
            labels_sha256=digests.labels,
            notes=copy.notes,
        )

    def _as_it_is(self, output: Output, digests: Digests) -> tuple[Row, bytes]:
        """Return the row and bytes of a file that is copied."""
        data = self._data
        if output.label is not None:
            assert self._labeller is not None
            (data,) = self._labeller.said(self._item.source)[output.label]
        row = row_of(
            self._item,
            output,
            pictures.stored_size(self._data),
            source_sha256=digests.source,
            sha256=digests.source if output.label is None else hashes.sha256(data),
            bytes=len(data),
            labels_sha256=digests.labels,
        )
        return row, data

    def _is_left_out(self, copy: Copy) -> bool:
        if self._spec.labels.on_empty == "keep" or copy.objects or not copy.dropped:
            return False
        return not any(labels.image for labels in copy.labels)

    def additions(self, rows: Mapping[Output, Row]) -> Iterator[Addition]:
        """Return what the images of a source add to files that are joined."""
        source = self._item.source
        if self._labeller is None or not self._labeller.adds(source):
            return
        images = {output: row for output, row in rows.items() if output.label is None and row.file_name}
        for output, row in images.items():
            size = Size(int(row.width), int(row.height))
            if not output.is_made:
                yield from self._labeller.as_stored(source, output.file_name, size)
                continue
            if output.copy in self._objects:
                labels = self._objects[output.copy]
            else:  # it was kept
                from augcli.modality.images.recorded_mixes import recorded_mix

                labeller = self._labeller
                mix = recorded_mix(self._spec, labeller.root, self._item, row, self.header.size, labeller)
                labels = self.labelled(mix, output.copy).labels
            yield from self._labeller.additions(source, labels, output.file_name, size)


def mixed(mixer: Mixer | None, item: Item, copy: int | None, size: Size, recipe: AnyRecipe) -> Mix:
    """Return a recipe with its partners; as it is where nothing is mixed."""
    return Mix(recipe) if mixer is None else mixer.complete(item, copy, size, recipe)


def encode(spec: Spec, item: Item, picture: Picture, header: Header, data: bytes) -> bytes:
    """Write a picture as a file in the format of its source's outputs; header and data are the source's."""
    output, quality = spec.output, spec.output.quality
    profile = pictures.kept_profile(header.profile, header.mode, spec.input.color_profiles)
    if quality == "keep":
        if item.format == header.format == "jpeg":
            return pictures.encode_like(picture, data, output.optimize, profile)
        quality = 95
    return pictures.encode(picture, item.format, quality, output.subsampling, output.optimize, profile)
