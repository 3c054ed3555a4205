"""Which files of a source OUT holds by right, and why the others must be made: what a run decides, and `--frozen`."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from augcli.engine import blocks
from augcli.modality import Digests, Maker
from augcli.output.inventory import Existing
from augcli.output.manifest import Row
from augcli.plan.output_names import Item, Output
from augcli.spec.spec import Spec
from augcli.storage import hashes, places
from augcli.storage.addresses import place


class Examined(NamedTuple):
    """A source that was read: its bytes, their hashes, its rows that still hold, and why the other files are wanted."""

    data: bytes
    digests: Digests
    rows: dict[str, Row]
    wanted: dict[Output, str]


@dataclass(frozen=True)
class OutputState:
    """What is known of OUT as a whole, by which its files are judged.

    `former` is the spec that made what is not of the present one; `stale` says that other versions did. `careful`
    compares the content of files with their rows, and not their sizes alone: a run that was killed may have written a
    file and not its row.
    """

    out: str
    former: Spec | None = None
    careful: bool = False
    stale: bool = False

    def known(self, spec: Spec, known: Existing | None) -> blocks.Known:
        """Return what is known of the records of a block, and which spec has made them."""
        if known is None:
            return blocks.NOTHING
        return blocks.Known(known.rows, self.former if known.of_former_spec else spec)

    def examine(
        self, spec: Spec, maker: Maker, item: Item, planned: Sequence[Output], known: Existing | None
    ) -> Examined:
        """Read a source and compare its planned files with what is known of them.

        Raises `Unusable`, and OSError where IN itself is gone.
        """
        data = maker.read(item)
        digests = Digests(hashes.sha256(data), maker.digest_of_labels(item.source))
        if known is None:
            return Examined(data, digests, {}, dict.fromkeys(planned, "new"))
        told = {row.file_name: row for row in known.rows}
        left_out = {row.copy: row for row in known.rows if row.status == "skipped"}
        rows: dict[str, Row] = {}
        wanted: dict[Output, str] = {}
        made: dict[Output, Row] = {}
        for output in planned:
            row = told.get(output.file_name)
            row = row if row is None or row.status == output.status else None  # another layout makes it something else
            number = "" if output.copy is None else str(output.copy)
            if row is None and output.is_made and number in left_out:
                row = left_out[number]
            reason = reason_to_make(row, digests, self.out, self.careful)
            if row is None or reason:
                wanted[output] = "other versions" if self.stale and output.file_name in known.names else reason
                continue
            rows[output.file_name] = row._replace(split=item.source.split, label=item.source.label)
            if output.is_made:
                made[output] = rows[output.file_name]
        if made and not item.error:
            for output, reason in self._outdated(spec, maker, item, known, data, made):
                del rows[output.file_name]
                wanted[output] = reason
        return Examined(data, digests, rows, wanted)

    def _outdated(
        self, spec: Spec, maker: Maker, item: Item, known: Existing, data: bytes, made: dict[Output, Row]
    ) -> list[tuple[Output, str]]:
        """Return which files of the same source are not what the spec asks for now, and why."""
        made_by = self.former if known.of_former_spec else spec
        if made_by is None:
            return [(output, "spec changed") for output in made]
        return list(maker.outdated(item, data, made, made_by))


def reason_to_make(row: Row | None, digests: Digests, out: str, careful: bool) -> str:
    """Say why a file must be made although a row tells of it; empty if the row still holds.

    It holds if the source and its labels are the same, and the file is there and as long; with `careful` also the same.
    """
    if row is None:
        return "new"
    if row.source_sha256 != digests.source:
        return "source changed"
    if row.labels_sha256 != digests.labels:
        return "labels changed"
    if not row.file_name:
        return ""  # it was left out
    path = os.path.join(out, row.file_name)
    try:
        status = places.status(path, follow=False)
        if status is None:
            return "missing"
        if not stat.S_ISREG(status.st_mode) or status.st_size != int(row.bytes):
            return "changed"
        return "changed" if careful and hashes.sha256_of(place(path)) != row.sha256 else ""
    except OSError:
        return "missing"
