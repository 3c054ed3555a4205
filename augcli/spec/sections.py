"""The sections of a spec: settings that belong together."""

from __future__ import annotations

from typing import Literal

from augcli.settings import (
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
    setting,
)
from augcli.settings.value_types import Wrong


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

    def _refuse_mismatches(self) -> None:
        told = {"shard_size": self.shard_size, "shard_bytes": self.shard_bytes, "shuffle": self.shuffle}
        told["manifest"] = self.manifest != "joined"
        given = [name for name, value in told.items() if value]
        if self.container == "files" and given:
            what = f"`{given[0]}` is about shards, and there are none with `container: files`"
            raise Wrong(what, "write container: webdataset, or leave it out")
        if self.container == "parquet" and self.format == "npy":
            what = "`format: npy` gives arrays, which readers of Parquet do not take for images"
            raise Wrong(what, "write format: png, or container: webdataset")
        if self.shard_size and self.shard_bytes:
            raise Wrong("`shard_size` and `shard_bytes` both say how large a shard is", "leave one out")


class Balance(Settings):
    """How classes come to have about as many images as one another."""

    to: TargetOrNone = setting(
        None,
        "Images of each class in OUT: as many as the `largest` or the `median` class has with `copies`, or a number; "
        "left out, classes are not balanced.",
        within=(1, 10**9),
    )
    at_most: Count = setting(30, "Copies of one source, however few its class has.", within=(1, 100_000))

    def _refuse_mismatches(self) -> None:
        if self.to is None and self.at_most != type(self).fields["at_most"].default:
            raise Wrong("nothing is balanced, as `to` is left out", "write to: largest")


class Split(Settings):
    """How an IN without splits is split: by a hash of each group. What comes later moves none, but for `stratify`."""

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

    def _refuse_mismatches(self) -> None:
        if self.val + self.test > 0.95:
            raise Wrong(f"`val` and `test` take {self.val + self.test:g} of all, and leave too little to train on")
        if not self.is_on and (self.group_by is not None or self.stratify or self.seed):
            raise Wrong("nothing is split, as neither `val` nor `test` has a share", "write val: 0.1")


class ViewSettings(Settings):
    """What a split of views takes besides `steps`."""

    views: Count = setting(..., "Copies of each image.", within=(1, 1000))


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
        return self.blank or self.clipped is not None or self.identical or self.empty


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
