"""Writes the table of synonyms that the package has, from the files of Debian's package wordnet-base.

    apt-get download wordnet-base && dpkg -x wordnet-base_*.deb files
    python -m augcli.text.wordnet.build files/usr/share/wordnet

The same files give the same bytes. The licence asks that its notice stays with the data: it is written beside it. With
a second path the table is written there, for `text: {wordnet: PATH}`.
"""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

from augcli.text.wordnet import LICENSE, TABLE
from augcli.text.wordnet.dict_files import FILES, table


def build(folder: Path, target: Path) -> None:
    """Write the table, and its licence beside it, from WordNet's files in a folder."""
    files = {name: (folder / name).read_text(encoding="utf-8") for name in FILES}
    target.write_bytes(gzip.compress(table(files).encode(), 9, mtime=0))
    notice = (line.lstrip("0123456789 ").rstrip() for line in files["data.adj"].splitlines()[:29])
    target.with_name(LICENSE.name).write_text("\n".join(notice) + "\n", encoding="utf-8")


if __name__ == "__main__":
    build(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else TABLE)
