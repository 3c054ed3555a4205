"""`augcli replay` of an OUT of containers: whole ones that are missing, or single samples, from the manifest's rows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Set
from itertools import groupby
from pathlib import Path

from augcli.dataset.layouts.words import role_of
from augcli.dataset.sources import Source, in_shard
from augcli.engine import runner
from augcli.engine.chunks import Chunk
from augcli.engine.executors import Machines
from augcli.engine.failures import Failure
from augcli.engine.jobs import job_of
from augcli.engine.report import Report
from augcli.engine.tasks.replay_pack import OWN, ReplayPack, samples_again
from augcli.modality.kinds import modality_of
from augcli.output.containers import ROWS_SUFFIX
from augcli.output.containers.gathering import containers_of, text_of
from augcli.output.containers.packed import CLASSES, read_packed
from augcli.output.folder import Folder
from augcli.output.inventory import Existing
from augcli.output.manifest import Row, read_rows
from augcli.output.paths import MANIFEST
from augcli.plan.output_names import Item
from augcli.plan.request import Request
from augcli.problems import Unusable, printable, reason_of
from augcli.storage import files, hashes, places
from augcli.storage.names import lies_inside


def replay_containers(
    request: Request,
    out: Path,
    named: set[str],
    to: Path | None,
    overwrite: bool,
    machines: Machines,
    folder: Folder,
    report: Report,
) -> None:
    """Make containers of OUT again that are missing, all or those named, and compare single samples that are named.

    With `to` these are written into that folder.
    """
    classes = request.classes
    samples = {name for name in named if in_shard(name)}
    job = job_of(ReplayPack(out, classes, overwrite), modality_of(request.spec), request)
    if not samples:
        _classes_again(out, classes, overwrite, report)
        wanted = Wanted(request, out, named, folder, missing=not overwrite and not named)
        runner.run(job, wanted, machines, 1 << 30, report.done, report.crash)
        return
    containers = {(in_shard(name) or ("",))[0] for name in samples}
    maker = job.maker()
    missing = set(samples)
    wanted = Wanted(request, out, containers, folder, missing=False, samples=samples)
    for chunk in wanted:
        (own,) = chunk.known[OWN].rows
        if to is None and not wanted.is_whole(own):
            reason = f"is not whole; augcli replay --overwrite {out} IN {own.file_name} makes it again"
            report.failed.append(Failure(own.file_name, reason))
            report.tell(printable(f"{own.file_name}: {reason}"))
        try:
            for sample in samples_again(job, maker, chunk, classes):
                missing.discard(sample.row.file_name)
                report.made += to is not None
                report.kept += to is None
                if to is not None:
                    places.make_folder(to)
                if not lies_inside(sample.key):
                    raise Unusable(f"{sample.key}: not a name that augcli wrote")
                for suffix, data in sample.files.items() if to is not None else ():
                    files.write_whole(str(to), f"{sample.key}.{suffix}", data)
        except OSError:
            raise
        except Exception as error:  # as in a worker: a row may have been edited
            report.failed.append(Failure(chunk.pack, reason_of(error)))
            report.tell(printable(f"{chunk.pack}: {reason_of(error)}"))
    if not report.failed:
        for name in sorted(missing):
            report.failed.append(Failure(name, "no such image is in its shard"))
            report.tell(printable(f"{name}: no such image is in its shard"))


def _classes_again(out: Path, classes: tuple[str, ...], overwrite: bool, report: Report) -> None:
    """Write the names of the classes again, if they come out the same."""
    row = next(row for row in read_rows(out / MANIFEST) if row.status == CLASSES)
    path = out / row.file_name
    if places.is_file(path) and (not overwrite or hashes.sha256_of(path) == row.sha256):
        return
    if hashes.sha256(text_of(classes)) != row.sha256:
        reason = "comes out with other bytes here; nothing was written"
        report.failed.append(Failure(row.file_name, reason))
        report.tell(printable(f"{row.file_name}: {reason}"))
        return
    files.write_whole(str(out), row.file_name, text_of(classes))
    report.made += 1


class Wanted:
    """The containers that are to be made again, as chunks with what the manifest knows of them."""

    def __init__(
        self,
        request: Request,
        out: Path,
        named: Set[str],
        folder: Folder,
        missing: bool,
        samples: Set[str] = frozenset(),
    ) -> None:
        """Take the containers of these names, or all; with `missing` only those that are not there whole.

        With `samples` only these.
        """
        self._out, self._named, self._folder, self._missing, self._samples = out, named, folder, missing, samples
        labelled = any(source.labels for source in request.listing.sources)
        self._items = {item.source.path: item for item in request.items} if labelled else {}

    def learn(self, seconds: float, sources: int) -> None:
        """Take no account of how long a chunk took."""

    def __iter__(self) -> Iterator[Chunk]:
        for number, (own, inside) in enumerate(containers_of(read_rows(self._out / MANIFEST)), 1):
            name = own.file_name.rpartition(".")[0]
            files_of = {own.file_name, name + ROWS_SUFFIX}
            if self._named and self._named.isdisjoint(files_of):
                continue
            if self._missing and self.is_whole(own):
                continue
            if not inside and (packed := read_packed(self._out / (name + ROWS_SUFFIX))) is not None:
                inside = packed.rows  # as `manifest: parts` leaves them
            known = {OWN: Existing(OWN, [], json.dumps([own]))}
            items = []
            for source, rows in groupby(inside, key=lambda row: row.source):
                found = list(rows)
                known[source] = Existing(source, [], json.dumps(found))
                if not self._samples or any(row.file_name in self._samples for row in found):
                    items.append(self._items.get(source) or _item(found[0]))
            if self._samples:
                for item in items:
                    rows_of = known[item.source.path].rows
                    known[item.source.path] = Existing(item.source.path, [], json.dumps(self._chosen(rows_of)))
            yield Chunk(number, items, known, self._folder.part(number), name)

    def is_whole(self, own: Row) -> bool:
        """Tell whether a container is there and as long as its row says, with the rows beside it."""
        path, beside = self._out / own.file_name, own.file_name.rpartition(".")[0] + ROWS_SUFFIX
        return places.is_file(path) and places.size(path) == int(own.bytes) and places.is_file(self._out / beside)

    def _chosen(self, rows: list[Row]) -> list[Row]:
        copies = {row.copy for row in rows if row.file_name in self._samples}
        return [row for row in rows if row.copy in copies]


def _item(row: Row) -> Item:
    """Return the source of a row as that tells of it."""
    role = role_of(row.split) if row.split else "train"
    return Item(Source(row.source, row.split, role, row.label), "", "", "")
