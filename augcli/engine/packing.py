"""A pack: one container of OUT, made whole by one worker, from its sources and from what stands there already."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast

from augcli.engine.chunks import Chunk
from augcli.engine.container_files import Former, Hashed
from augcli.engine.jobs import Job
from augcli.modality import Digests, Maker
from augcli.output.containers import ROWS_SUFFIX, Sample, Stored
from augcli.output.containers.kinds import container_of
from augcli.output.containers.packed import Packed, asked, made_by, member, own_row, read_packed, said_of, write_packed
from augcli.output.manifest import Row
from augcli.plan.output_names import LABELS, Item, Output
from augcli.plan.packs import Keyed, Keys
from augcli.plan.request import Request
from augcli.plan.rows import row_without_file
from augcli.problems import Unusable, reason_of
from augcli.storage import files, hashes, places


@dataclass(frozen=True)
class PackState:
    """What all packs of a run have in common.

    `made_by` names spec and versions, `classes` are the names of all classes. `careful` compares the content of
    containers with their rows, and not their sizes alone.
    """

    out: Path
    made_by: str
    classes: tuple[str, ...]
    careful: bool = False


def pack_state_of(request: Request, out: Path, record: Mapping[str, Any], careful: bool) -> PackState:
    """Return what the packs of a run of that record have in common."""
    return PackState(out, made_by(record["spec_key"], record["versions"]), request.classes, careful)


class Found(NamedTuple):
    """A source that was read: its bytes, their hashes, its rows that hold, and why the others do not."""

    data: bytes
    digests: Digests
    rows: dict[Output, Row]
    reason: str


@dataclass
class Outcome:
    """What came of a pack: its rows, how many images were made and kept, and why sources were made, by their paths."""

    rows: list[Row] = field(default_factory=list)
    made: int = 0
    kept: int = 0
    reasons: dict[str, str] = field(default_factory=dict)


class Pack:
    """One container: what is asked of it, and what stands in its place."""

    def __init__(self, job: Job[Any], maker: Maker, state: PackState, chunk: Chunk) -> None:
        self._job, self._spec, self._maker, self._state, self._chunk = job, job.spec, maker, state, chunk
        self._container = container_of(job.spec.output.container)
        self.name = chunk.pack + self._container.suffix
        self._path, self._rows_path = state.out / self.name, state.out / (chunk.pack + ROWS_SUFFIX)
        keys = Keys(job.spec)
        self._sources = [(item, keys.of(item)) for item in chunk.items]
        named = (
            (item.source.path, item.source.label, [self._named(one) for one in keyed]) for item, keyed in self._sources
        )
        self._asked = asked(state.made_by, state.classes, named)
        self._numbers = {name: number for number, name in enumerate(state.classes)}
        self._known = read_packed(self._rows_path)
        self._told: dict[str, list[Row]] = {}
        if self._known is not None and said_of(self._known.own)[0] == state.made_by:
            for row in self._known.rows:
                self._told.setdefault(row.source, []).append(row)

    def _named(self, keyed: Keyed) -> str:
        return member(self.name, keyed.key, keyed.suffix)

    def whole(self, tries: bool = True) -> Outcome | str:
        """Return what the container holds if it is what is asked for, or else say why it must be made.

        With `tries` sources that failed are tried again.
        """
        known = self._known
        if known is None:
            return "new"
        if known.own.source_sha256 != self._asked:
            return "other sources or settings"
        if reason := self._damage(known.own):
            return reason
        rows: list[Row] = []
        with self._read_ahead():
            for item, keyed in self._sources:
                told = self._told.get(item.source.path, [])
                if reason := self._reason(item, keyed, told, tries):
                    return f"{reason}: {item.source.path}"
                rows += told
        return Outcome(rows, kept=images(rows))

    def _read_ahead(self) -> AbstractContextManager[None]:
        """Read the sources of a bucket before they are asked for."""
        return files.overlapping(self._job.root, self._chunk.whole_files(self._spec), str(self._state.out), ())

    def _reason(self, item: Item, keyed: list[Keyed], told: list[Row], tries: bool) -> str:
        """Say why a source must be made again; empty if it need not, as it holds, or fails as it did before."""
        found = self._examine(item, keyed)
        failed = any(row.status == "failed" for row in told)
        if failed and isinstance(found, Found) and not tries:
            return "" if (told[0].source_sha256, told[0].labels_sha256) == found.digests else "source changed"
        if failed and not isinstance(found, Row):
            made = self._make_source(item, keyed, found, None)
            found = made if isinstance(made, Row) else found
        if isinstance(found, Row):
            return "" if told == [found] else "fails"
        return found.reason

    def _damage(self, own: Row) -> str:
        try:
            if places.size(self._path) != int(own.bytes):
                return "changed"
            return "changed" if self._state.careful and hashes.sha256_of(self._path) != own.sha256 else ""
        except OSError:
            return "missing"

    def _examine(self, item: Item, keyed: list[Keyed]) -> Found | Row:
        """Read a source and compare it with what is known of its samples; return its row if it cannot be used."""
        digests = Digests("")
        try:
            if item.error:
                raise Unusable(item.error)
            data = self._maker.read(item)
            digests = Digests(hashes.sha256(data), self._maker.digest_of_labels(item.source))
            return self._compared(item, keyed, data, digests)
        except OSError:
            raise
        except Exception as error:  # the worker boundary: no source may stop the others
            return row_without_file(item, "failed", reason_of(error), *digests)

    def _compared(self, item: Item, keyed: list[Keyed], data: bytes, digests: Digests) -> Found:
        told = self._told.get(item.source.path, [])
        by_name = {row.file_name.partition("#")[2]: row for row in told if row.file_name}
        left_out = {row.copy: row for row in told if row.status == "skipped"}
        rows: dict[Output, Row] = {}
        reason = "new" if self._known is None else "" if told else "other sources or settings"
        for one in keyed:
            row = by_name.get(f"{one.key}.{one.suffix}") or left_out.get(
                "" if one.image.copy is None else str(one.image.copy)
            )
            if row is None or (row.source_sha256, row.labels_sha256) != digests:
                reason = reason or ("new" if row is None else "source changed")
                continue
            rows[one.image] = row._replace(split=item.source.split, label=item.source.label)
            for output, suffix in one.labels if row.file_name else ():
                if label := by_name.get(f"{one.key}.{suffix}"):
                    rows[output] = label
        made = {output: row for output, row in rows.items() if output.is_made}
        for output, why in self._maker.outdated(item, data, made, self._spec) if made else ():
            rows.pop(output, None)
            reason = reason or why
        return Found(data, digests, rows, reason)

    def make(self) -> Outcome:
        """Make the container, and write its rows last. Raises OSError where OUT cannot be written, or IN is gone."""
        outcome = Outcome()
        with self._read_ahead(), files.whole_bytes(self._path) as file:
            hashed = Hashed(file)
            self._container.write(cast(BinaryIO, hashed), self._samples(outcome), self._state.classes)
            self._job.refuse_if_over()  # before the container gets its name, and before its rows do
        digest = hashed.digest.hexdigest()
        own = own_row(self.name, hashed.size, digest, self._asked, self._state.made_by, outcome.rows)
        self._job.refuse_if_over()
        write_packed(self._rows_path, Packed(own, outcome.rows))
        return outcome

    def _samples(self, outcome: Outcome) -> Iterator[Sample]:
        """Give the samples of all sources, those that hold from the container that is there."""
        with Former(self._container.read, self._path if self._told else None) as former:
            for item, keyed in self._sources:
                found = self._examine(item, keyed)
                made = found if isinstance(found, Row) else self._make_source(item, keyed, found, former)
                if isinstance(made, Row):
                    outcome.rows.append(made)
                    continue
                rows, samples, new = made
                outcome.rows.extend(rows)
                outcome.made += new
                outcome.kept += len(samples) - new
                if new and isinstance(found, Found):
                    outcome.reasons[item.source.path] = found.reason or "missing"
                yield from samples

    def _make_source(
        self, item: Item, keyed: list[Keyed], found: Found, former: Former | None
    ) -> tuple[list[Row], list[Sample], int] | Row:
        """Return the rows and samples of a source, and how many of these were made now; a row if it fails."""
        stored = {one.image: self._stored(one, found, former) for one in keyed}
        planned = [
            output
            for one in keyed
            for output in (one.image, *(label for label, _ in one.labels))
            if stored[one.image] is None and not (one.image in found.rows and not found.rows[one.image].file_name)
        ]
        rows, data, objects = dict(found.rows), dict[Output, bytes](), dict[Output, Any]()
        try:
            made = self._maker.make(item, planned, found.data, found.digests) if planned else ()
            for output, row, encoded in made:
                rows[output] = row
                if encoded is not None:
                    data[output] = encoded
                if output.label is None and item.source.labels:
                    objects[output] = self._maker.shown(item, output, found.data)
        except OSError:
            raise
        except Exception as error:  # as above
            return row_without_file(item, "failed", reason_of(error), *found.digests)
        told: list[Row] = []
        samples: list[Sample] = []
        for one in keyed:
            row = rows[one.image]
            if not row.file_name:
                told.append(row)
                continue
            kept = stored[one.image]
            inside = {one.image: one.suffix, **dict(one.labels)}
            own = [rows[output]._replace(file_name=member(self.name, one.key, inside[output])) for output in inside]
            held = kept or Stored({inside[output]: data[output] for output in inside}, objects.get(one.image))
            told += own
            number = self._numbers.get(row.label)
            samples.append(Sample(one.key, own[0], held.files, number, held.objects))
        return told, samples, sum(stored[one.image] is None and bool(rows[one.image].file_name) for one in keyed)

    def _stored(self, one: Keyed, found: Found, former: Former | None) -> Stored | None:
        """Return a sample that holds as the container has it; None where it must be made."""
        rows = [found.rows.get(output) for output in (one.image, *(label for label, _ in one.labels))]
        if former is None or any(row is None or not row.file_name for row in rows):
            return None
        stored = former.take(one.key)
        suffixes = (one.suffix, *(suffix for _, suffix in one.labels))
        if stored is None or any(suffix not in stored.files for suffix in suffixes):
            return None
        same = all(
            row is not None and hashes.sha256(stored.files[suffix]) == row.sha256
            for row, suffix in zip(rows, suffixes, strict=True)
        )
        return stored if same else None


def images(rows: list[Row]) -> int:
    """Return how many of these are rows of images."""
    return sum(bool(row.file_name) and row.status != LABELS for row in rows)
