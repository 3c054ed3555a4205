"""What the shards of one run left in OUT, joined to what a single run would have made."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator, Mapping, Set
from itertools import chain, pairwise
from pathlib import Path
from typing import Any, NamedTuple

from augcli.output import inventory, joining, removal, run_record
from augcli.output.containers import gathering
from augcli.output.folder import Folder
from augcli.output.inventory import Existing
from augcli.output.joining import Addition
from augcli.output.manifest import Row, csv_line, line, numbered, record_of
from augcli.output.opening import opened
from augcli.output.paths import EXISTING_FILES, MANIFEST, PLANNED_FILES, SHARD_RECORD, STATE_FOLDER, UNFINISHED_RUN
from augcli.output.previous_run import finished_record
from augcli.output.removal import Planned
from augcli.output.shards import Shard
from augcli.problems import Problem, Refused
from augcli.storage import places
from augcli.storage.files import whole_text
from augcli.storage.names import byte_order


class Merged(NamedTuple):
    """What came of a merge."""

    counts: dict[str, int]
    """Rows by status."""
    removed: int
    """Files that were removed because nothing asks for them any more."""
    failed: Mapping[tuple[str, str], int] = {}
    """How many sources failed, by split and label."""
    made: Set[tuple[str, str]] = frozenset()
    """The split and label of all that was made."""


def merge(out: Path) -> Merged:
    """Join what all shards left in OUT to its manifest; the result is that of a single run.

    Raises `Refused` where a shard is missing, still at work, or of other versions or input than the others.
    """
    state = out / STATE_FOLDER
    record = run_record.read_record(state / UNFINISHED_RUN)
    if record is None and places.anything(out / MANIFEST):
        return Merged(finished_record(out).get("counts", {}), 0)
    if not places.is_folder(out):
        raise Refused(Problem(f"{out}: no such folder", "give the OUT of the shards"))
    if record is None or "shards" not in record:
        help = "make its shards first: augcli run SPEC IN OUT --shard 1/4, and so on"
        raise Refused(Problem(f"{out}: no shards in it that wait to be joined", help))

    def planned() -> Any:
        return ((entry.source, entry.names) for entry in inventory.read_existing(state / PLANNED_FILES))

    with opened(out, record, planned) as folder:
        shards = [Shard(number, record["shards"]) for number in range(1, record["shards"] + 1)]
        done = {shard: run_record.read_record(shard.folder(state) / SHARD_RECORD) for shard in shards}
        _refuse_missing(out, [shard for shard in shards if done[shard] is None])
        for shard in shards:
            _refuse_different(out, shard, record, done[shard] or {})
        if run_record.is_packed(record):
            return _merge_containers(out, record, folder, planned, [done[shard] or {} for shard in shards])
        _refuse_lost_parts(out, shards)
        failed: Counter[tuple[str, str]] = Counter()
        made: set[tuple[str, str]] = set()
        folders = [shard.folder(state) for shard in shards]
        joined = joining.join(out, state, joining.read_templates(state), _additions(folders))
        counts = _join(out, folders, joined, failed, made)
        _refuse_lost_rows(out, counts, [(one or {}).get("rows") for one in done.values()])
        # What is only spelled otherwise has gone already: on some disks its name is now that of a new file.
        obsolete = removal.find_obsolete(lambda: _existing_before(state, shards), planned).others
        removed = sum(removal.remove(out, name) for name in obsolete)
        removal.remove_temporaries(out)
        whole = _without_shards(done[shards[0]] or {})
        counts += Counter(row.status for row in joined)
        told = dict(sorted(counts.items()))
        folder.commit(state / MANIFEST, {**whole, "counts": told})
    return Merged(told, removed, failed, made)


def _merge_containers(
    out: Path, record: dict[str, Any], folder: Folder, planned: Planned, done: list[dict[str, Any]]
) -> Merged:
    """Gather the rows of the containers that all shards made."""
    state = out / STATE_FOLDER
    counts = gathering.gather(state / MANIFEST, out, record, planned)
    obsolete = removal.find_obsolete(lambda: inventory.read_existing(state / EXISTING_FILES), planned).others
    removed = sum(removal.remove(out, name) for name in obsolete)
    removal.remove_temporaries(out)
    told = dict(sorted(counts.items()))
    folder.commit(state / MANIFEST, {**_without_shards(done[0]), "counts": told})
    return Merged(told, removed)


def _without_shards(record: dict[str, Any]) -> dict[str, Any]:
    """Return the record of a shard as that of a single run."""
    return {key: value for key, value in record.items() if key not in ("shards", "plan", "former", "rows")}


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
            what = f"{out}: shard {shard} was made from another spec or other sources than the others"
            raise Refused(Problem(what, f"run it again: augcli run SPEC IN {out} --shard {shard}"))


def _existing_before(state: Path, shards: list[Shard]) -> Iterator[Existing]:
    """Return what OUT held before the shards."""
    folders = (state, *(shard.folder(state) for shard in shards))
    return inventory.merged([inventory.read_existing(folder / EXISTING_FILES) for folder in folders])


def _rows_of(folders: list[Path]) -> Iterator[Existing]:
    """Return the rows of all shards, source by source."""
    return inventory.merged([inventory.rows_of_parts(folder) for folder in folders])


def _additions(folders: list[Path]) -> Iterator[Addition]:
    """Return what the sources of all shards add to joined files, in the order of the sources."""
    return heapq.merge(*map(joining.read_additions, folders), key=lambda addition: byte_order(addition.source))


def _refuse_lost_parts(out: Path, shards: list[Shard]) -> None:
    """Refuse where a source that was planned has no rows, as when not all of a folder was copied."""
    state = out / STATE_FOLDER
    planned = (entry.source for entry in inventory.read_existing(state / PLANNED_FILES) if entry.source)
    found = (entry.source for entry in _rows_of([shard.folder(state) for shard in shards]))
    made = next(found, "")
    number = -1
    for source, following in pairwise(chain(planned, [""])):
        number += 1
        if made != source:
            break
        made = next(found, "")
        while _is_of_block(made, source, following):
            made = next(found, "")
    else:
        if not made:
            return
    shard = shards[number % len(shards)]
    what = f"{out}: shard {shard} has lost parts of what it wrote"
    raise Refused(Problem(what, f"run it again: augcli run SPEC IN {out} --shard {shard}"))


def _is_of_block(made: str, block: str, following: str) -> bool:
    """Tell whether a record stands in a block, behind its first; both are called by their places, as `following` is."""
    of, beside = record_of(made), record_of(block)
    if of is None or beside is None or of[0] != beside[0]:
        return False
    return not following or byte_order(made) < byte_order(following)


def _refuse_lost_rows(out: Path, counts: Counter[str], written: list[int | None]) -> None:
    """Refuse where fewer rows were joined than shards have reported; earlier versions reported none."""
    rows = [number for number in written if number is not None]
    if len(rows) == len(written) and sum(rows) != sum(counts.values()):
        what = f"{out}: {sum(counts.values())} of {sum(rows)} rows that its shards wrote are there"
        raise Refused(Problem(what, f"try augcli merge {out} again, or make the shards again"), exit_code=3)


def _join(
    out: Path, folders: list[Path], joined: list[Row], failed: Counter[tuple[str, str]], made: set[tuple[str, str]]
) -> Counter[str]:
    """Write a manifest from the parts of all shards in the order of the sources; return their rows by status.

    The rows of joined files come first.

    The split and label of rows that failed are counted, and those of all others gathered.
    """
    counts: Counter[str] = Counter()
    with whole_text(out / STATE_FOLDER / MANIFEST) as file:
        file.write(line(Row._fields))
        file.writelines(map(csv_line, joined))
        for row in numbered(row for entry in _rows_of(folders) for row in entry.rows):
            counts[row.status] += 1
            if record_of(row.source):
                pass  # whose class nobody knows if it cannot be read
            elif row.status == "failed":
                failed[row.split, row.label] += 1
            else:
                made.add((row.split, row.label))
            file.write(csv_line(row))
    return counts
