"""`augcli verify`: the files of OUT beside what its manifest says."""

from __future__ import annotations

from pathlib import Path

import click

from augcli.output.previous_run import finished_record
from augcli.output.verification import Difference, differences, remedies
from augcli.problems import counted, printable, say


def verify(out: Path, quick: bool = False) -> tuple[int, list[Difference]]:
    """Return how many files a finished OUT should hold, and which differ. Raises `Refused` for any other OUT."""
    finished_record(out)
    return differences(out, quick)


def report(out: Path, quick: bool) -> int:
    """Print the differences and say what mends them; return the exit code: 1 where there are any."""
    known, found = verify(out, quick)
    for difference in found:
        click.echo(f"{difference.kind}: {printable(difference.file_name)}")
    say(printable(f"{out}: {counted(known, 'file')} in the manifest, {counted(len(found), 'difference')}"))
    for help in remedies(out, found):
        say(f"  = help: {printable(help)}")
    return 1 if found else 0
