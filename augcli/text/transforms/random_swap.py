from __future__ import annotations

from augcli.random_streams import Stream
from augcli.settings import Number, setting
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

    def sample(self, stream: Stream, text: Text) -> Edits | None:
        words = [word for word in text.words if word not in text.negated]
        if len(words) < 2:
            return None
        order = list(range(len(words)))
        for _ in range(max(1, int(self.alpha * len(text.all_words)))):
            one, other = self._pair(stream, len(words))
            order[one], order[other] = order[other], order[one]
        edits = [
            Edit(*place, in_place_of(text.string, place, words[at]))
            for place, at in zip(words, order, strict=True)
            if place is not words[at]
        ]
        return Edits(articles.repaired(text, edits)) if edits else None

    def _pair(self, stream: Stream, count: int) -> tuple[int, int]:
        """Draw two different places, all pairs equally likely."""
        if self.adjacent:
            one = stream.integer(0, count - 2)
            return one, one + 1
        one, other = stream.integer(0, count - 1), stream.integer(0, count - 2)
        return one, other + (other >= one)
