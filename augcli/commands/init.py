"""`augcli init`: a spec to start from, a preset or another library's pipeline."""

from __future__ import annotations

from pathlib import Path

import click

from augcli.problems import printable, say


def preset(name: str, size: int | None) -> int:
    """Print a preset, made for images of one size where that is given."""
    from augcli.spec.presets import preset_text

    click.echo(preset_text(name, size), nl=False)
    return 0


def conversion(given: Path) -> int:
    """Print the spec that another library's pipeline means, and say what of it is left out."""
    from augcli.spec.conversion import converted

    made = converted(given)
    click.echo(made.text, nl=False)
    for reason in made.left_out:
        say(printable(f"left out: {reason}"))
    return 0
