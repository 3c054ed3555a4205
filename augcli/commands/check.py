"""`augcli check`: every problem of a spec at once, and the pitfalls of it and of an image folder."""

from __future__ import annotations

from pathlib import Path

import click

from augcli import lint
from augcli.commands.interruption import stopped_by_errors
from augcli.commands.notes import note_of_splits, say_left_out, table
from augcli.dataset.listing import scan
from augcli.problems import counted, printable, say
from augcli.spec.catalogue import expanded, outline
from augcli.spec.model import Spec


def check(spec: Spec, shown: str, root: Path | None, expand: bool, strict: bool, follow_links: bool) -> int:
    """Print what a valid spec means, and say what is doubtful about it; return the exit code.

    `shown` is what messages call the spec, which `expand` prints whole. Of an image folder every image is read.
    """
    if root is None:
        listing, warnings = None, lint.warnings(spec)
    else:
        listing = scan(root, spec.layout, follow_links)
        with stopped_by_errors(root):
            warnings = lint.warnings(spec, root, listing)
    if expand:
        click.echo(expanded(spec), nl=False)
    else:
        told = f", {counted(len(warnings), 'warning')}" if warnings else ""
        click.echo(printable(f"{shown}: no problems{told}"))
        click.echo(outline(spec))
    if root is not None and listing is not None:
        say_left_out(listing)
        images = table(spec, listing)
        click.echo(images, err=expand)
        if note := note_of_splits(spec, listing, root):
            say(note)
    for warning in warnings:
        say(str(warning))
    return 1 if strict and warnings else 0
