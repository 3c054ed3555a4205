"""What the commands do, as functions: they return what came of it and print nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import TypeAlias

from augcli import lint
from augcli.api.arguments import jobs_of
from augcli.api.specs import SpecLike, load
from augcli.commands import replay as replaying
from augcli.commands import run as running
from augcli.commands import verify as verifying
from augcli.commands.interruption import stopped_by_errors
from augcli.commands.summary import Summary
from augcli.output.verification import Difference
from augcli.plan.request import Options, look_into
from augcli.problems import Problem
from augcli.storage.addresses import place

Place: TypeAlias = str | os.PathLike[str]


def run(
    spec: SpecLike,
    root: Place,
    out: Place,
    *,
    jobs: int | None = None,
    overwrite: bool = False,
    fail_fast: bool = False,
    follow_links: bool = False,
    allow_augmented_input: bool = False,
    shard: str | None = None,
    tell: Callable[[str], object] | None = None,
) -> Summary:
    """Write the augmented data set of `root` (IN) to `out` (OUT), as `augcli run` does.

    `jobs` are worker processes, by default one for each CPU. `shard` is the share to make, such as `"2/3"`, or
    `"slurm"` for that of an array task. With `overwrite` the run goes on even if the spec differs or many files are
    removed; with `fail_fast` it stops at the first source that fails; with `follow_links` it reads linked files and
    folders, too; with `allow_augmented_input` it accepts an IN that augcli made. `tell`, such as `print`, gets what the
    command says in the meantime: failures, warnings, each minute how far it is, and what came of it.

    The same call again goes on where one was interrupted. The exit code of the summary is 1 where sources failed,
    otherwise 0.

    Raises `SpecError`, and `Refused`: with exit code 2 before anything is written, with 3 where the run had to stop.
    ValueError or TypeError for `jobs` that are no number from 1.
    """
    options = Options(
        jobs=jobs_of(jobs),
        overwrite=overwrite,
        fail_fast=fail_fast,
        follow_links=follow_links,
        allow_augmented_input=allow_augmented_input,
        shard=shard,
        quiet=tell is None,
        digests=True,
    )
    return running.run(load(spec), place(root), place(out), options, tell or _unsaid)


def check(spec: SpecLike, root: Place | None = None, *, follow_links: bool = False) -> list[Problem]:
    """Return the warnings of `augcli check`: pitfalls of a spec, and with `root` (IN) those of its images.

    Raises `SpecError` where the spec has problems, and `Refused` where a run would refuse `root`.
    """
    loaded = load(spec)
    if root is None:
        return lint.warnings(loaded)
    with stopped_by_errors(place(root)):
        listing = look_into(loaded, place(root), None, Options(follow_links=follow_links, allow_augmented_input=True))
        return lint.warnings(loaded, place(root), listing)


def verify(out: Place, *, quick: bool = False) -> list[Difference]:
    """Compare the files of `out` (OUT) with its manifest; return what differs, each with its `kind` and `file_name`.

    The kind is `missing`, `changed`, `unreadable` or `extra`. `quick` compares names and sizes only.

    Raises `Refused` where `out` is no finished OUT.
    """
    return verifying.verify(place(out), quick)[1]


def replay(
    out: Place,
    root: Place,
    files: Place | Iterable[Place] = (),
    *,
    overwrite: bool = False,
    anyway: bool = False,
    jobs: int | None = None,
) -> Summary:
    """Make missing files of `out` (OUT) again, byte for byte, from its manifest and the originals in `root` (IN).

    `files` are those of OUT that alone are made again, as the manifest names them or with `out` before. With
    `overwrite` files that differ from the manifest are replaced; `anyway` tries it with other versions of libraries.
    The sources of the summary's failures are files of OUT.

    Raises `Refused` where `out` is no finished OUT, or was made with other versions.
    """
    named = [os.fspath(one) for one in ([files] if isinstance(files, (str, os.PathLike)) else files)]
    options = Options(jobs=jobs_of(jobs), quiet=True)
    return replaying.replay(place(out), place(root), named, overwrite, anyway, options, _unsaid)


def _unsaid(line: str) -> None:
    """Take a line that the command would print: the summary has it."""
