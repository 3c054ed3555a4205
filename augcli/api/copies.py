"""One copy of one image, made by the pieces that a run makes it by; all that the API knows of plan and pixels."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from augcli.dataset.layouts.words import ROLE_OF_FOLDER
from augcli.dataset.reading import read_source
from augcli.dataset.sources import LabelSet, Source
from augcli.image import ops, pictures
from augcli.image.arrays import Picture, Size, as_colour, with_channels
from augcli.modality.images.labelled import Labeller
from augcli.modality.images.mixes import Mixer
from augcli.modality.images.outputs import mixed
from augcli.modality.images.sources import OPAQUE, open_picture, over_background
from augcli.output.manifest import params_text, unescaped
from augcli.output.paths import RUN_RECORD
from augcli.plan import recipes
from augcli.plan.output_names import Item
from augcli.plan.partners import mixable
from augcli.plan.request import Options, look_into
from augcli.problems import Refused
from augcli.spec.spec import Spec
from augcli.storage import disk

Pixels = npt.NDArray[Any]


class Images(NamedTuple):
    """The images of IN, of all splits; `split` is the folder of the one that was asked for, empty for all of IN."""

    root: str
    split: str
    sources: list[Source]
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
    given = os.path.abspath(folder)
    above, name = os.path.split(given)
    if name.lower() in ROLE_OF_FOLDER and spec.layout in ("auto", "splits"):
        try:
            listing = look_into(spec, Path(above), None, options)
            if any(source.split == name for source in listing.sources):
                return Images(above, name, listing.sources, listing.sets)
        except Refused:  # then it is no split of what lies above
            if disk.is_file(os.path.join(above, RUN_RECORD)):  # but of an output of augcli
                raise
    listing = look_into(spec, Path(given), None, options)
    return Images(given, "", listing.sources, listing.sets)


def mixer_of(spec: Spec, images: Images) -> Mixer:
    """Return what mixes images with those that a run would take."""
    return Mixer(spec, images.root, mixable(spec, images.sources), Labeller(spec, images.root, images.sets))


class Made(NamedTuple):
    """A copy: its picture, the manifest's account of what was applied, and the shares of classes if it is mixed."""

    picture: Picture
    params: list[dict[str, Any]]
    soft_label: dict[str, float]


def copy_of_array(spec: Spec, source: Source, copy: int, image: Pixels, mixer: Mixer | None) -> Made:
    """Make a copy of an array (H, W), (H, W, 1), (H, W, 3) or (H, W, 4) uint8 as if a PNG file held it."""
    given = np.ascontiguousarray(with_channels(image))
    item = Item(source, "", "", pictures.written_format("png", spec.output.format))
    pictures.refuse_size(given.shape[1], given.shape[0], spec.max_megapixels)
    picture = Picture(given)
    if given.shape[2] == 4:
        picture = Picture(np.ascontiguousarray(given[:, :, :3]), np.ascontiguousarray(given[:, :, 3:]))
        if item.format in OPAQUE:
            picture = over_background(spec, picture)
    return _made(spec, item, copy, picture.size, picture, mixer)


def copy_of_file(spec: Spec, root: str, source: Source, copy: int, mixer: Mixer | None) -> Made:
    """Make a copy of a file of IN."""
    data = read_source(root, source.path)
    header = pictures.read_header(data, spec.max_megapixels)
    item = Item(source, "", "", pictures.written_format(header.format, spec.output.format))
    picture, _ = open_picture(spec, item, data, header)
    return _made(spec, item, copy, header.size, picture, mixer)


def _made(spec: Spec, item: Item, copy: int, size: Size, picture: Picture, mixer: Mixer | None) -> Made:
    mix = mixed(mixer, item, copy, size, recipes.recipe(spec, item.source, copy, size))
    shares = json.loads(mix.soft_label or "{}")
    params = json.loads(params_text(mix.recipe.params()))
    return Made(ops.run(mix.recipe.ops, picture), params, {unescaped(name): share for name, share in shares.items()})


def in_colour(spec: Spec, image: Pixels) -> Pixels:
    """Return an image as (H, W, 3), its alpha laid over the spec's background."""
    if image.shape[2] == 4:
        image = over_background(spec, Picture(image[:, :, :3], image[:, :, 3:])).image
    return as_colour(image)


def array_of(spec: Spec, picture: Picture) -> Pixels:
    """Return a picture as (H, W, 1, 3 or, with alpha, 4), or as an `npy` file holds it: (H, W, 3) float32."""
    if spec.output.format == "npy":
        return np.ascontiguousarray(as_colour(picture.image), np.float32)
    return picture.image if picture.alpha is None else np.concatenate([as_colour(picture.image), picture.alpha], axis=2)
