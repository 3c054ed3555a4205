"""Pairs as one page of HTML that needs nothing besides itself: what changed, then A, B and where they differ."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from pathlib import Path

from augcli.commands.diff import MADE_BY
from augcli.commands.diff.pairs import Pair, Version, texts_of
from augcli.commands.diff.pictures import difference, picture_of
from augcli.commands.diff.sides import Side
from augcli.commands.preview import page as pages
from augcli.commands.preview.contact_sheet import framed
from augcli.commands.preview.page import escaped
from augcli.image.arrays import Picture
from augcli.problems import Unusable
from augcli.text.pieces import Piece

SIDE = 400
"""Pixels of the longer side of a picture at most."""
_STYLE = """\
body { max-width: 78rem; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font: 0.85rem/1.6 ui-monospace, monospace; }
.pair { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 1rem; }
figure { margin: 0; min-width: 0; }
img { display: block; width: 100%; height: auto; border-radius: 0.25rem; }
figcaption { font-size: 0.85rem; overflow-wrap: anywhere; margin-top: 0.35rem; }
ul { margin: 0.25rem 0 0; padding: 0; list-style: none; color: var(--soft); }
li.own { color: var(--ink); font-weight: 600; }
@media (max-width: 40rem) { .pair { gap: 0.4rem; } figcaption { font-size: 0.75rem; } body { margin: 1rem auto; } }
"""


def is_ours(path: Path) -> bool:
    """Tell whether a file is such a page. Raises OSError."""
    return pages.is_ours(path, MADE_BY)


def page(pairs: Iterable[Pair], lines: Sequence[str], a: Side, b: Side) -> bytes:
    """Return a page with the lines that say what changed, and the pairs."""
    title = escaped(f"{a.path.name} and {b.path.name}")
    text = a.spec.kind == "text"
    told = "<ins>only in B</ins> <del>only in A</del>" if text else "Bold: applied in one of the two alone."
    parts = [pages.head(title, MADE_BY, _STYLE), f"<h1>{title}</h1>\n"]
    parts += [f"<header>A: {escaped(str(a.path))}<br>B: {escaped(str(b.path))}</header>\n"]
    parts += [f"<pre>{escaped(chr(10).join(lines))}</pre>\n<header>{told}</header>\n"]
    for pair in pairs:
        label = f' <span class="class">{escaped(pair.label)}</span>' if pair.label else ""
        parts.append(f"<article>\n<h2>{escaped(pair.title)}{label}</h2>\n")
        parts += _texts(pair) if text else _images(pair, a, b)
        parts.append("</article>\n")
    return "".join([*parts, "</html>\n"]).encode()


def _images(pair: Pair, a: Side, b: Side) -> Iterator[str]:
    shown = []
    yield '<div class="pair">\n'
    for side, version, other, of in (("A", pair.a, pair.b, a), ("B", pair.b, pair.a, b)):
        image = ""
        try:
            shown.append(picture_of(version, of.spec))
            image = _image(shown[-1], f"{side}: {version.name}")
            applied = _applied(version, other)
        except Unusable as unusable:
            applied = f"<ul><li>{escaped(str(unusable))}</li></ul>"
        yield f"<figure>{image}<figcaption>{side}: {escaped(version.name)}{applied}</figcaption></figure>\n"
    if len(shown) == 2:
        found = difference(shown[0], shown[1])
        image = _image(found.picture, "where they differ") if found.picture else ""
        yield f"<figure>{image}<figcaption>{found.said}</figcaption></figure>\n"
    yield "</div>\n"


def _image(picture: Picture, said: str) -> str:
    image = framed(picture, "", [], SIDE).image
    assert image is not None
    buffer = io.BytesIO()
    if image.width * image.height <= 64 * 64 or picture.image.shape[2] == 1:
        image.save(buffer, "PNG")
    else:
        image.convert("RGB").save(buffer, "JPEG", quality=90, subsampling=0)
    kind = "png" if buffer.getvalue().startswith(b"\x89PNG") else "jpeg"
    data = base64.b64encode(buffer.getvalue()).decode()
    said = escaped(said).replace('"', "&quot;")
    size = f'width="{image.width}" height="{image.height}"'
    return f'<img src="data:image/{kind};base64,{data}" alt="{said}" {size}>'


def _applied(version: Version, other: Version) -> str:
    """List what was applied, with the steps marked that were not applied on the other side."""
    there = {entry["step"] for entry in other.params}
    lines = [
        f"<li{'' if entry['step'] in there else ' class=own'}>{escaped(line)}</li>"
        for entry, line in zip(version.params, version.applied, strict=True)
    ]
    return f"<ul>{''.join(lines) or '<li>nothing applied</li>'}</ul>"


def _texts(pair: Pair) -> Iterator[str]:
    for side, version in (("A", pair.a), ("B", pair.b)):
        told = ", ".join(version.applied) or "nothing applied"
        yield f"<h3>{side}: {escaped(version.name)}: {escaped(version.error or told)}</h3>\n"
    if pair.a.error or pair.b.error:
        return
    try:
        for one, other in zip(texts_of(pair.a), texts_of(pair.b), strict=False):
            yield pages.marked(compared(one, other))
    except Unusable as unusable:
        yield f"<h3>{escaped(str(unusable))}</h3>\n"


_WORD = re.compile(r"\w+|\s+|[^\w\s]")


def compared(one: str, other: str) -> list[Piece]:
    """Return what two texts share, and what stands in one of them alone, word by word."""
    words, others = _WORD.findall(one), _WORD.findall(other)
    found = []
    for kind, i, j, k, m in SequenceMatcher(None, words, others).get_opcodes():
        was, now = "".join(words[i:j]), "".join(others[k:m])
        found += [Piece("kept", was)] if kind == "equal" else [Piece("deleted", was), Piece("inserted", now)]
    return [piece for piece in found if piece.text]
