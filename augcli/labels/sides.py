"""Which keypoints are the left and the right of each other, as their names tell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import TypeAlias

from augcli.dataset.layouts.words import words
from augcli.problems import Unusable

Pairs: TypeAlias = tuple[tuple[int, int], ...]

_SIDES = {"left": "right", "l": "r"}


def pairs_of(
    names: Sequence[str],
    number: int,
    given: Sequence[tuple[int | str, int | str]] | None,
    others: Sequence[Sequence[str]] = (),
) -> Pairs:
    """Return the pairs of slots that a mirrored picture swaps.

    `given` are those of the spec, slots or names; without them the names of the keypoints tell: left_eye, L_Eye,
    eyeLeft. Names that are not those of all `number` slots tell nothing. Raises `Unusable` for one of `given` that is
    no slot, and none of `others` either, the names of all classes of the set.
    """
    named = tuple(names) if len(names) == number else ()
    if given is None:
        return _pairs(named, number, None, ())
    return _pairs(named, number, tuple(map(tuple, given)), tuple(map(tuple, others)))


@cache
def _pairs(
    names: tuple[str, ...],
    number: int,
    given: tuple[tuple[int | str, ...], ...] | None,
    others: tuple[tuple[str, ...], ...],
) -> Pairs:
    if given is not None:
        most = max([number, *map(len, others)])
        known = {*names, *(name for one in others for name in one)}
        for one in (one for pair in given for one in pair):
            if one not in known if isinstance(one, str) else not 0 <= one < most:
                raise Unusable(f"`flip_pairs` has `{one}`, which is none of the {number} keypoints of the set")
        slots = [tuple(names.index(one) if one in names else one for one in pair) for pair in given]
        return tuple((a, b) for a, b in slots if isinstance(a, int) and isinstance(b, int) and max(a, b) < number)
    slot_of = {_words(name): slot for slot, name in enumerate(names)}
    pairs = []
    for said, slot in slot_of.items():
        for at, word in enumerate(said):
            other = slot_of.get((*said[:at], _SIDES.get(word, ""), *said[at + 1 :]))
            if other is not None:
                pairs.append((slot, other))
    return tuple(sorted(pairs))


def tell_nothing(names: Sequence[str]) -> bool:
    """Tell whether names are none, or running numbers: they may hide sides, where `head` and `tail` have none."""
    return len({re.sub(r"\d+", "", name) for name in names}) < min(2, len(names)) or not names


def _words(name: str) -> tuple[str, ...]:
    """Split a name into its words, also `lefteye`."""
    found: list[str] = []
    for word in words(name):
        side = next((side for side in ("left", "right") if word.startswith(side) and word != side), "")
        found += (side, word.removeprefix(side)) if side else (word,)
    return tuple(found)
