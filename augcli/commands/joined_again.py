"""Files about many images made again for `augcli replay` from what all rows tell, if they come out the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from augcli.engine import runner
from augcli.engine.chunks import Chunks
from augcli.engine.executors import Machines
from augcli.engine.failures import Failure
from augcli.engine.jobs import Done, job_of
from augcli.engine.report import Report
from augcli.engine.tasks.add import Add, Added
from augcli.modality.kinds import modality_of
from augcli.output import inventory, joining, manifest
from augcli.output.folder import Folder
from augcli.output.inventory import Existing
from augcli.output.manifest import Row
from augcli.output.paths import MANIFEST
from augcli.plan.request import Request
from augcli.storage import places
from augcli.storage.hashes import sha256_of


def joined_rows(out: Path) -> list[Row]:
    """Return the rows of files that are about many images: they come first, and have no source."""
    first = next(inventory.by_source(manifest.read_rows(out / MANIFEST)), None)
    return [] if first is None or first.source else first.rows


def join_again(
    request: Request,
    out: Path,
    rows: Iterable[Row],
    overwrite: bool,
    machines: Machines,
    folder: Folder,
    report: Report,
) -> None:
    """Make joined files again; one that differs is replaced with `overwrite` only."""
    wanted: dict[str, Row] = {}
    for row in rows:
        if places.is_file(out / row.file_name) and sha256_of(out / row.file_name) == row.sha256:
            report.kept += 1
        elif places.anything(out / row.file_name) and not overwrite:
            report.failed.append(_told(report, row, "differs from its row; --overwrite replaces it"))
        else:
            wanted[row.file_name] = row
    if not wanted:
        return
    templates = [template for template in request.templates if template.path in wanted]
    if any(not template.copy_of for template in templates):
        chunks = Chunks(request.items, request.spec.usual_copies, machines.jobs, _rows(out), folder.part)

        def take(done: Done[Added]) -> None:
            report.failed += done.result.failures

        runner.run(
            job_of(Add(), modality_of(request.spec), request), chunks, machines, len(request.items), take, report.crash
        )
    again = folder.state / "again"
    joining.copy_whole(request.root, again, templates)
    for made in joining.join(again, folder.state, templates, joining.read_additions(folder.own)):
        row = wanted.pop(made.file_name)
        if made.sha256 != row.sha256:
            report.failed.append(_told(report, row, "comes out with other bytes here; nothing was written"))
            continue
        places.make_folder((out / row.file_name).parent)
        places.rename(again / row.file_name, out / row.file_name)
        report.made += 1
    report.failed += [_told(report, row, "what it is made from is no longer in IN") for row in wanted.values()]


def _told(report: Report, row: Row, reason: str) -> Failure:
    report.tell(f"{row.file_name}: {reason}")
    return Failure(row.file_name, reason)


def _rows(out: Path) -> Iterator[Existing]:
    """Return the rows of all sources."""
    return (known for known in inventory.by_source(manifest.read_rows(out / MANIFEST)) if known.source)
