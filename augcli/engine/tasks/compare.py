"""Compare: what a run would make of a chunk and what it would keep, by its own rules; nothing is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from augcli.engine import blocks
from augcli.engine.chunks import Chunk
from augcli.engine.failures import Failure
from augcli.engine.jobs import Job
from augcli.engine.output_state import OutputState
from augcli.modality import Maker
from augcli.plan.output_names import LABELS, outputs
from augcli.problems import Unusable, reason_of
from augcli.storage import files


class Compared(NamedTuple):
    """How many files of a chunk would be made and kept, the sources that would fail, and a note for each to make."""

    made: int
    kept: int
    failures: list[Failure]
    notes: list[str]


@dataclass(frozen=True)
class Compare:
    """Compares a chunk with OUT; a source that failed will fail again."""

    state: OutputState

    def __call__(self, job: Job[Any], maker: Maker, chunk: Chunk) -> Compared:
        kept = 0
        notes: list[str] = []
        failures: list[Failure] = []
        with files.overlapping(job.root, chunk.whole_files(job.spec), self.state.out, chunk.known_files()):
            for item in chunk.items:
                if job.spec.treatment(item.source.role) == "skip":
                    continue
                path = item.source.path
                known = chunk.known.get(path)
                if item.source.block is not None:
                    found_there = blocks.compared(maker, item, self.state.known(job.spec, known))
                    kept += found_there.kept
                    notes += found_there.notes
                    failures += found_there.failures
                    continue
                try:
                    if item.error:
                        raise Unusable(item.error)
                    found = self.state.examine(job.spec, maker, item, outputs(item, job.spec), known)
                except OSError:
                    raise
                except Exception as error:  # the worker boundary
                    failures.append(Failure(path, reason_of(error)))
                    continue
                rows = known.rows if known is not None else ()
                failed = [
                    row
                    for row in rows
                    if row.status == "failed" and (row.source_sha256, row.labels_sha256) == found.digests
                ]
                if failed:
                    failures.append(Failure(path, failed[0].error))
                    continue
                kept += sum(row.status != LABELS for row in found.rows.values())
                notes += [f"{reason}: {output.file_name}" for output, reason in found.wanted.items()]
        return Compared(len(notes), kept, failures, notes)
