"""The list of commands: their order, the words that other tools have for `--help`, and `--version`."""

from __future__ import annotations

import click

ORDER = tuple("init check preview plan run verify report diff replay merge show schema completion".split())
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
    """Tell the versions."""
    from augcli.commands.versions import versions

    click.echo(versions())


def tell_versions(context: click.Context, option: click.Parameter, asked: bool) -> None:
    """Tell the versions and end, where they are asked for."""
    if asked and not context.resilient_parsing:
        _version.callback()  # type: ignore[misc]
        context.exit()


def described(context: click.Context, argument: click.Parameter, begun: str) -> list[str]:
    """Return what `show` describes and begins so, for a shell that completes it."""
    from augcli.commands.completion import described as names

    return names(begun)
