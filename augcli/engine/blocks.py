"""Blocks of tables: what tasks do with a source that stands for many records, none of which is a file of its own."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import islice
from typing import Any, NamedTuple

from augcli.engine.failures import Failure
from augcli.engine.jobs import Job
from augcli.modality import Maker
from augcli.output.joining import Addition
from augcli.output.manifest import Row
from augcli.plan.output_names import Item
from augcli.plan.rows import row_without_file
from augcli.problems import Unusable, reason_of
from augcli.spec.spec import Spec


class Known(NamedTuple):
    """Rows of records that OUT holds, and the spec that made them, None where it is not known."""

    rows: Sequence[Row]
    made_by: Spec | None


NOTHING = Known((), None)


def made(
    job: Job[Any], maker: Maker, item: Item, known: Known, added: list[Addition]
) -> tuple[list[Row], dict[str, str]]:
    """Return the rows of a block's records, and which of them were made now and why.

    What it adds to its table goes to `added`. Raises OSError when IN is gone.
    """
    rows: list[Row] = []
    new: dict[str, str] = {}
    lines: list[bytes] = []
    try:
        for record in maker.records(item, _read(maker, item), *known):
            rows.append(record.row)
            lines.append(record.data)
            if record.reason:
                new[record.row.file_name] = record.reason
    except OSError:
        raise
    except Exception as error:  # the worker boundary: no block may stop the others
        return [_failed(item, reason_of(error))], {}
    added.append(_addition(item, lines))
    return rows, new


def added(maker: Maker, item: Item, known: Known, to: list[Addition]) -> list[Failure]:
    """Append what the known records of a block add to its table; return why that cannot be said, if so."""
    try:
        lines = [record.data for record in maker.records(item, _read(maker, item), *known, make=False)]
    except OSError:
        raise
    except Exception as error:  # the worker boundary
        return [Failure(_first(item), reason_of(error))]
    to.append(_addition(item, lines))
    return []


class ComparedBlock(NamedTuple):
    """How many records of a block would be kept, a note for each to make, and those that would fail."""

    kept: int
    notes: list[str]
    failures: list[Failure]


def compared(maker: Maker, item: Item, known: Known) -> ComparedBlock:
    """Say what a run would make of a block."""
    found = ComparedBlock(0, [], [])
    kept = 0
    try:
        for record in maker.records(item, _read(maker, item), *known, make=False):
            row = record.row
            kept += not record.reason and bool(row.file_name)
            if row.status == "failed":
                found.failures.append(Failure(row.source, row.error))
            elif record.reason:
                found.notes.append(f"{record.reason}: {row.file_name}")
    except OSError:
        raise
    except Exception as error:  # the worker boundary
        found.failures.append(Failure(_first(item), reason_of(error)))
    return found._replace(kept=kept)


class TriedBlock(NamedTuple):
    """What the first records of a block took, in seconds and in bytes, and those that would fail."""

    made: int
    seconds: float
    bytes: int
    failures: list[Failure]


def tried(maker: Maker, item: Item, most: int) -> TriedBlock:
    """Make up to so many records of a block, and throw them away."""
    started = time.perf_counter()
    made = size = 0
    failures: list[Failure] = []
    try:
        for record in islice(maker.records(item, _read(maker, item), *NOTHING), most):
            if record.row.status == "failed":
                failures.append(Failure(record.row.source, record.row.error))
            made += record.row.status != "failed"
            size += len(record.data)
    except OSError:
        raise
    except Exception as error:  # the worker boundary
        failures.append(Failure(_first(item), reason_of(error)))
    return TriedBlock(made, time.perf_counter() - started, size, failures)


def _read(maker: Maker, item: Item) -> bytes:
    if item.error:
        raise Unusable(item.error)
    return maker.read(item)


def _addition(item: Item, lines: Sequence[bytes]) -> Addition:
    """Return what a block adds to its table; bytes that are no UTF-8 pass through."""
    block = item.source.block
    assert block is not None
    return Addition(item.source.path, block.table, ((b"".join(lines).decode("utf-8", "surrogateescape"),),))


def _first(item: Item) -> str:
    """Return the name of a block's first record."""
    block = item.source.block
    assert block is not None
    return f"{block.table}#{block.first}"


def _failed(item: Item, reason: str) -> Row:
    block = item.source.block
    assert block is not None
    others = f"; so do the {block.records - 1} records after it" if block.records > 1 else ""
    return row_without_file(item, "failed", reason + others)._replace(source=_first(item))
