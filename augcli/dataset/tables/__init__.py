"""Tables of texts: files with a record for each text, one module a format.

A format finds the blocks of a table in one pass, reads the records of a block, and writes a record with other texts;
what it does not change stays as it is, byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol, TypeAlias

from augcli.dataset.sources import Block

Span: TypeAlias = tuple[int, int]
"""(start, end) in characters of a text."""


class Wanted(NamedTuple):
    """What the spec says of tables; empty or None is what is found in them."""

    columns: tuple[str | int, ...] = ()
    label: str | int | None = None
    spans: str | int | None = None
    origin: bool = True
    """Whether `augcli_source` and `augcli_copy` are added."""


class Record(NamedTuple):
    """A record as it is read: the texts of the columns that are augmented, in their order, and its class.

    `kept` are the spans of each text that labels are tied to, in order; `data` is the whole record, with its line end.
    One with an `error` cannot be used, which then is why: `byte 17 is no UTF-8`.
    """

    number: int
    data: bytes
    texts: tuple[str, ...] = ()
    label: str = ""
    kept: tuple[tuple[Span, ...], ...] = ()
    error: str = ""


class Written(NamedTuple):
    """A text to be written in place of one that was read: `kept` are the same spans where they are now.

    `edits` are (start, end, before, after), those of each step, which the step before made the text for.
    """

    text: str
    kept: tuple[Span, ...] = ()
    edits: tuple[Sequence[tuple[int, int, str, str]], ...] = ()


class Table(Protocol):
    """A table of IN that was opened; its head is read, its records are not."""

    path: str

    @property
    def columns(self) -> Sequence[str]:
        """The names of the columns that are augmented; one that is empty has no name."""

    @property
    def head(self) -> bytes:
        """What the output begins with, before all records, with the columns that are added."""

    def blocks(self) -> Iterator[Block]:
        """Find the blocks of records in one pass. Raises `Refused` where the table ends inside a record."""

    def read(self, block: Block) -> bytes:
        """Read a block. Raises `Unusable` where it cannot be read."""

    def records(self, data: bytes, first: int) -> Iterator[Record]:
        """Read the records of a block; `first` is the number of its first."""

    def written(self, record: Record, texts: Sequence[Written], source: str, copy: str) -> bytes:
        """Write a record with other texts, as many as it has; `source` and `copy` fill the columns that are added.

        For an original, whose texts are its own, everything else is as it was. It ends with a line end, also where the
        record has none. Raises `Unusable` where the format cannot say a text.
        """


LONGEST_BLOCK, SHORTEST_BLOCK, MOST_BLOCKS = 1 << 20, 1 << 11, 4096


def block_length(size: int) -> int:
    """Return about how many bytes a block has in a table of so many: few blocks, and enough for all workers."""
    return min(LONGEST_BLOCK, max(SHORTEST_BLOCK, size // MOST_BLOCKS))
