"""One run shared by several: which sources a shard makes, and how what they left is joined."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from augcli.output import inventory, manifest, removal, run_record
from augcli.output.folder import DONE, Folder, Shard
from augcli.output.inventory import FORMER, PLANNED, RUN, Known
from augcli.output.manifest import MANIFEST, STATE, csv_line, line
from augcli.output.previous_run import finished_record
from augcli.problems import Problem, Refused
from augcli.storage import disk
from augcli.storage.files import whole_text

Item = TypeVar("Item")

_SLURM = [f"SLURM_ARRAY_TASK_{name}" for name in ("ID", "MIN", "MAX", "STEP", "COUNT")]


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
        what = f"--shard slurm: no array of tasks without holes says {shown}"
        raise Refused(Problem(what, "number it without holes, or give --shard 1/4")) from None
    return Shard(number, of)


def share(items: Sequence[Item], shard: Shard | None) -> Sequence[Item]:
    """Return the items of a shard: every n-th."""
    return items if shard is None else items[shard.number - 1 :: shard.of]


class Merged(NamedTuple):
    """What a merge came to: rows by status, and how many files were removed that are no longer asked for.

    Besides, the split and label of each source that failed, with their number, and of all that was made.
    """

    counts: dict[str, int]
    removed: int
    failed: Mapping[tuple[str, str], int] = {}
    made: Set[tuple[str, str]] = frozenset()


def merge(out: Path) -> Merged:
    """Join what all shards left in OUT to its manifest; the result is that of a single run.

    Raises `Refused` where a shard is missing, still at work, or of other versions or input than the others.
    """
    state = out / STATE
    record = run_record.read_record(state / RUN)
    if record is None and disk.anything(out / MANIFEST):
        return Merged(finished_record(out).get("counts", {}), 0)
    if not disk.is_folder(out):
        raise Refused(Problem(f"{out}: no such folder", "give the OUT of the shards"))
    if record is None or "shards" not in record:
        help = "make its shards first: augcli run SPEC IN OUT --shard 1/4, and so on"
        raise Refused(Problem(f"{out}: no shards in it that wait to be joined", help))

    def planned() -> Any:
        return ((known.source, known.names) for known in inventory.read_known(state / PLANNED))

    with Folder(out, record, planned) as folder:
        shards = [Shard(number, record["shards"]) for number in range(1, record["shards"] + 1)]
        done = {shard: run_record.read_record(shard.home(state) / DONE) for shard in shards}
        _refuse_missing(out, [shard for shard in shards if done[shard] is None])
        for shard in shards:
            _refuse_different(out, shard, record, done[shard] or {})
        _refuse_lost_parts(out, shards)
        failed: Counter[tuple[str, str]] = Counter()
        made: set[tuple[str, str]] = set()
        counts = _join(out, [shard.home(state) for shard in shards], failed, made)
        _refuse_lost_rows(out, counts, [(one or {}).get("rows") for one in done.values()])
        # What is respelled only has gone already: on some disks its name is now that of a new file.
        obsolete = removal.obsolete(lambda: _in_stock_before(state, shards), planned).elsewhere
        removed = sum(removal.remove(out, name) for name in obsolete)
        folder.remove_temporaries()
        passing = ("shards", "plan", "former", "rows")
        whole = {key: value for key, value in (done[shards[0]] or {}).items() if key not in passing}
        folder.commit(state / MANIFEST, {**whole, "counts": counts})
    return Merged(counts, removed, failed, made)


def _refuse_missing(out: Path, missing: list[Shard]) -> None:
    if missing:
        shown = ", ".join(map(str, missing[:8])) + (", ..." if len(missing) > 8 else "")
        number = f"shard {shown} is" if len(missing) == 1 else f"shards {shown} are"
        help = f"run it: augcli run SPEC IN {out} --shard {missing[0]}"
        raise Refused(Problem(f"{out}: {number} not finished", help))


def _refuse_different(out: Path, shard: Shard, record: dict[str, Any], done: dict[str, Any]) -> None:
    found = run_record.differences(record["versions"], done["versions"])
    if found:
        what = f"{out}: shard {shard} was made with other versions than the others: {'; '.join(found)}"
        raise Refused(Problem(what, "make all shards with the same versions"))
    for key in ("spec_key", "shards", "plan", "spec"):
        if record[key] != done.get(key):
            what = f"{out}: shard {shard} was made from another spec or other images than the others"
            raise Refused(Problem(what, f"run it again: augcli run SPEC IN {out} --shard {shard}"))


def _in_stock_before(state: Path, shards: list[Shard]) -> Iterator[Known]:
    return inventory.merged(
        [inventory.read_known(home / FORMER) for home in (state, *(shard.home(state) for shard in shards))]
    )


def _rows_of(homes: list[Path]) -> Iterator[Known]:
    """Return the rows of all shards, source by source."""
    return inventory.merged(
        [inventory.grouped(row for part in inventory.parts(home) for row in manifest.read_part(part)) for home in homes]
    )


def _refuse_lost_parts(out: Path, shards: list[Shard]) -> None:
    """Refuse where a source that was planned has no rows, as when not all of a folder was copied."""
    state = out / STATE
    found = (known.source for known in _rows_of([shard.home(state) for shard in shards]))
    for number, (planned, made) in enumerate(zip_longest(inventory.read_known(state / PLANNED), found)):
        if planned is None or planned.source != made:
            shard = shards[number % len(shards)]
            what = f"{out}: shard {shard} has lost parts of what it wrote"
            raise Refused(Problem(what, f"run it again: augcli run SPEC IN {out} --shard {shard}"))


def _refuse_lost_rows(out: Path, counts: dict[str, int], written: list[int | None]) -> None:
    """Refuse where fewer rows were joined than shards have reported; earlier versions reported none."""
    rows = [number for number in written if number is not None]
    if len(rows) == len(written) and sum(rows) != sum(counts.values()):
        what = f"{out}: {sum(counts.values())} of {sum(rows)} rows that its shards wrote are there"
        raise Refused(Problem(what, f"try augcli merge {out} again, or make the shards again"), exit_code=3)


def _join(out: Path, homes: list[Path], failed: Counter[tuple[str, str]], made: set[tuple[str, str]]) -> dict[str, int]:
    """Write a manifest from the parts of all shards in the order of the sources; return how many rows are of a kind.

    The split and label of rows that failed are counted, and those of all others gathered.
    """
    counts: Counter[str] = Counter()
    with whole_text(out / STATE / MANIFEST) as file:
        file.write(line(manifest.Row._fields))
        for known in _rows_of(homes):
            rows = known.rows
            counts.update(row.status for row in rows)
            failed.update((row.split, row.label) for row in rows if row.status == "failed")
            made.update((row.split, row.label) for row in rows if row.status != "failed")
            file.writelines(map(csv_line, rows))
    return dict(sorted(counts.items()))
