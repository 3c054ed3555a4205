"""The quality gate: copies that a spec rejects are drawn again, and what stays bad is told."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property
from hashlib import blake2b
from typing import Generic, NamedTuple, TypeVar

from augcli.image.arrays import Picture
from augcli.image.faults import clipped_share, is_blank, newly_clipped, same_pixels
from augcli.problems import Unread, Unusable
from augcli.spec.sections import Reject

MOST_DRAWS = 5

_T = TypeVar("_T")


class Attempt(NamedTuple, Generic[_T]):
    """A copy as it was drawn once: what made it, its picture, whether it has lost all objects, or mixes others in."""

    copy: _T
    picture: Picture
    is_empty: bool = False
    mixes: bool = False


class Accepted(NamedTuple, Generic[_T]):
    """The attempt that a copy is, and what the manifest notes of it."""

    attempt: Attempt[_T]
    notes: str


def attempt_of(notes: str) -> int:
    """Return which attempt a copy is, from 0 on, as its notes tell."""
    found = re.search("draw ([0-9]+)", notes)
    return int(found[1]) - 1 if found else 0


class Gate(Generic[_T]):
    """Draws the copies of one source until they are as they should be.

    One that mixes others in is not judged: what others are like must not decide what a source becomes later on.
    """

    def __init__(self, reject: Reject, source: Picture, draw: Callable[[int, int], Attempt[_T]]) -> None:
        """Take a source as it is decoded, and what draws a copy: its number, and which attempt it is.

        Of an attempt behind the first `draw` may raise `Unusable`.
        """
        self._reject, self._source, self._draw = reject, source, draw
        self._seen: dict[int, bytes] = {}
        """The digests of the copies so far."""

    def copy(self, number: int) -> Accepted[_T]:
        """Return a copy. Those before it are made first where it must be unlike them.

        If no attempt is accepted it is the first one, with its faults.
        """
        if self._reject.identical:
            for earlier in range(number):
                if earlier not in self._seen:
                    self.copy(earlier)
        first = self._draw(number, 0)
        accepted, notes = first, " ".join(faults := self._faults(number, first))
        for attempt in range(1, MOST_DRAWS) if faults else ():
            try:
                other = self._draw(number, attempt)
            except Unread:
                raise
            except Unusable:
                continue
            if not self._faults(number, other):
                accepted, notes = other, f"draw {attempt + 1}"
                break
        if self._reject.identical:
            self._seen[number] = b"" if accepted.mixes else _digest(accepted.picture)
        return Accepted(accepted, notes)

    def _faults(self, number: int, attempt: Attempt[_T]) -> list[str]:
        reject, picture = self._reject, attempt.picture
        found: list[str] = []
        if attempt.mixes:
            return found
        if reject.blank and is_blank(picture):
            found.append("blank")
        if reject.clipped is not None and newly_clipped(clipped_share(picture), self._clipped) > reject.clipped:
            found.append("clipped")
        if reject.identical and self._is_like_another(number, picture):
            found.append("identical")
        if reject.empty and attempt.is_empty:
            found.append("empty")
        return found

    @cached_property
    def _clipped(self) -> float:
        return clipped_share(self._source)

    def _is_like_another(self, number: int, picture: Picture) -> bool:
        if same_pixels(picture, self._source):
            return True
        earlier = {digest for other, digest in self._seen.items() if other < number}
        return bool(earlier) and _digest(picture) in earlier


def _digest(picture: Picture) -> bytes:
    digest = blake2b(repr(picture.image.shape).encode(), digest_size=16)
    digest.update(picture.image.tobytes())
    if picture.alpha is not None:
        digest.update(picture.alpha.tobytes())
    return digest.digest()
