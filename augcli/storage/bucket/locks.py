"""Locks that are objects: made only where there is none, with a lease that is renewed while their process lives.

Who wants a lock that others hold watches whether they renew it. No clock of another machine counts: a lease has run out
where nothing was renewed for so long. A lock is held exclusively by the object of its name, or shared by
objects below it, one for each holder; they are made while the first one is held.
"""

from __future__ import annotations

import json
import threading
import time
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias
from uuid import uuid4

from augcli.problems import Problem, Refused, counted, say
from augcli.storage.addresses import Place
from augcli.storage.bucket import places
from augcli.storage.bucket.store import address, client, obstore, told, uncut

LEASE = 30.0  # seconds
RENEWALS = 3  # in the time of a lease

_PATIENCE = 5.0  # seconds that the end of a run waits for a renewal that is under way

_AGAIN = 0.5  # seconds between two looks at a lock that others hold


_MOST_REFUSED = 10  # tries to make a lock that nobody holds

Tag: TypeAlias = dict[str, str]
"""The state of an object, as a condition for who writes it next: `e_tag`, of some clouds `version`."""


class _Seen(NamedTuple):
    """A lock object of another holder: its state, how long its lease is, and when this state was first seen."""

    tag: Tag
    lease: float
    since: float


class Lock:
    """A lock that this process holds until it is released; a thread renews its lease."""

    def __init__(self, path: Place, holder: str, tag: Tag) -> None:
        """Renew the object of that path and state, which is ours."""
        self._path, self._holder, self._tag = str(path), holder, tag
        self._said = ""
        self._guard = threading.Lock()
        self._released = threading.Event()
        self._lost = False
        self._renewed = time.monotonic()
        self._lease = LEASE
        self._thread = threading.Thread(target=self._renew, name="augcli-lease", daemon=True)
        self._thread.start()

    def say(self, text: str) -> None:
        """Leave a text for others who want the lock; `said` returns it."""
        with self._guard:
            self._said = text
            self._write()
        self.ensure_held()

    def share(self) -> None:
        """Let others hold the lock, too, who share it."""
        with self._guard:
            exclusive, tag = self._path, self._tag
            self._path = f"{exclusive}/{self._holder}"
            self._tag = _put(self._path, self._holder, "", "overwrite")
            if not self._lost and _tag_of(exclusive) == tag:
                places.remove(exclusive)

    def ensure_held(self) -> None:
        """Raise `Refused` with code 3 where the lease has run out and somebody else has taken the lock over."""
        if time.monotonic() - self._renewed > self._lease:  # this process has slept, or the bucket did not answer
            with self._guard:
                self._write()
        if self._lost:
            what = f"{self._path}: another run has taken OUT over, as this one did not renew its lock for a while"
            raise Refused(Problem(what, "wait until that is done, then rerun"), exit_code=3)

    def release(self) -> None:
        self._released.set()
        self._thread.join(_PATIENCE)
        if not self._lost and not self._thread.is_alive():  # or the bucket does not answer
            with suppress(OSError):
                _take_away(self._path, self._tag)

    def _renew(self) -> None:
        while not self._released.wait(self._lease / RENEWALS):
            with self._guard, suppress(OSError):  # a bucket that does not answer has no room for others either
                self._write()
            if self._lost:
                return

    def _write(self) -> None:
        """Write the object anew if it is still ours."""
        begun = time.monotonic()
        try:
            self._tag = _put(self._path, self._holder, self._said, self._tag)
            self._renewed = begun
        except Exception as error:
            if not _is_condition(error):
                raise
            # a call whose answer was lost may have been ours
            found = _contents(self._path)
            self._lost = found is None or found["holder"] != self._holder
            if found is not None and not self._lost:
                self._tag, self._renewed = found["tag"], begun


def lock(path: Path, shared: bool = False, wait: float = 0.0) -> Lock | None:
    """Make the object of that name; None where others who live hold the lock for `wait` seconds.

    Those whose lease has run out are passed over, and it is said how long that takes. Raises OSError.
    """
    holder = uuid4().hex
    deadline = time.monotonic() + wait
    seen: dict[str, _Seen] = {}
    is_told = False
    refused = 0
    while True:
        others, alive, dead = _look(path, seen, exclusive_alone=shared)
        if not others:
            tag = _created(path, holder)
            if tag is not None and not shared and _shared_holders(path):
                places.remove(path)  # one that came just before
            elif tag is not None:
                held = Lock(path, holder, tag)
                if shared:
                    held.share()
                return held
            refused += 1
            if refused > _MOST_REFUSED:
                what = f"{path}: objects cannot be made under a condition there, which locks need"
                raise Refused(Problem(what, "use a store with conditional writes, or an OUT on a disk"))
            time.sleep(_AGAIN)
            continue
        if alive and time.monotonic() >= deadline:
            return None
        if dead:
            for one in dead:
                _take_away(one, seen.pop(one).tag)
            continue
        if not is_told and not alive:
            longest = max(1, round(max(one.lease for one in seen.values())))
            who = f"{path}: held by a run that may be dead"
            say(str(Problem(f"{who}; waiting up to {counted(longest, 'second')} to see whether it renews its lock")))
            is_told = True
        time.sleep(min(_AGAIN, min(one.lease for one in seen.values()) / 4))


def _look(path: Path, seen: dict[str, _Seen], exclusive_alone: bool) -> tuple[list[str], list[str], list[str]]:
    """Look at the objects of others; return all, those that live, and those whose lease has run out.

    `seen` is what was seen of them before. One that was renewed since then, or has come since, lives.
    """
    is_first = not seen
    now = time.monotonic()
    found = [] if exclusive_alone else _shared_holders(path)
    alive, dead, others = [], [], []
    for one in [str(path), *found]:
        about = _contents(one)
        if about is None:
            seen.pop(one, None)
            continue
        others.append(one)
        before = seen.get(one)
        if before is None or before.tag != about["tag"]:
            seen[one] = _Seen(about["tag"], about["lease"], now)
            if not is_first:
                alive.append(one)
        elif now - before.since > before.lease:
            dead.append(one)
    return others, alive, dead


def _shared_holders(path: Path) -> list[str]:
    return [f"{path}/{name}" for name in places.names(path)]


def _created(path: Path, holder: str) -> Tag | None:
    """Make the object of a lock; None where there is one of another holder."""
    try:
        return _put(path, holder, "", "create")
    except Exception as error:
        if not _is_condition(error):
            raise
    found = _contents(path)  # it is ours where only the answer was lost
    return found["tag"] if found is not None and found["holder"] == holder else None


def _take_away(path: str, tag: Tag) -> None:
    """Remove the object of a dead holder, if it is still in that state: whoever writes it first may remove it."""
    with suppress(FileNotFoundError):
        try:
            _put(path, "nobody", "", tag)
        except Exception as error:
            if not _is_condition(error):
                raise
        else:
            places.remove(path)


def _put(path: Place, holder: str, said: str, mode: Any) -> Tag:
    """Write the object of a lock under a condition; return its new state."""
    bucket, key = address(path)
    data = json.dumps({"holder": holder, "said": said, "lease": LEASE, "state": uuid4().hex})
    with told(path):
        return _tag(obstore().put(client(bucket), key, data.encode(), mode=mode))


def _tag(about: dict[str, Any]) -> Tag:
    return {name: about[name] for name in ("e_tag", "version") if about.get(name) is not None}


def _contents(path: Place) -> dict[str, Any] | None:
    """Return what the object of a lock says, with its state as `tag`; None where there is none."""
    bucket, key = address(path)
    try:
        tag, data = uncut(path, lambda: _read(bucket, key))
    except FileNotFoundError:
        return None
    try:
        found = json.loads(data)
        found = {"holder": str(found["holder"]), "said": str(found["said"]), "lease": float(found["lease"])}
    except (ValueError, TypeError, KeyError):
        found = {"holder": "", "said": "", "lease": LEASE}
    return {**found, "tag": tag}


def _read(bucket: str, key: str) -> tuple[Tag, bytes]:
    answer = obstore().get(client(bucket), key)
    return _tag(answer.meta), bytes(answer.bytes().to_bytes())


def _tag_of(path: Place) -> Tag | None:
    found = _contents(path)
    return None if found is None else found["tag"]


def _is_condition(error: Exception) -> bool:
    return type(error).__name__ in ("AlreadyExistsError", "PreconditionError")


def said(path: Path) -> str:
    """Return what who holds a lock has left for others. Raises OSError."""
    found = _contents(path)
    if found is None:
        raise FileNotFoundError(2, "no such lock", str(path))
    return str(found["said"])


def shared(path: Place) -> AbstractContextManager[None]:
    """Hold no lock: an orphan writes nothing that another run would not, and not for longer than a lease."""
    return nullcontext()
