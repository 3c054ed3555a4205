"""One copy of one image, made by the pieces that a run makes it by; all that the API knows of plan and pixels."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Literal, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from augcli.api.labels import Given, Labelled, image_of, labelled, objects_of
from augcli.dataset.layouts.words import ROLE_OF_FOLDER
from augcli.dataset.reading import read_source
from augcli.dataset.sources import LabelSet, Source
from augcli.image import pictures
from augcli.image.arrays import Picture, Size, as_colour, with_channels
from augcli.labels.annotation import Annotation
from augcli.labels.class_names import class_names
from augcli.labels.moving import Tracks
from augcli.modality.images.gate import Attempt, Gate
from augcli.modality.images.labelled import LabelledObjects, Labeller
from augcli.modality.images.mixes import Mix, Mixer, mixing_of
from augcli.modality.images.outputs import mixed
from augcli.modality.images.sources import OPAQUE, open_picture, over_background
from augcli.output.manifest import unescaped
from augcli.output.paths import RUN_RECORD
from augcli.plan.drawing import Recipes
from augcli.plan.image_formats import header_of
from augcli.plan.output_names import Item
from augcli.plan.partners import mixable
from augcli.plan.recipes import Objects
from augcli.plan.request import Options, look_into
from augcli.problems import Refused, Unusable
from augcli.spec.spec import Spec
from augcli.storage import places
from augcli.storage.addresses import in_bucket, place

Pixels = npt.NDArray[Any]


class Images(NamedTuple):
    """The images of IN, of all splits; `split` is the folder of the one that was asked for, empty for all of IN."""

    root: str
    split: str
    sources: Sequence[Source]
    sets: list[LabelSet]

    @property
    def role(self) -> str:
        """The role of the split that was asked for; empty for all of IN."""
        return next((source.role for source in self.sources if source.split == self.split), "") if self.split else ""


def images_of(spec: Spec, folder: str | os.PathLike[str], follow_links: bool) -> Images:
    """List IN, which is `folder`, or the folder above if that has splits and `folder` is one of them.

    Raises `Refused` where a run would.
    """
    options = Options(follow_links=follow_links)
    given = os.fspath(folder) if in_bucket(place(folder)) else os.path.abspath(folder)
    above, name = os.path.split(given)
    if name.lower() in ROLE_OF_FOLDER and spec.layout in ("auto", "splits"):
        try:
            listing = look_into(spec, place(above), None, options)
            if any(source.split == name for source in listing.sources):
                return Images(above, name, listing.sources, listing.sets)
        except Refused:  # then it is no split of what lies above
            if places.is_file(os.path.join(above, RUN_RECORD)):  # but of an output of augcli
                raise
    listing = look_into(spec, place(given), None, options)
    return Images(given, "", listing.sources, listing.sets)


def source_of(spec: Spec, key: str, split: str) -> Source:
    """Return the source that a run would find under a path: with the class that its folder names."""
    folders = key.split("/")[:-1]
    has_splits = spec.layout not in ("classes", "flat") and not spec.split.is_on
    given = folders[0] if has_splits and folders and folders[0].lower() in ROLE_OF_FOLDER else ""
    label = "" if spec.layout == "flat" else next(iter(folders[1:] if given else folders), "")
    is_assigned = spec.split.is_on
    return Source(key, split if is_assigned else given, split, label, is_assigned=is_assigned)


class Others(NamedTuple):
    """What reads the labels of the images of IN, and what mixes others in, if the spec does."""

    labeller: Labeller
    mixer: Mixer | None


def others_of(spec: Spec, images: Images, mixes: bool) -> Others:
    """Return what reads the other images of IN; with `mixes` those that a run would take are mixed in."""
    labeller = Labeller(spec, images.root, images.sets)
    return Others(labeller, Mixer(spec, images.root, mixable(spec, images.sources), labeller) if mixes else None)


def names_of_classes(images: Images, others: Others, max_megapixels: float) -> list[str]:
    """Return the names of the classes of a set with labels, as the set has them in order, or sorted.

    Where the set does not name them in one place, all its labels are read. What cannot be read has none.
    """
    if names := class_names(images.sets):
        return names
    found: set[str] = set()
    for source in images.sources:
        with suppress(Unusable):
            header = header_of(images.root, source, max_megapixels)
            tracks = others.labeller.tracks(source, header)
            found.update(one.name for track in tracks for one in track.annotation.objects)
    return sorted(found)


class Made(NamedTuple):
    """A copy: its picture, the manifest's account of what was applied, the shares of classes if it is mixed, labels."""

    picture: Picture
    params: list[dict[str, Any]]
    soft_label: dict[str, float]
    labels: Labelled = Labelled()


def copy_of_array(
    recipes: Recipes, source: Source, copy: int, image: Pixels, others: Others | None, known: Given
) -> Made:
    """Make a copy of an array (H, W), (H, W, 1), (H, W, 3) or (H, W, 4) uint8 as if a PNG file held it."""
    spec = recipes.spec
    given = np.ascontiguousarray(with_channels(image))
    item = Item(source, "", "", pictures.written_format("png", spec.output.format))
    pictures.refuse_size(given.shape[1], given.shape[0], spec.max_megapixels)
    picture = Picture(given)
    if given.shape[2] == 4:
        picture = Picture(np.ascontiguousarray(given[:, :, :3]), np.ascontiguousarray(given[:, :, 3:]))
        if item.format in OPAQUE:
            picture = over_background(spec, picture)
    objects = objects_of(known, picture.size, spec.labels) if known.has_objects else None
    mask = None if known.mask is None else image_of(known.mask, picture.size, spec.labels)
    found = None if objects is None else LabelledObjects(lambda: [Tracks(objects)], spec.labels)

    def is_empty(mix: Mix) -> bool:
        if objects is None or not objects.objects:
            return False
        return not _moved(objects, mix, _beside(mix, others, "objects"), spec).objects

    mix, made = _made(recipes, item, copy, picture, others, found, picture.size, is_empty)
    moved = objects and _moved(objects, mix, _beside(mix, others, "objects"), spec)
    shown = mask and _moved(mask, mix, _beside(mix, others, "image"), spec)
    return made._replace(labels=labelled(moved, shown, known))


def _moved(annotation: Annotation, mix: Mix, beside: list[Tracks], spec: Spec) -> Annotation:
    return Tracks(annotation).through(mix.recipe.ops, beside, mix.weights).kept(spec.labels)


def _beside(mix: Mix, others: Others | None, part: Literal["objects", "image"]) -> list[Tracks]:
    """Return the labels of what is mixed in, as far as the mix: of each the first file that has such a part."""
    found = []
    for one in mix.others:
        assert others is not None
        nothing = Tracks(Annotation(one.header.size)).through(one.ops)
        tracks = others.labeller.before_mix(one).values()
        found.append(next((track for track in tracks if getattr(track.annotation, part)), nothing))
    return found


def copy_of_file(recipes: Recipes, root: str, source: Source, copy: int, others: Others) -> Made:
    """Make a copy of a file of IN, with what its files of labels say."""
    spec = recipes.spec
    data = read_source(root, source.path, source.member)
    header = pictures.read_header(data, spec.max_megapixels)
    item = Item(source, "", "", pictures.written_format(header.format, spec.output.format))
    picture, _ = open_picture(spec, item, data, header)
    objects = others.labeller.objects(source, header)

    def is_empty(mix: Mix) -> bool:
        if objects is None or not objects.are_some:
            return False
        after = others.labeller.moved(source, header, mix.recipe.ops, mix.others, mix.weights)
        return not any(one.objects for one in after)

    mix, made = _made(recipes, item, copy, picture, others, objects, header.size, is_empty)
    if not source.labels:
        return made
    before = [one.annotation for one in others.labeller.tracks(source, header)]
    after = others.labeller.moved(source, header, mix.recipe.ops, mix.others, mix.weights)
    shown = next((now for now in after if now.image is not None), None)
    moved = next((now for was, now in zip(before, after, strict=True) if was.objects or now.objects), None)
    if moved is None and shown is None:
        moved = after[0]
    return made._replace(labels=labelled(moved, shown, None))


def _made(
    recipes: Recipes,
    item: Item,
    copy: int,
    picture: Picture,
    others: Others | None,
    objects: Objects | None,
    size: Size,
    is_empty: Callable[[Mix], bool],
) -> tuple[Mix, Made]:
    """Make a copy of a source of that size, drawn again where the spec rejects it."""

    def draw(number: int, attempt: int) -> Attempt[Mix]:
        (recipe,) = recipes.of(item.source, size, [("", number)], objects, attempt).values()
        mix = mixed(None if others is None else others.mixer, item, number, size, recipe)
        made = mix.recipe.run(picture)
        return Attempt(mix, made, spec.reject.empty and is_empty(mix), mixing_of(recipe) is not None)

    spec = recipes.spec
    is_gated = spec.reject.is_on and spec.treatment(item.source.role) == "augment"
    mix, made, *_ = Gate(spec.reject, picture, draw).copy(copy).attempt if is_gated else draw(copy, 0)
    shares = json.loads(mix.soft_label or "{}")
    params = json.loads(mix.recipe.params_text())
    named = {unescaped(name): share for name, share in shares.items()}
    return mix, Made(made, params, named)


def in_colour(spec: Spec, image: Pixels) -> Pixels:
    """Return an image as (H, W, 3), its alpha laid over the spec's background."""
    if image.shape[2] == 4:
        image = over_background(spec, Picture(image[:, :, :3], image[:, :, 3:])).image
    return as_colour(image)


def planes(image: Pixels) -> Pixels:
    """Return an image (H, W, C) as planes (C, H, W) of their own."""
    height, width, channels = image.shape
    found = np.empty((channels, height, width), image.dtype)
    cv2.split(image, list(found))  # written in place, six times as fast as a copy of the transposed array
    return found


def array_of(spec: Spec, picture: Picture) -> Pixels:
    """Return a picture as (H, W, 1, 3 or, with alpha, 4), or as an `npy` file holds it: (H, W, 3) float32."""
    if spec.output.format == "npy":
        return np.ascontiguousarray(as_colour(picture.image), np.float32)
    return picture.image if picture.alpha is None else np.concatenate([as_colour(picture.image), picture.alpha], axis=2)
