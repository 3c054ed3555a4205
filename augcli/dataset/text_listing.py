from __future__ import annotations

from pathlib import Path

from augcli.dataset.listing import Listing
from augcli.dataset.sources import Source
from augcli.dataset.tables import Wanted
from augcli.storage.names import byte_order


def scan_texts(root: Path, layout: str, wanted: Wanted, follow_links: bool, out: Path | None) -> Listing:
    found = [str(p.relative_to(root)) for p in root.rglob("*.txt")]
    src = [Source(p, "", "train", p.split("/")[0]) for p in sorted(found, key=byte_order)]
    return Listing(src)
