"""Make: each source of a chunk is read once, all its files are written, and the rows become the chunk's part."""

from __future__ import annotations

import errno
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from augcli.engine import blocks
from augcli.engine.chunks import Chunk
from augcli.engine.failures import Failure
from augcli.engine.jobs import Job
from augcli.engine.output_state import OutputState
from augcli.modality import Digests, Maker
from augcli.output import joining, manifest
from augcli.output.inventory import Existing
from augcli.output.joining import Addition
from augcli.output.manifest import NOTED, Row, conversions
from augcli.output.removal import remove
from augcli.output.writers import writing
from augcli.plan.output_names import LABELS, Item, outputs
from augcli.plan.rows import row_without_file
from augcli.problems import Unusable, counted, reason_of
from augcli.storage import files
from augcli.storage.addresses import place

_UNWRITABLE_NAMES = {
    errno.ENAMETOOLONG: "the path of its outputs is too long for this system",
    errno.EILSEQ: "the names of its outputs have bytes or control characters that OUT does not take",
}


class Made(NamedTuple):
    """How many images of a chunk were made and kept; sources that failed; how often reading changed what; notes.

    `rows` is how many rows its part has, `objects` and `dropped` how many labelled objects its images show and lost,
    `noted` how many texts came out unlike what is asked for, by the word for it.
    """

    rows: int
    made: int
    kept: int
    failures: list[Failure]
    converted: Mapping[str, int]
    notes: list[str]
    objects: int
    dropped: Counter[str]
    left_out: int = 0
    noted: Mapping[str, int] = {}
    moved: Mapping[tuple[str, str], int] = {}
    """Sources by the splits that they were in and are in now, where the spec has moved them."""


def made_of(rows: list[Row], made: int, kept: int, notes: list[str]) -> Made:
    """Return what came of a chunk, as its rows tell, and how many of its images were made and kept."""
    failures = [Failure(row.source, row.error) for row in rows if row.status == "failed"]
    converted = Counter(word for row in rows for word in conversions(row))
    dropped: Counter[str] = Counter()
    for row in rows:
        if row.drop_reasons:
            dropped.update(json.loads(row.drop_reasons))
    objects = sum(int(row.objects or 0) for row in rows)
    left_out = sum(row.status == "skipped" and bool(row.labels_sha256) for row in rows)
    told = (row.notes for row in rows if row.notes and row.status != LABELS)
    noted = Counter(word for notes in told for word in notes.split() if word in NOTED)
    return Made(len(rows), made, kept, failures, converted, notes, objects, dropped, left_out, noted)


@dataclass(frozen=True)
class Make:
    """Makes every file that OUT does not hold by right; with `explains` it notes what became of each source."""

    state: OutputState
    explains: bool = False

    def __call__(self, job: Job[Any], maker: Maker, chunk: Chunk) -> Made:
        made = kept = 0
        rows: list[Row] = []
        added: list[Addition] = []
        notes: list[str] = []
        moved: Counter[tuple[str, str]] = Counter()
        with writing(chunk.part):
            with files.overlapping(job.root, chunk.whole_files(job.spec), self.state.out, chunk.known_files()):
                for item in chunk.items:
                    known = chunk.known.get(item.source.path)
                    if item.source.is_assigned and known is not None:
                        splits = {row.split for row in known.rows} - {item.source.split}
                        moved.update((before, item.source.split) for before in splits)
                    if item.source.block is None:
                        found, new = self.make_source(job, maker, item, known, added)
                    else:
                        found, new = blocks.made(job, maker, item, self.state.known(job.spec, known), added)
                    rows += found
                    made += len(new)
                    kept += _images(found) - len(new)
                    if self.explains:
                        notes += _notes(item, found, new)
            job.refuse_if_over()
            if job.adds:
                joining.write_additions(chunk.part, added)
            manifest.write_part(place(chunk.part), rows)
        return made_of(rows, made, kept, notes)._replace(moved=moved)

    def make_source(
        self, job: Job[Any], maker: Maker, item: Item, known: Existing | None, added: list[Addition]
    ) -> tuple[list[Row], Mapping[str, str]]:
        """Return the rows of a source, and which of its images were made now and why.

        What it adds to joined files goes to `added`. A source that cannot be used becomes one `failed` row, and none
        of its files stay. Raises OSError when OUT cannot be written, or IN is gone, and ImportError
        where a library cannot be loaded.
        """
        if job.spec.treatment(item.source.role) == "skip":
            return [row_without_file(item, "skipped")], {}
        planned = outputs(item, job.spec)
        out, digests = self.state.out, Digests("")
        try:
            data, digests, rows, wanted = self.state.examine(job.spec, maker, item, planned, known)
            if item.error:
                raise Unusable(item.error)
            missing = [output for output in planned if output in wanted]
            for output, row, encoded in maker.make(item, missing, data, digests):
                rows[output.file_name] = row
                if encoded is None:
                    remove(out, output.file_name)
                else:
                    files.write_whole(out, output.file_name, encoded)
            whole = {output: rows[output.file_name] for output in planned}
            added += maker.additions(item, whole, data)
            made = {
                output.file_name: reason
                for output, reason in wanted.items()
                if output.label is None and rows[output.file_name].file_name
            }
            # a copy that is left out has one row, however many files it would have
            return [row for output, row in whole.items() if row.file_name or output.label is None], made
        except OSError as error:
            if error.errno not in _UNWRITABLE_NAMES:
                raise
            reason = _UNWRITABLE_NAMES[error.errno]
        except Exception as error:  # the worker boundary: no source may stop the others
            reason = reason_of(error)
        for output in planned:
            remove(out, output.file_name)
        return [row_without_file(item, "failed", reason, *digests)], {}


def _images(rows: list[Row]) -> int:
    return sum(bool(row.file_name) and row.status != LABELS for row in rows)


def _notes(item: Item, found: list[Row], new: Mapping[str, str]) -> Iterator[str]:
    """Say what became of a source: how many files were kept, and why the others were made."""
    block = item.source.block
    called = (
        item.source.path if block is None else f"{block.table}, {counted(block.records, 'record')} from {block.first}"
    )
    kept = _images(found) - len(new)
    parts = [f"{kept} kept"] if kept else []
    parts += [f"{count} made ({reason})" for reason, count in Counter(new.values()).items()]
    if parts:
        yield f"{called}: {', '.join(parts)}"
    elif found[0].status == "skipped":
        yield f"{called}: skipped, as `splits` says"
