"""Add: what the sources of a chunk add to files that are joined is written once more, as their rows tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from augcli.engine import blocks
from augcli.engine.chunks import Chunk
from augcli.engine.failures import Failure
from augcli.engine.jobs import Job
from augcli.modality import Maker
from augcli.output import joining, manifest
from augcli.output.joining import Addition
from augcli.output.writers import writing
from augcli.plan.output_names import outputs
from augcli.problems import reason_of
from augcli.storage.addresses import place


class Added(NamedTuple):
    """The sources of a chunk that cannot be read any more."""

    made: int
    kept: int
    failures: list[Failure]


@dataclass(frozen=True)
class Add:
    """Writes what sources add beside the part of a chunk; the known rows of a source tell of its files."""

    def __call__(self, job: Job[Any], maker: Maker, chunk: Chunk) -> Added:
        added: list[Addition] = []
        failures: list[Failure] = []
        with writing(chunk.part):
            for item in chunk.items:
                known = chunk.known.get(item.source.path)
                if item.source.block is not None:
                    rows = [] if known is None else known.rows
                    failures += blocks.added(maker, item, blocks.Known(rows, job.spec), added)
                    continue
                told = {row.file_name: row for row in known.rows} if known is not None else {}
                planned = [output for output in outputs(item, job.spec) if output.file_name in told]
                try:
                    data = maker.read(item)
                    added += maker.additions(item, {output: told[output.file_name] for output in planned}, data)
                except OSError:
                    raise
                except Exception as error:  # the worker boundary
                    failures.append(Failure(item.source.path, reason_of(error)))
            joining.write_additions(chunk.part, added)
            manifest.write_part(place(chunk.part), [])
        return Added(0, 0, failures)
