"""The sentences of a text, as spans: what is translated at once."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from augcli.text.edits import Span

_LINE_ENDS = r"\r\n\v\f\x1c-\x1e\x85\u2028\u2029"
_PICTURE = r"[\p{Extended_Pictographic}\p{Regional_Indicator}--[\p{N}\#*]]"
_BETWEEN = regex.compile(
    rf"[{_LINE_ENDS}]++"
    rf"|{_PICTURE}(?:{_PICTURE}|[\p{{Emoji_Modifier}}\u200d\ufe0f\s])*+"
    r"|(?<=[。！？][”’」』）]?)(?![”’」』）。！？])"
    rf"|((?<=[.!?…]['\"”’)\]]?)[^\S{_LINE_ENDS}]++(?=['\"“‘(\[¿¡]?[\p{{Lu}}\p{{Lt}}\p{{Lo}}\p{{N}}]))",
    regex.VERSION1,
)
"""What stands between sentences: line ends, pictures (which no model knows), and blanks behind an end mark."""
_ABBREVIATIONS = frozenset(
    "dr mr mrs ms prof st jr sr vs etc no vol fig eq al inc ltd co corp gen col sgt capt lt rev hon gov sen rep"
    " jan feb mar apr jun jul aug sep sept oct nov dec bzw usw ca".split()
)
_LAST_WORD = regex.compile(r"(?<![\p{L}\p{N}.])(\p{L}{1,4}+)\.\Z")


def sentences(string: str) -> Iterator[Span]:
    """Return the spans of sentences, without the blanks around them."""
    start = 0
    for between in _BETWEEN.finditer(string):
        if between[1] is None or not _is_abbreviated(string[max(0, between.start() - 6) : between.start()]):
            yield from _without_blanks(string, start, between.start())
            start = between.end()
    yield from _without_blanks(string, start, len(string))


def _is_abbreviated(end: str) -> bool:
    """Tell whether the dot at the end of something is that of an abbreviation, or of a name's first letter."""
    last = _LAST_WORD.search(end)
    return last is not None and (last[1].lower() in _ABBREVIATIONS or (len(last[1]) == 1 and last[1] != "I"))


def _without_blanks(string: str, start: int, end: int) -> Iterator[Span]:
    part = string[start:end]
    start += len(part) - len(part.lstrip())
    if part.strip():
        yield start, start + len(part.strip())
