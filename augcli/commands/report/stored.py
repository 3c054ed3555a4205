"""The pictures of OUT and of IN as they are stored, each with its labels: loose files, or samples of containers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np

from augcli.dataset.listing import Listing
from augcli.dataset.reading import read_source
from augcli.dataset.sources import Source, in_shard
from augcli.image import pictures
from augcli.image.arrays import Points, Size
from augcli.image.pictures import label_images
from augcli.labels import rle
from augcli.labels.annotation import Annotation, LabelImage, Object
from augcli.modality.images.labelled import Labeller
from augcli.output.containers import Stored
from augcli.output.containers.kinds import container_of
from augcli.plan.image_formats import header_of
from augcli.problems import Unusable
from augcli.spec.spec import Spec
from augcli.storage import files


class Seen(NamedTuple):
    """The bytes of a picture, and what is said of it, given its size."""

    data: bytes
    labels: Labels


class Labels(Protocol):
    def __call__(self, header: pictures.Header) -> Sequence[Annotation]: ...


class Store(Protocol):
    """Where pictures are read from."""

    def read(self, name: str) -> Seen:
        """Read a picture. Raises `Unusable`."""


def _no_labels(header: pictures.Header) -> Sequence[Annotation]:
    return ()


class Loose:
    """Files of a folder, or images in the shards of one; with a `listing` that knows their labels, these too."""

    def __init__(self, spec: Spec, root: Path, listing: Listing | None) -> None:
        self._root = str(root)
        self._sources: dict[str, Source] = {}
        if listing is not None and listing.seen:
            self._sources = {source.path: source for source in listing.sources}
            self._labeller = Labeller(spec, self._root, listing.sets)

    def read(self, name: str) -> Seen:
        source = self._sources.get(name)
        data = read_source(self._root, name)
        if source is None:
            return Seen(data, _no_labels)
        found = source

        def labels(header: pictures.Header) -> Sequence[Annotation]:
            return [tracks.annotation for tracks in self._labeller.tracks(found, header)]

        return Seen(data, labels)

    def labels(self, name: str) -> Sequence[Annotation]:
        """Return what is said of a picture, of which only the head is read. Raises `Unusable`."""
        source = self._sources.get(name)
        if source is None:
            return ()
        header = header_of(self._root, source, float("inf"))
        return [tracks.annotation for tracks in self._labeller.tracks(source, header)]


class Packed:
    """Samples of the containers of OUT, those that are named, which are read at once."""

    def __init__(self, out: Path, kind: str, names: Iterable[str]) -> None:
        self._out, self._kind = out, kind
        self._wanted: dict[str, set[str]] = {}
        for name in names:
            container, rest = in_shard(name) or ("", name)
            self._wanted.setdefault(container, set()).add(_key(rest))
        self._read: dict[tuple[str, str], Stored] = {}
        self._reasons: dict[str, str] = {}

    def read(self, name: str) -> Seen:
        container, rest = in_shard(name) or ("", name)
        wanted = self._wanted.pop(container, None)
        if wanted is not None:
            self._open(container, wanted)
        stored = self._read.pop((container, _key(rest)), None)
        if stored is None:
            raise Unusable(self._reasons.get(container, "no such image is in its shard"))
        data = next(iter(stored.files[suffix] for suffix in stored.files if rest.endswith("." + suffix)), None)
        if data is None:
            raise Unusable("no such image is in its shard")
        return Seen(data, lambda header: _plain_labels(stored, header, data))

    def _open(self, container: str, wanted: set[str]) -> None:
        try:
            with files.regular(str(self._out / container)) as file:
                for key, stored in container_of(self._kind).read(file):
                    if key in wanted:
                        self._read[container, key] = stored
                        wanted.discard(key)
                        if not wanted:
                            return
        except Unusable as unusable:
            self._reasons[container] = f"its shard: {unusable}"


def _key(rest: str) -> str:
    """Return the key of a sample by the name of its image in the container."""
    folder, slash, base = rest.rpartition("/")
    return folder + slash + base.partition(".")[0]


def _plain_labels(stored: Stored, header: pictures.Header, image: bytes) -> Sequence[Annotation]:
    """Return what a container says of an image: plain objects, and label images beside it."""
    found = [Annotation(header.size, tuple(_object(one, header.size) for one in stored.objects or ()))]
    for data in stored.files.values():
        if data is not image and data.startswith(b"\x89PNG"):
            values, _ = label_images.read_label_image(data, [header.size])
            found.append(Annotation(header.size, image=LabelImage(values)))
    return found


def _object(told: Mapping[str, Any], size: Size) -> Object:
    box = told.get("box")
    points = np.array(told.get("keypoints", ()), np.float64).reshape(-1, 3)
    counts = rle.unpacked(told["rle"]) if "rle" in told else None
    return Object(
        name=str(told["class"]),
        box=None if box is None else (box[0], box[1], box[0] + box[2], box[1] + box[3]),
        rings=tuple(map(_points, told.get("polygons", ()))),
        lines=tuple(map(_points, told.get("lines", ()))),
        corners=_points(told["corners"]) if "corners" in told else None,
        keypoints=points[:, :2] if len(points) else None,
        states=points[:, 2].astype(np.int8) if len(points) else None,
        bitmap=None if counts is None else rle.bitmap_of(counts, size),
    )


def _points(flat: Sequence[float]) -> Points:
    return np.array(flat, np.float64).reshape(-1, 2)
