"""`augcli verify`: the files of OUT beside what its manifest says."""

from __future__ import annotations

from pathlib import Path

import click

from augcli.commands.interruption import stopped_by_errors
from augcli.engine.executors import machines_of
from augcli.output.previous_run import finished_record
from augcli.output.verification import Difference, differences, remedies
from augcli.plan.request import Options
from augcli.problems import counted, printable, say

NO_OPTIONS = Options()


def verify(out: Path, quick: bool = False, options: Options = NO_OPTIONS) -> tuple[int, list[Difference]]:
    """Return how many files a finished OUT should hold, and which differ. Raises `Refused` for any other OUT."""
    out = options.placed(out)
    finished_record(out)
    with stopped_by_errors(out), machines_of(options, None, None, [str(out)], None, say) as machines:
        return differences(out, quick, machines.each)


def report(out: Path, quick: bool, options: Options) -> int:
    """Print the differences and say what mends them; return the exit code: 1 where there are any."""
    known, found = verify(out, quick, options)
    for difference in found:
        click.echo(f"{difference.kind}: {printable(difference.file_name)}")
    say(printable(f"{out}: {counted(known, 'file')} in the manifest, {counted(len(found), 'difference')}"))
    for help in remedies(out, found):
        say(f"  = help: {printable(help)}")
    return 1 if found else 0
