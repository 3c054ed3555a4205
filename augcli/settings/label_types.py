"""The types of settings about labels: what a mirrored picture exchanges, where labels lie, and where pixels begin."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeAlias

from augcli.problems import Suggestion, spelled, write, write_number
from augcli.settings.value_types import Schema, ValueType, Within, Wrong, bounded, each, list_of, whole_within

Slot: TypeAlias = int | str
"""A keypoint, by its place or its name."""

# Pairs


def _pairs(
    words: str, wanted: str, entry: Callable[[Any, Within], Slot], schema: Callable[[Within], Schema]
) -> ValueType:
    """Make a type of pairs, each entry in one at most: as a list of pairs, or a mapping."""

    def read(value: Any, within: Within) -> tuple[tuple[Slot, Slot], ...]:
        if isinstance(value, Mapping):
            pairs: list[Any] = [(_as_number(key), other) for key, other in value.items()]
        elif isinstance(value, (list, tuple)):
            pairs = list(value)
        else:
            raise Wrong(f"expected {wanted}, got {spelled(value)}")
        if not all(isinstance(both, (list, tuple)) and len(both) == 2 for both in pairs):
            raise Wrong(f"expected {wanted}, got {spelled(value)}", _meant(pairs))
        found = each(pairs, lambda both: tuple(each(both, lambda slot: entry(slot, within))))
        for slot, times in Counter(slot for both in found for slot in both).items():
            if times > 1:
                raise Wrong(f"{spelled(slot)} stands in more than one place of the pairs")
        return tuple(found)

    def whole_schema(within: Within) -> Schema:
        one = schema(within)
        both = {"type": "array", "items": list_of(one, 2)}
        return {"anyOf": [both, {"type": "object", "additionalProperties": one}]}

    return ValueType(words, read, whole_schema)


def _as_number(key: str) -> Slot:
    """Return the number that a key of a mapping is, or else the key."""
    return int(key) if key.isdecimal() and len(key) < 10 else key


def _meant(given: Sequence[Any]) -> Suggestion | None:
    """Say which pairs a list of something else means: one pair, or the order of slots in a mirrored picture."""
    if not all(isinstance(slot, (int, str)) for slot in given):
        return None
    if len(given) == 2:
        return write([list(given)])
    if not all(isinstance(slot, int) and 0 <= slot < len(given) for slot in given):
        return None
    pairs = [[at, slot] for at, slot in enumerate(given) if at < slot and given[slot] == at]
    return write(pairs) if pairs else None


def _value(value: Any, within: Within) -> int:
    return whole_within(value, "a whole number", within)


def _slot(value: Any, within: Within) -> Slot:
    if isinstance(value, str) and value and value.isprintable():
        return value
    return whole_within(value, "a whole number or a name", within)


def _slot_schema(within: Within) -> Schema:
    return {"anyOf": [bounded("integer", within), {"type": "string", "minLength": 1}]}


VALUE_PAIRS = _pairs(
    "{14: 15, ...}, or [[14, 15], ...]",
    "pairs of values {14: 15}",
    _value,
    lambda within: bounded("integer", within),
)
SLOT_PAIRS = _pairs(
    "[[1, 2], ...] from 0 on, or {left_eye: right_eye, ...}",
    "pairs of keypoints [[1, 2], ...] or {left_eye: right_eye}",
    _slot,
    _slot_schema,
)


# Places


def _read_place(value: Any, within: Within) -> str:
    wanted = "a path that is relative to IN"
    if not isinstance(value, str) or not value.isprintable():
        raise Wrong(f"expected {wanted}, got {spelled(value)}")
    if "\\" in value:
        raise Wrong(
            f"expected {wanted}, with `/` between folders, got {spelled(value)}", write(value.replace("\\", "/"))
        )
    parts = [part for part in value.split("/") if part not in ("", ".")]
    if value.startswith("/") or ".." in parts:
        raise Wrong(f"expected {wanted} and lies in it, got {spelled(value)}")
    return "/".join(parts)


def _read_origin(value: Any, within: Within) -> Literal["auto", 0, 1]:
    if value == "auto" or (value in (0, 1) and isinstance(value, int) and not isinstance(value, bool)):
        return value  # type: ignore[no-any-return]
    raise Wrong(f"expected `auto`, 0 or 1, got {spelled(value)}", write_number(value))


PLACE = ValueType("a path below IN", _read_place, lambda within: {"type": "string"})
ORIGIN = ValueType("auto, 0 or 1", _read_origin, lambda within: {"enum": ["auto", 0, 1]})
