"""`augcli preview` for texts: printed, or written to a page of HTML, with all that changed marked."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from augcli.commands.preview import page, terminal
from augcli.commands.preview.choice import augmented, refuse_to_replace, said_of_copies, save
from augcli.commands.preview.text_rows import Row, rows, rows_of_steps
from augcli.engine.bar import Bar
from augcli.modality.kinds import modality_of
from augcli.plan.request import Options, look_into
from augcli.problems import Problem, Refused, counted, printable, say
from augcli.spec.spec import Spec


def show(spec: Spec, root: Path, target: Path | None, wanted: int, by_steps: bool, follow_links: bool) -> int:
    """Print some texts and their copies, or each step by itself; with a `target` write a page of them."""
    if target is not None:
        _refuse_no_page(target)
    modality = modality_of(spec)
    os.environ.update(modality.environment)  # before a library is loaded that reads it
    modality.versions(spec)  # models and tables that are missing are told now
    listing = look_into(spec, root, target, Options(follow_links=follow_links, allow_augmented_input=True))
    sources = augmented(spec, root, listing)
    found = rows_of_steps(spec, root, sources) if by_steps else rows(spec, root, sources, wanted)
    if target is None:
        _print(found)
    else:
        articles = [page.article(row) for row in _counted(found, wanted)]
        save(page.page(articles), target)
        what = counted(len(articles) - 1, "step") if by_steps else f"{counted(len(articles), 'text')} and their copies"
        say(printable(f"{target}: {what}"))
    if not by_steps and (more := said_of_copies(spec)):
        say(more)
    return 0


def _refuse_no_page(target: Path) -> None:
    if target.suffix.lower() not in (".html", ".htm"):
        help = f"write {target.with_suffix('.html')}, or leave it out to have them printed"
        raise Refused(Problem(f"{target}: a preview of texts is a page of HTML", help))
    refuse_to_replace(target, page.is_ours)


def _print(found: Iterable[Row]) -> None:
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a text may have what it cannot show
    colours = terminal.has_colours(sys.stdout)
    for row in found:
        for line in terminal.lines(row, colours):
            print(line, flush=not line)


def _counted(found: Iterable[Row], wanted: int) -> Iterator[Row]:
    """Show how far the rows are, on a terminal."""
    with Bar(total=wanted, unit="text", delay=1, disable=None, leave=False) as bar:
        for row in found:
            bar.update()
            yield row
