"""The texts of IN as rules about them see them: read once, one by one; what is kept does not grow with their number.

Of few texts all count; of many a fair sample by their content: with a text all that are like it are in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from augcli.dataset.listing import Listing
from augcli.dataset.reading import read_source
from augcli.dataset.sources import Source
from augcli.lint.languages import language_of, plain_words
from augcli.problems import Unusable, counted
from augcli.spec.pipeline import Step, happening
from augcli.spec.spec import ROLES, Spec
from augcli.text.text import Text

REMEMBERED = 1 << 17
"""Texts whose hashes are kept; where there are more, those of every second hash, then of every fourth..."""
LOOKED_AT = 20_000
"""Characters of a text in which words are looked for."""
MOST_LABELS = 100


class OneText(NamedTuple):
    """A text or a record with several: where it stands, its split and class, and whether spans of it have labels."""

    place: str
    source: Source
    label: str
    strings: tuple[str, ...]
    has_spans: bool = False


@dataclass
class Naming:
    """How many texts of a class there are, and since it is known of others, and how many of each name the class."""

    own: int = 0
    own_named: int = 0
    others: int = 0
    others_named: int = 0


@dataclass
class Seen:
    """What is known of all texts, and by example."""

    texts: int = 0
    augmented: int = 0
    """Texts in the sample that steps change."""
    words: Counter[int] = field(default_factory=Counter)
    """How many of them have so many words, those without blanks between words left out."""
    unsegmented: int = 0
    languages: Counter[str] = field(default_factory=Counter)
    """How many of them are in a language, or a script, as far as it can be told."""
    with_spans: int = 0
    labels: dict[str, Naming] = field(default_factory=dict)
    classes: dict[str, Counter[str]] = field(default_factory=dict)
    """How many texts of each class there are, by split."""
    in_two_splits: Counter[tuple[str, str]] = field(default_factory=Counter)
    with_two_labels: int = 0
    examples: dict[str, tuple[str, str]] = field(default_factory=dict)
    """By what it is an example of, the places of two equal texts."""


@dataclass
class Texts:
    """The texts of IN, and the spec that they are for. What cannot be read is left out."""

    spec: Spec
    root: Path
    listing: Listing
    unusable: int = 0
    """Texts that cannot be used, as far as they were read."""
    first_unusable: tuple[str, str] | None = None
    """The place of the first of them, and why."""

    @property
    def steps(self) -> list[Step]:
        """The steps that change texts of IN."""
        roles = {source.role for source in self.listing.sources}
        return [step for role in ROLES if role in roles for step in happening(self.spec.steps_of(role))]

    def note_of_spans(self) -> str:
        """Say that labelled spans stay as they are; empty where there are none."""
        if not (number := self.seen.with_spans):
            return ""
        have = f"{number} of {counted(self.seen.texts, 'text')} {'has' if number == 1 else 'have'}"
        return f"{have} labelled spans, which no step changes and which move with the edits around them"

    def __iter__(self) -> Iterator[OneText]:
        for source in self.listing.sources:
            try:
                yield from self._of(source)
            except Unusable as unusable:
                self._note(source.path, str(unusable))

    def _note(self, place: str, reason: str) -> None:
        """Note a text that cannot be used: how many there are, and the first of them."""
        self.unusable += 1
        self.first_unusable = self.first_unusable or (place, reason)

    def _of(self, source: Source) -> Iterator[OneText]:
        if source.block is None:
            data = read_source(str(self.root), source.path)
            string = data.decode("utf-8", "replace")
            if "\ufffd" in string and string.encode() != data and source.role == "train":
                self._note(source.path, "it is no UTF-8")
                return
            yield OneText(source.path, source, source.label, (string,))
            return
        table = self.listing.tables[source.block.table]
        for record in table.records(table.read(source.block), source.block.first):
            place = f"{source.block.table}#{record.number}"
            if record.error:
                self._note(place, record.error)
            else:
                yield OneText(place, source, record.label, record.texts, any(record.kept))

    def classes(self) -> dict[str, Counter[str]]:
        """Count the texts of each class, by split, and look no further at them."""
        found: dict[str, Counter[str]] = {}
        for one in self:
            found.setdefault(one.source.split, Counter())[one.label] += 1
        return found

    @cached_property
    def seen(self) -> Seen:
        """What is known of all texts; they are read when a rule asks for the first time."""
        seen, known, mask = Seen(), dict[int, tuple[str, str, str]](), 0
        for label in sorted({source.label for source in self.listing.sources if source.label})[:MOST_LABELS]:
            seen.labels[label] = Naming()
        for one in self:
            seen.texts += 1
            seen.classes.setdefault(one.source.split, Counter())[one.label] += 1
            seen.with_spans += one.has_spans
            key = _hash(one.strings)
            if key is None or key & mask:
                continue
            self._look_at(one, seen)
            if key not in known:
                known[key] = (one.source.split, one.label, one.place)
            else:
                _compare(one, known[key], seen)
            if len(known) > REMEMBERED:
                mask = 2 * mask + 1
                known = {key: value for key, value in known.items() if not key & mask}
        return seen

    def _look_at(self, one: OneText, seen: Seen) -> None:
        if not self.spec.steps_of(one.source.role):
            return
        whole = "\n".join(one.strings)[:LOOKED_AT]
        seen.augmented += 1
        text = Text(whole, settings=self.spec.text)
        if text.is_unsegmented:
            seen.unsegmented += 1
        else:
            seen.words[min(len(text.all_words), 1000)] += 1
        if language := language_of(whole):
            seen.languages[language] += 1
        _count_names(one.label, plain_words(whole), seen.labels)


def _count_names(own: str, words: str, labels: dict[str, Naming]) -> None:
    """Count a text of a class, and which classes it names."""
    if own and len(labels) < MOST_LABELS:
        labels.setdefault(own, Naming())
    for label, naming in labels.items():
        is_named = plain_words(label) in words
        if label == own:
            naming.own, naming.own_named = naming.own + 1, naming.own_named + is_named
        else:
            naming.others, naming.others_named = naming.others + 1, naming.others_named + is_named


def _hash(strings: tuple[str, ...]) -> int | None:
    """Return a number that equal texts share, whatever their case and blanks; None for one without a word."""
    folded = [" ".join(string.casefold().split()) for string in strings]
    if not any(folded):
        return None
    return int.from_bytes(blake2b("\0".join(folded).encode("utf-8", "surrogatepass"), digest_size=8).digest())


def _compare(one: OneText, other: tuple[str, str, str], seen: Seen) -> None:
    """Note what is wrong with two equal texts, of which one was met before."""
    split, label, place = other
    if split != one.source.split:
        seen.in_two_splits[split, one.source.split] += 1
        seen.examples.setdefault(f"{split} {one.source.split}", (place, one.place))
    elif label != one.label:
        seen.with_two_labels += 1
        seen.examples.setdefault("labels", (place, one.place))
