"""`augcli completion`: what a shell needs to complete commands, options, presets and the names of transforms."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


def script(shell: str) -> str:
    """Return the script that a shell reads once; it asks augcli for words as they are typed."""
    kind = get_completion_class(shell)
    assert kind is not None
    return kind(click.Command("augcli"), {}, "augcli", "_AUGCLI_COMPLETE").source()


def described(begun: str) -> list[str]:
    """Return what `show` describes and begins so; names of other libraries from their dot on."""
    from augcli.spec import catalogue, dialects, pipeline
    from augcli.spec.descriptions import SECTIONS

    names = [*catalogue.names(), *pipeline.GROUPS, *SECTIONS, *dialects.LIBRARIES]
    if "." in begun:
        names = [f"{library}.{call}" for library in dialects.LIBRARIES for call in dialects.offered(library)]
    return sorted({name for name in names if name.startswith(begun)})
