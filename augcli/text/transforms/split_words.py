from __future__ import annotations

from augcli.random_streams import Stream
from augcli.settings import Count, CountOrNone, Number, setting
from augcli.text.characters import characters, number, shuffled
from augcli.text.edits import Edit, Edits
from augcli.text.negations import is_negation
from augcli.text.text import Text
from augcli.text.transform import TextTransform
from augcli.text.words import Word


class SplitWords(TextTransform[Edits]):
    """Split words in two with a blank, at a random place.

    As nlpaug's `SplitAug` and AugLy's `split_words`; neither part is a negation, as `not` of `notice` would be.
    """

    word_share: Number = setting(0.3, "Share of the words that are split, at least one.", within=(0, 1))
    most_words: CountOrNone = setting(10, "The most words that are split; null for no limit.", within=(1, 1_000_000))
    min_chars: Count = setting(4, "Words of fewer characters stay as they are.", within=(2, 1_000_000))

    def sample(self, stream: Stream, text: Text) -> Edits | None:
        wanted = number(self.word_share, len(text.words), self.most_words)
        words = [word for word in text.words if len(word.text) >= self.min_chars]
        found: list[Edit] = []
        for at in shuffled(stream, len(words)):
            if (place := self._place(stream, text, words[at])) is not None:
                found.append(Edit(place, place, "", " "))
                if len(found) == wanted:
                    break
        return Edits(tuple(sorted(found))) if found else None

    def _place(self, stream: Stream, text: Text, word: Word) -> int | None:
        """Draw where a word is split, between two letters; None where it cannot be."""
        letters = characters(word.text)
        if len(letters) < self.min_chars:
            return None
        inner = [at for at in range(1, len(letters)) if letters[at - 1][0].isalpha() and letters[at][0].isalpha()]
        for chosen in shuffled(stream, len(inner)):
            first, second = "".join(letters[: inner[chosen]]), "".join(letters[inner[chosen] :])
            if not (text.settings.protect_negations and (is_negation(first) or is_negation(second))):
                return word.start + len(first)
        return None
