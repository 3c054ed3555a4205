"""Synonyms from Princeton WordNet 3.0, in the form that they have in a text, or from a table of the user's own.

The table in the package (`build` makes it, `dict_files` says how it looks) is read once in a process. Its licence
stands beside it.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from functools import cache, cached_property, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from augcli.problems import Problem, Refused, listed
from augcli.text import inflection
from augcli.text.settings import TextSettings
from augcli.text.wordnet.dict_files import FILES, FIRST_LINE, table

TABLE = Path(__file__).with_name("synonyms.txt.gz")
LICENSE = Path(__file__).with_name("WORDNET-LICENSE")


class Reading(NamedTuple):
    """What a form in a text may be: a plain word, its part of speech, which of its forms, and how frequent it is."""

    word: str
    pos: str
    forms: tuple[str, ...]
    met: int


class Synonyms(NamedTuple):
    """What can stand for a word, in the same form, and how often each is chosen beside the others."""

    words: tuple[str, ...]
    weights: tuple[float, ...]


NONE = Synonyms((), ())


class WordNet:
    """A table of synonyms; `digest` is that of its files."""

    def __init__(self, text: str, digest: str, *, is_english: bool = True) -> None:
        """Read a table; words of another language than English have plain forms only. Raises ValueError for others."""
        first, words, lines, exceptions, opposites, pairs = text.rstrip("\n").split("\n\n")
        if first != FIRST_LINE:
            raise ValueError(first)
        self.digest = digest
        self._entries = dict(zip(words.split("\n"), lines.split("\n"), strict=True))
        self._pairs = frozenset(pairs.split("\n"))
        self._opposites = opposites
        forms = dict(line.split("\t") for line in exceptions.split("\n") if line)
        self.inflections = inflection.Inflections(forms) if is_english else inflection.PlainForms()
        self.readings = lru_cache(maxsize=1 << 16)(self._readings)
        self.synonyms = lru_cache(maxsize=1 << 16)(self._synonyms)

    def _readings(self, form: str) -> tuple[Reading, ...]:
        """Return what a form in small letters may be, the most frequent first."""
        found = []
        for word in sorted(self.inflections.plain_words(form)):
            for pos, (count, _) in self._parts(word).items():
                if forms := self.inflections.forms_of(word, pos, form):
                    found.append(Reading(word, pos, forms, count))
        return tuple(sorted(found, key=lambda one: (-one.met, one.word != form, "nvar".index(one.pos))))

    def _parts(self, word: str) -> dict[str, tuple[int, str]]:
        """Return the parts of speech of a plain word, each with how often it was met, and its senses as written."""
        found = {}
        for part in self._entries.get(word, "").split("\t") if word in self._entries else ():
            count, _, senses = part[1:].partition("=")
            found[part[0]] = int(count), senses
        return found

    def _synonyms(self, reading: Reading, phrases: bool = False) -> Synonyms:
        """Return what can stand for a word: in every form that it may have, by its first senses.

        The second sense counts where it is about as frequent as the first; of a sense those synonyms are taken that
        tagged texts have, or all where they have none.
        """
        weights: dict[str, float] = {}
        largest = 0
        for sense in self._parts(reading.word)[reading.pos][1].split(";"):
            count, _, offered = sense.partition(":")
            largest = max(largest, int(count))
            if int(count) * _MUCH_LESS < largest:
                continue
            words = {word: int(one[len(word) :] or 0) for one in offered.split("|") if (word := one.rstrip(_DIGITS))}
            usable = {}
            for word, met in words.items():
                if ("_" not in word or phrases) and (form := self._in_forms(word, reading)) is not None:
                    usable[form.replace("_", " ")] = met
            if not any(usable.values()):
                usable = dict.fromkeys(usable, 1)
            total = sum(usable.values())
            for word, met in usable.items():
                if met:
                    weights[word] = weights.get(word, 0.0) + max(int(count), 1) * met / total
        return Synonyms(tuple(weights), tuple(weights.values()))

    def _in_forms(self, word: str, reading: Reading) -> str | None:
        """Return the form of another word that stands for all forms that one in a text may have, if one does."""
        forms = {self.inflections.form(word, reading.pos, form) for form in reading.forms}
        return forms.pop() if len(forms) == 1 else None

    def belong_together(self, first: str, second: str) -> bool:
        """Tell whether two words in small letters mean something together: `ice cream`, `of course`."""
        return f"{first} {second}" in self._pairs

    def are_opposites(self, one: str, other: str) -> bool:
        """Tell whether two plain words are opposites of each other."""
        return other in self._all_opposites.get(one, ())

    @cached_property
    def _all_opposites(self) -> dict[str, list[str]]:
        lines = (line.partition("\t") for line in self._opposites.split("\n"))
        return {word: others.split("|") for word, _, others in lines}


_DIGITS = "0123456789"
_MUCH_LESS = 3
_LARGEST = 1 << 28
"""Bytes of a table; of a larger one the rest is missed, and it is refused."""


def load(settings: TextSettings) -> WordNet:
    """Return the synonyms for texts of these settings. Raises Refused where there are none."""
    if settings.wordnet is not None:
        return _of_user(settings.wordnet, settings.is_english)
    if not settings.is_english:
        raise Refused(
            Problem(
                f"the synonyms of augcli are English, the texts are {listed(settings.language)}",
                "give a table or a folder of that language as `text: {wordnet: ...}`, or leave the step out",
            )
        )
    return _shipped()


def resources(settings: TextSettings) -> Iterator[tuple[str, str]]:
    """Return what a step that takes synonyms reads, with its digest."""
    yield "wordnet", load(settings).digest


@cache
def _shipped() -> WordNet:
    return _of_bytes(TABLE.read_bytes())


@cache
def _of_user(path: str, is_english: bool) -> WordNet:
    place = Path(path)
    if not place.is_dir():
        try:
            return _of_bytes(place.read_bytes(), is_english=is_english)
        except OSError:
            raise Refused(Problem(f"cannot read the synonyms `{path}`", _WHAT)) from None
        except (ValueError, zlib.error):
            raise Refused(Problem(f"`{path}` is no table of synonyms", _WHAT)) from None
    texts = {}
    whole = sha256()
    for name in FILES:
        try:
            data = (place / name).read_bytes()
        except OSError:
            raise Refused(Problem(f"the folder `{path}` has no readable `{name}`", _WHAT)) from None
        whole.update(sha256(data).digest())
        texts[name] = data.decode("utf-8", "replace")
    try:
        return WordNet(table(texts), whole.hexdigest(), is_english=is_english)
    except (ValueError, IndexError, KeyError):
        raise Refused(Problem(f"the files in `{path}` are not WordNet's", _WHAT)) from None


_WHAT = (
    "name a folder with WordNet's files (`data.noun`, `index.noun`...), or a table made by `augcli.text.wordnet.build`"
)


def _of_bytes(data: bytes, *, is_english: bool = True) -> WordNet:
    text = zlib.decompressobj(wbits=31).decompress(data, _LARGEST)
    return WordNet(text.decode(), sha256(data).hexdigest(), is_english=is_english)
