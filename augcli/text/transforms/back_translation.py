from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any, ClassVar

from augcli.random_streams import Stream
from augcli.settings import Count, File, setting
from augcli.text import words
from augcli.text.edits import Edit, Edits, Span
from augcli.text.models import translation
from augcli.text.models.alignment import aligned, fixed_spans
from augcli.text.models.folders import TRANSLATION, resources
from augcli.text.models.sentences import sentences
from augcli.text.negations import is_negation
from augcli.text.settings import TextSettings
from augcli.text.text import Text
from augcli.text.transform import TextTransform


class BackTranslation(TextTransform[Edits]):
    """Translate each sentence into another language and back.

    Copies of a text take different ones of `candidates` wordings, so that they differ (Sennrich 2016): the likeliest
    translations, each brought back. Passed over is what is shorter than half or longer than twice the sentence, like
    it, or has another number of negations. A sentence stays as it is where its numbers, addresses, labelled spans and
    protected words do not come back unchanged, or where it is too long for the model. It draws nothing.
    """

    needs_words = False

    example: ClassVar[Mapping[str, Any]] = {"to": "Helsinki-NLP/opus-mt-en-de", "back": "Helsinki-NLP/opus-mt-de-en"}

    to: File = setting(help="The folder of a translation model into another language, or its name in your cache.")
    back: File = setting(help="The folder of one that translates back, or its name in your cache.")
    candidates: Count = setting(4, "How many wordings copies choose from, and the width of the search.", within=(1, 32))

    def sample(self, stream: Stream, text: Text) -> Edits | None:
        fixed, edits = deque(fixed_spans(text)), list[Edit]()
        for number, (start, end) in enumerate(sentences(text.string)):
            while fixed and fixed[0][1] <= start:
                fixed.popleft()
            inside = [*takewhile(lambda span: span[0] < end, fixed)]  # noqa: B023  it is used at once
            # beyond the first round, the sentences of a copy are of different ranks
            rank = text.copy + number * (text.copy // self.candidates)
            edits += self._of_sentence(text, (start, end), inside, rank)
        return Edits(tuple(edits)) if edits else None

    def _of_sentence(self, text: Text, sentence: Span, fixed: Sequence[Span], rank: int) -> list[Edit]:
        found: list[list[Edit]] = []
        for wording in self._wordings(text.string[slice(*sentence)]):
            if self._is_usable(text, text.string[slice(*sentence)], wording):
                edits = aligned(text.string, sentence, fixed, wording)
                if edits and edits not in found:
                    found.append(edits)
            if len(found) > rank % self.candidates:
                break
        return found[rank % self.candidates % len(found)] if found else []

    def _wordings(self, sentence: str) -> Iterator[str]:
        """Return wordings: of each translation the likeliest way back, then of each the next."""
        there, back = translation.load(self.to), translation.load(self.back)
        ways = there.wordings(sentence, self.candidates) if any(map(str.isalpha, sentence)) else ()
        for rank in range(self.candidates):
            for way in ways:
                yield from back.wordings(way, self.candidates)[rank : rank + 1]

    @staticmethod
    def _is_usable(text: Text, sentence: str, wording: str) -> bool:
        if not len(sentence) <= 2 * len(wording) <= 4 * len(sentence):
            return False
        ours, theirs = words.find(sentence), words.find(wording)
        if not (theirs.words or theirs.dense):
            return False
        if not text.settings.protect_negations:
            return True
        return sum(is_negation(one.text) for one in ours.words) == sum(is_negation(one.text) for one in theirs.words)

    def resources(self, settings: TextSettings) -> Iterator[tuple[str, str]]:
        yield from resources(self.to, TRANSLATION)
        yield from resources(self.back, TRANSLATION)
