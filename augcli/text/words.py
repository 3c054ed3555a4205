r"""Finds the words of a text, and what stays as it is: numbers, addresses, tags, placeholders, code.

A word is letters with their marks, and apostrophes or hyphens between them; it stands in no script that is written
without blanks between words, where nobody can tell words apart without a dictionary. Words and runs begin and end where
characters do as a reader counts them (grapheme clusters).

A text of any kind is passed once: what is looked for is of bounded length, or ends where the next of its kind begins,
and what has been read is not given back (`*+`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from unicodedata import combining

import regex

from augcli.text.edits import Span


def _pattern(letter: str, mark: str, digit: str, joint: str, dense: str) -> str:
    """Return the pattern of a token, from the insides of sets of characters.

    Group 1 is a word, 2 a protected span, 3 a word again, 4 a dense run. Nearly every word is found by group 1, which
    only looks at what follows; group 3 has those that might have been the beginning of something else.
    """
    any = f"{letter}{mark}{digit}_"
    end = rf"(?![{any}])"
    far = rf"[^\s<>\"{dense}]"
    word = rf"[{letter}][{letter}{mark}]*+(?:[{joint}][{letter}][{letter}{mark}]*+{end})*+"
    protected = "|".join(
        (
            r"```.*?```|`[^`\n]++`",  # code
            r"<!--(?:(?!-->|<!--).)*+-->|<[/!?]?[A-Za-z][^<>]*+>",  # comments and tags of HTML and XML
            r"&(?:[A-Za-z][A-Za-z0-9]*+|\#[0-9]++|\#[xX][0-9A-Fa-f]++);",  # entities
            r"\$?\{[^{}\n]*+\}|\{\{[^{}\n]*+\}\}|%\([^()\s]++\)[A-Za-z]",  # {name}, ${name}, {{name}}, %(name)s
            rf"%[-+\#0]*+[0-9]*+(?:\.[0-9]++)?+[sdifgeEGxXrc]{end}",  # %s, %5.2f
            rf"(?:[A-Za-z][A-Za-z0-9+.-]{{0,30}}+://|www\.){far}++",
            rf"[{letter}{digit}_][{any}.+'-]{{0,63}}+@[{any}-]++(?:\.[{any}-]++)++",  # e-mail addresses
            rf"[@\#$][{letter}{mark}_][{any}]*+",  # @names, #tags, $SYMBOLS
            rf":[a-z][a-z0-9_+-]{{0,40}}+:|[:;=]['-]?[DPpOoSsXx]{end}",  # :smile:, :-D
            rf"[{letter}{digit}_][{any}-]{{0,62}}+(?:\.[{any}-]{{1,63}}+{end})++(?:/{far}*+|%)?",  # a.com/b, 1.5%
            rf"(?:[{letter}][{letter}{mark}]*+)?[{digit}_][{any}]*+(?:[,.:/%-][{any}]++)*+%?",  # numbers, identifiers
        )
    )
    rest = rf"|(?<!\p{{GCB=Prepend}})([{dense}][{dense}{mark}]*+)" if dense else ""
    return rf"({word})(?![{any}@+]|[.-][{any}.+-]|://)|({protected})|({word}){rest}"


_JOINTS = r"'’´‘\-\u00ad\u00b7\u2010\u2011"  # a soft hyphen, and the dot in Catalan `col·lecció`
_DENSE = r"\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}"
DENSE = rf"[\p{{L}}&&[{_DENSE}]--[\u02bc]]"
"""Letters of scripts that are written without blanks between words; not an apostrophe, which Thai has too."""
_TOKEN = regex.compile(
    _pattern(
        letter=rf"[\p{{L}}--{DENSE}]",
        mark=r"\p{M}\p{GCB=Extend}\p{GCB=SpacingMark}\u200c\u200d",  # joiners: in Persian, in scripts of India
        digit=r"\p{N}[\p{GCB=Prepend}&&\p{Cf}]",  # signs that stand on the number behind them, as U+0600
        joint=rf"{_JOINTS}\u05f3\u05f4",  # marks in Hebrew abbreviations
        dense=DENSE,
    ),
    regex.VERSION1 | regex.DOTALL,
)
_LATIN_TOKEN = re.compile(
    _pattern(letter="A-Za-zªµºÀ-ÖØ-öø-ɏ", mark="", digit="0-9²³¹¼-¾", joint=_JOINTS, dense=""), re.DOTALL
)
"""The same for texts without other letters or marks: `re` is several times as fast."""
_NOT_LATIN = re.compile(
    "[^\x00-\u024f\u2010-\u2027\u20a0-\u20bf\u2122\U0001f300-\U0001f3fa\U0001f400-\U0001f6ff\U0001f900-\U0001f9ff]"
)


_VIRAMA = 9
"""The combining class of signs that tie a letter to the next one."""


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
    words: list[Word] = []
    dense: list[Word] = []
    protected: list[Span] = []
    is_latin = text.isascii() or _NOT_LATIN.search(text) is None
    for match in (_LATIN_TOKEN if is_latin else _TOKEN).finditer(text):
        kind = match.lastindex
        if kind == 2:
            protected.append(match.span())
            continue
        if kind == 4 and words and words[-1].end == match.start() and combining(words[-1].text[-1]) == _VIRAMA:
            words.pop()  # it is one cluster with the run, whatever their scripts
            continue
        (dense if kind == 4 else words).append(Word(match.start(), match.end(), match[0]))
    return Found(words, dense, protected)


def outside(words: Iterable[Word], spans: Iterable[Span]) -> Iterator[Word]:
    """Return the words that no span reaches into; both are in order."""
    rest = iter(spans)
    span = next(rest, None)
    for word in words:
        while span is not None and span[1] <= word.start:
            span = next(rest, None)
        if span is None or word.end <= span[0]:
            yield word
