"""Replay of containers: each is made again from the rows of its samples, and written if it comes out the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from augcli.engine.chunks import Chunk
from augcli.engine.container_files import Hashed
from augcli.engine.failures import Failure
from augcli.engine.jobs import Job
from augcli.engine.tasks.replay import Replayed
from augcli.modality import Maker
from augcli.output.containers import ROWS_SUFFIX, Sample
from augcli.output.containers.kinds import container_of
from augcli.output.containers.packed import Packed, text_of, write_packed
from augcli.output.manifest import Row
from augcli.output.writers import writing
from augcli.plan.output_names import LABELS, Item
from augcli.plan.packs import Keys
from augcli.problems import Unusable, reason_of
from augcli.storage import files, hashes, places

OWN = ""
"""Stands for the container itself among what is known of a chunk's sources."""


@dataclass(frozen=True)
class ReplayPack:
    """Makes the container of a chunk again from the known rows, where it is missing.

    With `overwrite` one that differs is replaced; otherwise it is a failure.
    """

    out: Path
    classes: tuple[str, ...]
    overwrite: bool

    def __call__(self, job: Job[Any], maker: Maker, chunk: Chunk) -> Replayed:
        (own,) = chunk.known[OWN].rows
        found = [self._container_again(job, maker, chunk, own), self._rows_again(chunk, own)]
        made, kept = (sum(getattr(one, name) for one in found) for name in ("made", "kept"))
        return Replayed(made, kept, [failure for one in found for failure in one.failures])

    def _container_again(self, job: Job[Any], maker: Maker, chunk: Chunk, own: Row) -> Replayed:
        path = self.out / own.file_name
        if places.is_file(path):
            if places.size(path) == int(own.bytes) and hashes.sha256_of(path) == own.sha256:
                return Replayed(0, 1, [])
            if not self.overwrite:
                return Replayed(0, 0, [_differing(own.file_name)])
        try:
            with writing(chunk.part), files.whole_bytes(path) as file:
                hashed = Hashed(file)
                container = container_of(job.spec.output.container)
                container.write(cast(BinaryIO, hashed), samples_again(job, maker, chunk, self.classes), self.classes)
                if hashed.digest.hexdigest() != own.sha256:
                    raise Unusable("comes out with other bytes here; nothing was written")
        except OSError:
            raise
        except Exception as error:  # the worker boundary: a row may have been edited
            return Replayed(0, 0, [Failure(own.file_name, reason_of(error))])
        return Replayed(1, 0, [])

    def _rows_again(self, chunk: Chunk, own: Row) -> Replayed:
        """Write the rows beside the container again, which the manifest has, unless it leaves them there."""
        name = chunk.pack + ROWS_SUFFIX
        path = self.out / name
        rows = [row for key, known in chunk.known.items() if key != OWN for row in known.rows]
        if not rows:
            lost = [] if places.is_file(path) else [Failure(name, "its rows stand nowhere else; run the spec again")]
            return Replayed(0, 0, lost)
        packed = Packed(own, rows)
        if places.is_file(path):
            with files.text(path, errors="replace") as file:
                if file.read() == text_of(packed):
                    return Replayed(0, 1, [])
            if not self.overwrite:
                return Replayed(0, 0, [_differing(name)])
        write_packed(path, packed)
        return Replayed(1, 0, [])


def _differing(name: str) -> Failure:
    return Failure(name, "differs from its row; --overwrite replaces it")


def samples_again(job: Job[Any], maker: Maker, chunk: Chunk, classes: tuple[str, ...]) -> Iterator[Sample]:
    """Give the samples of a container again, in its order. Raises `Unusable` where one does not come out the same."""
    numbers = {name: number for number, name in enumerate(classes)}
    for item in chunk.items:
        rows = [row for row in chunk.known[item.source.path].rows if row.file_name]
        if not rows:
            continue
        data = _unchanged(maker, item, rows[0])
        planned = {row.copy: row for row in rows if row.status != LABELS}
        for copy, row in planned.items():
            inside = row.file_name.partition("#")[2]
            key, _, suffix = inside.rpartition(".")
            made = {suffix: _same(maker, item, row, row, data)}
            for label in rows:
                if label.status == LABELS and label.copy == copy:
                    name = label.file_name.partition("#")[2].removeprefix(f"{key}.")
                    made[name] = _same(maker, item, label, _planned(job, item, label, name), data)
            objects = maker.shown_again(item, row, data) if item.source.labels else None
            yield Sample(key, row, made, numbers.get(row.label), objects)


def _unchanged(maker: Maker, item: Item, row: Row) -> bytes:
    """Return the bytes of a source that is what it was. Raises `Unusable`."""
    path = item.source.path
    try:
        data = maker.read(item)
    except Unusable as unusable:
        raise Unusable(f"its source {path} {unusable}") from None
    if hashes.sha256(data) != row.source_sha256:
        raise Unusable(f"its source {path} is not the one that it was made from")
    if maker.digest_of_labels(item.source) != row.labels_sha256:
        raise Unusable(f"the labels of its source {path} are not those that it was made from")
    return data


def _same(maker: Maker, item: Item, row: Row, asked: Row, data: bytes) -> bytes:
    made = maker.make_again(item, asked, data)
    if hashes.sha256(made) != row.sha256:
        raise Unusable(f"{row.file_name} comes out with other bytes here; nothing was written")
    return made


def _planned(job: Job[Any], item: Item, row: Row, suffix: str) -> Row:
    """Return the row of a file of labels under the name that it has as a loose file."""
    for keyed in Keys(job.spec).of(item):
        if ("" if keyed.image.copy is None else str(keyed.image.copy)) == row.copy:
            for output, own in keyed.labels:
                if own == suffix:
                    return row._replace(file_name=output.file_name)
    raise Unusable(f"{row.file_name} is not planned any more")
