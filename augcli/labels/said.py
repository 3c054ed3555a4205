"""What files of labels say of a source, as bytes, and the hash that names it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from augcli.dataset.reading import read_places, read_source
from augcli.dataset.sources import LabelFile, LabelSet, Source, unpacked
from augcli.labels.formats import template_of
from augcli.problems import Unusable


def said_by(root: str, label: LabelFile) -> list[bytes]:
    """Return what a file of labels says of an image: the file, or its places. Raises `Unusable`."""
    try:
        if label.is_shared:
            return read_places(root, label.path, unpacked(label.spans))
        return [] if label.is_missing else [read_source(root, label.path)]
    except Unusable as unusable:
        raise type(unusable)(f"{label.path}: {unusable}") from None


def digests_of_sets(sets: Iterable[LabelSet]) -> dict[str, str]:
    """Return by format what its files have in common, as a hash, where these are of one image each.

    What a file about many images says of all of them is not in here: that file is written anew by every run.
    """
    return {one.format: one.digest for one in sets if template_of(one) is None}


def digest_of(source: Source, said: Sequence[Sequence[bytes]], common: Mapping[str, str]) -> str:
    """Return the SHA-256 of all that is said of a source; empty where it has no files of labels."""
    if not source.labels:
        return ""
    digest = hashlib.sha256()
    for label, pieces in zip(source.labels, said, strict=True):
        digest.update(f"{label.format} {common.get(label.format, '')} {len(pieces)}\n".encode())
        for data in pieces:
            digest.update(b"%d\n" % len(data))
            digest.update(data)
    return digest.hexdigest()
