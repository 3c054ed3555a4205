"""A worker's work: a chunk of sources, each read once, all its files written, its rows returned.

A worker gets frozen values and strings, never prints, and never raises for a bad image. The chunk's part
is its last write.
"""

from __future__ import annotations

import fcntl
import os
import stat
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from augcli import stopwatch
from augcli.dataset import Source
from augcli.folder import Known, remove
from augcli.image import ops, pictures
from augcli.image.arrays import Picture, Size
from augcli.image.geometry import Pyramid
from augcli.manifest import STATE, Row, params_text, sha256, sha256_of, write_part
from augcli.mixing import Partners, mixes, open_picture
from augcli.plan import Item, Output, outputs, recipe
from augcli.problems import Problem, Unusable
from augcli.spec import Spec


class Chunk(NamedTuple):
    """Some sources in plan order, and what OUT holds of them already.

    `crashing` are sources that are known to kill their worker; `under_way` is a file that is to tell which other
    source is being decoded, so that it can be blamed.
    """

    number: int
    spec: Spec
    root: str
    out: str
    part: str
    items: list[Item]
    known: dict[str, Known]
    careful: bool
    crashing: frozenset[str] = frozenset()
    under_way: str = ""


class Failure(NamedTuple):
    """A source that could not be used, and why."""

    source: str
    reason: str


class Done(NamedTuple):
    """What a chunk came to. `stages` has seconds, for a profile; `stopped` says why the whole run cannot go on."""

    made: int
    kept: int
    failures: list[Failure]
    seconds: float
    stages: dict[str, float]
    stopped: Problem | None = None


_partners: Partners | None = None
"""Of a run whose spec mixes: too many sources to come with every chunk."""


def introduce(spec: Spec, root: str, sources: Sequence[Source]) -> None:
    """Tell this process which sources a run augments, before its first chunk of a spec that mixes."""
    global _partners
    _partners = Partners(spec, root, sources) if mixes(spec) else None


def run_chunk(chunk: Chunk) -> Done:
    """Make everything of a chunk that is not there yet, then write its part."""
    started = time.perf_counter()
    made = kept = 0
    rows: list[Row] = []
    failures: list[Failure] = []
    stopped = None
    partners = _partners
    if partners is not None:
        partners.crashing, partners.under_way = chunk.crashing, chunk.under_way
    with open(os.path.join(chunk.out, STATE, "writers"), "a") as writers:
        fcntl.flock(writers, fcntl.LOCK_SH)
        try:
            for item in chunk.items:
                known = chunk.known.get(item.source.path, Known("", []))
                found, new = make_source(chunk, item, known, partners)
                rows += found
                made += new
                kept += sum(bool(row.file_name) for row in found) - new
                failures += [Failure(row.source, row.error) for row in found if row.status == "failed"]
            write_part(Path(chunk.part), rows)
        except OSError as error:
            stopped = _stopped(error, chunk.out)
    return Done(made, kept, failures, time.perf_counter() - started, stopwatch.taken(), stopped)


def _stopped(error: OSError, out: str) -> Problem:
    where = error.filename if isinstance(error.filename, str) else out
    reason = (error.strerror or "it cannot be written").lower()
    return Problem(f"{where}: {reason}", "make room or mend it, then run the same command again: it goes on")


def make_source(chunk: Chunk, item: Item, known: Known, partners: Partners | None) -> tuple[list[Row], int]:
    """Return the rows of a source, and how many of its files were made now.

    A source that cannot be used becomes one `failed` row, and none of its files stay. Raises OSError when
    OUT cannot be written.
    """
    planned = outputs(item, chunk.spec)
    digest = ""
    try:
        if item.error:
            raise Unusable(item.error)
        if chunk.spec.treatment(item.source.role) == "skip":
            return [_row(item, status="skipped")], 0
        data = pictures.read(os.path.join(chunk.root, item.source.path))
        digest = sha256(data)
        rows = {
            row.file_name: row._replace(split=item.source.split, label=item.source.label)
            for row in known.rows
            if holds(row, digest, chunk.out, chunk.careful)
        }
        if partners is not None and rows:
            size = pictures.read_header(data, chunk.spec.max_megapixels).size
            rows = {name: row for name, row in rows.items() if _partners_hold(chunk.spec, item, size, row, partners)}
        missing = [output for output in planned if output.file_name not in rows]
        for output, row, encoded in make(chunk.spec, item, missing, data, digest, partners):
            pictures.write_whole(os.path.join(chunk.out, output.file_name), encoded)
            rows[output.file_name] = row
        return [rows[output.file_name] for output in planned], len(missing)
    except Unusable as unusable:
        reason = str(unusable)
    except MemoryError:
        reason = "not enough memory"
    except OSError:
        raise
    except Exception as error:  # the worker boundary: no image may stop the others
        reason = f"could not be processed ({type(error).__name__}); please report it"
    for output in planned:
        remove(chunk.out, output.file_name)
    return [_row(item, status="failed", error=reason, source_sha256=digest)], 0


def holds(row: Row, digest: str, out: str, careful: bool) -> bool:
    """Tell whether a row of an earlier run still says the truth: same source, file there, same length.

    `careful` compares the content as well: a run that was killed may have written a file and not its row.
    """
    if row.status == "failed" or row.source_sha256 != digest:
        return False
    path = os.path.join(out, row.file_name)
    try:
        status = os.stat(path, follow_symlinks=False)
        same = stat.S_ISREG(status.st_mode) and status.st_size == int(row.bytes)
        return same and (not careful or sha256_of(Path(path)) == row.sha256)
    except OSError:
        return False


def make(
    spec: Spec, item: Item, planned: list[Output], data: bytes, digest: str, partners: Partners | None = None
) -> Iterator[tuple[Output, Row, bytes]]:
    """Make files of one source from its bytes: each with its row and its own bytes. Decodes at most once.

    Raises `Unusable` before the first of them where a step cannot be applied.
    """
    header = None
    if any(output.status in ("augmented", "transformed") for output in planned):
        header = pictures.read_header(data, spec.max_megapixels)
    recipes = {
        output: recipe(spec, item.source, output.copy, header.size)
        for output in planned
        if header is not None and output.status in ("augmented", "transformed")
    }
    picture, converted = (None, "") if header is None else open_picture(spec, item, data, header)
    pyramid = None if picture is None else Pyramid(picture.image)
    for output in planned:
        if output not in recipes:
            stored = pictures.stored_size(data)
            yield output, _row(item, output, size=stored, source_sha256=digest, sha256=digest, bytes=len(data)), data
            continue
        assert picture is not None
        assert header is not None
        made_by, soft_label = recipes[output], ""
        if partners is not None:
            made_by, soft_label = partners.complete(item, output.copy, header.size, made_by)
        made = ops.run(made_by.ops, picture, pyramid)
        encoded = encode(spec, item, made)
        row = _row(
            item,
            output,
            converted,
            made.size,
            source_sha256=digest,
            sha256=sha256(encoded),
            bytes=len(encoded),
            params=params_text(made_by.params()),
            soft_label=soft_label,
        )
        yield output, row, encoded


def _partners_hold(spec: Spec, item: Item, size: Size, row: Row, partners: Partners) -> bool:
    """Tell whether a row's image would be mixed with the same sources again."""
    if row.status != "augmented":
        return True
    copy = int(row.copy)
    return partners.hold(item, copy, size, recipe(spec, item.source, copy, size), row)


def encode(spec: Spec, item: Item, picture: Picture) -> bytes:
    output = spec.output
    return pictures.encode(picture, item.format, output.quality, output.subsampling, output.optimize)


def _row(
    item: Item,
    output: Output | None = None,
    converted: str = "",
    size: Size | None = None,
    *,
    status: str = "",
    error: str = "",
    source_sha256: str = "",
    sha256: str = "",
    bytes: int | None = None,
    params: str = "",
    soft_label: str = "",
) -> Row:
    return Row(
        file_name=output.file_name if output else "",
        source=item.source.path,
        split=item.source.split,
        label=item.source.label,
        soft_label=soft_label,
        copy="" if output is None or output.copy is None else str(output.copy),
        status=output.status if output else status,
        error=error,
        converted=converted,
        width=str(size.width) if size else "",
        height=str(size.height) if size else "",
        bytes="" if bytes is None else str(bytes),
        source_sha256=source_sha256,
        sha256=sha256,
        params=params,
    )
