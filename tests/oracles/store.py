"""Writes the libraries' results on two small photos, so that tests without them can compare.

python -m tests.oracles.store
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.oracles import cases
from tests.oracles.photos import photo

FILE = Path(__file__).with_name("stored.npz")


def main() -> None:
    # The photos too: another JPEG decoder may give other pixels.
    kept = {f"photo-{name}": photo(name) for name in cases.STORED}
    for case, name in cases.stored():
        kept[cases.stored_key(case, name)] = case.reference(photo(name))
    np.savez_compressed(FILE, **kept)


if __name__ == "__main__":
    main()
