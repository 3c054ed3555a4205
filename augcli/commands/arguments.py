"""Kinds of arguments that the command line takes."""

from __future__ import annotations

import os
from typing import Any

import click

from augcli.storage.addresses import place


class Place(click.Path):
    """A folder, or the address of a place in a bucket."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return place(os.fsdecode(super().convert(value, param, ctx)))


PLACE: Any = Place()
