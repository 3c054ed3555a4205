"""Which sources and copies are shown, and where a preview may be written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from augcli.dataset.listing import Listing
from augcli.dataset.sources import Source
from augcli.output.paths import RUN_RECORD
from augcli.problems import Problem, Refused
from augcli.spec.spec import Spec
from augcli.storage import files, places

MOST_COPIES = 40
"""Copies of a source that are shown; nobody looks at more, and each takes time."""

MADE_BY = "augcli preview"


class Labelled(Protocol):
    """What has a class."""

    @property
    def label(self) -> str: ...


AnyLabelled = TypeVar("AnyLabelled", bound=Labelled)


def chosen(sources: Sequence[AnyLabelled], rows: int) -> list[AnyLabelled]:
    """Return up to `rows` sources of the augmented split, the classes in turn."""
    by_class: dict[str, list[AnyLabelled]] = {}
    for source in sources:
        by_class.setdefault(source.label, []).append(source)
    found: list[AnyLabelled] = []
    depth = 0
    while len(found) < min(rows, len(sources)):
        found += [members[depth] for members in by_class.values() if depth < len(members)]
        depth += 1
    return found[:rows]


def augmented(spec: Spec, root: Path, listing: Listing) -> list[Source]:
    """Return the sources that get copies. Raises `Refused` where there are none."""
    sources = [source for source in listing.sources if spec.treatment(source.role) == "augment"]
    if not sources:
        raise Refused(Problem(f"{root}: no split of it is augmented", "set `splits: {train: augment}`"))
    return sources


def refuse_to_replace(path: Path, is_ours: Callable[[Path], bool], made: str = "a preview") -> None:
    """Raise `Refused` where a file of the user's would be lost, or a data set would get a file too many.

    `is_ours` tells of a file whether augcli made it; what it raises of OSError and ValueError means that it did not.
    """
    for folder in Path(places.real(path)).parents:  # `..` may lead out of an output
        if places.status(folder / RUN_RECORD) is not None:
            raise Refused(Problem(f"{path}: lies in an output of augcli, {folder}", "put it beside"))
    if places.status(path) is None:
        return
    try:
        ours = places.is_file(path) and is_ours(path)
    except (OSError, SyntaxError, ValueError):
        ours = False
    if not ours:
        raise Refused(Problem(f"{path}: already exists and is not {made}", "choose another name"))


def save(data: bytes, path: Path) -> None:
    """Write the file of a preview, whole or not at all. Raises `Refused` where it cannot be written."""
    try:
        files.write_whole(str(path.parent), path.name, data)
    except OSError as error:
        raise Refused(Problem(f"{path}: cannot be written ({error.strerror})")) from None


def said_of_copies(spec: Spec) -> str:
    """Say that not all copies are shown, where that is so."""
    return (
        f"the first {MOST_COPIES} of {spec.usual_copies} copies of each source"
        if spec.usual_copies > MOST_COPIES
        else ""
    )
