"""The texts of a report: originals, and their copies with all that changed marked, as the manifest tells it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Set
from pathlib import Path
from typing import NamedTuple

from augcli.commands.preview.terminal import heading
from augcli.commands.preview.text_rows import Applied, Marked, Original, Version, read_originals
from augcli.commands.report.choice import Family
from augcli.dataset.listing import Listing
from augcli.modality.texts.copies import Copies
from augcli.modality.texts.maker import TextMaker
from augcli.output import manifest
from augcli.problems import printable
from augcli.spec.spec import Spec
from augcli.text.pieces import Piece, excerpt

NEAR, MOST = 400, 4000
"""Characters that are shown around changes, and of a text in all."""


class TextTold(NamedTuple):
    """A text of a page with what is said of it; without pieces it could not be read."""

    title: str
    pieces: list[Piece]


def texts_named(spec: Spec, root: Path, listing: Listing | None, names: Set[str]) -> dict[str, Original]:
    """Read the texts of a folder that are named, files or records of tables."""
    maker = TextMaker(spec, str(root))
    records = [record for name in names if (record := manifest.record_of(name))]
    found: dict[str, Original] = {}
    for source in listing.sources if listing is not None else ():
        block = source.block
        if block is None:
            is_wanted = source.path in names
        else:
            end = block.first + block.records
            is_wanted = any(table == block.table and block.first <= number < end for table, number in records)
        if is_wanted:
            found |= {one.name: one for one in read_originals(spec, maker, source) if one.name in names}
    return found


def versions_of(
    spec: Spec, family: Family, inside: Mapping[str, Original], originals: Mapping[str, Original]
) -> list[TextTold]:
    """Return a text and its copies; where the original is not known a copy is shown as it is.

    `inside` are texts of OUT, `originals` those of IN.
    """
    own = family.original
    original = originals.get(family.source) if own is None else inside.get(own.file_name)
    versions = [] if original is None else [original.shown._replace(title="original")]
    for row in family.made:
        versions.append(_version(spec, row, original, inside.get(row.file_name)))
    return [told for version in versions for told in _told(version)]


def _version(spec: Spec, row: manifest.Row, original: Original | None, copy: Original | None) -> Version:
    title = f"copy {row.copy}" if row.copy else row.status
    notes = row.notes
    if original is not None and original.texts:
        columns = original.columns if len(original.texts) > 1 else ("",)
        copies = Copies(spec, original.role, original.texts, columns, original.label)
        try:
            return original.marked(title, copies.recorded(json.loads(row.params or "[]"), notes))
        except (ValueError, KeyError, TypeError, AttributeError):
            notes = f"{notes} the original has changed since".lstrip()
    if copy is None or not copy.texts:
        return Version(title, copy.error if copy is not None else "is not there")
    return Version(title, notes, [Marked(one.column, one.pieces, _applied(row)) for one in copy.shown.texts])


def _applied(row: manifest.Row) -> list[Applied]:
    try:
        return [Applied(str(entry["step"]), ()) for entry in json.loads(row.params or "[]")]
    except (ValueError, KeyError, TypeError):
        return []


def _told(version: Version) -> Iterator[TextTold]:
    if not version.texts:
        yield TextTold(printable(": ".join(filter(None, [version.title, version.notes]))), [])
    for text in version.texts:
        if version.title == "original":
            title = ", ".join(filter(None, [version.title, text.column]))
        else:
            title = heading(version, text.column, text.applied).replace(" -> ", " → ").replace(" ()", "")
        yield TextTold(printable(title), excerpt(text.pieces, NEAR, MOST))
