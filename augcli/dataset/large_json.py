"""JSON files of any size, read once from start to end: where the elements of their lists stand, in bytes.

No more of the file is held than a block and one element, and no value is made of what is not asked for. Only the
bounds of elements are found here; who reads one may still find that it is no JSON inside.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

_BLOCK = 4 << 20
LARGEST = 32 << 20
"""Bytes of one value that is taken whole: an annotation of 32 MB is none."""
_DEEPEST = 100

_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_FLAT = rb'\{[^{}"]*+(?:' + _STRING + rb'[^{}"]*+)*+\}'
_INSIDE = rb"(?:" + _STRING + rb"|" + _FLAT + rb")"
_SPACE = re.compile(rb"[ \t\r\n]*+")
_QUOTED = re.compile(_STRING, re.DOTALL)
_SCALAR = re.compile(rb"(?:true|false|null|NaN|-?Infinity|-?[0-9][0-9.eE+-]*+)")
_TOKEN = re.compile(rb'[^"{}\[\]]*+(' + _STRING + rb"|[{}\[\]])", re.DOTALL)
_CLOSED_BY = {b"{"[0]: b"}"[0], b"["[0]: b"]"[0]}


def element(key: bytes = b"") -> re.Pattern[bytes]:
    """Return a pattern of an object in a list with what follows: groups are the object and what stands at `key`.

    It fits objects that hold no more than objects without objects, and have a number or text at the key, if one is
    given; all others take a slower way.
    """
    rest = rb'[^{}"]*+(?:' + _INSIDE + rb'[^{}"]*+)*+'
    if key:
        name = b'"' + key + b'"'
        before = rb'[^{}"]*+(?:(?!' + name + rb")" + _INSIDE + rb'[^{}"]*+)*+'
        rest = before + name + rb"[ \t\r\n]*+:[ \t\r\n]*+(-?[0-9][0-9.]*+|" + _STRING + rb")" + rest
    return re.compile(rb"[ \t\r\n]*+(\{" + rest + rb"\})[ \t\r\n]*+[,\]]", re.DOTALL)


class Broken(Exception):
    """The text is no JSON, or none that can be read: what is wrong, what to do, and where, if it is not here."""

    def __init__(self, what: str, help: str, place: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.help = help
        self.place = place


class Element(NamedTuple):
    """One element of a list: where it begins, its text, and what stands at the key, as it is written."""

    offset: int
    text: bytes
    found: bytes


class LargeJson:
    """The text of a file with the place up to which it is read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._data = b""
        self._base = 0
        self._at = 0
        self._line, self._line_start = 1, 0
        self._text = codecs.getincrementaldecoder("utf-8")()
        self._is_whole = False
        self._more()
        if self._data.startswith(codecs.BOM_UTF8):
            self._at = len(codecs.BOM_UTF8)

    @property
    def place(self) -> str:
        """The line and column that are reached, each from 1."""
        ends = self._data.count(b"\n", 0, self._at)
        start = self._base + self._data.rfind(b"\n", 0, self._at) + 1 if ends else self._line_start
        return f"{self._line + ends}:{self._base + self._at - start + 1}"

    def _more(self) -> bool:
        """Read on, forget what lies behind, and tell whether there was more."""
        if self._is_whole:
            return False
        ends = self._data.count(b"\n", 0, self._at)
        if ends:
            self._line += ends
            self._line_start = self._base + self._data.rfind(b"\n", 0, self._at) + 1
        rest = self._data[self._at :]
        if len(rest) > LARGEST:
            raise Broken(f"a single value of more than {LARGEST >> 20} MB", "take it out of the file")
        self._base += self._at
        self._at = 0
        block = self._file.read(max(_BLOCK, len(rest)))  # twice as much each time: a long value is looked at twice
        self._is_whole = not block
        self._data = rest + block
        try:
            self._text.decode(block, final=not block)
        except UnicodeDecodeError:
            raise Broken("not UTF-8 text", "save the file as UTF-8") from None
        return bool(block)

    def ahead(self) -> bytes:
        """Return the next byte that is no space, without taking it; none at the end of the file."""
        while True:
            found = _SPACE.match(self._data, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._data) or not self._more():
                return self._data[self._at : self._at + 1]

    def takes(self, byte: bytes) -> bool:
        """Take the next byte, if it is this one."""
        taken = self.ahead() == byte
        self._at += taken
        return taken

    def expect(self, byte: bytes) -> None:
        if not self.takes(byte):
            raise self.unexpected(f"`{byte.decode()}`")

    def unexpected(self, wanted: str) -> Broken:
        found = self.ahead()
        if not found:
            return Broken("the file ends in the middle", "it is cut off: copy or download it again")
        return Broken(f"`{found.decode('ascii', 'replace')}` where {wanted} is expected", "make it valid JSON")

    def value(self) -> bytes:
        """Take one value, whatever it is, and return its text."""
        self.ahead()
        while (end := self._end()) < 0:
            if not self._more():
                raise Broken("the file ends in the middle", "it is cut off: copy or download it again")
        text = self._data[self._at : end]
        self._at = end
        return text

    def _end(self) -> int:
        """Return where the value ends that begins here; -1 if that is not read yet."""
        data, at = self._data, self._at
        first = data[at : at + 1]
        if first == b'"':
            found = _QUOTED.match(data, at)
            return found.end() if found else -1
        if first not in (b"{", b"["):
            found = _SCALAR.match(data, at)
            if found is None and (len(data) - at > 9 or not data[at:].isalpha()):
                raise self.unexpected("a value")
            return found.end() if found and (found.end() < len(data) or self._is_whole) else -1
        closing = bytearray()
        while token := _TOKEN.match(data, at):
            at = token.end()
            byte = data[at - 1]
            if byte in _CLOSED_BY:
                closing.append(_CLOSED_BY[byte])
                if len(closing) > _DEEPEST:
                    raise Broken(f"nested more than {_DEEPEST} deep", "take it out of the file")
            elif byte != 34:  # a string ends
                if closing.pop() != byte:
                    self._at = at - 1
                    raise self.unexpected("another bracket")
                if not closing:
                    return at
        return -1

    def elements(self, pattern: re.Pattern[bytes]) -> Iterator[Element]:
        """Take the list that begins here, element by element; `pattern` is that of `element`."""
        self.expect(b"[")
        if self.takes(b"]"):
            return
        keyed = pattern.groups > 1
        while True:
            data, base, at = self._data, self._base, self._at
            while found := pattern.match(data, at):
                at = found.end()
                self._at = at
                yield Element(base + found.start(1), found[1], found[2] if keyed else b"")
                if data[at - 1] == 93:  # a bracket closes the list
                    return
            text = self.value()
            yield Element(self._base + self._at - len(text), text, b"")
            if not self.takes(b","):
                self.expect(b"]")
                return
