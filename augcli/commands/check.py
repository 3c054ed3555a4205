"""`augcli check`: every problem of a spec at once, and the pitfalls of it and of an image folder.

What looks into a folder is imported when there is one: a spec alone is checked without any codec.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import click

from augcli import lint
from augcli.problems import Problem, Refused, counted, did_you_mean, printable, say
from augcli.spec.outline import expanded, outline
from augcli.spec.spec import Spec


def check(
    spec: Spec, shown: str, root: Path | None, *, expand: bool, strict: bool, allow: str, follow_links: bool
) -> int:
    """Print what a valid spec means, and say what is doubtful about it; return the exit code.

    `shown` is what messages call the spec, which `expand` prints whole. Of an image folder every image is read.
    `allow` names rules whose warnings are left out.
    """
    allowed = _rules(spec, allow)
    if root is None:
        warnings = [one for one in lint.warnings(spec) if one.rule not in allowed]
        _print_spec(spec, shown, expand, warnings)
    else:
        from augcli.commands.interruption import stopped_by_errors
        from augcli.commands.notes import note_of_splits, say_left_out, table
        from augcli.plan.copies import copies_of
        from augcli.plan.request import Options, look_into

        listing = look_into(spec, root, None, Options(follow_links=follow_links, allow_augmented_input=True))
        objects, classes, note_of_spans = None, None, ""
        copies = copies_of(spec, root, listing)
        with stopped_by_errors(root):
            if spec.kind == "text":
                from augcli.lint.of_texts import warnings_of_texts
                from augcli.lint.text_folder import Texts

                texts = Texts(spec, root, listing)
                warnings, note_of_spans = warnings_of_texts(texts), texts.note_of_spans()
                classes = texts.seen.classes
            else:
                from augcli.lint.folder import Images
                from augcli.lint.of_images import warnings_of_images

                images = Images(spec, root, listing, copies)
                warnings = warnings_of_images(images)
                objects = images.objects if images.has_labels else None
        warnings = [one for one in warnings if one.rule not in allowed]
        _print_spec(spec, shown, expand, warnings)
        say_left_out(listing)
        click.echo(table(spec, listing, copies, objects, classes), err=expand)
        if note := note_of_splits(spec, listing, root):
            say(note)
        if note_of_spans:
            say(note_of_spans)
    for warning in warnings:
        say(str(warning))
    return 1 if strict and warnings else 0


def _rules(spec: Spec, given: str) -> set[str]:
    """Return the rules that are named, with commas between them. Raises `Refused` for others."""
    names = {name.strip() for name in given.split(",")} - {""}
    if names:
        from augcli.lint.naming import name_of
        from augcli.lint.of_images import RULES as OF_IMAGES
        from augcli.lint.of_texts import RULES as OF_TEXTS

        known = {name_of(cast("Callable[..., Any]", rule)) for rule in (*OF_IMAGES, *OF_TEXTS)}
        for name in sorted(names - known):
            what = f"--allow {name}: no warning is called so"
            raise Refused(
                Problem(what, did_you_mean(name, known) or "their names stand in brackets: warning[converted]")
            )
    return names


def _print_spec(spec: Spec, shown: str, expand: bool, warnings: list[Problem]) -> None:
    """Print the spec whole, or in a few lines as it was understood."""
    if expand:
        click.echo(expanded(spec), nl=False)
        return
    told = f", {counted(len(warnings), 'warning')}" if warnings else ""
    click.echo(printable(f"{shown}: no problems{told}"))
    click.echo(outline(spec))
