"""Records of tables made again for `augcli replay` from their rows: their texts are printed, nothing is written."""

from __future__ import annotations

from pathlib import Path

from augcli.engine.failures import Failure
from augcli.modality import Maker
from augcli.modality.kinds import modality_of
from augcli.output.manifest import Row, read_rows, record_of
from augcli.output.paths import MANIFEST
from augcli.plan.output_names import Item
from augcli.plan.request import Request
from augcli.problems import Unusable, printable, reason_of


def print_records(request: Request, out: Path, names: set[str]) -> tuple[int, list[Failure]]:
    """Print the texts of records, of those that come out as before.

    Return how many these are, and which cannot be made, and why.
    """
    maker = modality_of(request.spec).maker(request.spec, str(request.root), (), (), set(), "")
    made, failures = 0, []
    for row in (row for row in read_rows(out / MANIFEST) if row.file_name in names):
        try:
            for text in _made_again(maker, request, row):
                print("\n".join(map(printable, text.splitlines())))
            made += 1
        except Exception as error:  # a row may have been edited
            failures.append(Failure(row.file_name, reason_of(error)))
    return made, failures


def _made_again(maker: Maker, request: Request, row: Row) -> tuple[str, ...]:
    """Return the texts of the record that a row tells of. Raises `Unusable`."""
    item = _block_of(request, row)
    if item is None:
        raise Unusable("its source is no longer in IN")
    for record in maker.records(item, maker.read(item), [row], request.spec, make=False):
        if (record.row.source, record.row.copy) == (row.source, row.copy):
            if record.reason == "source changed":
                raise Unusable("its source is not the one that it was made from")
            if record.reason:
                raise Unusable("comes out with other bytes here")
            return record.texts
    raise Unusable("its source is no longer in IN")


def _block_of(request: Request, row: Row) -> Item | None:
    """Return the block that the source of a row stands in, None where there is none."""
    place = record_of(row.source)
    if place is None:
        return None
    for item in request.items:
        block = item.source.block
        if block is not None and block.table == place[0] and 0 <= place[1] - block.first < block.records:
            return item
    return None
