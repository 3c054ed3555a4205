"""The contact sheets of a page, class by class: pictures or texts of OUT, and of IN where that is given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from augcli.commands.report.choice import Class, Family
from augcli.dataset.listing import Listing
from augcli.output.run_record import is_packed
from augcli.problems import printable
from augcli.spec.spec import Spec


class Folder(NamedTuple):
    """OUT or IN, with the spec by which it is read, and its listing where that is needed to read what is shown."""

    spec: Spec
    root: Path
    listing: Listing | None


class Shown(NamedTuple):
    """A source with what was made of it: pictures, or the versions of a text."""

    source: str
    more: int
    lacks_original: bool
    """Whether neither OUT has its original nor IN is given."""
    pictures: Sequence[Any] = ()
    versions: Sequence[Any] = ()


def sheets(
    spec: Spec, record: Mapping[str, Any], out: Folder, source: Folder | None, chosen: dict[Class, list[Family]]
) -> dict[Class, list[Shown]]:
    """Read what is shown of each class."""
    read = _texts if spec.kind == "text" else _pictures
    return read(spec, record, out, source, chosen)


def _pictures(
    spec: Spec, record: Mapping[str, Any], out: Folder, source: Folder | None, chosen: dict[Class, list[Family]]
) -> dict[Class, list[Shown]]:
    from augcli.commands.report.pictures_shown import Pictures
    from augcli.commands.report.stored import Loose, Packed, Store

    inside: Store = Loose(*out)
    if is_packed(record):
        rows = [row for family in _all(chosen) for row in (family.original, *family.made) if row is not None]
        inside = Packed(out.root, record["spec"]["output"]["container"], [row.file_name for row in rows])
    shown = Pictures(spec, inside, None if source is None else Loose(*source))
    return {
        one: [
            Shown(printable(family.source), family.more, _lacks_original(family, source), pictures=shown.of(family))
            for family in found
        ]
        for one, found in chosen.items()
    }


def _texts(
    spec: Spec, record: Mapping[str, Any], out: Folder, source: Folder | None, chosen: dict[Class, list[Family]]
) -> dict[Class, list[Shown]]:
    from augcli.commands.report.texts_shown import texts_named, versions_of

    rows = [row for family in _all(chosen) for row in (family.original, *family.made) if row is not None]
    inside = texts_named(*out, {row.file_name for row in rows})
    sources = {family.source for family in _all(chosen) if family.original is None}
    originals = texts_named(*source, sources) if source is not None else {}
    return {
        one: [
            Shown(
                printable(family.source),
                family.more,
                _lacks_original(family, source),
                versions=versions_of(spec, family, inside, originals),
            )
            for family in found
        ]
        for one, found in chosen.items()
    }


def _lacks_original(family: Family, source: Folder | None) -> bool:
    return family.original is None and source is None


def _all(chosen: dict[Class, list[Family]]) -> Iterable[Family]:
    return (family for found in chosen.values() for family in found)
