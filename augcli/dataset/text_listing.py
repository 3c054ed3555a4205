from __future__ import annotations

from pathlib import Path

from augcli.dataset.listing import Listing
from augcli.dataset.sources import Source
from augcli.dataset.tables import Wanted
from augcli.dataset.tables.opening import opened
from augcli.storage.names import byte_order


def scan_texts(root: Path, layout: str, wanted: Wanted, follow_links: bool, out: Path | None) -> Listing:
    tables = {}
    src = []
    for p in sorted(root.glob("*.csv")):
        t = opened(str(root), p.name, wanted)
        tables[p.name] = t
        role = p.stem if p.stem in ("train", "val", "test") else "train"
        src += [Source(b.path, p.stem, role, "", block=b) for b in t.blocks()]
    found = [str(p.relative_to(root)) for p in root.rglob("*.txt")]
    src += [Source(p, "", "train", p.split("/")[0]) for p in sorted(found, key=byte_order)]
    return Listing(src, tables=tables)
