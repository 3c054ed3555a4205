"""A page of HTML with originals and copies of texts; it needs nothing besides itself."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from augcli.commands.preview.choice import MADE_BY
from augcli.commands.preview.terminal import heading
from augcli.commands.preview.text_rows import Row, Version
from augcli.problems import counted, printable
from augcli.storage import files
from augcli.text.pieces import Piece, excerpt

NEAR, MOST = 1000, 20_000
"""Characters that are shown around changes, and of a text in all."""

_STYLE = """\
:root {
  color-scheme: light dark;
  --paper: #fff; --ink: #1c1e21; --soft: #5b6068; --line: #d8dbe0;
  --gone: #8f1420; --gone-paper: #fde3e4; --new: #0b5b26; --new-paper: #d9f4e0;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #16181b; --ink: #e4e6ea; --soft: #a0a6b0; --line: #363b42;
    --gone: #ffb3b5; --gone-paper: #4f1d22; --new: #a6ecb9; --new-paper: #163f24;
  }
}
body { margin: 2rem auto; max-width: 46rem; padding: 0 1rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.6 system-ui, sans-serif; }
header, h3, .class { color: var(--soft); font-size: 0.85rem; font-weight: normal; }
article { border-top: 1px solid var(--line); margin-top: 2rem; }
h2 { font-size: 1rem; margin: 1rem 0 0.25rem; overflow-wrap: anywhere; }
h3 { margin: 1rem 0 0.25rem; overflow-wrap: anywhere; }
p { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: plaintext; }
del, ins { border-radius: 0.2em; padding: 0 0.1em; }
del { background: var(--gone-paper); color: var(--gone); }
ins { background: var(--new-paper); color: var(--new); text-decoration: none; }
.protected { border-bottom: 1px dotted var(--soft); }
.omitted { color: var(--soft); font-style: italic; }
"""


def head(title: str, made_by: str, style: str = "") -> str:
    """Return how a page begins: what made it, its title, and its style, with more of it behind."""
    return f"""<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
{mark(made_by)}
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
{_STYLE}{style}</style>
"""


def mark(made_by: str) -> str:
    """Return the line of a page that says what made it."""
    return f'<meta name="generator" content="{made_by}">'


_LEGEND = (
    "<header><del>deleted</del> <ins>inserted</ins> <span class='protected'>stays as it is, whatever the steps</span>"
    "</header>\n"
)
_TAGS = {
    "kept": ("", ""),
    "protected": ('<span class="protected">', "</span>"),
    "deleted": ("<del>", "</del>"),
    "inserted": ("<ins>", "</ins>"),
}
_CONTROLS = re.compile("[\0-\b\v-\x1f\x7f-\x9f\ud800-\udfff]")


def page(articles: Iterable[str]) -> bytes:
    """Return a page of what `article` returned."""
    return "".join([head("Texts and their copies", MADE_BY), _LEGEND, *articles, "</html>\n"]).encode()


def article(row: Row) -> str:
    """Return a row as HTML."""
    label = f' <span class="class">{escaped(row.label)}</span>' if row.label else ""
    head = f"<h2>{escaped(row.title)}{label}</h2>\n"
    return "".join(
        ["<article>\n", head, *(part for version in row.versions for part in _version(version)), "</article>\n"]
    )


def is_ours(path: Path, made_by: str = MADE_BY) -> bool:
    """Tell whether a file is a page of that command. Raises OSError."""
    return mark(made_by).encode() in files.start(str(path), 400)


def _version(version: Version) -> Iterator[str]:
    if not version.texts:
        yield f"<h3>{escaped(': '.join(filter(None, [version.title, version.notes])))}</h3>\n"
    for text in version.texts:
        if head := heading(version, text.column, text.applied):
            head = head.replace(" -> ", " \u2192 ")
            yield f"<h3>{escaped(head)}</h3>\n"
        yield marked(text.pieces)


def marked(pieces: Iterable[Piece]) -> str:
    """Return a text as HTML, with what changed marked."""
    return f'<p dir="auto">{"".join(map(_piece, excerpt(pieces, NEAR, MOST)))}</p>\n'


def _piece(piece: Piece) -> str:
    if piece.kind == "omitted":
        return f'<span class="omitted">[... {counted(len(piece.text), "character")} ...]</span>'
    start, end = _TAGS[piece.kind]
    return f"{start}{escaped(piece.text)}{end}"


def escaped(text: str) -> str:
    """Escape what HTML takes for its own, and the control characters that it has no place for."""
    return html.escape(without_controls(text.replace("\r\n", "\n")), quote=False)


def without_controls(text: str) -> str:
    """Escape control characters, for which HTML has no place; lines stay."""
    return _CONTROLS.sub(lambda found: printable(found[0]), text)
