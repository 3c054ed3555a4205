"""Replay: the files of manifest rows are made again, and those that come out the same are written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from augcli.engine.chunks import Chunk
from augcli.engine.failures import Failure
from augcli.engine.jobs import Job
from augcli.engine.output_state import reason_to_make
from augcli.modality import Digests, Maker
from augcli.output.manifest import Row
from augcli.output.writers import writing
from augcli.plan.output_names import Item
from augcli.problems import Unusable
from augcli.storage import files
from augcli.storage.hashes import sha256


class Replayed(NamedTuple):
    """How many files of a chunk were made again, how many are as before, and which cannot be made."""

    made: int
    kept: int
    failures: list[Failure]


@dataclass(frozen=True)
class Replay:
    """Makes the files again that the known rows of a chunk tell of, where they are missing.

    With `overwrite` those that differ are replaced; otherwise they are failures.
    """

    out: str
    overwrite: bool

    def __call__(self, job: Job[Any], maker: Maker, chunk: Chunk) -> Replayed:
        made = kept = 0
        failures: list[Failure] = []
        with writing(chunk.part), files.overlapping(job.root, (), self.out, chunk.known_files()):
            for item in chunk.items:
                known = chunk.known.get(item.source.path)  # None where its files have come back meanwhile
                rows, there, differing = self._missing(known.rows if known is not None else [])
                failed = self._make_again(job, maker, item, rows) if rows else []
                made += len(rows) - len(failed)
                kept += there
                failures += differing + failed
        return Replayed(made, kept, failures)

    def _missing(self, rows: list[Row]) -> tuple[list[Row], int, list[Failure]]:
        """Return the rows whose files are to be made, how many files are as before, and which may not be replaced."""
        wanted, kept, differing = [], 0, []
        for row in rows:
            found = reason_to_make(row, Digests(row.source_sha256, row.labels_sha256), self.out, careful=True)
            kept += not found
            if found == "changed" and not self.overwrite:
                differing.append(Failure(row.file_name, "differs from its row; --overwrite replaces it"))
            elif found:
                wanted.append(row)
        return wanted, kept, differing

    def _make_again(self, job: Job[Any], maker: Maker, item: Item, rows: list[Row]) -> list[Failure]:
        """Write the files of a source's rows; return those that cannot be, with the reason. Raises OSError."""
        if item.error:
            return [Failure(row.file_name, item.error) for row in rows]
        try:
            data = maker.read(item)
        except Unusable as unusable:
            return [Failure(row.file_name, f"its source {unusable}") for row in rows]
        digest, labels, failures = sha256(data), maker.digest_of_labels(item.source), []
        for row in rows:
            try:
                if row.source_sha256 != digest:
                    raise Unusable("its source is not the one that it was made from")
                if row.labels_sha256 != labels:
                    raise Unusable("the labels of its source are not those that it was made from")
                encoded = maker.make_again(item, row, data)
                if sha256(encoded) != row.sha256:
                    raise Unusable("comes out with other bytes here; nothing was written")
                files.write_whole(self.out, row.file_name, encoded)
            except Unusable as unusable:
                failures.append(Failure(row.file_name, str(unusable)))
            except (OSError, ImportError):
                raise
            except Exception as error:  # the worker boundary: a row may have been edited
                failures.append(Failure(row.file_name, f"its row cannot be followed ({type(error).__name__})"))
        return failures
