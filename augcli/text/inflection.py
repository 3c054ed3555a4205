"""English number, tense and comparison: the forms of a word, and the words that a form may belong to.

By rule, with lists of what is irregular. A form that neither a rule nor a list is sure of is None: a word that would
need it is better left alone. WordNet's lists of exceptions say which verbs and adjectives double their last
letter, and which words have forms that no rule makes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

PLURAL, PRESENT, PAST, PARTICIPLE, ING, COMPARATIVE, SUPERLATIVE, PLAIN = (
    *("plural", "present", "past", "participle", "ing"),
    *("comparative", "superlative", "plain"),
)
FORMS = {
    "n": (PLAIN, PLURAL),
    "v": (PLAIN, PRESENT, PAST, PARTICIPLE, ING),
    "a": (PLAIN, COMPARATIVE, SUPERLATIVE),
    "r": (PLAIN, COMPARATIVE, SUPERLATIVE),
}
"""The forms of each part of speech: nouns, verbs, adjectives, adverbs. `present` is that of he, she and it."""


def _table(text: str) -> dict[str, tuple[str, ...]]:
    return {first: tuple(rest) for first, *rest in (line.split() for line in text.split(",") if line.strip())}


_VERBS = _table(
    "arise arose arisen, awake awoke awoken, bear bore borne, beat beat beaten, become became become,"
    "begin began begun, bend bent bent,  bind bound bound, bite bit bitten, bleed bled bled,"
    "blow blew blown, break broke broken, breed bred bred, bring brought brought, build built built, burst burst burst,"
    "buy bought bought, cast cast cast, catch caught caught, choose chose chosen, cling clung clung, come came come,"
    "cost cost cost, creep crept crept, cut cut cut, deal dealt dealt, dig dug dug, draw drew drawn,"
    "drink drank drunk, drive drove driven, eat ate eaten, fall fell fallen, feed fed fed, feel felt felt,"
    "fight fought fought, find found found, flee fled fled, fling flung flung, fly flew flown,"
    "forbid forbade forbidden, forget forgot forgotten, forgive forgave forgiven, forsake forsook forsaken,"
    "freeze froze frozen, give gave given, go went gone, grind ground ground, grow grew grown, "
    "hear heard heard, hide hid hidden, hit hit hit, hold held held, hurt hurt hurt, keep kept kept,"
    "know knew known, lay laid laid, lead led led, leave left left, lend lent lent, let let let,"
    "lose lost lost, make made made, mean meant meant, meet met met, pay paid paid, put put put, quit quit quit,"
    "read read read, ride rode ridden, ring rang rung, rise rose risen, run ran run, say said said, see saw seen,"
    "seek sought sought, sell sold sold, send sent sent, set set set, shake shook shaken, shed shed shed,"
    "shoot shot shot, shrink shrank shrunk, shut shut shut, sing sang sung, sink sank sunk, sit sat sat,"
    "sleep slept slept, slide slid slid, sling slung slung, slit slit slit, speak spoke spoken, spend spent spent,"
    "spin spun spun, split split split, spread spread spread, spring sprang sprung, stand stood stood,"
    "steal stole stolen, stick stuck stuck, sting stung stung, strike struck struck, string strung strung,"
    "strive strove striven, swear swore sworn, sweep swept swept, swim swam swum, swing swung swung,"
    "take took taken, teach taught taught, tear tore torn, tell told told, think thought thought,"
    "throw threw thrown, thrust thrust thrust, tread trod trodden, undergo underwent undergone,"
    "wear wore worn, weave wove woven, weep wept wept, win won won, wind wound wound, wring wrung wrung,"
    "undo undid undone, outdo outdid outdone, redo redid redone, overdo overdid overdone,"
    "understand understood understood, write wrote written,"
    "address addressed addressed, bless blessed blessed, burn burned burned, clothe clothed clothed,"
    "coordinate coordinated coordinated, curse cursed cursed, grip gripped gripped, lean leaned leaned,"
    "learn learned learned, melt melted melted, plead pleaded pleaded, shave shaved shaved, show showed shown"
)
"""Past and participle; regular ones too, where WordNet has others that are rare."""
_UNSURE = frozenset(
    "alight beset bet bid bide broadcast bust bus fit forecast gas get hang input inset knit lie light offset prove"
    " rebroadcast rid shear shine typecast underlay wed wet".split()
)
"""Verbs with several usual pasts or participles, or several verbs of one name."""
_PREFIXES = ("under", "over", "with", "fore", "out", "mis", "un", "re", "up")

_NOUNS = _table(
    "man men, woman women, child children, foot feet, tooth teeth, goose geese, mouse mice, louse lice, ox oxen,"
    "person people, penny pennies, die dice, phenomenon phenomena, criterion criteria, bacterium bacteria,"
    "stimulus stimuli, alumnus alumni, nucleus nuclei, bus buses, gas gases, leaf leaves, life lives, wife wives,"
    "knife knives, half halves, self selves, shelf shelves, loaf loaves, thief thieves, wolf wolves, calf calves,"
    "elf elves, sheaf sheaves, series series, species species, sheep sheep, deer deer, aircraft aircraft,"
    "spacecraft spacecraft, offspring offspring, quiz quizzes, cow cows, brother brothers"
)
_HARD_CH = re.compile(r"(?:stoma|epo|eunu|triar|monar|oligar|hierar|anar|te)ch$")
_IN_OES = frozenset("echo embargo hero negro potato tomato torpedo veto".split())
_NO_PLURAL = frozenset(
    "advice aid applause baggage bread butter cash cattle chaos clothing coverage cutlery darkness data dirt"
    " dust electricity employment enjoyment equipment evidence flour folk fun furniture garbage gasoline gear gold"
    " grain grass guidance happiness harm health help homework honesty housework housing ice information jewelry"
    " junk knowledge laughter leisure lightning livestock luck luggage lumber machinery mail merchandise"
    " milk money moonlight mud music news oxygen patience pay petrol police poultry"
    " poverty progress publicity rain rice rubbish safety sand scenery shopping smoke snow software stuff"
    " sugar sunshine swine timber traffic transportation trash trivia underwear vermin violence warmth water"
    " someone taxation weather wheat wildlife wisdom wood wool".split()
)
_IN_INGS = frozenset(
    "awning beginning being blessing building ceiling clearing clipping coating covering craving crossing darling"
    " drawing duckling dumpling dwelling earning earring ending engraving evening feeling finding gathering greeting"
    " happening hearing holding inning killing landing leaning listing longing meaning meeting morning offering opening"
    " outing painting posting pudding rating reading recording ruling saving saying setting shilling shooting"
    " shortcoming sibling sitting stocking teaching topping training undertaking warning wedding writing"
    " yearning".split()
)
"""Nouns in -ing that have a plural; the others are of doing something, and have none."""
_REGULAR_MEN = frozenset("caiman german human mussulman norman ottoman roman shaman talisman".split())
_COMPARED = _table("good better best, well better best, bad worse worst, badly worse worst")
_ANOMALOUS = frozenset("be have do can may will shall must ought quiz".split())
"""Verbs with forms that no rule makes, which no other verb stands for."""
_NOT_COMPARED = frozenset("far less like loyal much right wrong".split())
_KEEP_E = frozenset("binge singe swinge tinge".split())
_SHORT = re.compile(r"y?[^aeiouy]*(?:qu)?[aeiou][^aeiouwxy]")
_VOWELS = re.compile("[aeiouy]+")


class Inflections:
    """The forms of words, and what a form may be of.

    `exceptions` has the irregular ones, by part of speech and word: `nman` has `men`, `vget` has `got|gotten`.
    """

    def __init__(self, exceptions: Mapping[str, str]) -> None:
        self._exceptional = exceptions
        self._plain_of: dict[str, list[str]] = {}
        for word, forms in exceptions.items():
            for form in forms.split("|"):
                self._plain_of.setdefault(form, []).append(word[1:])

    def _irregular(self, word: str, pos: str) -> set[str]:
        forms = self._exceptional.get(pos + word)
        return set(forms.split("|")) if forms else set()

    def form(self, word: str, pos: str, form: str) -> str | None:
        """Return a form of a plain word in small letters; None where it has none, or nobody is sure."""
        if form == PLAIN:
            return word
        if "_" in word or "-" in word:
            return self._form_of_phrase(word, pos, form)
        if pos == "n":
            return self._plural(word)
        return self._verb(word, form) if pos == "v" else self._compared(word, pos, form)

    def plain_words(self, form: str) -> set[str]:
        """Return the plain words, existing or not, that a form in small letters might belong to."""
        found = {form, *self._plain_of.get(form, ()), *_IRREGULAR.get(form, ())}
        for ending in ("s", "ed", "ing", "er", "est"):
            if form.endswith(ending) and len(form) > len(ending) + 1:
                stem = form[: -len(ending)]
                found |= {stem, f"{stem}e"}
                if ending == "s" and stem.endswith("e"):
                    found.add(stem[:-1])
                    stem = stem[:-1]
                if stem.endswith("i"):
                    found.add(f"{stem[:-1]}y")
                if ending == "ing" and stem.endswith("y"):
                    found.add(f"{stem[:-1]}ie")
                if stem[-1:] == stem[-2:-1]:
                    found.add(stem[:-1])
        return found

    def forms_of(self, word: str, pos: str, form: str) -> tuple[str, ...]:
        """Return which forms of a plain word look like `form`: `cut` is the plain form, the past and the participle."""
        return tuple(name for name in FORMS[pos] if self.form(word, pos, name) == form)

    def _form_of_phrase(self, word: str, pos: str, form: str) -> str | None:
        """Inflect the first word of a verb with others, and the last one of a noun."""
        parts = re.split("([-_])", word)
        if pos not in "nv" or (pos == "n" and {"of", "in", "on", "at", "to", "for"}.intersection(parts)):
            return None
        at = 0 if pos == "v" and "_" in word else -1
        inflected = self.form(parts[at], pos, form)
        if inflected is None:
            return None
        parts[at] = inflected
        return "".join(parts)

    def _plural(self, word: str) -> str | None:
        if word in _NOUNS:
            return _NOUNS[word][0]
        is_doing = word.endswith("ing") and word not in _IN_INGS and _VOWELS.search(word[:-3])
        if word in _NO_PLURAL or word.endswith(("ness", "ism", "ics")) or looks_plural(word) or is_doing:
            return None
        if word.endswith(("sis", "xis")):
            return f"{word[:-2]}es"
        for end in ("woman", "man", "child", "foot", "tooth", "wife", "shelf", "half"):
            if word.endswith(end) and word not in _REGULAR_MEN:
                return word[: -len(end)] + _NOUNS[end][0]
        plural = _with_s(word) if not (word.endswith("o") and word in _IN_OES) else f"{word}es"
        known = self._irregular(word, "n")
        return plural if plural in known or not known else None

    def _verb(self, word: str, form: str) -> str | None:
        if word in _ANOMALOUS:
            return None
        if form == PRESENT:
            return (
                f"{word}es"
                if word.endswith(("do", "ergo", "forgo", "forego")) or word in ("go", *_IN_OES)
                else _with_s(word)
            )
        known = self._irregular(word, "v")
        stem = self._doubled(word, known)
        if form == ING:
            if word.endswith("ie"):
                return f"{word[:-2]}ying"
            silent = word.endswith("e") and not word.endswith(("ee", "oe", "ye")) and word not in _KEEP_E
            return f"{word[:-1] if silent else stem}ing"
        if word in _UNSURE:
            return None
        if (listed := _irregular_verb(word)) is not None:
            return listed[form == PARTICIPLE]
        past = f"{word}d" if word.endswith("e") else _y_to_i(stem) + "ed"
        return past if all(one == past or one.endswith("ing") for one in known) else None

    def _compared(self, word: str, pos: str, form: str) -> str | None:
        if word in _COMPARED:
            return _COMPARED[word][form == SUPERLATIVE]
        if word in _NOT_COMPARED:
            return None
        ending = "er" if form == COMPARATIVE else "est"
        known = {one for one in self._irregular(word, pos) or self._irregular(word, "a") if one.endswith(ending)}
        if known:
            return known.pop() if len(known) == 1 else None
        syllables = len(_VOWELS.findall(word.removesuffix("e")))
        if syllables != 1 and not (pos == "a" and syllables == 2 and word.endswith(("ple", "tle", "ble", "gle", "ow"))):
            return None
        return self._doubled(word, known) + ending[word.endswith("e") :]

    def _doubled(self, word: str, known: set[str]) -> str:
        """Return a verb or an adjective as it stands before an ending with a vowel: `stopp`, `panick`, `bigg`."""
        twice = f"{word}k" if word.endswith("c") else word + word[-1:]
        if known:
            return twice if any(one in known for one in (f"{twice}ed", f"{twice}ing")) else word
        return twice if _SHORT.fullmatch(word) else word


class PlainForms:
    """The forms of words of a language whose rules are not known: the plain ones alone."""

    def form(self, word: str, pos: str, form: str) -> str | None:
        return word if form == PLAIN else None

    def plain_words(self, form: str) -> set[str]:
        return {form}

    def forms_of(self, word: str, pos: str, form: str) -> tuple[str, ...]:
        return (PLAIN,) if word == form else ()


def looks_plural(word: str) -> bool:
    """Tell whether a plain noun has the look of a plural: `headquarters`."""
    return word.endswith("s") and not word.endswith(("ss", "us", "is"))


def _with_s(word: str) -> str:
    if word.endswith(("s", "x", "z", "ch", "sh")) and not _HARD_CH.search(word):
        return f"{word}es"
    return f"{word[:-1]}ies" if word.endswith("y") and word[-2:-1] not in "aeiou" else f"{word}s"


def _y_to_i(word: str) -> str:
    return f"{word[:-1]}i" if word.endswith("y") and word[-2:-1] not in "aeiou" else word


def _irregular_verb(word: str) -> tuple[str, ...] | None:
    if word in _VERBS:
        return _VERBS[word]
    for prefix in _PREFIXES:
        if word.startswith(prefix) and (forms := _VERBS.get(word.removeprefix(prefix))) is not None:
            return tuple(prefix + form for form in forms)
    return None


_IRREGULAR: dict[str, list[str]] = {}
for _plain, _forms in (*_VERBS.items(), *_NOUNS.items(), *_COMPARED.items()):
    for _form in _forms:
        _IRREGULAR.setdefault(_form, []).append(_plain)
