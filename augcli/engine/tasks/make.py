"""A worker's work: a chunk of sources, each read once, all its files written, its rows returned.

A worker gets frozen values and strings, never prints, and never raises for a bad image. The chunk's part
is its last write.
"""

from __future__ import annotations

import errno
import fcntl
import os
import resource
import stat
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from augcli.dataset.listing import Source
from augcli.engine import profile as stopwatch
from augcli.engine.chunks import Chunk, Done, Failure
from augcli.image import ops, pictures
from augcli.image.arrays import Picture, Size
from augcli.image.pictures import Header
from augcli.image.transparency import layers
from augcli.output.inventory import Known
from augcli.output.manifest import Row, conversions, params_text, write_part
from augcli.output.removal import remove
from augcli.plan.output_names import Item, Output, outputs
from augcli.plan.partners import Partners, mixes, open_picture, read_source
from augcli.plan.recipes import made_alike, recipe
from augcli.problems import Problem, Unusable
from augcli.spec.model import Spec
from augcli.storage.hashes import sha256, sha256_of

_partners: Partners | None = None
"""Of a run whose spec mixes: too many sources to come with every chunk."""


def introduce(spec: Spec, root: str, sources: Sequence[Source]) -> None:
    """Tell this process which sources a run augments, before its first chunk of a spec that mixes."""
    global _partners
    _partners = Partners(spec, root, sources) if mixes(spec) else None


def partners_for(chunk: Chunk) -> Partners | None:
    """Return the sources that those of a chunk may be mixed with, where the spec mixes."""
    if _partners is not None:
        _partners.crashing, _partners.under_way = chunk.crashing, chunk.under_way
    return _partners


def run_chunk(chunk: Chunk) -> Done:
    """Make everything of a chunk that is not there yet, then write its part."""
    started = time.perf_counter()
    made = kept = size = 0
    rows: list[Row] = []
    failures: list[Failure] = []
    notes: list[str] = []
    stopped = None
    partners = partners_for(chunk)
    try:
        with writing(chunk):
            for item in chunk.items:
                found, new = make_source(chunk, item, partners)
                rows += found
                made += len(new)
                kept += sum(bool(row.file_name) for row in found) - len(new)
                size += sum(int(row.bytes) for row in found if row.file_name in new)
                failures += [Failure(row.source, row.error) for row in found if row.status == "failed"]
                if chunk.explains:
                    notes += _told(item, found, new)
            write_part(Path(chunk.part), rows)
    except OSError as error:
        stopped = stopping(error, chunk.out)
    seconds = time.perf_counter() - started
    converted = Counter(word for row in rows for word in conversions(row))
    stages = stopwatch.taken()
    return Done(chunk.number, made, kept, failures, seconds, size, notes, stages, peak(), stopped, converted)


def peak() -> int:
    """Return the most memory that this process has had, in bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


@contextmanager
def writing(chunk: Chunk) -> Iterator[None]:
    """Hold the lock that tells a later run that a worker of this one may still write. Raises OSError."""
    with open(os.path.join(os.path.dirname(chunk.part), "writers"), "a") as writers:
        fcntl.flock(writers, fcntl.LOCK_SH)
        yield


def stopping(error: OSError, out: str) -> Problem:
    """Say why a run must stop, and how to go on."""
    where = error.filename if isinstance(error.filename, str) else out
    reason = (error.strerror or "cannot be written").lower()
    return Problem(f"{where}: {reason}", "make room or mend it, then run the same command again: it goes on")


def _told(item: Item, found: list[Row], new: Mapping[str, str]) -> Iterator[str]:
    """Say what became of a source: how many files were kept, and why the others were made."""
    kept = sum(bool(row.file_name) for row in found) - len(new)
    parts = [f"{kept} kept"] if kept else []
    parts += [f"{count} made ({reason})" for reason, count in Counter(new.values()).items()]
    if parts:
        yield f"{item.source.path}: {', '.join(parts)}"
    elif found[0].status == "skipped":
        yield f"{item.source.path}: skipped, as `splits` says"


class Standing(NamedTuple):
    """A source that was read: its bytes, their hash, its rows that still hold, and why the other files are wanted."""

    data: bytes
    digest: str
    rows: dict[str, Row]
    wanted: dict[Output, str]


def standing(chunk: Chunk, item: Item, partners: Partners | None) -> Standing:
    """Read a source and compare it with what OUT holds of it; here it is decided what a run makes.

    Raises `Unusable`, and OSError where IN itself is gone.
    """
    planned = outputs(item, chunk.spec)
    data = read_source(chunk.root, item.source.path)
    digest = sha256(data)
    found = chunk.known.get(item.source.path, _NOTHING)
    known = {row.file_name: row for row in found.rows}
    rows: dict[str, Row] = {}
    wanted: dict[Output, str] = {}
    for output in planned:
        row = known.get(output.file_name)
        row = row if row is None or row.status == output.status else None  # another layout makes it something else
        reason = why_not(row, digest, chunk.out, chunk.careful)
        if reason:
            reason = "other versions" if chunk.stale and output.file_name in found.names else reason
            wanted[output] = reason
        else:
            row = known[output.file_name]
            rows[output.file_name] = row._replace(split=item.source.split, label=item.source.label)
    made = [output for output in planned if output.file_name in rows and output.status in ("augmented", "transformed")]
    if made and not item.error and (found.of_former_spec or partners is not None):
        try:
            size = pictures.read_header(data, chunk.spec.max_megapixels).size
        except Unusable:  # to the present spec: who makes it will say why
            size = None
        for output in made:
            reason = _outdated(chunk, item, output, rows[output.file_name], size, partners)
            if reason:
                del rows[output.file_name]
                wanted[output] = reason
    return Standing(data, digest, rows, wanted)


def _outdated(chunk: Chunk, item: Item, output: Output, row: Row, size: Size | None, partners: Partners | None) -> str:
    """Say why a file of the same source is not what the spec asks for now; empty if it is."""
    of_former = chunk.known[item.source.path].of_former_spec
    if size is None or (
        of_former and (chunk.former is None or not made_alike(chunk.former, chunk.spec, item, output, size))
    ):
        return "spec changed"
    if partners is not None and not _partners_hold(chunk.spec, item, size, row, partners):
        return "partner changed"
    return ""


_NOTHING = Known("", [])


def make_source(chunk: Chunk, item: Item, partners: Partners | None) -> tuple[list[Row], Mapping[str, str]]:
    """Return the rows of a source, and which of its files were made now and why.

    A source that cannot be used becomes one `failed` row, and none of its files stay. Raises OSError when
    OUT cannot be written, or IN is gone.
    """
    planned = outputs(item, chunk.spec)
    digest = ""
    if chunk.spec.treatment(item.source.role) == "skip":
        return [_row(item, status="skipped")], {}
    try:
        data, digest, rows, wanted = standing(chunk, item, partners)
        if item.error:
            raise Unusable(item.error)
        missing = [output for output in planned if output in wanted]
        for output, row, encoded in make(chunk.spec, item, missing, data, digest, partners):
            pictures.write_whole(chunk.out, output.file_name, encoded)
            rows[output.file_name] = row
        made = {output.file_name: reason for output, reason in wanted.items()}
        return [rows[output.file_name] for output in planned], made
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            raise
        reason = "the path of its outputs is too long for this system"
    except Exception as error:  # the worker boundary: no image may stop the others
        reason = told(error)
    for output in planned:
        remove(chunk.out, output.file_name)
    return [_row(item, status="failed", error=reason, source_sha256=digest)], {}


def told(error: Exception) -> str:
    """Return why a source failed, in our own words."""
    if isinstance(error, Unusable):
        return str(error)
    if isinstance(error, MemoryError):
        return "not enough memory"
    return f"could not be processed ({type(error).__name__}); please report it"


def why_not(row: Row | None, digest: str, out: str, careful: bool) -> str:
    """Say why a file must be made although a row tells of it; empty if the row still holds.

    It holds if the source is the same, and the file is there and as long. `careful` compares the content as well: a
    run that was killed may have written a file and not its row.
    """
    if row is None:
        return "new"
    if row.source_sha256 != digest:
        return "source changed"
    path = os.path.join(out, row.file_name)
    try:
        status = os.stat(path, follow_symlinks=False)
        if not stat.S_ISREG(status.st_mode) or status.st_size != int(row.bytes):
            return "changed"
        return "changed" if careful and sha256_of(Path(path)) != row.sha256 else ""
    except OSError:
        return "missing"


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
    shared = None if picture is None else layers(picture)
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
        made = ops.run(made_by.ops, picture, shared)
        encoded = encode(spec, item, made, header, data)
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


def encode(spec: Spec, item: Item, picture: Picture, header: Header, data: bytes) -> bytes:
    """Write a picture as a file in the format of its source's outputs; header and data are the source's."""
    output, quality = spec.output, spec.output.quality
    profile = pictures.kept_profile(header.profile, header.mode, spec.input.color_profiles)
    if quality == "keep":
        if item.format == header.format == "jpeg":
            return pictures.encode_like(picture, data, output.optimize, profile)
        quality = 95
    return pictures.encode(picture, item.format, quality, output.subsampling, output.optimize, profile)


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
