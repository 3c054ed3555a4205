"""Mixes of several pictures: partners are read, brought through their own steps to size, and put into a recipe."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence, Set
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from augcli.dataset import reading
from augcli.dataset.sources import Source
from augcli.image import ops, pictures
from augcli.image.arrays import Picture, Size
from augcli.image.label_shares import remaining_shares
from augcli.image.ops import Blend, size_after
from augcli.image.pictures import Header
from augcli.image.transform import Mixing
from augcli.modality.images.sources import open_picture
from augcli.output.manifest import Row, escaped
from augcli.plan.compiled_recipes import CompiledRecipe
from augcli.plan.drawing import AnyRecipe
from augcli.plan.output_names import Item
from augcli.plan.partners import Ring, soft_label
from augcli.plan.recipes import Applied, Fit, Recipe, lowered_again, partner_recipe
from augcli.problems import Unread, Unusable
from augcli.spec.spec import Spec
from augcli.storage import hashes

if TYPE_CHECKING:
    from augcli.modality.images.labelled import Labeller, Mixed


class Partner(NamedTuple):
    """A source that is mixed in: its hash, what was applied to it, and what came of it."""

    source: Source
    sha256: str
    labels_sha256: str
    header: Header
    applied: Recipe
    picture: Picture


class Mix(NamedTuple):
    """A recipe with all that is mixed in, the soft label as JSON, and the labels' part of it.

    `weights` are the shares of the picture and the others in the mix, before what comes later.
    """

    recipe: AnyRecipe
    soft_label: str = ""
    others: Sequence[Mixed] = ()
    weights: Sequence[float] = ()


class Mixer:
    """Finds the partners of copies among the sources of IN, and puts them into recipes."""

    def __init__(
        self,
        spec: Spec,
        root: str,
        sources: Sequence[Source],
        labeller: Labeller,
        crashing: Set[str] = frozenset(),
        under_way: str = "",
    ) -> None:
        """Take the sources that a spec augments, of all splits, and what reads their labels.

        Those whose paths are `crashing` end the process that decodes them, and are no partners. The file `under_way`,
        if one is given, gets the path of the partner that is being decoded.
        """
        self._spec, self._root, self._under_way, self._labeller = spec, root, under_way, labeller
        self._ring = Ring(sources, crashing)
        self._digests: dict[str, tuple[str, str]] = {}

    def complete(self, item: Item, copy: int | None, size: Size, recipe: AnyRecipe) -> Mix:
        """Put the partners into a recipe for an image of `size`.

        Without a step that mixes, or where there is no partner, that step is not applied and the label is empty.
        """
        if isinstance(recipe, CompiledRecipe) or (mixing := mixing_of(recipe)) is None:
            return Mix(recipe)
        spec, whole = self._spec, size
        size = size_at_mix(recipe, size)
        partners: list[Partner] = []
        for candidates, fit in zip(self._drawn(item, copy, mixing), fits_of(recipe, whole), strict=True):
            found = (self._open(one, item, copy, mixing, fit) for one in candidates if one not in _sources(partners))
            partner = next((partner for partner in found if partner is not None), None)
            if partner is None:
                return Mix(lowered_again(spec, [one for one in recipe.applied if one is not mixing], whole))
            partners.append(partner)
        mixed = with_partners(recipe, [partner.picture for partner in partners]).ops
        noted = tuple(map(_noted, partners))
        applied = [one._replace(partners=noted) if one is mixing else one for one in recipe.applied]
        at = next(at for at, op in enumerate(mixed) if isinstance(op, Blend))
        blend = cast("Blend", mixed[at])
        mixed_shares = shares_of(mixing, size)
        shares = remaining_shares(mixed_shares, blend, size, mixed[at + 1 :])
        label = soft_label([item.source, *_sources(partners)], shares)
        from augcli.modality.images.labelled import Mixed

        others = [Mixed(one.source, one.header, one.applied.ops) for one in partners]
        return Mix(Recipe(applied, mixed), label, others, mixed_shares)

    def _drawn(self, item: Item, copy: int | None, mixing: Applied) -> Iterator[Iterator[Source]]:
        return self._ring.drawn(self._spec, item.source, copy, mixing)

    def _open(self, source: Source, item: Item, copy: int | None, mixing: Applied, fit: Fit) -> Partner | None:
        """Bring a partner to where it is mixed in; None where it cannot be used.

        Raises `Unread` where it cannot be read: another in its place would be the partner of this run only.
        """
        spec = self._spec
        try:
            data = reading.read_source(self._root, source.path, source.member)
            self._say(source.path)
            header = pictures.read_header(data, spec.max_megapixels)
            recipe = partner_recipe(
                spec, source, copy, header.size, mixing.step.name, fit, self._labeller.objects(source, header)
            )
            picture, _ = open_picture(spec, item, data, header)
            made = ops.run(recipe.ops, picture)
            labels = self._labeller.digest(source)
            self._labeller.tracks(source, header)
        except Unread as unread:
            raise Unread(f"{source.path}, which is mixed in, {unread}") from None
        except Unusable:
            return None
        finally:
            self._say("")
        return Partner(source, hashes.sha256(data), labels, header, recipe, made)

    def _say(self, path: str) -> None:
        if self._under_way:
            Path(self._under_way).write_bytes(os.fsencode(path))

    def _digests_of(self, source: Source) -> tuple[str, str]:
        """Return the hashes of a source and its labels, found once for all rows that name it. Raises `Unusable`."""
        if source.path not in self._digests:
            digest = hashes.sha256(reading.read_source(self._root, source.path, source.member))
            self._digests[source.path] = digest, self._labeller.digest(source)
        return self._digests[source.path]

    def still_mixes(self, item: Item, copy: int | None, size: Size, recipe: Recipe, row: Row) -> bool:
        """Tell whether the partners that a row tells of are those that would be found now, unchanged."""
        noted = [one for entry in json.loads(row.params or "[]") for one in entry.get("partners", ())]
        mixing = mixing_of(recipe)
        if mixing is None:
            return not noted
        if len(noted) != _transform(mixing).partners:
            return not noted and not self.complete(item, copy, size, recipe).others
        taken: list[Source] = []
        fits = fits_of(recipe, size)
        for candidates, before, fit in zip(self._drawn(item, copy, mixing), noted, fits, strict=True):
            for one in candidates:
                if one in taken:
                    continue
                if escaped(one.path) == before["source"]:
                    break
                if self._open(one, item, copy, mixing, fit) is not None:
                    return False
            else:
                return False
            taken.append(one)
            try:
                if self._digests_of(one) != (before["sha256"], before.get("labels_sha256", "")):
                    return False
            except Unusable:
                return False
        return True


def mixing_of(recipe: AnyRecipe) -> Applied | None:
    """Return the step of a recipe that mixes; there is at most one, and compiled code knows none."""
    if isinstance(recipe, CompiledRecipe):
        return None
    return next((one for one in recipe.applied if isinstance(one.step.transform, Mixing)), None)


def shares_of(mixing: Applied, size: Size) -> tuple[float, ...]:
    """Return the shares of an image and of those that are mixed in, as the draw says, before what comes later."""
    return _transform(mixing).shares(mixing.draw, size)


def size_at_mix(recipe: Recipe, size: Size) -> Size:
    """Return how large an image of `size` is when others are mixed in."""
    for op in recipe.ops:
        if isinstance(op, Blend):
            break
        size = size_after(op, size)
    return size


def fits_of(recipe: Recipe, size: Size) -> tuple[Fit, ...]:
    """Return what becomes of each partner before it is mixed into an image of `size`; none where nothing is mixed."""
    blend = next((op for op in recipe.ops if isinstance(op, Blend)), None)
    return () if blend is None else blend.places or (size_at_mix(recipe, size),) * blend.count


def with_partners(recipe: Recipe, others: Sequence[Picture]) -> Recipe:
    """Put the pictures that are to be mixed in into a recipe."""
    mixed = [replace(op, others=tuple(others)) if isinstance(op, Blend) else op for op in recipe.ops]
    return recipe._replace(ops=mixed)


def _noted(partner: Partner) -> dict[str, Any]:
    """Return what a row tells of a partner."""
    told = {"source": escaped(partner.source.path), "sha256": partner.sha256, "params": partner.applied.params()}
    return told | ({"labels_sha256": partner.labels_sha256} if partner.labels_sha256 else {})


def _transform(applied: Applied) -> Mixing[Any]:
    return cast("Mixing[Any]", applied.step.transform)


def _sources(partners: list[Partner]) -> list[Source]:
    return [partner.source for partner in partners]
