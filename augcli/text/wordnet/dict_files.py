"""Makes the table of synonyms from WordNet's own files: `data.noun`, `index.noun`, `noun.exc`, `cntlist.rev`...

Left out are synonyms that no text should be given unasked: names, Latin, numbers, abbreviations; words that are marked
for their usage (slang, archaic, plural, trade names); words with a sense that is a slur or obscene; opposites; words
that do not fit into the same place of a sentence (verbs with other objects, adjectives that stand elsewhere); and what
`misleading` lists.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from augcli.text.inflection import looks_plural
from augcli.text.stop_words import STOP_WORDS
from augcli.text.wordnet.misleading import MISSING, misleads

FIRST_LINE = "synonyms of augcli, 1"
_NAMES = {"n": "noun", "v": "verb", "a": "adj", "r": "adv"}
FILES = (
    *(name.format(part) for part in _NAMES.values() for name in ("data.{}", "index.{}", "{}.exc")),
    "cntlist.rev",
)
"""The files that are read."""
SENSES = 2
"""Of how many senses of a word, the most frequent first, synonyms are taken."""
FARTHEST = 3
"""A word is offered for one of its first so many senses only: nobody thinks of the others."""

_PLAIN = re.compile(r"(?=.+[aeiouy])[a-z]{2,}(?:[-_][a-z]+)*")
_PAIR = re.compile(r"[a-z]+_[a-z]+")
_COARSE = re.compile(
    r"ethnic slur|term of abuse|often derogatory|vulgar slang|sexual intercourse|homosexual|prostitute|sexually"
    r"|subnormal intelligence|mental retardation|stupid person"
    r"|\b(?:offensive|disparaging|derogat\w+|pejorative|obscene|vulgar|insulting|abusive)(?: and \w+)?(?: \w+)?"
    r" (?:term|word|name|reference|expression)s?\b"
)
_COARSE_USAGES = {"disparagement", "ethnic_slur", "obscenity"}
_ALSO_COARSE = frozenset(
    "barbarian bitch bloody boob bugger chick colored coloured cracker cripple crippled dame damn damned doll"
    " eskimo fatso feebleminded fucking gimp gipsy git goddam goddamn goddamned gyp gypsy hag heathen hick hussy"
    " infidel loony lunatic maniac midget mongoloid mulatto negro negroid oriental pagan redneck redskin retarded"
    " savage sissy slave slut sod sodding sodomist sodomite spastic strumpet tit titty tosser trollop wanker welch"
    " welsh wench yokel".split()
)
"""Words that wound, though no gloss says so."""
_MISFITS = frozenset("bask denote discourse mortal pore someone".split())
"""Words that stand in a synset, and in no sentence of its other words."""
_SHORT = 3
"""Letters of a noun that abbreviates another."""
_KINDS = {"n": 1, "v": 2, "a": 3, "r": 4, "s": 5}
"""How a sense's name has its part of speech; `s` are adjectives that stand near another."""


class Synset(NamedTuple):
    """A line of a data file: words, with their position where one is said; pointers (kind, target, from, to)."""

    file: str
    kind: str
    ids: list[int]
    words: list[str]
    positions: list[str]
    pointers: list[tuple[str, str, int, int]]
    frames: list[tuple[str, int]]
    gloss: str

    def marked(self, at: int, kind: str) -> list[str]:
        """Return where pointers of a kind lead from a word, or from all words at once."""
        return [target for found, target, start, _ in self.pointers if found == kind and start in (0, at + 1)]

    def frames_of(self, at: int) -> set[str]:
        return {frame for frame, of in self.frames if of in (0, at + 1)}


def table(files: Mapping[str, str]) -> str:
    """Return the table that the texts of FILES make. Raises ValueError, IndexError or KeyError if they are others.

    It has the first line, then five parts of lines, with an empty line before each:

        movie                        the words
        n26=26:film38|flick TAB v... what they are: for each part of speech how often tagged texts have it, then its
                                     first two senses: how often each is met, and who else stands for it, with the same
                                     number where it is not zero
        nman TAB men                 irregular forms, after a part of speech and a word
        good TAB bad|evil            opposites
        ice cream                    two words that mean something together
    """
    synsets = {
        f"{pos}{line[:8]}": _synset(line)
        for pos, part in _NAMES.items()
        for line in files[f"data.{part}"].splitlines()
        if not line.startswith(" ")
    }
    index = {pos: dict(_senses(pos, files[f"index.{part}"])) for pos, part in _NAMES.items()}
    counts = dict(_counts(synsets, files["cntlist.rev"]))
    opposites = _opposites(synsets)
    totals: Counter[str] = Counter()
    for (_, lemma), count in counts.items():
        totals[lemma] += count
    words = _Words(synsets, index, counts, totals, opposites, _coarse(synsets) | _MISFITS | MISSING | STOP_WORDS)
    lines = {lemma: line for lemma in sorted(set().union(*index.values())) if (line := words.line(lemma))}
    parts = (
        lines.keys(),
        lines.values(),
        sorted(_exceptions(files, index)),
        (f"{lemma}\t{'|'.join(sorted(others))}" for lemma, others in sorted(opposites.items())),
        sorted({lemma.replace("_", " ") for lemmas in index.values() for lemma in lemmas if _PAIR.fullmatch(lemma)}),
    )
    return "\n\n".join([FIRST_LINE, *("\n".join(part) for part in parts)]) + "\n"


def _synset(line: str) -> Synset:
    data, _, gloss = line.partition("|")
    fields = data.split()
    size = int(fields[3], 16)
    named = [word.partition("(") for word in fields[4 : 4 + 2 * size : 2]]
    at = 5 + 2 * size
    rest = fields[at + 4 * int(fields[at - 1]) :]
    pointers = [
        (kind, pos + offset, int(ends[:2], 16), int(ends[2:], 16))
        for kind, offset, pos, ends in zip(
            *(fields[at + i : len(fields) - len(rest) : 4] for i in range(4)), strict=True
        )
    ]
    frames = [(rest[i + 1], int(rest[i + 2], 16)) for i in range(1, len(rest), 3)]
    ids = [int(number, 16) for number in fields[5 : at - 1 : 2]]
    words, positions = [word for word, _, _ in named], [mark for _, _, mark in named]
    return Synset(fields[1], fields[2], ids, words, positions, pointers, frames, gloss)


def _senses(pos: str, text: str) -> Iterator[tuple[str, list[str]]]:
    for line in text.splitlines():
        if not line.startswith(" "):
            fields = line.split()
            yield fields[0], [pos + offset for offset in fields[-int(fields[2]) :]]


def _counts(synsets: Mapping[str, Synset], text: str) -> Iterator[tuple[tuple[str, str], int]]:
    """Return how often tagged texts have a word in the sense of a synset, where they have it.

    By the names of senses: the numbers beside them are of another edition.
    """
    listed = {name: int(count) for name, _, count in map(str.split, text.splitlines())}
    for key, synset in synsets.items():
        head = ":"
        if synset.kind == "s":
            nearest = synsets[next(target for kind, target, _, _ in synset.pointers if kind == "&")]
            head = f"{nearest.words[0].lower()}:{nearest.ids[0]:02}"
        for word, number in zip(synset.words, synset.ids, strict=True):
            count = listed.get(f"{word.lower()}%{_KINDS[synset.kind]}:{synset.file}:{number:02}:{head}")
            if count is not None:
                yield (key, word.lower()), count


def _opposites(synsets: Mapping[str, Synset]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for synset in synsets.values():
        for kind, target, start, end in synset.pointers:
            if kind == "!":
                found.setdefault(synset.words[start - 1].lower(), set()).add(synsets[target].words[end - 1].lower())
    return found


def _coarse(synsets: Mapping[str, Synset]) -> set[str]:
    """Return the words of which any sense is a slur or obscene."""
    usages = {key for key, synset in synsets.items() if key[0] == "n" and synset.words[0] in _COARSE_USAGES}
    found = set(_ALSO_COARSE)
    for synset in synsets.values():
        what = synset.gloss.partition('"')[0]
        is_coarse = _COARSE.search(what) is not None
        for at, word in enumerate(synset.words):
            if is_coarse or usages.intersection(synset.marked(at, ";u")):
                found.add(word.lower())
    return found


def _exceptions(files: Mapping[str, str], index: Mapping[str, Mapping[str, object]]) -> Iterator[str]:
    for pos, part in _NAMES.items():
        found: dict[str, set[str]] = {}
        for line in files[f"{part}.exc"].splitlines():
            form, *lemmas = line.split()
            for lemma in lemmas:
                if lemma != form and lemma in index[pos] and _PLAIN.fullmatch(form) and "_" not in form:
                    found.setdefault(lemma, set()).add(form)
        yield from (f"{pos}{lemma}\t{'|'.join(sorted(forms))}" for lemma, forms in found.items())


class _Words(NamedTuple):
    """What is needed to write the line of a word."""

    synsets: Mapping[str, Synset]
    senses: Mapping[str, Mapping[str, list[str]]]
    counts: Mapping[tuple[str, str], int]
    totals: Mapping[str, int]
    opposites: Mapping[str, set[str]]
    unwanted: set[str]

    def line(self, lemma: str) -> str:
        """Return the parts of speech of a word; nothing where it is no plain one, or rare and without synonyms."""
        if not _PLAIN.fullmatch(lemma) or "_" in lemma or lemma in MISSING:
            return ""
        parts = []
        is_wanted = False
        for pos, lemmas in self.senses.items():
            if senses := lemmas.get(lemma):
                total = sum(self.counts.get((key, lemma), 0) for key in senses)
                texts = [self.sense(lemma, pos, key) for key in senses[:SENSES]]
                parts.append(f"{pos}{total}={';'.join(texts)}")
                is_wanted = is_wanted or total > 0 or not all(text.endswith(":") for text in texts)
        return "\t".join(parts) if is_wanted else ""

    def sense(self, lemma: str, pos: str, key: str) -> str:
        synset = self.synsets[key]
        offered = []
        if lemma in synset.words:
            offered = sorted(self.offered(synset, pos, key, synset.words.index(lemma)), key=lambda one: (-one[1], one))
        texts = (f"{word}{count or ''}" for word, count in offered)
        return f"{self.counts.get((key, lemma), 0)}:{'|'.join(texts)}"

    def offered(self, synset: Synset, pos: str, key: str, own: int) -> Iterator[tuple[str, int]]:
        """Return the words of a synset that may stand for one of it, with how often they have this sense."""
        lemma = synset.words[own]
        if any(character.isdigit() for character in "".join(synset.words)):
            return
        for at, word in enumerate(synset.words):
            if (
                at != own
                and _PLAIN.fullmatch(word)
                and word not in self.unwanted
                and (self.totals.get(word) or not self.totals.get(lemma))  # or it is rarer than rare
                and not (pos == "r" and lemma.startswith(word))  # `quick` for `quickly`
                and not (pos == "n" and len(word) <= _SHORT and lemma.startswith(word))  # `min` for `minute`
                and not misleads(pos, lemma, word)
                and word not in self.opposites.get(lemma, ())
                and not synset.marked(at, ";u")
                and synset.positions[at] in ("", synset.positions[own])
                and synset.frames_of(at) >= synset.frames_of(own)
                and (pos != "n" or looks_plural(word) == looks_plural(lemma))
                and key in self.senses[pos][word][:FARTHEST]
            ):
                yield word, self.counts.get((key, word), 0)
