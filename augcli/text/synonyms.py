"""Which words of a text have synonyms that fit where they stand, seen by the words beside them.

A word is left alone where it may be a name, where it belongs together with the one beside it (`ice cream`, `of
course`), where a verb or an adjective stands before a particle (`look after`, `full of`), and where nobody can tell by
the word before it what it is.
"""

from __future__ import annotations

from augcli.random_streams import Stream
from augcli.text.case import copied, is_capitalised, starts_sentence
from augcli.text.edits import Edit
from augcli.text.stop_words import is_stop_word
from augcli.text.text import Text
from augcli.text.wordnet import NONE, Reading, Synonyms, WordNet, load
from augcli.text.words import Word

_BEFORE_NOUNS = frozenset(
    "a an the my your his her its our their this these those no some any each every another such of in with from"
    " whose".split()
)
_BEFORE_ADJECTIVES = _BEFORE_NOUNS | frozenset(
    "am is are was were be been being i'm you're he's she's it's we're they're isn't aren't wasn't weren't feel feels"
    " felt look looks looked seem seems seemed sound sounds sounded taste tastes tasted smell smells smelled become"
    " becomes became get gets got remain remains remained very so too more most less as quite rather really extremely"
    " pretty absolutely".split()
)
_BEFORE_VERBS = frozenset(
    "i you he she we they to will would can could shall should may might must who i'd i'll you'd you'll he'd he'll"
    " she'd she'll we'd we'll they'd they'll don't doesn't didn't won't wouldn't can't couldn't shouldn't let's".split()
)
_PARTICLES = frozenset(
    "about after against ahead along apart around as at away back by down for forward from in into like of off on onto"
    " out over than that through to together toward towards up upon with".split()
)
_LIGHT = frozenset(
    "be have do make take get go come give let say tell see know think want seem keep put use need try ask mean become"
    " look feel start begin happen thing people time way lot bit kind sort part day year man woman".split()
)
"""Words with so many uses that any other one rarely fits."""
_MUCH_LESS = 2
_LOUD = 5
"""Letters of a word that is all capitals and no abbreviation."""


class Finder:
    """Finds the synonyms of a text's words; `words` are those that may be changed and are no stop words."""

    def __init__(self, text: Text, *, phrases: bool = False) -> None:
        self._string, self._wordnet, self._phrases = text.string, load(text.settings), phrases
        self._every = text.all_words
        self._at = {word.start: at for at, word in enumerate(self._every)}
        self._found: dict[Word, Synonyms] = {}
        self.words = tuple(word for word in text.words if not is_stop_word(word.text))

    def synonyms(self, word: Word) -> Synonyms:
        """Return what can stand where a word stands, in small letters."""
        if word not in self._found:
            self._found[word] = self._synonyms(word)
        return self._found[word]

    def _synonyms(self, word: Word) -> Synonyms:
        small = word.text.lower()
        if len(small) < 3 or is_stop_word(small) or self._may_be_name(word):
            return NONE
        at = self._at[word.start]
        before = self._every[at - 1].text.lower() if at and self._are_beside(at - 1) else ""
        after = self._every[at + 1].text.lower() if self._are_beside(at) else ""
        reading = _reading(self._wordnet, small, before)
        if reading is None or reading.word in _LIGHT or (reading.pos != "n" and after in _PARTICLES):
            return NONE
        together = self._wordnet.belong_together
        if any(together(before, form) or together(form, after) for form in {small, reading.word}):
            return NONE
        return self._wordnet.synonyms(reading, self._phrases)

    def _are_beside(self, at: int) -> bool:
        """Tell whether nothing but a blank stands between a word and the next."""
        if at + 1 == len(self._every):
            return False
        return self._every[at].end + 1 == self._every[at + 1].start and self._string[self._every[at].end] == " "

    def _may_be_name(self, word: Word) -> bool:
        """Tell whether a word has a capital letter for another reason than a sentence's start or a loud voice."""
        if word.text.islower():
            return False
        if not is_capitalised(word.text):
            return not word.text.isupper() or len(word.text) < _LOUD
        at = self._at[word.start]
        is_followed = self._are_beside(at) and self._every[at + 1].text[0].isupper()
        return is_followed or not starts_sentence(self._string, word.start)


def finder_of(text: Text, *, phrases: bool = False) -> Finder:
    """Return what finds a text's synonyms; its copies share it."""
    key = Finder, phrases
    if key not in text.remembered:
        text.remembered[key] = Finder(text, phrases=phrases)
    found: Finder = text.remembered[key]
    return found


def _reading(wordnet: WordNet, form: str, before: str) -> Reading | None:
    """Return what a form in small letters is behind another word; None where that is not clear."""
    readings = wordnet.readings(form)
    if before in _BEFORE_ADJECTIVES and any(one.word == form and one.pos == "a" for one in readings):
        readings = tuple(one for one in readings if one.pos != "v")
    if before in _BEFORE_NOUNS:
        readings = tuple(one for one in readings if one.pos in "na") or tuple(
            one for one in readings if one.forms[-1] in ("ing", "participle")
        )
    elif before in _BEFORE_VERBS:
        readings = tuple(one for one in readings if one.pos in "vr")
    if not readings or any(one.met * _MUCH_LESS > readings[0].met for one in readings if one.pos != readings[0].pos):
        return None
    return readings[0]


def drawn(stream: Stream, words: list[Word]) -> Word:
    """Draw one of some words, which loses its place among them."""
    at = stream.integer(0, len(words) - 1)
    words[at], words[-1] = words[-1], words[at]
    return words.pop()


def as_edit(word: Word, synonym: str) -> Edit:
    """Return the edit that puts a synonym in small letters in the place of a word."""
    return Edit(word.start, word.end, word.text, copied(word.text, synonym))
