"""Kinds of data: what a run needs of one, as a protocol. Images and texts are those that there are.

`engine` works with this protocol alone; `kinds` says which kind a spec is for.
A kind is a value without state that can be pickled; each worker process gets it once, with its job.

Only the folder of a kind imports its kernels. May import `labels`, `plan`, `output`, `spec`, `dataset`, `text`,
`image`, `storage`, `random_streams`, `problems`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from augcli.dataset.sources import LabelSet, Source
from augcli.modality.objects import Objects
from augcli.output.joining import Addition
from augcli.output.manifest import Row
from augcli.plan.output_names import Item, Output
from augcli.spec.spec import Spec


class Digests(NamedTuple):
    """The SHA-256 of a source and of what files of labels say of it."""

    source: str
    labels: str = ""


class MadeRecord(NamedTuple):
    """A record of a table of OUT: its row, why it was made anew (empty if known), and what the table has of it."""

    row: Row
    reason: str
    data: bytes
    """Empty for one that is not made, or has failed."""
    texts: tuple[str, ...] = ()
    """Its texts; none where it has no `data`."""


class Maker(Protocol):
    """Makes the outputs of a spec, source by source, from the bytes of each. It may keep what several sources need.

    What cannot be used raises `Unusable`; any other error is a mistake of ours.
    """

    def read(self, item: Item) -> bytes:
        """Return the bytes of a source. Raises `Unusable` if it cannot be read, and OSError where IN itself is gone."""

    def digest_of_labels(self, source: Source) -> str:
        """Return the SHA-256 of all that files of labels say of a source; empty where there are none."""

    def make(
        self, item: Item, planned: Sequence[Output], data: bytes, digests: Digests
    ) -> Iterator[tuple[Output, Row, bytes | None]]:
        """Make files of a source, one after another, each with its row and its bytes.

        There are no bytes of a file that the spec asks to leave out when it is seen what would be in it. A source whose
        copies cannot be made fails before the first of them.
        """

    def shown(self, item: Item, output: Output, data: bytes) -> list[dict[str, Any]]:
        """Return the objects of an image that was made last, as plain data, for containers."""

    def shown_again(self, item: Item, row: Row, data: bytes) -> list[dict[str, Any]]:
        """Return the objects of the image that a row tells of."""

    def additions(self, item: Item, rows: Mapping[Output, Row], data: bytes) -> Iterable[Addition]:
        """Return what a source adds to files that are joined, for all of its files, of which `rows` tell."""

    def outdated(
        self, item: Item, data: bytes, rows: Mapping[Output, Row], made_by: Spec
    ) -> Iterable[tuple[Output, str]]:
        """Return which files of an unchanged source no longer are what the spec asks for, and why.

        `rows` tell of files that are made, by the spec `made_by`, which may be the present one.
        """

    def make_again(self, item: Item, row: Row, data: bytes) -> bytes:
        """Return the bytes of the file that a row tells of, made from those of its source."""

    def records(
        self, item: Item, data: bytes, known: Sequence[Row], made_by: Spec | None, make: bool = True
    ) -> Iterator[MadeRecord]:
        """Make the records that those of a block become, in the order of the table.

        Those of `known` rows, which the spec `made_by` has made, are made again from these where they still hold;
        without `make` no others are made. A record that cannot be used becomes one that has failed.
        """

    def objects(self, item: Item, copies: int) -> Objects:
        """Count the objects of a source that has files of labels, and what is left of them in up to so many copies."""

    def thumbnail(self, data: bytes) -> Any:
        """Return what a source looks like from afar, for whoever looks for doubles."""


class Modality(Protocol):
    """A kind of data."""

    @property
    def environment(self) -> Mapping[str, str]:
        """Environment variables that its libraries read when they are loaded."""

    @property
    def stages(self) -> Mapping[str, Sequence[tuple[Any, str]]]:
        """Where its time goes: functions by the stage of the work that they do, each as (owner, name)."""

    def versions(self, spec: Spec) -> dict[str, Any]:
        """Return the versions of everything that decides the bytes of its outputs. Raises `Refused`."""

    def versions_again(self, made_with: dict[str, Any], out: Path) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return those of the versions that `out` was made with that decide what its rows come to again, and today's.

        Raises `Refused` where one is not installed.
        """

    def slowed(self, versions: Mapping[str, Any]) -> str:
        """Say why it takes several times longer here than it might, with the same result; empty if it does not."""

    def foreseen(self, spec: Spec, root: Path, items: Iterable[Item]) -> tuple[dict[str, int], dict[str, list[str]]]:
        """Return how large each source is that is made into others, and by reason those that would fail.

        Their paths tell them apart; of which unit sizes are, the kind decides.
        """

    def share(self, spec: Spec) -> None:
        """Load what each worker of a spec would load by itself, before workers are forked, which then share it."""

    def prepare(self) -> None:
        """Make a process a worker's: one thread, silent libraries, and an end where a source takes far too long."""

    def maker(
        self,
        spec: Spec,
        root: str,
        mixable: Sequence[Source],
        sets: Sequence[LabelSet],
        crashing: Set[str],
        under_way: str,
    ) -> Maker:
        """Return what makes the outputs of a spec from the sources below `root`.

        `sets` are the files of labels that many of them share. Those of `mixable` may be mixed with one another, but
        for those whose paths are `crashing`: they end the process that opens them. The file `under_way`, if one is
        named, gets the path of what is being mixed in.
        """
