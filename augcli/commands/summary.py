"""What came of a run, as the Python API returns it and `--summary-json` writes it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from augcli.engine.failures import Failure
from augcli.engine.report import Report
from augcli.modality.kinds import modality_of
from augcli.output import manifest
from augcli.output.paths import MANIFEST
from augcli.problems import Problem, Refused, Terminated
from augcli.spec.spec import Spec
from augcli.storage import hashes, places


@dataclass(frozen=True)
class Summary:
    """Counts of files, what failed, and names for the plan and its result.

    `plan_id` is a hash of all that decides the result, `manifest_sha256` is that of the manifest; both are None for a
    shard and for a run that was stopped. `differences` counts what `--frozen` found, and is None
    for any other command.
    """

    exit_code: int
    made: int
    kept: int
    removed: int
    failures: tuple[Failure, ...]
    left_out: Mapping[str, int]
    converted: Mapping[str, int]
    warnings: tuple[Problem, ...]
    plan_id: str | None = None
    manifest_sha256: str | None = None
    differences: int | None = None
    objects: int = 0
    """Labelled objects that the images show."""
    dropped: Mapping[str, int] = field(default_factory=dict)
    """Objects that were dropped, by reason."""
    noted: Mapping[str, int] = field(default_factory=dict)
    """Copies that are not as they were asked for, by the word in the manifest's `notes`."""

    @property
    def failed(self) -> int:
        """The number of failures."""
        return len(self.failures)

    def as_json(self) -> str:
        """Return the text of the summary's file."""
        whole = {"exit_code": self.exit_code, "made": self.made, "kept": self.kept, "removed": self.removed}
        whole |= {} if self.differences is None else {"differences": self.differences}
        failures = [{"source": manifest.escaped(one.source), "error": one.reason} for one in self.failures]
        told = {
            "failed": self.failed,
            "plan_id": self.plan_id,
            "manifest_sha256": self.manifest_sha256,
            "left_out": dict(sorted(self.left_out.items())),
            "converted": dict(sorted(self.converted.items())),
            "objects": self.objects,
            "dropped": dict(sorted(self.dropped.items())),
            "noted": dict(sorted(self.noted.items())),
            "warnings": [str(warning) for warning in self.warnings],
            "failures": failures,
        }
        return json.dumps(whole | told, indent=2) + "\n"

    def write(self, path: Path | None) -> None:
        """Write the summary's file, where one is wanted. Raises `Refused` (exit code 3) where it cannot be written."""
        if path is None:
            return
        try:
            path.write_text(self.as_json(), encoding="utf-8")
        except OSError as error:
            raise Refused(Problem(f"{path}: cannot be written ({error.strerror})"), exit_code=3) from None


def summary_of(report: Report, exit_code: int, plan_id: str | None = None, digest: str | None = None) -> Summary:
    """Return the summary of what a report has counted."""
    return Summary(
        exit_code,
        report.made,
        report.kept,
        len(report.removed),
        tuple(report.failed),
        dict(report.left_out),
        dict(report.converted),
        tuple(report.warnings),
        plan_id,
        digest,
        objects=report.objects,
        dropped=dict(report.dropped),
        noted=dict(report.noted),
    )


def ids_of(spec: Spec, out: Path) -> tuple[str | None, str]:
    """Return the plan id of a finished OUT, and the hash of its manifest.

    A manifest that does not name all sources in their order, as some of shards, tells of no plan.
    """
    if spec.in_containers and (spec.output.shuffle or spec.output.manifest == "parts"):
        return None, hashes.sha256_of(out / MANIFEST)
    from augcli.plan.plan_id import plan_id_of_manifest  # for who asks for a summary

    return plan_id_of_manifest(spec, out, modality_of(spec).versions(spec)), hashes.sha256_of(out / MANIFEST)


_BEGINNING = '{\n  "exit_code": '


def prepare_summary(path: Path | None, root: Path, out: Path) -> None:
    """Refuse a place for the summary that cannot be written to, before the run and not after it; remove an old one."""
    if path is None:
        return
    real = places.real(path)
    for folder in (root, out):
        if real.startswith(os.path.join(places.real(folder), "")):
            raise Refused(Problem(f"{path}: must lie outside IN and OUT", "--summary-json summary.json"))
    if os.path.isfile(real):
        if not path.read_bytes().startswith(_BEGINNING.encode()):
            raise Refused(Problem(f"{path}: already exists and is not a summary", "choose another name"))
        path.unlink()  # or it would seem to be of this run, should that not come to its end
    if os.path.isdir(path) or not os.path.isdir(os.path.dirname(real)):
        raise Refused(Problem(f"{path}: no place for a file", "--summary-json summary.json"))


@contextmanager
def summary_when_stopped(path: Path | None, report: Report) -> Iterator[None]:
    """Write the summary of what does not come to its end."""
    try:
        yield
    except Refused as refusal:
        if refusal.exit_code != 2:
            summary_of(report, refusal.exit_code).write(path)
        raise
    except (KeyboardInterrupt, Terminated) as interruption:
        summary_of(report, 143 if isinstance(interruption, Terminated) else 130).write(path)
        raise
