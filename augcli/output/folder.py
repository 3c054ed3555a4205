"""The output folder while a run works on it: its locks, what it already holds, parts, and the finish.

Inside OUT/.augcli, only while a run is incomplete:

    lock           held exclusively by a run, shared by shards; `writers` is held shared by each worker while it writes
    run.json       the record of the run that is under way
    planned.jsonl  the files that it may write, logged before the first write
    former.jsonl   per source: the files that are known to be ours, and their rows as far as they still hold
    part-000001    the rows of one finished chunk, written when all of its files are there
    shard-2-of-3/  for a shard its own lock, writers, former.jsonl and parts, and done.json when it has finished

Every state that a kill can leave is a valid start for the next run.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from augcli.output import inventory, manifest, removal, run_record
from augcli.output.inventory import FORMER, PLANNED, RUN, Known
from augcli.output.manifest import MANIFEST, RECORD, STATE
from augcli.output.previous_run import (
    changed_freely,
    former_record,
    refuse_foreign,
    refuse_links,
    refuse_other_spec,
    refuse_other_versions,
    worth_of,
)
from augcli.output.removal import Obsolete, Planned, Stock, remove
from augcli.problems import Problem, Refused
from augcli.spec.loading import restored
from augcli.spec.model import Spec
from augcli.storage import disk, files
from augcli.storage.files import TEMPORARY, whole_text
from augcli.storage.names import folded

PATIENCE = 5.0  # seconds that a new run waits for workers of a dead one to notice and stop
LONG_PATIENCE = 600.0  # and a shard for another that makes ready for all of them

DONE = "done.json"
BUSY = "another run is writing to it"
MAKING_READY = "making ready for shards"
NO_LOCKS = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS)


class Shard(NamedTuple):
    """One of several runs that share the work: the first of three is (1, 3)."""

    number: int
    of: int

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    def home(self, state: Path) -> Path:
        return state / f"shard-{self.number}-of-{self.of}"


class Folder:
    """An output folder that this process has locked; use as a context manager."""

    def __init__(
        self, out: Path, record: dict[str, Any], planned: Planned, overwrite: bool = False, shard: Shard | None = None
    ) -> None:
        """Lock `out` for a run of that record; with `overwrite` it may be of another spec, and lose many files.

        Raises `Refused` if another run is in it, it holds what is not ours, or the result of another spec.
        """
        self.out, self.state, self.planned, self.shard = out, out / STATE, planned, shard
        self.home = self.state if shard is None else shard.home(self.state)
        self.record = record if shard is None else {**record, "shards": shard.of, "plan": _hashed(planned)}
        self._overwrite = overwrite
        self._obsolete = Obsolete({}, set(), set(), set())
        self._made: list[Path] = []
        self._joins = True  # nobody else, until the lock says so
        self._locks: dict[str, TextIO] = {}
        self.given_up = 0
        """How many shards were begun here of which this run is none; what they made is used."""
        try:
            self._look(overwrite)
            self._made = [folder for folder in (self.state, *self.state.parents) if not disk.anything(folder)]
            self.state.mkdir(parents=True, exist_ok=True)
            alone = self._lock_out()
            # What was seen before the lock may be another run's doing by now.
            former = self._look(overwrite)
            self._joins = not alone
            if shard is not None:
                self._joins = self._joins or (former is not None and self._is_of_this_run(former, overwrite))
                self.home.mkdir(exist_ok=True)
                self._lock(self.home / "lock", f"shard {shard} is being made already")
            self.given_up = 0 if self._joins or former is None else former.get("shards", 0)
            for home in [self.home] if self._joins else inventory.homes(self.state):
                # no worker of a dead run is left; ours will hold it
                self._lock(home / "writers", BUSY, wait=PATIENCE)
                self._unlock(home / "writers")
            self.was_interrupted = shard is not None or any(disk.anything(self.state / n) for n in (RUN, PLANNED))
        except OSError as error:
            self._unmake()
            self._release()
            raise Refused(_unwritable(out, error)) from None
        except Refused:
            self._unmake()
            self._release()
            raise
        self._former, self._worth = former, worth_of(former, record)
        if self._worth.former is not None:
            self.record = {**self.record, "former": self._worth.former}

    def __enter__(self) -> Folder:
        return self

    def __exit__(self, kind: object, error: BaseException | None, *_: object) -> None:
        if isinstance(error, Refused) and error.exit_code == 2:
            self._unmake()
        self._release()

    def _unmake(self) -> None:
        """Remove the folders that were made here: a refused run leaves nothing. Of others' only what is empty goes."""
        if self.state in self._made and not self._joins:
            with contextlib.suppress(OSError):
                self._remove_state()
        for folder in self._made:
            with contextlib.suppress(OSError):
                folder.rmdir()

    def _look(self, overwrite: bool) -> dict[str, Any] | None:
        """Return the record of what made OUT, or refuse a folder that this run may not write to."""
        former = former_record(self.out)
        if former is not None and not overwrite:
            refuse_other_spec(self.out, former, self.record)
        return former

    def _is_of_this_run(self, former: dict[str, Any], overwrite: bool) -> bool:
        """Tell whether the shards that were begun here are those of this run; refuse those of other versions."""
        if former.get("shards") != self.record["shards"] or former.get("plan") != self.record["plan"]:
            return False
        if former["spec_key"] != self.record["spec_key"]:
            return False
        refuse_other_versions(self.out, former["versions"], self.record["versions"], "its other shards", overwrite)
        return bool(former["versions"] == self.record["versions"])

    def _lock_out(self) -> bool:
        """Lock OUT: a run exclusively, a shard too if no other is at work, or else shared. Tell which."""
        path = self.state / "lock"
        for _ in range(10):  # who held it may have been refused
            try:
                self._lock(path, BUSY)
            except Refused:
                if self.shard is None:
                    raise
            else:
                # Shards that come now find out that they have only to wait.
                self._locks[str(path)].truncate(0)
                self._locks[str(path)].write("" if self.shard is None else MAKING_READY)
                self._locks[str(path)].flush()
                return True
            with contextlib.suppress(FileNotFoundError):
                patience = LONG_PATIENCE if path.read_text() == MAKING_READY else PATIENCE
                self._lock(path, BUSY, wait=patience, kind=fcntl.LOCK_SH)
                begun = run_record.read_record(self.state / RUN)
                if begun is not None and self._is_of_this_run(begun, overwrite=False):
                    return False
                self._unlock(path)
                if begun is not None:
                    what = "shards of another spec, number or input are being written to it"
                    raise Refused(Problem(f"{self.out}: {what}", "wait until they are done, or choose another OUT"))
        raise Refused(Problem(f"{self.out}: {BUSY}", "choose another OUT"))

    def _lock(self, path: Path, refusal: str, wait: float = 0, kind: int = fcntl.LOCK_EX) -> None:
        deadline = time.monotonic() + wait
        while True:
            is_new = not disk.anything(path)
            file = path.open("a")
            try:
                fcntl.flock(file, kind | fcntl.LOCK_NB)
            except OSError as error:
                file.close()
                if error.errno in NO_LOCKS and is_new:
                    path.unlink(missing_ok=True)  # nobody can hold it
                if not isinstance(error, BlockingIOError):
                    raise
                if time.monotonic() >= deadline:
                    help = "wait until it is done, or choose another OUT"
                    raise Refused(Problem(f"{self.out}: {refusal}", help)) from None
                time.sleep(0.05)
                continue
            # A run that ends removes the lock's file: what we hold must still be the file of that name.
            named = disk.status(path)
            if named is not None and os.path.samestat(os.fstat(file.fileno()), named):
                os.register_at_fork(after_in_child=file.close)  # or a worker would hold it as well
                self._locks[str(path)] = file
                return
            file.close()
            path.parent.mkdir(exist_ok=True)

    def _unlock(self, path: Path) -> None:
        self._locks.pop(str(path)).close()

    def _release(self) -> None:
        for path in list(self._locks):
            self._unlock(Path(path))

    def part(self, number: int) -> str:
        return os.fspath(self.home / f"part-{number:06d}")

    def prepare(self) -> list[str]:
        """Take stock of what is there, log what is planned, and remove what is ours but no longer planned.

        Returns the names that were removed. Raises `Refused` where a file that is not ours is in the way, or too much
        would be removed. A shard removes nothing, and makes ready for all of them if it is the first.
        """
        respelled = [] if self._joins else self._make_ready()
        if self.shard is not None:
            lock = self._locks[str(self.state / "lock")]
            lock.truncate(0)
            fcntl.flock(lock, fcntl.LOCK_SH)
            self._take_own_stock()
            return []
        return respelled + [name for name in self._obsolete.elsewhere if remove(self.out, name)]

    def _make_ready(self) -> list[str]:
        """Log what is known and planned; return the names that were removed because they are spelled otherwise now."""
        with whole_text(self.state / FORMER) as file:
            file.writelines(inventory.known_line(*self._worth.of(known)) for known in inventory.in_stock(self.out))
            file.flush()
            known = partial(inventory.read_known, Path(file.name))
            refuse_foreign(self.out, known())
            self._obsolete = removal.obsolete(known, self.planned)
            self._refuse_files_in_the_way(known)
            self._refuse_great_loss(known)
        # From here on former.jsonl holds all that is known: the old manifest and parts go before the new record
        # stands, or a kill in between would make them look like the new run's.
        (self.out / MANIFEST).unlink(missing_ok=True)
        for home in inventory.homes(self.state):
            (home / DONE).unlink(missing_ok=True)  # first of all: a shard without its parts is not done
        for home in inventory.homes(self.state):
            if home not in (self.state, self.home):
                shutil.rmtree(home)
                continue
            for path in inventory.parts(home) + ([home / FORMER] if home != self.state else []):
                path.unlink(missing_ok=True)
        # On a disk that takes both spellings for one name, a new file would be called as the old one is.
        respelled = [name for name in self._obsolete.respelled if remove(self.out, name)]
        files.write_json(self.state / RUN, self.record)
        (self.out / RECORD).unlink(missing_ok=True)
        with whole_text(self.state / PLANNED) as file:
            file.writelines(inventory.known_line(source, names) for source, names in self.planned())
        if self.was_interrupted:
            self.remove_temporaries()
        return respelled

    def _refuse_great_loss(self, known: Stock) -> None:
        if not self._overwrite:
            changed = [] if self._former is None else changed_freely(self._former["spec"], self.record["spec"])
            loss = removal.great_loss(self.out, known, self.planned, self._obsolete, changed)
            if loss is not None:
                raise Refused(loss)

    def _take_own_stock(self) -> None:
        """Gather what this shard wrote before with what all of them know; others may be at work."""
        (self.home / DONE).unlink(missing_ok=True)
        own = inventory.written_in(self.home, self.record)
        with whole_text(self.home / FORMER) as file:
            known = inventory.merged([inventory.read_known(self.state / FORMER), *own])
            file.writelines(inventory.known_line(*one) for one in known)
        files.write_json(self.home / RUN, self.record)
        for part in inventory.parts(self.home):
            part.unlink()

    @property
    def other_versions(self) -> list[str]:
        """In what the versions differ that OUT was made with, so that nothing of it is kept."""
        return self._worth.other_versions

    @property
    def former(self) -> Spec | None:
        """The spec that some of what is known was made by."""
        former = self.record.get("former")
        return None if former is None else restored(former, str(self.out / RECORD))

    def known(self) -> Iterator[Known]:
        """Return what OUT held before this run, in the order of the sources."""
        return inventory.read_known(self.home / FORMER)

    def finish(self, extra: dict[str, Any], rows: int) -> None:
        """Join the parts to the manifest, write the record, and remove the state folder; a shard says that it is done.

        `extra` goes into the record. Raises `Refused` with code 3 where the parts hold other than as many `rows`.
        """
        staged, parts = self.state / MANIFEST, inventory.parts(self.home)
        counts = manifest.counts_of(parts) if self.shard is not None else manifest.join_parts(staged, parts)
        if sum(counts.values()) != rows:
            what = f"{self.home}: {sum(counts.values())} of the {rows} rows that were written are there"
            raise Refused(Problem(what, "run the same command again: it goes on"), exit_code=3)
        if self.shard is not None:
            files.write_json(self.home / DONE, {**self.record, **extra, "rows": rows})
            return
        record = {key: value for key, value in self.record.items() if key != "former"}
        self.commit(staged, {**record, **extra, "counts": dict(sorted(counts.items()))})

    def commit(self, staged: Path, record: dict[str, Any]) -> None:
        """Give the manifest its name, which says that OUT is complete."""
        files.write_json(self.out / RECORD, record)
        os.replace(staged, self.out / MANIFEST)
        self._remove_state()

    def leave(self) -> None:
        """Leave a finished OUT, in which nothing was begun that a run would go on with."""
        self.remove_temporaries()
        self._remove_state()

    def _remove_state(self) -> None:
        """Remove the state folder: first what says that a run is incomplete, last the lock.

        Who locks a new one may begin at once.
        """
        for name in (RUN, PLANNED):
            (self.state / name).unlink(missing_ok=True)
        for name in disk.names(self.state):
            path = self.state / name
            if disk.is_folder(path):
                shutil.rmtree(path)
            elif name != "lock":
                path.unlink()
        (self.state / "lock").unlink()
        with contextlib.suppress(OSError):
            self.state.rmdir()

    def _refuse_files_in_the_way(self, known: Stock) -> None:
        """Refuse where a planned name is taken by a file that is not ours, or leads out of OUT through a link."""
        folders: dict[str, bool] = {}  # whether they are there
        strange: dict[str, None] = {}
        for names, ours in inventory.beside(self.planned(), known()):
            for name in names:
                folder = os.path.dirname(name)
                if folder not in folders:
                    folders[folder] = disk.anything(self.out / folder)
                    refuse_links(self.out, folder)
                if folders[folder] and name not in ours and disk.anything(self.out / name):
                    strange[name] = None
        if strange:  # the name may have been another source's
            for one in known():
                for name in one.names:
                    strange.pop(name, None)
        ours_respelled = {folded(name): self.out / name for name in self._obsolete.respelled} if strange else {}
        for name in strange:
            same = disk.status(ours_respelled.get(folded(name), ""), follow=False)
            if same is not None and os.path.samestat(same, os.lstat(self.out / name)):
                continue  # the disk takes both spellings for one
            help = "move it away, or choose another OUT"
            raise Refused(Problem(f"{self.out / name}: in the way, and not made by augcli", help))

    def remove_temporaries(self) -> None:
        """Remove what killed workers left unfinished."""
        for name in manifest.files_below(self.out):
            if os.path.basename(name).startswith(TEMPORARY):
                (self.out / name).unlink(missing_ok=True)


def _hashed(planned: Planned) -> str:
    """Return a hash of the sources and the names that are planned."""
    digest = blake2b(digest_size=16)
    for source, names in planned():
        digest.update(inventory.known_line(source, names).encode("ascii"))
    return digest.hexdigest()


def _unwritable(out: Path, error: OSError) -> Problem:
    """Say why OUT cannot be used."""
    if error.errno in NO_LOCKS:
        what = f"{out}: files cannot be locked there ({(error.strerror or '').lower()})"
        return Problem(what, "choose an OUT on a local disk, or mount this one with locks")
    if isinstance(error, PermissionError):
        where = error.filename if isinstance(error.filename, str) else out
        return Problem(f"{where}: cannot be read or written to", "change its permissions, or choose another OUT")
    return Problem(f"{out}: cannot be made or written to ({error.strerror})")
