"""What a worker does with a chunk without writing: compare it with OUT, try what it will cost, or look at it."""

from __future__ import annotations

import time

from augcli.engine.chunks import Chunk, Done, Failure
from augcli.engine.tasks.make import make, partners_for, peak, standing, told
from augcli.image.near_duplicates import Thumbnail, thumbnail
from augcli.plan.output_names import outputs
from augcli.plan.partners import read_source
from augcli.problems import Unusable
from augcli.storage.hashes import sha256

TRIED = 4  # copies of a source: the first one shows what it costs to open, the others what a copy does


def compare_chunk(chunk: Chunk) -> Done:
    """Tell what a run would make of a chunk and why, a note for each file; a source that failed will fail again."""
    started = time.perf_counter()
    made = kept = 0
    notes: list[str] = []
    failures: list[Failure] = []
    partners = partners_for(chunk)
    for item in chunk.items:
        if chunk.spec.treatment(item.source.role) == "skip":
            continue
        path = item.source.path
        try:
            if item.error:
                raise Unusable(item.error)
            found = standing(chunk, item, partners)
        except OSError:
            raise
        except Exception as error:  # the worker boundary
            failures.append(Failure(path, told(error)))
            continue
        known = chunk.known[path].rows if path in chunk.known else []
        failed = [row for row in known if row.status == "failed" and row.source_sha256 == found.digest]
        if failed:
            failures.append(Failure(path, failed[0].error))
            continue
        kept += len(found.rows)
        made += len(found.wanted)
        notes += [f"{reason}: {output.file_name}" for output, reason in found.wanted.items()]
    return Done(chunk.number, made, kept, failures, time.perf_counter() - started, 0, notes, {}, peak())


def try_chunk(chunk: Chunk) -> Done:
    """Make the first files of each source, and tell what all of them will cost in seconds and in bytes."""
    seconds = size = 0.0
    made = 0
    failures = []
    partners = partners_for(chunk)
    for item in chunk.items:
        planned = outputs(item, chunk.spec)
        started = time.perf_counter()
        costs: list[tuple[float, int]] = []
        try:
            if item.error:
                raise Unusable(item.error)
            data = read_source(chunk.root, item.source.path)
            made_of_it = [output for output in planned if output.status in ("augmented", "transformed")]
            for _, row, _ in make(chunk.spec, item, made_of_it[:TRIED], data, sha256(data), partners):
                costs.append((time.perf_counter() - started, int(row.bytes)))
                started = time.perf_counter()
        except OSError:
            raise
        except Exception as error:  # the worker boundary
            failures.append(Failure(item.source.path, told(error)))
            continue
        others = costs[1:] or costs
        seconds += costs[0][0] + (len(made_of_it) - 1) * sum(cost for cost, _ in others) / len(others)
        size += len(made_of_it) * sum(length for _, length in costs) / len(costs)
        made += len(made_of_it)
    return Done(chunk.number, made, 0, failures, seconds, int(size), [], {}, peak())


def look_at_chunk(chunk: Chunk) -> Done:
    """Take a thumbnail of each source that can be used, whatever becomes of it; a run tells of the others."""
    started = time.perf_counter()
    seen: dict[str, Thumbnail] = {}
    for item in chunk.items:
        try:
            if item.error:
                raise Unusable(item.error)
            seen[item.source.path] = thumbnail(read_source(chunk.root, item.source.path), chunk.spec.max_megapixels)
        except OSError:
            raise
        except Exception:  # the worker boundary
            continue
    seconds = time.perf_counter() - started
    return Done(chunk.number, len(chunk.items), 0, [], seconds, 0, [], {}, peak(), thumbnails=seen)
