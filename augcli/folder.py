"""The output folder while a run works on it: its lock, what it already holds, parts, and the finish.

Inside OUT/.augcli, only while a run is incomplete:

    lock           held exclusively by the run; `writers` is held shared by each worker while it writes
    run.json       the record of the run that is under way
    planned.jsonl  the files that it may write, logged before the first write
    former.jsonl   per source: the files that are known to be ours, and their rows as far as they still hold
    part-000001    the rows of one finished chunk, written when all of its files are there

Every state that a kill can leave is a valid start for the next run.
"""

from __future__ import annotations

import contextlib
import fcntl
import heapq
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from augcli import manifest
from augcli.dataset import byte_order
from augcli.image.pictures import TEMPORARY
from augcli.manifest import MANIFEST, RECORD, STATE, Row, whole_text
from augcli.problems import Problem, Refused

PATIENCE = 5.0  # seconds that a new run waits for workers of a dead one to notice and stop


class Known(NamedTuple):
    """What OUT holds of one source: names that are ours to replace or remove, and rows that still hold."""

    source: str
    names: list[str]
    rows_text: str = "[]"
    """JSON: who needs the rows reads them, which is the worker's affair."""

    @property
    def rows(self) -> list[Row]:
        return [Row(*row) for row in json.loads(self.rows_text)]


class Folder:
    """An output folder that this process has locked; use as a context manager."""

    def __init__(self, out: Path, record: dict[str, Any], overwrite: bool = False) -> None:
        """Lock `out` for a run of that record.

        Raises `Refused` if another run is in it, it holds what is not ours, or the result of another spec.
        """
        self.out, self.state, self.record = out, out / STATE, record
        self._look(overwrite)
        self._made_state = not os.path.isdir(self.state)
        self._locks: list[TextIO] = []
        try:
            self.state.mkdir(parents=True, exist_ok=True)
            self._lock("lock", wait=0)
            self._lock("writers", wait=PATIENCE)
            self._locks.pop().close()  # no worker of a dead run is left; ours will hold it
        except PermissionError:
            raise Refused(
                Problem(f"{out}: cannot be written to", "change its permissions, or choose another")
            ) from None
        except OSError as error:
            raise Refused(Problem(f"{out}: cannot be made or written to ({error.strerror})")) from None
        # What was seen before the lock may be another run's doing by now.
        former = self._look(overwrite)
        now = (record["spec_key"], record["versions"])
        self.rows_hold = former is not None and (former["spec_key"], former.get("versions")) == now
        self.was_interrupted = any((self.state / name).exists() for name in ("run.json", "planned.jsonl"))

    def __enter__(self) -> Folder:
        return self

    def __exit__(self, kind: object, error: BaseException | None, *_: object) -> None:
        if isinstance(error, Refused) and error.exit_code == 2 and self._made_state:
            self._remove_state()  # a refused run leaves nothing
        for lock in self._locks:
            lock.close()

    def _look(self, overwrite: bool) -> dict[str, Any] | None:
        """Return the record of what made OUT, or refuse a folder that this run may not write to."""
        self._refuse_foreign()
        former = manifest.read_record(self.state / "run.json") or manifest.read_record(self.out / RECORD)
        if former is not None and not overwrite:
            self._refuse_other_spec(former)
        return former

    def _refuse_foreign(self) -> None:
        if os.path.exists(self.out) and not os.path.isdir(self.out):
            raise Refused(Problem(f"{self.out}: a file, not a folder", "choose another OUT"))
        if os.path.isdir(self.state) or os.path.exists(self.out / RECORD) or not os.path.exists(self.out):
            return
        try:
            first = next(iter(sorted(os.listdir(self.out))), None)
        except OSError as error:
            raise Refused(Problem(f"{self.out}: cannot be read ({error.strerror})")) from None
        if first is not None:
            raise Refused(
                Problem(f"{self.out}: not empty (it holds `{first}`) and not made by augcli", "choose another OUT")
            )

    def _refuse_other_spec(self, former: dict[str, Any]) -> None:
        free = ("copies", "include_originals")
        before, now = (
            {key: value for key, value in spec.items() if key not in free}
            for spec in (former["spec"], self.record["spec"])
        )
        found = manifest.differences(before, now)
        if found:
            shown = "; ".join(found[:8]) + ("; ..." if len(found) > 8 else "")
            raise Refused(
                Problem(
                    f"{self.out}: made by another spec: {shown}",
                    "choose another OUT, or give --overwrite to make it anew",
                )
            )

    def _lock(self, name: str, wait: float) -> None:
        path = self.state / name
        deadline = time.monotonic() + wait
        while True:
            file = path.open("a")
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.close()
                if time.monotonic() >= deadline:
                    raise Refused(
                        Problem(
                            f"{self.out}: another run is writing to it", "wait until it is done, or choose another OUT"
                        )
                    ) from None
                time.sleep(0.05)
                continue
            # A run that ends removes the lock's file: what we hold must still be the file of that name.
            if path.exists() and os.path.samestat(os.fstat(file.fileno()), path.stat()):
                self._locks.append(file)
                return
            file.close()
            self.state.mkdir(exist_ok=True)

    def part(self, number: int) -> str:
        return os.fspath(self.state / f"part-{number:06d}")

    def prepare(self, planned: Callable[[], Iterable[tuple[str, list[str]]]]) -> int:
        """Take stock of what is there, log what is planned, and remove what is ours but no longer planned.

        Returns how many files were removed. Raises `Refused` where a file that is not ours is in the way.

        `planned` gives (source, file names) in the order of the sources, afresh at each call.
        """
        self._take_stock()
        self._refuse_files_in_the_way(planned)
        # From here on former.jsonl holds all that is known: the old manifest and parts go before the new record
        # stands, or a kill in between would make them look like the new run's.
        for path in (self.out / MANIFEST, *self.state.glob("part-*")):
            path.unlink(missing_ok=True)
        manifest.write_json(self.state / "run.json", self.record)
        (self.out / RECORD).unlink(missing_ok=True)
        with whole_text(self.state / "planned.jsonl") as file:
            for source, names in planned():
                file.write(_known_line(source, names))
        if self.was_interrupted:
            self.remove_temporaries()
        removed = 0
        for known, names in join(self.known(), planned()):
            for name in known.names:
                if name not in names:
                    removed += remove(self.out, name)
        return removed

    def known(self) -> Iterator[Known]:
        """Return what OUT held before this run, in the order of the sources."""
        return _read_known(self.state / "former.jsonl")

    def finish(self, extra: dict[str, Any]) -> None:
        """Join the parts to the manifest, write the record, and remove the state folder."""
        parts = sorted(self.state.glob("part-*"))
        staged = self.state / MANIFEST
        counts = dict(sorted(manifest.join_parts(staged, parts).items()))
        manifest.write_json(self.out / RECORD, {**self.record, **extra, "counts": counts})
        os.replace(staged, self.out / MANIFEST)
        self._remove_state()

    def _remove_state(self) -> None:
        """Remove the state folder, the lock last: who locks a new one may begin at once."""
        for path in self.state.iterdir():
            if path.name != "lock":
                path.unlink()
        (self.state / "lock").unlink()
        with contextlib.suppress(OSError):
            self.state.rmdir()

    def _refuse_files_in_the_way(self, planned: Callable[[], Iterable[tuple[str, list[str]]]]) -> None:
        """Refuse where a planned name is taken by a file that is not ours, or leads out of OUT through a link."""
        real = os.path.realpath(self.out)
        folders: dict[str, bool] = {}  # whether they are there
        for names, ours in _beside(planned(), self.known()):
            for name in names:
                folder = os.path.dirname(name)
                if folder not in folders:
                    folders[folder] = os.path.lexists(os.path.join(real, folder))
                    if os.path.realpath(os.path.join(real, folder)) != os.path.join(real, folder).rstrip("/"):
                        raise Refused(Problem(f"{self.out / folder}: a link, which augcli does not write through"))
                if folders[folder] and name not in ours and os.path.lexists(self.out / name):
                    help = "move it away, or choose another OUT"
                    raise Refused(Problem(f"{self.out / name}: in the way, and not made by augcli", help))

    def _take_stock(self) -> None:
        """Write former.jsonl from everything that earlier runs left."""
        streams: list[Iterator[tuple[bytes, int, Known]]] = []

        def add(stream: Iterable[Known]) -> None:
            rank = len(streams)
            streams.append((byte_order(known.source), rank, known) for known in stream)

        # Later streams are newer: their rows replace those before them.
        add(_read_known(self.state / "planned.jsonl"))
        add(_read_known(self.state / "former.jsonl"))
        if (self.out / MANIFEST).exists():
            add(_grouped(manifest.read_rows(self.out / MANIFEST)))
        add(_grouped(row for part in sorted(self.state.glob("part-*")) for row in manifest.read_part(part)))
        with whole_text(self.state / "former.jsonl") as file:
            for _, group in groupby(heapq.merge(*streams, key=lambda entry: entry[:2]), key=lambda entry: entry[0]):
                names: dict[str, None] = {}
                rows = source = ""
                for _, _, known in group:
                    source = known.source
                    names |= dict.fromkeys(known.names)
                    rows = known.rows_text if known.rows_text != "[]" else rows
                file.write(_known_line(source, list(names), rows if self.rows_hold else ""))

    def remove_temporaries(self) -> None:
        """Remove what killed workers left unfinished."""
        for name in manifest.files_below(self.out):
            if os.path.basename(name).startswith(TEMPORARY):
                (self.out / name).unlink(missing_ok=True)


def remove(out: Path | str, name: str) -> bool:
    """Remove a file of OUT that is ours and the folders that this leaves empty; tell whether it was there."""
    path = os.path.join(out, name)
    there = os.path.lexists(path)
    with contextlib.suppress(FileNotFoundError, NotADirectoryError, IsADirectoryError):
        if there:
            os.unlink(path)
    folder = os.path.dirname(name)
    while folder:
        try:
            os.rmdir(os.path.join(out, folder))
        except FileNotFoundError:
            pass
        except OSError:
            break  # not empty
        folder = os.path.dirname(folder)
    return there


def join(known: Iterable[Known], planned: Iterable[tuple[str, list[str]]]) -> Iterator[tuple[Known, list[str]]]:
    """Pair what is known of each source with its planned names, both in the order of the sources."""
    entries = iter(planned)
    entry = next(entries, None)
    for item in known:
        key = byte_order(item.source)
        while entry is not None and byte_order(entry[0]) < key:
            entry = next(entries, None)
        yield item, entry[1] if entry is not None and entry[0] == item.source else []


def _beside(planned: Iterable[tuple[str, list[str]]], known: Iterable[Known]) -> Iterator[tuple[list[str], list[str]]]:
    """Pair the planned names of each source with those known to be ours, both in the order of the sources."""
    entries = iter(known)
    entry = next(entries, None)
    for source, names in planned:
        while entry is not None and byte_order(entry.source) < byte_order(source):
            entry = next(entries, None)
        yield names, entry.names if entry is not None and entry.source == source else []


def _known_line(source: str, names: list[str], rows: str = "") -> str:
    """Write what is known of a source; a tab, which JSON never holds, goes before its rows."""
    return json.dumps([source, names]) + (f"\t{rows}\n" if rows else "\n")


def _read_known(path: Path) -> Iterator[Known]:
    if not path.exists():
        return
    with path.open(encoding="ascii") as file:
        for text in file:
            head, _, rows = text.rstrip("\n").partition("\t")
            source, names = json.loads(head)
            yield Known(source, names, rows or "[]")


def _grouped(rows: Iterable[Row]) -> Iterator[Known]:
    for source, group in groupby(rows, key=lambda row: row.source):
        found = list(group)
        yield Known(source, [row.file_name for row in found if row.file_name], json.dumps(found))
