"""Mends `a` and `an` where an edit puts another word behind them."""

from __future__ import annotations

from collections.abc import Sequence

import regex

from augcli.text.case import starts_sentence
from augcli.text.edits import Edit
from augcli.text.text import Text

_AT_END = regex.compile(r"""(?<![\p{L}\p{M}\p{N}'’.-])(an?)(?:[ \t\r\n]+["'“‘(\[*_]?)?$""", regex.IGNORECASE)
_NEXT = regex.compile(r"""[ \t\r\n]+["'“‘(\[*_]?(\p{L}[\p{L}\p{M}'’-]*+)""")
_REACH = 80
"""Characters that are looked at on either side; longer blanks and words are not mended."""

_LIKE_A_CONSONANT = regex.compile(
    r"eu|ew[er]|one(?:s|self|-.*|ness)?$|once|oui"
    r"|u(?:$|-)|uni(?!n|m[^o]|d[^i])|unan|ur(?:an|in|olog)|us(?:a[bg]|e|ing|u[aru])|ut(?:e|il|opi)|ubiq|uf[ao]|uk|uvul"
)
_LIKE_A_VOWEL = regex.compile(r"hour|hono|hones|heir|[fhlmnrsx](?:$|-)")


def article_for(word: str) -> str | None:
    """Return `a` or `an`, as a word in Latin letters wants it before it; None where its letters may be spelled out."""
    small = word.lower()
    if not small[0].isascii() or (1 < len(word) < 5 and word.isupper()):
        return None
    if _LIKE_A_VOWEL.match(small):
        return "an"
    return "an" if small[0] in "aeiou" and not _LIKE_A_CONSONANT.match(small) else "a"


def repaired(text: Text, edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """Return edits of a text with those that mend the articles before what they replace, remove, move or insert."""
    if not text.settings.is_english:
        return tuple(edits)
    string = text.string
    changeable: set[int] | None = None
    found: list[Edit] = []
    last = 0
    for at, edit in enumerate(edits):
        base = max(last, edit.start - _REACH)
        before = string[base : edit.start]
        if (match := _AT_END.search(before)) is not None:
            start, article = base + match.start(1), match[1]
            if changeable is None:
                changeable = {word.start for word in text.words}
            better = _better(string, start, article, before[match.end(1) :] + _from(string, edits, at, edit.after))
            if better != article and start in changeable:
                found.append(Edit(start, start + len(article), article, better))
        after = edit.after
        if after[-1:] in "aAnN" and (match := _AT_END.search(after)) is not None:
            better = _better(string, edit.start, match[1], _from(string, edits, at, ""))
            after = after[: match.start(1)] + better + after[match.end(1) :]
        if after != edit.before:
            found.append(edit if after == edit.after else edit._replace(after=after))
        last = edit.end
    return tuple(found)


def _from(string: str, edits: Sequence[Edit], at: int, after: str) -> str:
    """Return the beginning of what comes of a text from an edit on, with `after` for what that edit puts there."""
    found = after
    while len(found) < _REACH:
        start = edits[at].end
        at += 1
        if at == len(edits):
            return found + string[start : start + _REACH]
        found += string[start : min(edits[at].start, start + _REACH)]
        if len(found) < _REACH:
            found += edits[at].after
    return found


def _better(string: str, start: int, article: str, behind: str) -> str:
    """Return the article for what stands behind it; as it is where that is no word, or it may be no article."""
    following = _NEXT.match(behind)
    if following is None or following.end() == len(behind) >= _REACH:
        return article
    wanted = article_for(following[1])
    is_letter = article == "A" and not following[1].isupper() and not starts_sentence(string, start)
    if wanted is None or wanted == article.lower() or is_letter:
        return article
    is_loud = article == "AN" or following[1].isupper()
    return wanted if article.islower() else wanted.upper() if is_loud else wanted.capitalize()
