r"""Finds the words of a text, and what stays as it is: numbers, addresses, tags, placeholders, code.

A word is letters with their marks, and apostrophes or hyphens inside it; it stands in no script that is written
without blanks between words, where nobody can tell words apart without a dictionary.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import regex

from augcli.text.edits import Span

_DENSE = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
"""Scripts that are written without blanks between words."""
_LETTER = rf"[\p{{L}}\p{{M}}--[{_DENSE}]]"
_FIRST = rf"[\p{{L}}--[{_DENSE}]]"

_PROTECTED = (
    r"```.*?```|`[^`\n]+`",  # code
    r"<!--.*?-->|</?[A-Za-z][^<>]*>",  # tags of HTML and XML
    r"&(?:[A-Za-z][A-Za-z0-9]*|\#[0-9]+|\#[xX][0-9A-Fa-f]+);",  # entities
    r"\$?\{[^{}\n]*\}|\{\{[^{}\n]*\}\}|%\([^()\s]+\)[a-zA-Z]|%[-+\#0]*[0-9]*(?:\.[0-9]+)?[sdifgeEGxXrc](?!\w)",
    r"[A-Za-z][A-Za-z0-9+.-]*://[^\s<>]+|www\.[^\s<>]+",
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    r"[@\#\$][\p{L}\p{M}_]\w*",  # @names, #tags, $SYMBOLS
    r"[\w-]+(?:\.[\w-]+)+(?:/[^\s<>]*)?",  # example.com, file.txt, U.S, 1.5
    r"\w*[\p{N}_][\p{L}\p{M}\p{N}_,.:/%-]*",  # numbers, identifiers
)
_TOKEN = regex.compile(
    rf"(?P<protected>{'|'.join(_PROTECTED)})"
    rf"|(?P<word>{_FIRST}{_LETTER}*+(?:['’\-]{_FIRST}{_LETTER}*+)*+)"
    rf"|(?P<dense>[{_DENSE}][{_DENSE}\p{{M}}]*+)",
    regex.VERSION1 | regex.DOTALL,
)


class Word(NamedTuple):
    """A word of a text, and the span where it stands."""

    start: int
    end: int
    text: str

    @property
    def span(self) -> Span:
        return self.start, self.end


class Found(NamedTuple):
    """The words of a text; runs of scripts without blanks between words; spans that stay as they are."""

    words: list[Word]
    dense: list[Word]
    protected: list[Span]


def find(text: str) -> Found:
    """Find words, dense runs and protected spans of a text, each in order."""
    found = Found([], [], [])
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind == "protected":
            found.protected.append(match.span())
        else:
            (found.words if kind == "word" else found.dense).append(Word(match.start(), match.end(), match[0]))
    return found


def outside(words: Iterable[Word], spans: Iterable[Span]) -> Iterator[Word]:
    """Return the words that no span reaches into; both are in order."""
    rest = iter(spans)
    span = next(rest, None)
    for word in words:
        while span is not None and span[1] <= word.start:
            span = next(rest, None)
        if span is None or word.end <= span[0]:
            yield word
