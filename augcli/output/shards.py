"""One run shared by several processes or machines: which sources each of its shards makes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

from augcli.output import paths
from augcli.problems import Problem, Refused

Item = TypeVar("Item")

_SLURM = [f"SLURM_ARRAY_TASK_{name}" for name in ("ID", "MIN", "MAX", "STEP", "COUNT")]


class Shard(NamedTuple):
    """One of several runs that share the work: the first of three is (1, 3)."""

    number: int
    of: int

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    def folder(self, state: Path) -> Path:
        """Return what the shard has for itself in the state folder."""
        return paths.shard_folder(state, self.number, self.of)


def shard_of(text: str, environment: Mapping[str, str]) -> Shard:
    """Read `2/3`, or with `slurm` the variables of a SLURM array task. Raises `Refused` for anything else."""
    if text == "slurm":
        return _slurm_shard(environment)
    found = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text, re.ASCII)
    if not found or not 1 <= int(found[1]) <= int(found[2]):
        raise Refused(Problem(f"--shard: expected i/n with i from 1 to n, or `slurm`, got `{text}`", "--shard 1/4"))
    return Shard(int(found[1]), int(found[2]))


def _slurm_shard(environment: Mapping[str, str]) -> Shard:
    """Count the tasks of an array from 1, wherever it begins and however far it steps."""
    try:
        task, first, last = (int(environment[name]) for name in _SLURM[:3])
        step = int(environment.get(_SLURM[3], "1"))
        number, of = (task - first) // step + 1, (last - first) // step + 1
        whole = 1 <= number <= of == int(environment.get(_SLURM[4], of)) and (task - first) % step == 0
        if not whole:
            raise ValueError
    except KeyError as missing:
        what = f"--shard slurm: {missing.args[0]} is not set"
        raise Refused(Problem(what, "start it as a job array: sbatch --array=1-8 ...")) from None
    except (ValueError, ZeroDivisionError):
        shown = ", ".join(f"{name}={environment.get(name)}" for name in _SLURM)
        what = f"--shard slurm: SLURM array has gaps ({shown})"
        raise Refused(Problem(what, "number its tasks without gaps, or give --shard 1/4")) from None
    return Shard(number, of)


def share(items: Sequence[Item], shard: Shard | None) -> Sequence[Item]:
    """Return the items of a shard: every n-th."""
    return items if shard is None else items[shard.number - 1 :: shard.of]
