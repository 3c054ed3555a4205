"""The images of a run made one by one: in a notebook, in training code, in the workers of a loader."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from augcli.api.arguments import split_of, whole_number
from augcli.api.copies import (
    Images,
    Made,
    array_of,
    copy_of_array,
    copy_of_file,
    images_of,
    names_of_classes,
    others_of,
    source_of,
)
from augcli.api.labels import Given, Labelled, list_of
from augcli.api.specs import SpecLike, load
from augcli.dataset.sources import Source
from augcli.plan.drawing import Recipes
from augcli.plan.label_refusals import MIRRORING
from augcli.problems import Problem, Refused, counted, did_you_mean, listed
from augcli.spec.pipeline import leaves
from augcli.spec.spec import Spec

_NOTHING = Labelled()


class _Pair(NamedTuple):
    image: npt.NDArray[Any]
    applied: list[dict[str, Any]]


class Augmented(_Pair):
    """A copy, to be unpacked as `image, applied`.

    `image` is (H, W, 1, 3 or 4) uint8, or (H, W); with `output: {format: npy}` it is (H, W, 3) float32. `applied` says
    what was done, as the manifest's `params` do. `soft_label` has the share of each class, by its name, where other
    images were mixed in; otherwise it is empty.

    Of the M objects that are left, by the rules of the spec's `labels`, there are `boxes` (M, 4) float64, `labels`, a
    list, `masks` (M, H, W) bool, `keypoints` (M, K, 2 or 3) float64, each in step with the others, and None where
    nothing of the kind was given; `kept` (M,) has their numbers among those that were given, -1 for objects of images
    that were mixed in. A keypoint that is lost is 0, 0, 0, or NaN where no third column was given. `mask` is the label
    image. `dropped` counts by reason the objects that are not left.
    """

    soft_label: Mapping[str, float]
    boxes: npt.NDArray[np.float64] | None
    labels: list[Any] | None
    masks: npt.NDArray[np.bool_] | None
    keypoints: npt.NDArray[np.float64] | None
    kept: npt.NDArray[np.int64] | None
    mask: npt.NDArray[Any] | None
    dropped: Mapping[str, int]

    def __new__(
        cls,
        image: npt.NDArray[Any],
        applied: list[dict[str, Any]],
        soft_label: Mapping[str, float] | None = None,
        labels: Labelled = _NOTHING,
    ) -> Augmented:
        made = super().__new__(cls, image, applied)
        made.soft_label = soft_label or {}
        made.boxes, made.labels, made.masks, made.keypoints, made.kept, made.mask, made.dropped = labels
        return made


class Augmenter:
    """Makes the images that `run` makes, each a function of the spec, the image, its key and the number of the copy.

    It keeps no state and can be pickled: all workers of a loader give the same images.
    """

    def __init__(
        self,
        spec: SpecLike,
        root: str | os.PathLike[str] | None = None,
        *,
        split: Literal["train", "val", "test"] | None = None,
        follow_links: bool = False,
    ) -> None:
        """Take a spec and, for steps that mix images and for `read`, the folder of the images.

        `root` is IN as `run` takes it, or the folder of a split in it; images are listed now, and never again. `split`
        is that of the folder or else `train`: its steps are applied, those that the spec's `splits` give it.

        With `follow_links` linked files and folders are images, too.

        Raises `SpecError`, and `Refused` where `root` is not what `run` would read, where the spec skips the split, or
        where it mixes images and there is no `root`; ValueError for another split.
        """
        self.spec = load(spec)
        if self.spec.kind != "image":
            raise Refused(Problem("the spec is for texts", "make them with augcli.TextAugmenter(spec)"))
        self.images = None if root is None else images_of(self.spec, root, follow_links)
        self.split: str = split_of(split) or (self.images and self.images.role) or "train"
        self._prepare()

    def _prepare(self) -> None:
        spec, split, images = self.spec, self.split, self.images
        if spec.has_branches:
            what = f"the spec has several pipelines, {listed(spec.branches)}, and an Augmenter makes one image"
            raise Refused(Problem(what, "give a spec for each of them"))
        if spec.treatment(split) == "skip":
            raise Refused(Problem(f"`splits` of the spec skips {split}", f"write splits: {{{split}: copy}}"))
        self.mixes = spec.mixes and spec.treatment(split) == "augment"
        if self.mixes and images is None:
            what = "the spec mixes other images in, and there are none"
            raise Refused(Problem(what, "name their folder: augcli.Augmenter(spec, 'in')"))
        self._recipes = Recipes(spec)
        self._others = None if images is None else others_of(spec, images, self.mixes)
        self._sources = {source.path: source for source in images.sources if source.role == split} if images else {}

    def __repr__(self) -> str:
        images = f", {counted(len(self._sources), 'image')} of {self.images.root}" if self.images else ""
        return f"<Augmenter: split {self.split}{images}>"

    def __getstate__(self) -> tuple[Spec, Images | None, str]:
        return self.spec, self.images, self.split

    def __setstate__(self, state: tuple[Spec, Images | None, str]) -> None:
        self.spec, self.images, self.split = state
        self._prepare()

    def __call__(
        self,
        image: npt.NDArray[np.uint8],
        key: str,
        copy: int = 0,
        *,
        boxes: npt.ArrayLike | None = None,
        masks: npt.ArrayLike | None = None,
        keypoints: npt.ArrayLike | None = None,
        labels: Sequence[Any] | npt.NDArray[Any] | None = None,
        mask: npt.ArrayLike | None = None,
    ) -> Augmented:
        """Return a copy of an image, the very pixels that `run` encodes for a PNG file that holds it.

        `image` is (H, W) or (H, W, 1) grey, (H, W, 3) RGB or (H, W, 4) RGBA, uint8; it is not written to. `key` is the
        path of the image in IN, with `/`: `train/cat/a.jpg`; the manifest's `source` is that, with a backslash doubled
        and bytes that are not UTF-8 escaped. `copy` counts from 0, and may go beyond the spec's `copies`.

        What is returned has as many channels as what is given; but grey becomes RGB where a step brings colour in, and
        RGBA becomes RGB where the spec's output format has no transparency. Its memory is its own.

        What is known of the image's N objects moves along, by the rules of the spec's `labels`: `boxes` (N, 4), each
        left, top, right, bottom; `masks` (N, H, W), not 0 where an object is; `keypoints` (N, K, 2), or (N, K, 3) with
        0 not labelled, 1 hidden, 2 visible; `labels`, N of anything. `mask` (H, W) is a label image. Coordinates are in
        pixels, and continuous: the first pixel covers 0 to 1, and its middle is 0.5.

        Raises `Unusable` where a run would have a `failed` row, such as for an image smaller than a crop; ValueError or
        TypeError for what is no such array.
        """
        given = _checked(image)
        source = self._source(key)
        parts = Given(boxes, masks, keypoints, None if labels is None else list_of(labels), mask)
        if parts.labels is not None and not parts.has_objects:
            raise ValueError("labels are of boxes, masks or keypoints, and there are none")
        if keypoints is not None:
            self._refuse_unknown_pairs()
        made = copy_of_array(self._recipes, source, whole_number("copy", copy, 0), given, self._others, parts)
        return self._result(made, given)

    def read(self, key: str, copy: int = 0) -> Augmented:
        """Return a copy of the image `key` of IN, the very pixels that `run` encodes.

        Its file is opened as `run` opens it: upright, in sRGB, and a JPEG file that is sure to be shrunk at a smaller
        scale, so that the pixels differ a little from those of the whole array. Grey is (H, W, 1); with transparency it
        is RGBA. Errors are those of a call.

        Of a set with labels it has what is left of those of the image: `labels` are the names of classes, `masks` and
        `keypoints` are there where the set has such, and `mask` where it has label images.
        """
        if self.images is None or self._others is None:
            raise ValueError("the folder of the images is not known: augcli.Augmenter(spec, 'in')")
        number = whole_number("copy", copy, 0)
        made = copy_of_file(self._recipes, self.images.root, self._source(key), number, self._others)
        return self._result(made)

    def class_names(self) -> list[str]:
        """Return the names of the classes of a set with labels, in its order; none where the folder has no labels.

        Where the set does not name them in one place all its files of labels are read, which may take a while.
        """
        if self.images is None or self._others is None or not any(source.labels for source in self.images.sources):
            return []
        return names_of_classes(self.images, self._others, self.spec.max_megapixels)

    def _refuse_unknown_pairs(self) -> None:
        """Raise `Refused` where a step mirrors keypoints and it is not known which are left and right of each other."""
        if self.spec.labels.flip_pairs is not None:
            return
        for step in leaves(self.spec.steps_of(self.split)):
            if step.transform.name() in MIRRORING and step.p and step.weight:
                what = f"`{step.name}` exchanges left and right keypoints, and nothing says which these are"
                raise Refused(
                    Problem(what, "write labels: {flip_pairs: [[1, 2]]} into the spec, `[]` if there are none")
                )

    def _source(self, key: str) -> Source:
        """Return what IN has under a key; without a folder any key will do. Raises TypeError and ValueError."""
        if not isinstance(key, str):
            raise TypeError(f"a key is text, the path of an image in IN with `/`, not {key!r}")
        if self.images is None:
            return source_of(self.spec, key, self.split)
        if key not in self._sources:
            raise ValueError(f"{key}: no image of {self.split} in {self.images.root}{self._remedy(key)}")
        return self._sources[key]

    def _remedy(self, key: str) -> str:
        """Say where a key is one of another split, or which one may be meant."""
        assert self.images is not None
        for source in self.images.sources:
            if source.path == key:
                return f', but of {source.role}: augcli.Augmenter(spec, root, split="{source.role}")'
        folder, _, name = key.rpartition("/")
        near = [known for known in self._sources if known.endswith(f"/{name}") or known.rpartition("/")[0] == folder]
        help = did_you_mean(key, near)
        return f"; {help}" if help else ""

    def _result(self, made: Made, given: npt.NDArray[Any] | None = None) -> Augmented:
        image = array_of(self.spec, made.picture)
        if given is not None and given.ndim == 2 and image.shape[2] == 1:
            image = image[:, :, 0]
        if not image.flags.writeable or (given is not None and np.may_share_memory(image, given)):
            image = image.copy()
        return Augmented(image, made.params, made.soft_label, made.labels)


_PHOTO = (
    ": .read(key) opens a file as `run` does; of a photo that is open in Pillow take "
    'numpy.asarray(PIL.ImageOps.exif_transpose(image).convert("RGB"))'
)


def _checked(image: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """Return an image as a plain array. Raises TypeError and ValueError for what is none."""
    if not isinstance(image, np.ndarray):
        is_photo = type(image).__module__.startswith("PIL.") or isinstance(image, (str, os.PathLike))
        raise TypeError(f"an image is a NumPy array, not {type(image).__name__}{_PHOTO if is_photo else ''}")
    if image.dtype != np.uint8:
        raise TypeError(f"an image has values of uint8, 0 to 255, not of {image.dtype}")
    if image.ndim not in (2, 3) or (image.ndim == 3 and image.shape[2] not in (1, 3, 4)):
        help = "; channels come last" if image.ndim == 3 and image.shape[0] in (1, 3, 4) else ""
        raise ValueError(f"an image is H x W, or H x W x 1, 3 or 4, not {' x '.join(map(str, image.shape))}{help}")
    if not image.size:
        raise ValueError("an image has at least one pixel")
    return np.asarray(image)
