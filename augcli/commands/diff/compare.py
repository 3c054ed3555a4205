"""`augcli diff`: says what changed from A to B, and shows pairs of files that differ."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from augcli.commands.applied import Through
from augcli.commands.diff import specs
from augcli.commands.diff.choice import Choice
from augcli.commands.diff.rows import side_by_side
from augcli.commands.diff.sides import Side, side
from augcli.commands.diff.tally import Held, Tally
from augcli.output.manifest import Row
from augcli.output.run_record import differences
from augcli.problems import Problem, Refused, counted, printable, say

if TYPE_CHECKING:
    from augcli.commands.diff.pairs import Pair

PAGE, SHEET = (".html", ".htm"), (".png",)


def diff(first: Path, second: Path, target: Path | None, root: Path | None, most: int) -> int:
    """Print what changed; return the exit code: 1 where anything did.

    A `target`, a page or a contact sheet, gets up to `most` pairs; those of specs are made of sources of `root`.
    """
    a, b = side(first), side(second)
    outputs = a.record is not None and b.record is not None
    if target is not None:
        _refuse(target, a, b, root, outputs)
    lines = list(_about_specs(a, b))
    same = not lines
    pairs: Iterator[Pair] = iter(())
    if outputs:
        found, chosen = _counted(a, b, most if target else 0)
        same = same and not found.differs
        lines = [*found.other_splits(), *lines, *found.lines()]
        if target:
            from augcli.commands.diff.pairs import of_outputs

            pairs = of_outputs(a, b, chosen)
    elif target and root:
        from augcli.commands.diff.pairs import of_specs

        pairs = islice(of_specs(a, b, root, most), most)
    for line in lines:
        click.echo(line)
    if not lines:
        click.echo("the same")
    if target:
        _show(list(pairs), lines, target, a, b)
    return 0 if same else 1


def _refuse(target: Path, a: Side, b: Side, root: Path | None, outputs: bool) -> None:
    """Raise `Refused` where no pairs can be shown, or not there."""
    from augcli.commands.diff import page, sheet
    from augcli.commands.preview.choice import refuse_to_replace

    suffix = target.suffix.lower()
    if suffix not in PAGE + SHEET:
        raise Refused(Problem(f"{target}: pairs go into a page or a PNG", f"write {target.with_suffix('.html')}"))
    if suffix in SHEET and a.spec.kind == "text":
        raise Refused(Problem(f"{target}: pairs of texts go into a page", f"write {target.with_suffix('.html')}"))
    if outputs and root is not None:
        raise Refused(Problem(f"{root}: two outputs are compared as they are", "leave --source out"))
    if not outputs and root is None:
        what = f"{target}: pairs of two specs are made of originals, and it is not said of which"
        raise Refused(Problem(what, "give --source IN"))
    refuse_to_replace(target, sheet.is_ours if suffix in SHEET else page.is_ours, "what augcli diff has made")


def _about_specs(a: Side, b: Side) -> Iterator[str]:
    yield from specs.changes(a.resolved, b.resolved)
    if a.record is not None and b.record is not None:
        for line in differences(a.record["versions"], b.record["versions"]):
            yield f"version of {line}"


def _counted(a: Side, b: Side, most: int) -> tuple[Tally, list[tuple[Row, Row]]]:
    """Count what two outputs hold, and choose pairs to show."""
    tally, choice = Tally(Held(Through(a.resolved)), Held(Through(b.resolved))), Choice(most)
    for both in side_by_side(a, b):
        for one, other in tally.add(both):
            choice.add(one, other)
    return tally, choice.chosen()


def _show(pairs: list[Pair], lines: list[str], target: Path, a: Side, b: Side) -> None:
    from augcli.commands.diff import page, sheet
    from augcli.commands.preview.choice import save

    if not pairs:
        say(printable(f"{target}: not written, no two files to show differ"))
        return
    is_page = target.suffix.lower() in PAGE
    save(page.page(pairs, lines, a, b) if is_page else sheet.sheet(pairs, a, b), target)
    say(printable(f"{target}: {counted(len(pairs), 'pair')}"))
