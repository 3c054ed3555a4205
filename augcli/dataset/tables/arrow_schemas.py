"""Schemas of Arrow: what pyarrow is needed for to say of the columns of a Parquet table."""

from __future__ import annotations

import json
from typing import Any

from augcli.dataset.tables import Wanted, spans
from augcli.dataset.tables.columns import ADDED
from augcli.problems import Problem, Refused


def arrow() -> Any:
    """Return pyarrow, with its Parquet part. Raises `Refused` where it is not installed, which names our extra."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise Refused(_MISSING) from None
    return pyarrow


def arrow_version() -> str:
    """Return the version of pyarrow, which is not loaded. Raises `Refused` where it is not installed."""
    from importlib.metadata import PackageNotFoundError, version  # dear to import

    try:
        return version("pyarrow")
    except PackageNotFoundError:
        raise Refused(_MISSING) from None


_MISSING = Problem("Parquet needs pyarrow", 'pip install "augcli[parquet]"')


def holds_strings(type: Any) -> bool:
    types = arrow().types
    if types.is_dictionary(type):
        type = type.value_type
    return bool(types.is_string(type) or types.is_large_string(type) or _is_view(type))


def _is_view(type: Any) -> bool:
    """Tell whether strings share their buffers, all of which would go along with one of them."""
    return str(type) == "string_view"  # pyarrow 15 does not know it


def _plain(type: Any) -> Any:
    """Return a type with values in the place of dictionaries."""
    pyarrow = arrow()
    if _is_view(type):
        return pyarrow.large_string()
    if pyarrow.types.is_dictionary(type):
        return type.value_type
    if pyarrow.types.is_struct(type):
        return pyarrow.struct([one.with_type(_plain(one.type)) for one in type])
    for is_list, of in (
        (pyarrow.types.is_list, pyarrow.list_),
        (pyarrow.types.is_large_list, pyarrow.large_list),
    ):
        if is_list(type):
            return of(type.value_field.with_type(_plain(type.value_type)))
    return type


def values_of(schema: Any) -> Any:
    """Return a schema with values in the place of dictionaries."""
    return arrow().schema([one.with_type(_plain(one.type)) for one in schema], schema.metadata)


def with_more(schema: Any) -> Any:
    """Return a schema with the columns that are added."""
    pyarrow = arrow()
    more = pyarrow.field(ADDED[0], pyarrow.string()), pyarrow.field(ADDED[1], pyarrow.int32())
    return pyarrow.schema([*schema, *more], _told_to_datasets(schema.metadata or {}) or None)


def _told_to_datasets(metadata: dict[bytes, bytes]) -> dict[bytes, bytes]:
    """Return a schema's metadata with the columns that are added, where Hugging Face's `datasets` wrote it."""
    try:
        about = json.loads(metadata[b"huggingface"])
        kinds = zip(ADDED, ("string", "int32"), strict=True)
        about["info"]["features"].update({name: {"dtype": kind, "_type": "Value"} for name, kind in kinds})
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError):
        return metadata
    return {**metadata, b"huggingface": json.dumps(about).encode()}


def refuse_odd_columns(where: str, schema: Any, wanted: Wanted) -> None:
    """Refuse a table with labelled spans, which would not fit edited texts, or with what cannot be joined."""
    types = arrow().types
    for one in schema:
        if "dictionary<" in str(_plain(one.type)):
            what = f"{where}: column `{one.name}` has dictionaries inside of maps"
            raise Refused(Problem(what, "save the table without them, or drop that column"))
        is_list = types.is_list(one.type) or types.is_large_list(one.type)
        inside = one.type.value_type if is_list else None
        has_ends = inside is not None and types.is_struct(inside) and spans.are_ends({each.name for each in inside})
        if one.name == wanted.spans or (one.name in spans.NAMES and has_ends):
            what = f"{where}: column `{one.name}` holds spans, which do not move with the texts of Parquet"
            raise Refused(Problem(what, "save the table as JSON lines, or drop that column"))
