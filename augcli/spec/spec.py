"""What a spec holds: its settings with every default filled in, its pipeline, and what becomes of each split."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from augcli.image import packages
from augcli.settings import (
    BLACK,
    Border,
    Copies,
    Count,
    CountOrNone,
    GroupsOrNone,
    Level3OrNone,
    Number,
    NumberOrNone,
    Origin,
    Place,
    Quality,
    Settings,
    SlotPairsOrNone,
    TargetOrNone,
    ValuePairs,
    plain,
    setting,
)
from augcli.settings.value_types import wrong
from augcli.spec.pipeline import Pipeline, canonical, leaves, mixes
from augcli.text.settings import TextSettings

ROLES = ("train", "val", "test")
"""What a split is for."""

Treatment: TypeAlias = Literal["augment", "copy", "skip"] | Pipeline
"""What becomes of a split; a pipeline of its own draws nothing at random."""

Layout: TypeAlias = Literal[
    "auto",
    "classes",
    "splits",
    "flat",
    "webdataset",
    "parquet",
    "coco",
    "yolo",
    "voc",
    "masks",
    "cityscapes",
    "labelme",
    "dota",
    "csv",
    "tables",
]
"""What IN is: class folders, images or texts alone, shards of images, images whose labels stand in files, or tables."""
LAYOUTS_OF_TEXTS = ("auto", "classes", "splits", "flat", "tables")


class Output(Settings):
    """How images are written."""

    format: Literal["source", "jpeg", "png", "webp", "tiff", "npy"] = setting(
        "source",
        "File format; `npy` is float32. `source` keeps that of each source, but that BMP, PNM and GIF become PNG, "
        "and AVIF, HEIC, JPEG 2000 and JPEG XL become JPEG.",
    )
    quality: Quality = setting(
        95, "For JPEG and WebP; `keep` writes JPEG as its source is, and everything else at 95.", within=(1, 100)
    )
    subsampling: Literal["4:4:4", "4:2:2", "4:2:0"] = setting("4:2:0", "Chroma subsampling of JPEG.")
    optimize: bool = setting(False, "Smaller JPEG files for more than twice the time.")
    background: Level3OrNone = setting(
        None, "Colour behind transparency where the output has none; left out, it is `border.fill`."
    )
    container: Literal["files", "webdataset", "parquet"] = setting(
        "files",
        "What holds the images: a file for each, or shards: tar files as WebDataset reads them, or Parquet.",
    )
    shard_size: CountOrNone = setting(
        None, "Images in a shard; left out, 1000. All of a source stay together.", within=(1, 10_000_000)
    )
    shard_bytes: CountOrNone = setting(
        None,
        "About how large a shard is, if every image is as large as its source; instead of `shard_size`.",
        unit="bytes",
        within=(1, 2**50),
    )
    shuffle: bool = setting(False, "Spread the sources over the shards in an order that the seed decides.")
    manifest: Literal["joined", "parts"] = setting(
        "joined", "Of shards: `joined` gathers all rows in manifest.csv too, `parts` leaves them beside the shards."
    )

    @model_validator(mode="after")
    def _goes_together(self) -> Self:
        told = {"shard_size": self.shard_size, "shard_bytes": self.shard_bytes, "shuffle": self.shuffle}
        told["manifest"] = self.manifest != "joined"
        given = [name for name, value in told.items() if value]
        if self.container == "files" and given:
            what = f"`{given[0]}` is about shards, and there are none with `container: files`"
            raise wrong(what, "write container: webdataset, or leave it out")
        if self.container == "parquet" and self.format == "npy":
            what = "`format: npy` gives arrays, which readers of Parquet do not take for images"
            raise wrong(what, "write format: png, or container: webdataset")
        if self.shard_size and self.shard_bytes:
            raise wrong("`shard_size` and `shard_bytes` both say how large a shard is", "leave one out")
        return self


class Balance(Settings):
    """How classes come to have about as many images as one another."""

    to: TargetOrNone = setting(
        None,
        "Images of each class in OUT: as many as the `largest` or the `median` class has with `copies`, or a number; "
        "left out, classes are not balanced.",
        within=(1, 10**9),
    )
    at_most: Count = setting(30, "Copies of one source, however few its class has.", within=(1, 100_000))


class Split(Settings):
    """How an IN without splits is split: by a hash of each group, so that what is added later moves nobody."""

    val: Number = setting(0, "Share that becomes `val`.", within=(0, 0.9))
    test: Number = setting(0, "Share that becomes `test`.", within=(0, 0.9))
    group_by: GroupsOrNone = setting(
        None, "What stays together: what a pattern finds in a path, so many folders of it, or a column of a CSV file."
    )
    stratify: bool = setting(False, "The same share of each class; what is added may then move a few groups.")
    seed: Count = setting(0, "Another one splits otherwise.", within=(0, 2**63 - 1))

    @property
    def is_on(self) -> bool:
        """Whether anything is split."""
        return self.val + self.test > 0

    @model_validator(mode="after")
    def _goes_together(self) -> Self:
        if self.val + self.test > 0.95:
            raise wrong(f"`val` and `test` take {self.val + self.test:g} of all, and leave too little to train on")
        if not self.is_on and self != type(self).model_construct():
            raise wrong("nothing is split, as neither `val` nor `test` has a share", "write val: 0.1")
        return self


class Reject(Settings):
    """Which copies are drawn again, up to four times; what stays bad is noted in the manifest."""

    blank: bool = setting(False, "Those of one colour.")
    clipped: NumberOrNone = setting(
        None, "Those in which more than this share of the pixels has become black or white.", within=(0, 1)
    )
    identical: bool = setting(False, "Those with the pixels of their source, or of another copy of it.")
    empty: bool = setting(False, "Those that have lost all labelled objects of their source.")

    @property
    def is_on(self) -> bool:
        """Whether anything is rejected."""
        return self != _NOTHING_REJECTED


_NOTHING_REJECTED = Reject()


class Input(Settings):
    """How images are read."""

    color_profiles: Literal["convert", "keep", "ignore"] = setting(
        "convert", "Convert colours to sRGB, keep numbers and embed the profile in the output, or keep numbers alone."
    )
    truncated: Literal["refuse", "accept"] = setting(
        "refuse", "What becomes of files that are cut off; `accept` reads what is there."
    )


class Labels(Settings):
    """What becomes of boxes, shapes, masks and keypoints."""

    min_visible: Number = setting(
        0.1, "Drop an object of which less is seen, as a share of its whole shape.", within=(0, 1)
    )
    min_pixels: Number = setting(1, "Drop an object whose box has a shorter side.", unit="px", within=(0, 32766))
    boxes: Literal["tight", "ellipse"] = setting(
        "tight", "The box of what has no other shape: around its turned corners, or around the ellipse inside it."
    )
    outside: CountOrNone = setting(
        None,
        "What a label image has outside its source; left out, 255 where it has 255 beside classes, else 0.",
        within=(0, 65535),
    )
    swap: ValuePairs = setting((), "Values of label images that a mirrored picture exchanges.", within=(0, 65535))
    flip_pairs: SlotPairsOrNone = setting(
        None,
        "Keypoints that a mirrored picture exchanges; left out, as their names or `flip_idx` say.",
        within=(0, 9999),
    )
    voc_origin: Origin = setting("auto", "The first pixel of Pascal VOC: 1, or 0 where a set has a 0.")
    images: Place = setting("", "The folder of the images, where it is not found.")
    annotations: Place = setting("", "The annotations, a file or a folder, where they are not found.")
    on_empty: Literal["keep", "skip"] = setting("keep", "A copy that has lost all objects: a background, or none.")


OF_OTHERS: Mapping[str, tuple[str, ...]] = {
    "image": ("text",),
    "text": ("border", "input", "output", "labels", "reject", "fusion", "max_megapixels"),
}
"""The settings that a spec does not take, by the kind of data that its steps are for."""


class Spec(Settings):
    """A whole spec with every default filled in."""

    seed: Count = setting(0, "Every draw follows from it.", within=(0, 2**63 - 1))
    copies: Copies = setting(
        1, "Augmented copies of each source, or by its class: {default: 4, zebra: 20}.", within=(0, 100_000)
    )
    balance: Balance = setting(Balance(), "More copies for small classes, fewer for large ones.")
    include_originals: bool = setting(False, "Put each augmented source's own bytes beside its copies.")
    border: Border = setting(BLACK, "For every step that reads outside the image; a step may override it.")
    input: Input = setting(Input(), "How images are read.")
    output: Output = setting(Output(), "How images are written.")
    reject: Reject = setting(Reject(), "Which copies are drawn again.")
    labels: Labels = setting(Labels(), "What becomes of boxes, shapes, masks and keypoints.")
    text: TextSettings = setting(TextSettings(), "How texts are found, and what no step may touch.")
    split: Split = setting(Split(), "Splits an IN that has none into train, val and test.")
    layout: Layout = setting("auto", "What the folders of IN mean.")
    fusion: Literal["off", "exact", "full"] = setting("full", "How neighbouring steps are merged.")
    max_megapixels: Number = setting(100, "A larger image is refused from its header.", within=(0.01, 10_000))
    pipeline: Any = Field(default=(), exclude=True)
    splits: Any = Field({}, exclude=True)

    @cached_property
    def kind(self) -> Literal["image", "text"]:
        """The kind of data that it is for, which its steps say; images where it has none."""
        every = [self.pipeline, *(steps for steps in self.splits.values() if not isinstance(steps, str))]
        return next((step.transform.data_kind for steps in every for step in leaves(steps)), "image")

    @property
    def usual_copies(self) -> int:
        """The number of copies where nothing else is said of a class."""
        return self.copies if isinstance(self.copies, int) else self.copies.default

    @property
    def has_even_copies(self) -> bool:
        """Whether all sources get as many copies."""
        return isinstance(self.copies, int) and self.balance.to is None

    def treatment(self, role: str) -> Treatment:
        """Return what becomes of the splits of a role: `train`, `val` or `test`."""
        return self.splits[role]  # type: ignore[no-any-return]

    def steps_of(self, role: str) -> Pipeline:
        """Return the pipeline that images of a split go through; empty for those that are copied."""
        treatment = self.treatment(role)
        return self.pipeline if treatment == "augment" else () if isinstance(treatment, str) else treatment

    @property
    def in_containers(self) -> bool:
        """Whether its images are written into containers, and not as loose files."""
        return self.kind == "image" and self.output.container != "files"

    @property
    def packages(self) -> list[str]:
        """The other packages whose transforms it uses, sorted."""
        names = {step.transform.name() for role in ROLES for step in leaves(self.steps_of(role))}
        return sorted({packages.package_of(name) for name in names} - {""})

    def resolved(self) -> dict[str, Any]:
        """Return the spec as plain data with everything spelled out; loading it again gives the same."""
        others = OF_OTHERS[self.kind]
        fields = {name: plain(getattr(self, name)) for name in type(self).model_fields if name not in others}
        fields["pipeline"] = [canonical(node) for node in self.pipeline]
        fields["splits"] = {
            role: value if isinstance(value, str) else [canonical(node) for node in value]
            for role, value in self.splits.items()
        }
        return fields

    @cached_property
    def mixes(self) -> bool:
        """Whether a step needs other sources; a split's own steps never do."""
        return mixes(self.pipeline)

    @cached_property
    def key(self) -> str:
        """A hash of everything that decides an output's bytes, given its source and copy number."""
        left_out = {"copies", "balance", "include_originals"}
        deciding = {k: v for k, v in self.resolved().items() if k not in left_out}
        text = json.dumps(deciding, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
