"""Which sources are mixed with which: the partners of steps such as mixup and cutmix, found, read and brought to size.

A partner is found on a ring of hashed source paths, several points to a source: who comes next after a point that is
drawn for the copy. Adding or removing a source changes few partners. One that cannot be used passes to the next.
"""

from __future__ import annotations

import json
import os
from array import array
from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from struct import unpack
from typing import Any, NamedTuple, cast

from augcli.dataset.listing import Source
from augcli.image import ops, pictures
from augcli.image.arrays import Picture, Size
from augcli.image.label_shares import remaining_shares
from augcli.image.ops import Blend, size_after
from augcli.image.pictures import Header
from augcli.image.transform import Mixing
from augcli.output.manifest import Row, escaped
from augcli.plan.output_names import Item
from augcli.plan.recipes import Applied, Recipe, lowered_again, partner_recipe, pitch
from augcli.problems import Unread, Unusable
from augcli.spec.model import Spec
from augcli.spec.pipeline import leaves
from augcli.storage.disk import stop_if_gone
from augcli.storage.hashes import sha256
from augcli.streams import Streams, rounded

_INDEX_BITS = 24  # of a point: which source it is of; the other 40 are its place
MOST_SOURCES = 1 << _INDEX_BITS


def mixes(spec: Spec) -> bool:
    """Tell whether a spec has a step that needs other sources."""
    return any(isinstance(step.transform, Mixing) for step in leaves(spec.pipeline))


class Partner(NamedTuple):
    """A source that is mixed in: its hash, what was applied to it, and what came of it."""

    source: Source
    sha256: str
    applied: Recipe
    picture: Picture


class Partners:
    """The sources that may be mixed with one another, those of one split at a time."""

    def __init__(self, spec: Spec, root: str, sources: Sequence[Source]) -> None:
        """Take the sources that a spec augments, of all splits."""
        self._spec, self._root, self._sources = spec, root, sources
        self._rings: dict[tuple[str, str | None], array[int]] = {}
        self._digests: dict[str, str] = {}
        self.crashing: frozenset[str] = frozenset()
        """Paths of sources that kill the process that decodes them; they are no partners."""
        self.under_way = ""
        """A file that tells which partner is being decoded, where somebody wants to know."""

    def _ring(self, split: str, label: str | None) -> array[int]:
        """Return the sorted points of a split, or of one of its labels."""
        if (split, label) not in self._rings:
            points = array("Q")
            for index, source in enumerate(self._sources):
                if source.split == split and label in (None, source.label):
                    places = unpack("<8Q", blake2b(os.fsencode(source.path)).digest())
                    points.extend(place >> _INDEX_BITS << _INDEX_BITS | index for place in places)
            self._rings[split, label] = array("Q", sorted(points))
        return self._rings[split, label]

    @cached_property
    def _labels(self) -> dict[str, set[str]]:
        labels: dict[str, set[str]] = {}
        for source in self._sources:
            labels.setdefault(source.split, set()).add(source.label)
        return labels

    def candidates(self, source: Source, partner: str, place: int) -> Iterator[Source]:
        """Return those that a source may be mixed with, the next after `place` (of 64 bits) first, each once."""
        if partner == "other_class" and len(self._labels.get(source.split, ())) < 2:
            return
        ring = self._ring(source.split, source.label if partner == "same_class" else None)
        start, seen = bisect(ring, place), {source.path}
        for at in range(len(ring)):
            other = self._sources[ring[(start + at) % len(ring)] & ((1 << _INDEX_BITS) - 1)]
            if (
                other.path in seen
                or other.path in self.crashing
                or (partner == "other_class" and other.label == source.label)
            ):
                continue
            seen.add(other.path)
            yield other

    def _drawn(self, item: Item, copy: int | None, applied: Applied) -> Iterator[Iterator[Source]]:
        """Return the candidates for each partner that a step needs."""
        streams = Streams(self._spec.seed, os.fsencode(item.source.path), -1 if copy is None else copy)
        stream = streams(f"{applied.step.name}\0partner")  # a name that nobody can give
        for _ in range(_transform(applied).partners):
            yield self.candidates(item.source, _transform(applied).partner, stream.seed() << 16)

    def complete(self, item: Item, copy: int | None, size: Size, recipe: Recipe) -> tuple[Recipe, str]:
        """Put the partners into a recipe for an image of `size`; return it with the soft label as JSON.

        Without a step that mixes, or where there is no partner, that step is not applied and the label is empty.
        """
        mixing = mixing_of(recipe)
        if mixing is None:
            return recipe, ""
        spec, whole = self._spec, size
        size = size_at_mix(recipe, size)
        partners: list[Partner] = []
        for candidates in self._drawn(item, copy, mixing):
            found = (self._open(one, item, copy, mixing, size) for one in candidates if one not in _sources(partners))
            partner = next((partner for partner in found if partner is not None), None)
            if partner is None:
                return lowered_again(spec, [one for one in recipe.applied if one is not mixing], whole), ""
            partners.append(partner)
        mixed = with_partners(recipe, [partner.picture for partner in partners]).ops
        noted = tuple(
            {"source": escaped(one.source.path), "sha256": one.sha256, "params": one.applied.params()}
            for one in partners
        )
        applied = [one._replace(partners=noted) if one is mixing else one for one in recipe.applied]
        at = next(at for at, op in enumerate(mixed) if isinstance(op, Blend))
        blend = cast("Blend", mixed[at])
        shares = remaining_shares(_transform(mixing).shares(mixing.draw, size), blend, size, mixed[at + 1 :])
        return Recipe(applied, mixed), _soft_label([item.source, *_sources(partners)], shares)

    def _open(self, source: Source, item: Item, copy: int | None, mixing: Applied, size: Size) -> Partner | None:
        """Bring a partner to the image before the mix, of `size`; None where it cannot be used.

        Raises `Unread` where it cannot be read: another in its place would be the partner of this run only.
        """
        spec = self._spec
        try:
            data = read_source(self._root, source.path)
            self._say(source.path)
            header = pictures.read_header(data, spec.max_megapixels)
            recipe = partner_recipe(spec, source, copy, header.size, mixing.step.name, size)
            picture, _ = open_picture(spec, item, data, header)
            made = ops.run(recipe.ops, picture)
        except Unread as unread:
            raise Unread(f"{source.path}, which is mixed in, {unread}") from None
        except Unusable:
            return None
        finally:
            self._say("")
        return Partner(source, sha256(data), recipe, made)

    def _say(self, path: str) -> None:
        if self.under_way:
            Path(self.under_way).write_bytes(os.fsencode(path))

    def _digest(self, source: Source) -> str:
        """Return the hash of a source, found once for all rows that name it. Raises `Unusable` if it cannot be read."""
        if source.path not in self._digests:
            self._digests[source.path] = sha256(read_source(self._root, source.path))
        return self._digests[source.path]

    def hold(self, item: Item, copy: int | None, size: Size, recipe: Recipe, row: Row) -> bool:
        """Tell whether the partners that a row tells of are those that would be found now, unchanged."""
        noted = [one for entry in json.loads(row.params or "[]") for one in entry.get("partners", ())]
        mixing = mixing_of(recipe)
        if mixing is None:
            return not noted
        if len(noted) != _transform(mixing).partners:
            return not noted and not self.complete(item, copy, size, recipe)[1]
        taken: list[Source] = []
        for candidates, before in zip(self._drawn(item, copy, mixing), noted, strict=True):
            for one in candidates:
                if one in taken:
                    continue
                if escaped(one.path) == before["source"]:
                    break
                if self._open(one, item, copy, mixing, size) is not None:
                    return False
            else:
                return False
            taken.append(one)
            try:
                if self._digest(one) != before["sha256"]:
                    return False
            except Unusable:
                return False
        return True


def mixing_of(recipe: Recipe) -> Applied | None:
    """Return the step of a recipe that mixes; there is at most one."""
    return next((one for one in recipe.applied if isinstance(one.step.transform, Mixing)), None)


def size_at_mix(recipe: Recipe, size: Size) -> Size:
    """Return how large an image of `size` is when others are mixed in."""
    for op in recipe.ops:
        if isinstance(op, Blend):
            break
        size = size_after(op, size)
    return size


def with_partners(recipe: Recipe, others: Sequence[Picture]) -> Recipe:
    """Put the pictures that are to be mixed in into a recipe."""
    mixed = [replace(op, others=tuple(others)) if isinstance(op, Blend) else op for op in recipe.ops]
    return recipe._replace(ops=mixed)


def _transform(applied: Applied) -> Mixing[Any]:
    return cast("Mixing[Any]", applied.step.transform)


def _sources(partners: list[Partner]) -> list[Source]:
    return [partner.source for partner in partners]


def _soft_label(sources: list[Source], shares: tuple[float, ...]) -> str:
    if not sources[0].label:
        return ""
    label: dict[str, float] = {}
    for source, share in zip(sources, shares, strict=True):
        label[escaped(source.label)] = label.get(escaped(source.label), 0.0) + share
    return json.dumps({name: rounded(share) for name, share in label.items() if share}, ensure_ascii=False)


def read_source(root: str, path: str) -> bytes:
    """Read a file of IN. Raises `Unusable` if it cannot be read, and OSError where IN itself is gone."""
    try:
        return pictures.read(os.path.join(root, path))
    except Unusable:
        stop_if_gone(root)
        raise


def open_picture(spec: Spec, item: Item, data: bytes, header: Header) -> tuple[Picture, str]:
    """Decode a source upright, without alpha where the format of the item's output has none; say what was converted."""
    shrink = pitch(spec.steps_of(item.source.role), spec.fusion, header.size)
    picture, converted = as_input_says(spec, data, header, shrink)
    if picture.alpha is not None and item.format in ("jpeg", "npy"):
        picture = pictures.flatten(picture, spec.output.background or spec.border.fill)
        converted.append("alpha")
    return picture, " ".join(converted)


def as_input_says(spec: Spec, data: bytes, header: Header, shrink: int = 1) -> tuple[Picture, list[str]]:
    """Decode a source as the spec's `input` says; say what was converted."""
    profiles = spec.input.color_profiles
    converted = list(header.converted)
    try:
        picture = pictures.decode(data, header, shrink, profiles)
    except Unusable:
        if spec.input.truncated == "refuse":
            raise
        picture = pictures.decode_truncated(data, header, shrink, profiles)
        converted.append("truncated")
    if word := pictures.colour_conversion(header.profile, header.mode, profiles).word:
        converted.append(word)
    return picture, converted
