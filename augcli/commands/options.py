"""What several commands are given: the arguments and options of the command line, declared once."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from augcli.storage.addresses import place


def whole(name: str, least: int, most: int, help: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare an option that takes a whole number within bounds, which its help writes in full."""

    def read(context: click.Context, option: click.Parameter, number: int | None) -> int | None:
        if number is not None and not least <= number <= most:
            what = f"{number} is out of bounds; {least} to {most} is allowed"
            raise click.BadParameter(what, context, option)
        return number

    return click.option(name, type=int, callback=read, metavar="N", help=f"{help}  [{least} to {most}]")


class Place(click.Path):
    """A folder, or the address of a place in a bucket."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return place(os.fsdecode(super().convert(value, param, ctx)))


class OnDisk(click.Path):
    """A file or folder on the disk, where an address of a bucket would become a folder of that name."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        given = os.fsdecode(super().convert(value, param, ctx))
        if re.match("[A-Za-z][A-Za-z0-9+.-]*:/", given):
            self.fail(f"{given} is an address; a path on the disk is expected", param, ctx)
        return Path(given)


PLACE: Any = Place()
PATH: Any = OnDisk()
SPEC = click.argument("spec", type=PATH)
IN = click.argument("in_", metavar="IN", type=PLACE)
OUT = click.argument("out", type=PLACE)
SEED = whole("--seed", 0, 2**63 - 1, "Replace the spec's seed.")
COPIES = whole("--copies", 1, 100_000, "Replace the spec's number of copies.")
JOBS = click.option("-j", "--jobs", type=click.IntRange(1), metavar="N", help="Worker processes [default: the CPUs].")
CLUSTER = click.option(
    "--cluster", metavar="ADDRESS", help="Work on a Dask cluster: tcp://host:8786, a scheduler file, or `auto`."
)
WAIT = click.option(
    "--wait-for-workers",
    type=click.FloatRange(0.1, 86_400),
    default=60.0,
    metavar="SECONDS",
    help="End after so long without any worker of the cluster  [default: 60].",
)
PRESETS = ("light", "medium", "heavy", "validation", "text")
VERSION = "Tell the versions of augcli, Python and the libraries."
FOLLOW = click.option("--follow-links", is_flag=True, help="Read linked files and folders of IN, too.")
