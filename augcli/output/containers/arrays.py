"""Arrays of Arrow from values of Python, for the few types that containers have.

pyarrow's own way, `pyarrow.array`, loads pandas wherever that is installed: 0.3 s and 50 MB in each worker.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any

from augcli.dataset.tables.arrow_schemas import arrow


def array_of(kind: Any, values: Sequence[Any]) -> Any:
    """Return an array of a type: a struct or list of others, binary, string, int64 or double; None is null."""
    types = arrow().types
    if types.is_struct(kind):
        parts = ([None if value is None else value[one.name] for value in values] for one in kind)
        return _made(kind, values, [], [array_of(one.type, part) for one, part in zip(kind, parts, strict=True)])
    if types.is_list(kind):
        inside = array_of(kind.value_type, [one for value in values if value is not None for one in value])
        return _made(kind, values, [_offsets(0 if value is None else len(value) for value in values)], [inside])
    if types.is_binary(kind) or types.is_string(kind):
        data = [b"" if value is None else value.encode() if isinstance(value, str) else value for value in values]
        return _made(kind, values, [_offsets(map(len, data)), b"".join(data)])
    return _made(kind, values, [array("d" if types.is_float64(kind) else "q", (value or 0 for value in values))])


def _offsets(lengths: Iterable[int]) -> array[int]:
    """Return where each value begins, and where the last ends."""
    return array("i", accumulate(lengths, initial=0))


def _made(kind: Any, values: Sequence[Any], buffers: Sequence[Any], inside: Sequence[Any] = ()) -> Any:
    pyarrow, absent = arrow(), sum(value is None for value in values)
    all_buffers = [_bits(values) if absent else None, *map(pyarrow.py_buffer, buffers)]
    return pyarrow.Array.from_buffers(kind, len(values), all_buffers, absent, children=list(inside))


def _bits(values: Sequence[Any]) -> Any:
    """Return a bit for each value that is no null, the first one lowest."""
    number = int("".join("01"[value is not None] for value in reversed(values)), 2)
    return arrow().py_buffer(number.to_bytes((len(values) + 7) // 8, "little"))
