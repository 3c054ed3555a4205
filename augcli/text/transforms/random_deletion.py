from __future__ import annotations

from augcli.random_streams import Stream
from augcli.settings import CountOrNone, Number, setting
from augcli.text import articles
from augcli.text.edits import Edits, removals
from augcli.text.text import Text
from augcli.text.transform import TextTransform


class RandomDeletion(TextTransform[Edits]):
    """Remove each word with a probability, as EDA does.

    One word at least is left (Wei and Zou 2019). Negations and what they negate stay.
    """

    alpha: Number = setting(0.1, "Probability that a word is removed.", within=(0, 1))
    most_words: CountOrNone = setting(None, "The most words that are removed.", within=(1, 1_000_000))

    def sample(self, stream: Stream, text: Text) -> Edits | None:
        if len(text.all_words) < 2:
            return None
        removed = [word for word in text.words if stream.random() < self.alpha and word not in text.negated]
        if len(removed) == len(text.all_words):
            removed.pop(stream.integer(0, len(removed) - 1))
        while self.most_words is not None and len(removed) > self.most_words:
            removed.pop(stream.integer(0, len(removed) - 1))
        edits = removals(text.string, [word.span for word in removed], text.fixed)
        return Edits(articles.repaired(text, edits)) if edits else None
