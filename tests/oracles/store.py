"""Writes the libraries' results on small photos, so that tests without them can compare.

python -m tests.oracles.store

What is stored stays, so that a new case asks no library but its own; to have all made anew, remove the file.
"""

from __future__ import annotations

import io
import lzma
from pathlib import Path

import numpy as np

from tests.oracles import cases
from tests.oracles.photos import photo

FILE = Path(__file__).with_name("stored.npz.xz")
"""All in one stream: many results repeat parts of another, and half of the size is saved."""


def load() -> dict[str, np.ndarray]:
    """Return what `main` wrote: photos, and results by `stored_key`."""
    with np.load(io.BytesIO(lzma.decompress(FILE.read_bytes()))) as file:
        return dict(file)


def main() -> None:
    # The photos too: another JPEG decoder may give other pixels.
    known = load() if FILE.exists() else {}
    kept = {f"photo-{name}": photo(name) for name in cases.STORED}
    for case, name in cases.stored():
        key = cases.stored_key(case, name)
        kept[key] = known[key] if key in known else case.reference(photo(name))
    archive = io.BytesIO()
    np.savez(archive, **kept)
    FILE.write_bytes(lzma.compress(archive.getvalue(), preset=9))


if __name__ == "__main__":
    main()
