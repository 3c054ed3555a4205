"""Sentences of CoNLL: a token a line with its tags, the spans that these tell, and the lines again behind edits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple, TypeAlias

from augcli.dataset.tables import Span
from augcli.problems import Unusable, counted

OUTSIDE, UNKNOWN = "O", "_"
"""The tag of a token that is in no span, and what other columns of a new token hold."""
DOCUMENT = "-DOCSTART-"

Edits: TypeAlias = Sequence[tuple[int, int, str, str]]

_CELL = re.compile(r"[^ \t]+")
_TAG = re.compile(r"O|[BIESLUM]-.+")
_BEGINS, _PREFIX = ("B-", "S-", "U-"), re.compile(r"[BIESLUM]-")
_BETWEEN, _NEW = -1, -2  # owners of characters that no token of the sentence had: blanks, and new words


class Line(NamedTuple):
    """A line with its end, the place of the token in it, and the tag."""

    text: str
    token: Span
    tag: str

    @property
    def word(self) -> str:
        return self.text[slice(*self.token)]


class Sentence(NamedTuple):
    """The lines with tokens, those before them (comments, blank ones, where a document starts), and the blank one."""

    before: list[str]
    lines: list[Line]
    after: str

    @property
    def text(self) -> str:
        return " ".join(line.word for line in self.lines)


class Columns(NamedTuple):
    """How the lines of a table are parted, and which columns, from 0 on, are the token and the tag."""

    separator: str
    width: int
    token: int
    tag: int

    def places(self, line: str) -> list[Span]:
        """Return where the columns of a line stand."""
        if self.separator != "\t":
            return [found.span() for found in _CELL.finditer(line)]
        found, at = [], 0
        for cell in line.split("\t"):
            found.append((at, at + len(cell)))
            at += len(cell) + 1
        return found

    def is_before(self, line: str) -> bool:
        """Tell whether a line before the tokens of a sentence has none: it may be a token `#` with its tag."""
        if line.startswith(DOCUMENT) or not line.strip():
            return True
        if not line.startswith("#"):
            return False
        places = self.places(line)
        return len(places) != self.width or not _TAG.fullmatch(line[slice(*places[self.tag])].strip())

    def read(self, text: str, newline: str) -> Sentence:
        """Read a sentence. Raises `Unusable` where a line has other columns, no token or no tag."""
        before: list[str] = []
        lines: list[Line] = []
        after = newline
        for number, line in enumerate(_lines(text, newline), 1):
            body = line.rstrip("\r\n")
            if not lines and self.is_before(body):
                before.append(line)
            elif not body.strip():
                after = line
            else:
                places = self.places(body)
                if len(places) != self.width:
                    has, usual = counted(len(places), "column"), self.width
                    raise Unusable(f"line {number} of the sentence has {has}, others have {usual}")
                start, end = places[self.token]
                if not body[start:end].strip():
                    raise Unusable(f"line {number} of the sentence has no token")
                tag = body[slice(*places[self.tag])].strip()
                if not tag:
                    raise Unusable(f"line {number} of the sentence has no tag")
                lines.append(Line(line, (start, end), tag))
        return Sentence(before, lines, after)

    def line(self, like: Line, word: str, is_new: bool) -> str:
        """Return a line like another one with another token, which of a new one is in no span."""
        if not is_new:
            return like.text[: like.token[0]] + word + like.text[like.token[1] :]
        body = like.text.rstrip("\r\n")
        parts: list[str] = []
        at = 0
        for column, (start, end) in enumerate(self.places(body)):
            cell = word if column == self.token else OUTSIDE if column == self.tag else UNKNOWN
            parts += (body[at:start], cell)
            at = end
        return "".join(parts) + like.text[at:]


def _lines(text: str, newline: str) -> list[str]:
    """Return lines with their ends; the last gets the one that it lacks."""
    lines = [f"{line}\n" for line in text.split("\n")]
    last = lines.pop()[:-1]
    return [*lines, last + newline] if last else lines


def kept(sentence: Sentence) -> tuple[Span, ...]:
    """Return the spans of a sentence in its text.

    Where no tag says that a span begins, and the one before it is of the same kind, a token between them stays too:
    without any they would be one.
    """
    found: list[Span] = []
    at = 0
    kind = last_kind = ""  # of the span that goes on, and of the last one
    last = (0, 0)  # the token before
    for line in sentence.lines:
        place = (at, at + len(line.word))
        if line.tag == OUTSIDE:
            kind = ""
        else:
            said = _PREFIX.sub("", line.tag, count=1)
            begins = line.tag.startswith(_BEGINS)
            if said == kind and not begins:
                found[-1] = found[-1][0], place[1]
            else:
                found.append((last[0] if not kind and said == last_kind and not begins else place[0], place[1]))
            kind = last_kind = said
        last, at = place, place[1] + 1
    return tuple(found)


def edited(sentence: Sentence, columns: Columns, text: str, steps: Sequence[Edits]) -> str:
    """Return the lines with tokens behind the edits of steps, which made the sentence's text `text`.

    A token that was edited keeps its other columns, one that was parted has them twice. A new word is in no span.
    Tokens of spans have lines of their own, whatever was put beside them.
    """
    lines, owners = sentence.lines, _owners(sentence, steps)
    made: list[str] = []
    like = lines[0]
    for is_between, run in groupby(zip(owners, text, strict=True), lambda both: both[0] == _BETWEEN):
        for _, part in groupby(() if is_between else run, lambda both: _span_token(lines, both[0])):
            found = list(part)
            word = "".join(sign for _, sign in found).strip()
            owner = next((owner for owner, _ in found if owner >= 0), _NEW)
            like = lines[owner] if owner >= 0 else like
            made.append(columns.line(like, word, owner == _NEW))
    return "".join(made)


def _span_token(lines: Sequence[Line], owner: int) -> int:
    """Return the number of a token of a span, the same for all others."""
    return owner if owner >= 0 and lines[owner].tag != OUTSIDE else _NEW


def _owners(sentence: Sentence, steps: Sequence[Edits]) -> list[int]:
    """Return for each character behind the edits the number of the token that it belongs to."""
    owners: list[int] = []
    for at, line in enumerate(sentence.lines):
        owners += [_BETWEEN] * bool(at) + [at] * len(line.word)
    for edits in steps:
        made: list[int] = []
        at = 0
        for start, end, _, after in edits:
            made += owners[at:start]
            made += _owners_of(after, owners[start:end])
            at = end
        owners = made + owners[at:]
    return owners


def _owners_of(text: str, before: Sequence[int]) -> Iterator[int]:
    """Return whose the characters of an edit are: word by word those of the tokens there before, then the last's."""
    tokens = list(dict.fromkeys(owner for owner in before if owner != _BETWEEN)) or [_NEW]
    at, inside = -1, False
    for sign in text:
        is_blank = sign.isspace()
        at += not is_blank and not inside
        inside = not is_blank
        yield _BETWEEN if is_blank else tokens[min(at, len(tokens) - 1)]
