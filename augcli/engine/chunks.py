"""What the parent and its workers hand to each other: chunks of sources, and what each came to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from augcli.image.near_duplicates import Thumbnail
from augcli.output.inventory import Known
from augcli.plan.output_names import Item
from augcli.problems import Problem
from augcli.spec.model import Spec


class Chunk(NamedTuple):
    """Some sources in plan order, and what OUT holds of them already.

    `former` is the spec that made what is known to be of it; where that was made with other versions it is `stale`.
    With `explains` the notes say what became of each source.
    `crashing` are sources that are known to kill their worker; `under_way` is a file that is to tell which other
    source is being decoded, so that it can be blamed.
    """

    number: int
    spec: Spec
    root: str
    out: str
    part: str
    items: list[Item]
    known: dict[str, Known]
    careful: bool
    former: Spec | None = None
    explains: bool = False
    stale: bool = False
    crashing: frozenset[str] = frozenset()
    under_way: str = ""


class Failure(NamedTuple):
    """A source that could not be used, and why."""

    source: str
    reason: str


class Done(NamedTuple):
    """What a chunk came to: files made and kept, the bytes of those made, and what is to be told of it.

    `stages` has seconds, for a profile; `peak` is the most memory that its process has had so far, in bytes;
    `stopped` says why the whole run cannot go on. `converted` counts what reading changed, by file of OUT; `thumbnails`
    are what was seen of sources that were only looked at, by their paths.
    """

    number: int
    made: int
    kept: int
    failures: list[Failure]
    seconds: float
    bytes: int
    notes: list[str]
    stages: dict[str, float]
    peak: int
    stopped: Problem | None = None
    converted: Mapping[str, int] = {}
    thumbnails: Mapping[str, Thumbnail] = {}
