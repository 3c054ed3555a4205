"""What a worker does to replay: it makes the files of manifest rows again, and writes those that come out the same."""

from __future__ import annotations

import json
import time

from augcli.engine.chunks import Chunk, Done, Failure
from augcli.engine.tasks.make import encode, partners_for, peak, stopping, why_not, writing
from augcli.image import ops, pictures
from augcli.image.arrays import Picture, Size
from augcli.output.manifest import Row, unescaped
from augcli.plan.output_names import Item
from augcli.plan.partners import open_picture, read_source, size_at_mix, with_partners
from augcli.plan.recipes import recorded
from augcli.problems import Unusable
from augcli.spec.model import Spec
from augcli.storage import files
from augcli.storage.hashes import sha256


def rebuild_chunk(chunk: Chunk, overwrite: bool) -> Done:
    """Make the files again that the known rows of a chunk tell of, where they are missing.

    With `overwrite` those that differ are replaced; otherwise they are failures.
    """
    started = time.perf_counter()
    made = kept = 0
    failures: list[Failure] = []
    stopped = None
    partners_for(chunk)
    try:
        with writing(chunk):
            for item in chunk.items:
                made_now, kept_now, failed = _missing(chunk, item, overwrite)
                made, kept, failures = made + made_now, kept + kept_now, failures + failed
    except OSError as error:
        stopped = stopping(error, chunk.out)
    seconds = time.perf_counter() - started
    return Done(chunk.number, made, kept, failures, seconds, 0, [], {}, peak(), stopped)


def _missing(chunk: Chunk, item: Item, overwrite: bool) -> tuple[int, int, list[Failure]]:
    """Make the missing files of a source; return how many were made, how many are as before, and which cannot be."""
    rows, failures, kept = [], [], 0
    known = chunk.known.get(item.source.path)  # None where its files have come back meanwhile
    for row in known.rows if known is not None else ():
        found = why_not(row, row.source_sha256, chunk.out, careful=True)
        kept += not found
        if found == "changed" and not overwrite:
            failures.append(Failure(row.file_name, "differs from its row; --overwrite replaces it"))
        elif found:
            rows.append(row)
    if item.error:
        failed = [Failure(row.file_name, item.error) for row in rows]
    else:
        failed = _rebuild(chunk, item, rows) if rows else []
    return len(rows) - len(failed), kept, failures + failed


def _rebuild(chunk: Chunk, item: Item, rows: list[Row]) -> list[Failure]:
    """Write the files of a source's rows; return those that cannot be, with the reason. Raises OSError."""
    try:
        data = read_source(chunk.root, item.source.path)
    except Unusable as unusable:
        return [Failure(row.file_name, f"its source {unusable}") for row in rows]
    digest, failures = sha256(data), []
    for row in rows:
        try:
            if row.source_sha256 != digest:
                raise Unusable("its source is not the one that it was made from")
            encoded = made_again(chunk.spec, chunk.root, item, row, data)
            if sha256(encoded) != row.sha256:
                raise Unusable("comes out with other bytes here; nothing was written")
            files.write_whole(chunk.out, row.file_name, encoded)
        except Unusable as unusable:
            failures.append(Failure(row.file_name, str(unusable)))
        except OSError:
            raise
        except Exception as error:  # the worker boundary: a row may have been edited
            failures.append(Failure(row.file_name, f"its row cannot be followed ({type(error).__name__})"))
    return failures


def made_again(spec: Spec, root: str, item: Item, row: Row, data: bytes) -> bytes:
    """Return the bytes of the file that a row tells of, from those of its source. Raises `Unusable`."""
    if row.status in ("original", "copied"):
        return data
    format = pictures.format_of(data)
    wanted: str = spec.output.format
    item = item._replace(format=pictures.written_format(format or "", wanted))
    header = pictures.read_header(data, spec.max_megapixels)
    params = json.loads(row.params)
    recipe = recorded(spec, spec.steps_of(item.source.role), params, header.size)
    noted = [partner for entry in params for partner in entry.get("partners", ())]
    if noted:
        size = size_at_mix(recipe, header.size)
        recipe = with_partners(recipe, [_partner(spec, root, item, partner, size) for partner in noted])
    picture, _ = open_picture(spec, item, data, header)
    return encode(spec, item, ops.run(recipe.ops, picture), header, data)


def _partner(spec: Spec, root: str, item: Item, noted: dict[str, object], size: Size) -> Picture:
    """Bring a source that was mixed in to what it was then. Raises `Unusable`."""
    path = unescaped(str(noted["source"]))
    data = read_source(root, path)
    if sha256(data) != noted["sha256"]:
        raise Unusable(f"{path}, which is mixed in, is not the one that it was made from")
    header = pictures.read_header(data, spec.max_megapixels)
    params = noted["params"]
    assert isinstance(params, list)
    recipe = recorded(spec, spec.steps_of(item.source.role), params, header.size, size)
    picture, _ = open_picture(spec, item, data, header)
    return ops.run(recipe.ops, picture)
