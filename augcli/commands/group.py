"""The list of commands: their order, and the words that other tools have for `--help` and `--version`."""

from __future__ import annotations

import click

from augcli import __version__

ORDER = ("init", "check", "preview", "plan", "run", "verify", "diff", "replay", "merge", "show", "schema")
"""The commands as people need them."""


class Commands(click.Group):
    """Lists commands in their order, and knows what other tools have for `--help` and `--version`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(self.commands, key=ORDER.index)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        return super().get_command(ctx, name) or {"help": _help, "version": _version}.get(name)


@click.command("help")
@click.argument("name", required=False)
@click.pass_context
def _help(ctx: click.Context, name: str | None) -> None:
    """Tell what augcli does, or one command of it."""
    assert ctx.parent is not None
    group = ctx.parent.command
    assert isinstance(group, click.Group)
    command = group.get_command(ctx.parent, name) if name else None
    if command is None or name is None:
        click.echo(group.get_help(ctx.parent))
        return
    with click.Context(command, info_name=name, parent=ctx.parent) as inner:
        click.echo(command.get_help(inner))


@click.command("version")
def _version() -> None:
    """Tell the version."""
    click.echo(f"augcli {__version__}")
