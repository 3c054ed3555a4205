"""How a run opens OUT: it looks whether it may write there, locks, and looks again. A refused run leaves nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any

from augcli.output import paths, run_record
from augcli.output.folder import Folder, Found
from augcli.output.inventory import existing_line
from augcli.output.paths import LOCK, PLANNED_FILES, STATE_FOLDER, UNFINISHED_RUN, WRITERS
from augcli.output.previous_run import former_record, refuse_other_spec, refuse_other_versions
from augcli.output.removal import Planned, remove_state
from augcli.output.shards import Shard
from augcli.problems import Problem, Refused, Unreachable
from augcli.storage import locks, places
from augcli.storage.locks import Lock

PATIENCE = 5.0  # seconds that a new run waits for workers of a dead one to notice and stop
LONG_PATIENCE = 600.0  # and a shard for another that makes ready for all of them

BUSY = "another run is writing to it"
MAKING_READY = "making ready for shards"


@contextmanager
def opened(
    out: Path, record: dict[str, Any], planned: Planned, overwrite: bool = False, shard: Shard | None = None
) -> Iterator[Folder]:
    """Lock `out` for a run of that record; with `overwrite` it may be of another spec, and lose many files.

    Raises `Refused` if another run is in it, it holds what is not ours, or the result of another spec.
    """
    if shard is not None:
        record = {**record, "shards": shard.of, "plan": _hash_of(planned)}
    opening = _Opening(out, record, overwrite, shard)
    try:
        try:
            found = opening.lock()
        except OSError as error:
            raise Refused(_unwritable(out, error)) from None
        yield Folder(out, record, planned, found, opening.locks[out / STATE_FOLDER / LOCK], overwrite, shard)
    except Refused as refusal:
        if refusal.exit_code == 2:
            opening.undo()
        raise
    finally:
        opening.release()


class _Opening:
    """The locks that a run takes on OUT, and the folders that it makes for them."""

    def __init__(self, out: Path, record: dict[str, Any], overwrite: bool, shard: Shard | None) -> None:
        self.out, self.state = out, out / STATE_FOLDER
        self.record, self.overwrite, self.shard = record, overwrite, shard
        self.locks: dict[Path, Lock] = {}
        self.made: list[Path] = []
        self.is_joined = True  # until it is known to be alone: what others use is not removed

    def lock(self) -> Found:
        """Lock OUT, make sure that nobody writes to it, and return what is found there."""
        self._look()
        self.made = places.missing_folders(self.state)
        places.make_folder(self.state)
        is_alone = self._lock_state()
        former = self._look()  # what was seen before the lock may be another run's doing by now
        self.is_joined = not is_alone
        own = self.state
        if self.shard is not None:
            own = self.shard.folder(self.state)
            if is_alone and former is not None:
                self.is_joined = self._is_of_this_run(former, self.overwrite)
            places.make_folder(own)
            self._lock(own / LOCK, f"shard {self.shard} is being made already")
        for folder in [own] if self.is_joined else paths.run_folders(self.state):
            # no worker of a dead run is left; ours will hold it
            self._lock(folder / WRITERS, BUSY, PATIENCE)
            self.locks.pop(folder / WRITERS).release()
        abandoned = 0 if self.is_joined or former is None else former.get("shards", 0)
        left = (UNFINISHED_RUN, PLANNED_FILES)
        was_interrupted = self.shard is not None or any(places.anything(self.state / name) for name in left)
        return Found(former, self.is_joined, abandoned, was_interrupted)

    def undo(self) -> None:
        """Remove the folders that were made here; of those that others use too, only what is empty goes."""
        if self.state in self.made and not self.is_joined:
            with suppress(OSError):
                remove_state(self.state)
        for folder in self.made:
            places.remove_if_empty(folder)

    def release(self) -> None:
        """Release all locks."""
        for lock in self.locks.values():
            lock.release()

    def _look(self) -> dict[str, Any] | None:
        """Return the record of what made OUT, or refuse a folder that this run may not write to."""
        former = former_record(self.out)
        if former is not None and not self.overwrite:
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

    def _lock_state(self) -> bool:
        """Lock OUT: a run exclusively, a shard too if no other is at work, or else shared. Tell whether exclusively."""
        path = self.state / LOCK
        for _ in range(10):  # who held it may have been refused
            try:
                self._lock(path, BUSY)
            except Refused:
                if self.shard is None:
                    raise
            else:
                # Shards that come now find out that they have only to wait.
                self.locks[path].say("" if self.shard is None else MAKING_READY)
                return True
            with suppress(FileNotFoundError):
                patience = LONG_PATIENCE if locks.said(path) == MAKING_READY else PATIENCE
                self._lock(path, BUSY, patience, shared=True)
                begun = run_record.read_record(self.state / UNFINISHED_RUN)
                if begun is not None and self._is_of_this_run(begun, overwrite=False):
                    return False
                self.locks.pop(path).release()
                if begun is not None:
                    what = "shards of another spec, number or input are being written to it"
                    raise Refused(Problem(f"{self.out}: {what}", "wait until they are done, or choose another OUT"))
        raise Refused(Problem(f"{self.out}: {BUSY}", "choose another OUT"))

    def _lock(self, path: Path, refusal: str, wait: float = 0.0, shared: bool = False) -> None:
        lock = locks.lock(path, shared, wait)
        if lock is None:
            raise Refused(Problem(f"{self.out}: {refusal}", "wait until it is done, or choose another OUT"))
        self.locks[path] = lock


def _hash_of(planned: Planned) -> str:
    """Return a hash of the sources and the names that are planned."""
    digest = blake2b(digest_size=16)
    for source, names in planned():
        digest.update(existing_line(source, names).encode("ascii"))
    return digest.hexdigest()


def _unwritable(out: Path, error: OSError) -> Problem:
    """Say why OUT cannot be used."""
    if error.errno in locks.NO_LOCKS:
        what = f"{out}: files cannot be locked there ({(error.strerror or '').lower()})"
        return Problem(what, "choose an OUT on a local disk, or mount this one with locks")
    where = error.filename if isinstance(error.filename, str) else out
    if isinstance(error, Unreachable):
        return Problem(f"{where}: {error.strerror}", error.help)
    if isinstance(error, PermissionError):
        return Problem(f"{where}: cannot be read or written to", "change its permissions, or choose another OUT")
    return Problem(f"{out}: cannot be made or written to ({error.strerror})")
