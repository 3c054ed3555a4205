from __future__ import annotations

from augcli.random_streams import Stream
from augcli.settings import CountOrNone, Number, setting
from augcli.text import articles
from augcli.text.case import in_place_of
from augcli.text.edits import Edit, Edits
from augcli.text.text import Text
from augcli.text.transform import TextTransform


class RandomSwap(TextTransform[Edits]):
    """Swap two random words, and again.

    As often as `alpha` times the words of the text, at least once, as EDA does (Wei and Zou 2019). Negations and what
    they negate stay in place; a capital letter at the start of a sentence does so as well.
    """

    alpha: Number = setting(0.1, "How often words are swapped, as a share of the words.", within=(0, 1))
    adjacent: bool = setting(False, "Swap only words that stand side by side.")
    most_words: CountOrNone = setting(None, "The most swaps.", within=(1, 1_000_000))

    def sample(self, stream: Stream, text: Text) -> Edits | None:
        words = [word for word in text.words if word not in text.negated]
        if len(words) < 2:
            return None
        order = list(range(len(words)))
        number = max(1, int(self.alpha * len(text.all_words)))
        for _ in range(min(number, self.most_words or number)):
            one, other = self._pair(stream, len(words))
            order[one], order[other] = order[other], order[one]
        edits = [
            Edit(*place, in_place_of(text.string, place, words[at]))
            for place, at in zip(words, order, strict=True)
            if place is not words[at]
        ]
        mended = articles.repaired(text, edits)
        return Edits(mended) if mended else None  # of a text that has a word twice, nothing may come

    def _pair(self, stream: Stream, count: int) -> tuple[int, int]:
        """Draw two different places, all pairs equally likely."""
        if self.adjacent:
            one = stream.integer(0, count - 2)
            return one, one + 1
        one, other = stream.integer(0, count - 1), stream.integer(0, count - 2)
        return one, other + (other >= one)
