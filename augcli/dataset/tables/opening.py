from __future__ import annotations

from augcli.dataset.tables import Table, Wanted


def opened(root: str, path: str, wanted: Wanted) -> Table:
    raise NotImplementedError
