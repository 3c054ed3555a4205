"""XML as places in its own text: it is edited without writing anew what stays as it is.

Offsets count bytes of UTF-8, into which other encodings are brought for the time being. There are no entities but
those that XML itself has: a DOCTYPE, which could define others, is refused.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple, TypeAlias
from xml.parsers import expat
from xml.sax.saxutils import escape

from augcli.problems import Unusable

Edit: TypeAlias = tuple[int, int, bytes]
"""Start and end of what is replaced, and what stands there instead."""

_MOST_ELEMENTS, _DEEPEST, _LARGEST = 300_000, 60, 64 << 20

_DECLARED = re.compile(rb"\s*<\?xml[^>]{0,100}?\sencoding\s*=\s*[\"']([\w.:-]{1,40})[\"']")
_CODECS = re.compile(r"(utf|iso8859|latin|cp|ascii|gb|big5|shift_jis|euc|koi8|mac)[\w-]*")
_START_TAG = re.compile(rb"<(?:[^>\"']|\"[^\"]*\"|'[^']*')*>")
_SPACE = b" \t\r\n"
_NEVER = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Element(NamedTuple):
    """An element from `start` to `end`, its content from `inside` to `until`; `text` is that of its own, stripped."""

    tag: str
    start: int
    inside: int
    until: int
    end: int
    text: str
    children: tuple[Element, ...]

    def child(self, tag: str) -> Element | None:
        """Return the first child of that name."""
        return next((child for child in self.children if child.tag == tag), None)

    def said(self, tag: str) -> str:
        """Return the text of the first child of that name; empty without."""
        child = self.child(tag)
        return "" if child is None else child.text

    def all(self, tag: str) -> list[Element]:
        return [child for child in self.children if child.tag == tag]


class Document(NamedTuple):
    """`data` is UTF-8; `encoding` is that of the file, empty where it is UTF-8 as well."""

    data: bytes
    root: Element
    encoding: str

    def start_with_space(self, element: Element) -> int:
        """Return where the white space before an element starts."""
        return len(self.data[: element.start].rstrip(_SPACE))

    def space_before(self, element: Element) -> bytes:
        return self.data[self.start_with_space(element) : element.start]

    def stored(self, edits: Iterable[Edit]) -> bytes:
        """Return the file with edits, in its encoding."""
        data = self.edited(0, len(self.data), edits)
        return data.decode().encode(self.encoding, "xmlcharrefreplace") if self.encoding else data

    def edited(self, start: int, end: int, edits: Iterable[Edit]) -> bytes:
        """Return the text from `start` to `end` with edits, which do not overlap."""
        parts = []
        for first, last, instead in sorted(edits):
            parts += [self.data[start:first], instead]
            start = last
        return b"".join([*parts, self.data[start:end]])


def as_text(text: str) -> bytes:
    """Return text as it stands in an element; characters that XML cannot hold become question marks."""
    return escape(_NEVER.sub("?", text)).encode()


@lru_cache(maxsize=8)  # a source and its partners, read once for all copies
def document(data: bytes) -> Document:
    """Read an XML file. Raises `Unusable`."""
    if len(data) > _LARGEST:
        raise Unusable(f"an XML file of more than {_LARGEST >> 20} MB")
    encoding = _encoding(data)
    if encoding:
        try:
            data = data.decode(encoding).encode()
        except UnicodeError:
            raise Unusable(f"an XML file that is no {encoding}, though it says so") from None
    return Document(data, _root(data), encoding)


def _encoding(data: bytes) -> str:
    """Return the name of the encoding of a file; empty for UTF-8."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    declared = _DECLARED.match(data)
    said = declared[1].decode("ascii", "replace") if declared else "utf-8"
    try:
        name = codecs.lookup(said).name
    except LookupError:
        name = ""
    if not _CODECS.fullmatch(name):
        raise Unusable(f"an XML file in the unknown encoding `{said}`")
    return "" if name in ("utf-8", "utf-8-sig") else name


def _root(data: bytes) -> Element:
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    open_: list[tuple[str, int, list[Element], list[str]]] = [("", 0, [], [])]
    count = 0

    def start(tag: str, _: dict[str, str]) -> None:
        nonlocal count
        count += 1
        if count > _MOST_ELEMENTS or len(open_) > _DEEPEST:
            raise Unusable("an XML file with too many elements, or too deep ones")
        open_.append((tag, parser.CurrentByteIndex, [], []))

    def text(words: str) -> None:
        open_[-1][3].append(words)

    def end(_: str) -> None:
        tag, first, children, words = open_.pop()
        here = parser.CurrentByteIndex
        opening = _START_TAG.match(data, first)
        inside = opening.end() if opening else here
        if data[inside - 2 : inside] == b"/>":
            until = last = inside
        else:
            until, last = here, data.index(b">", here) + 1
        element = Element(tag, first, inside, until, last, "".join(words).strip(), tuple(children))
        open_[-1][2].append(element)

    def refuse(*_: object) -> None:
        raise Unusable("an XML file with a DOCTYPE, which is not read")

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = text, refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise Unusable(f"no XML that can be read (line {error.lineno})") from None
    return open_[0][2][0]
