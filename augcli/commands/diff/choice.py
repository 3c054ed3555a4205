"""Which pairs of files are shown: a few of those that differ, the classes in turn."""

from __future__ import annotations

import heapq
from hashlib import blake2b
from itertools import zip_longest

from augcli.output.manifest import Row


class Choice:
    """Chooses a few of the pairs that differ, of each class the same ones whatever else differs."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._found: dict[str, list[tuple[int, str, Row, Row]]] = {}

    def add(self, one: Row, other: Row) -> None:
        """Offer a pair of rows."""
        digest = blake2b(f"{other.source}#{other.copy}".encode("utf-8", "surrogateescape"), digest_size=8).digest()
        heap = self._found.setdefault(other.label, [])
        entry = (-int.from_bytes(digest), other.file_name, one, other)
        if len(heap) < self._most:
            heapq.heappush(heap, entry)
        else:
            heapq.heappushpop(heap, entry)

    def chosen(self) -> list[tuple[Row, Row]]:
        """Return what was chosen, the classes in turn."""
        by_class = [sorted(heap, reverse=True) for _, heap in sorted(self._found.items())]
        in_turn = [entry for together in zip_longest(*by_class) for entry in together if entry is not None]
        return [(one, other) for _, _, one, other in in_turn[: self._most]]
