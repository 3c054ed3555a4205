"""`augcli merge`: what the shards of a run left in OUT becomes one data set."""

from __future__ import annotations

from pathlib import Path

from augcli.commands.interruption import sigterm, stopped_by_errors
from augcli.lint import shard_warnings
from augcli.output import merging
from augcli.output.containers.packed import CLASSES, ROWS
from augcli.problems import printable, say


def merge(out: Path) -> int:
    """Join the shards and say what came of it; return the exit code: 1 where sources failed."""
    with sigterm(), stopped_by_errors(out):
        merged = merging.merge(out)
    told = {status: number for status, number in merged.counts.items() if status not in (ROWS, CLASSES)}
    counts = ", ".join(f"{number} {status}" for status, number in told.items())
    removed = f"; {merged.removed} removed that are no longer asked for" if merged.removed else ""
    for warning in shard_warnings(out, merged.failed, merged.made):
        say(str(warning))
    say(printable(f"{out}: joined: {counts}{removed}"))
    return 1 if "failed" in merged.counts else 0
