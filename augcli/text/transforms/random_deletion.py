from __future__ import annotations

from augcli.random_streams import Stream
from augcli.settings import Number, setting
from augcli.text import articles
from augcli.text.edits import Edits, removals
from augcli.text.text import Text
from augcli.text.transform import TextTransform


class RandomDeletion(TextTransform[Edits]):
    """Remove each word with a probability, as EDA does.

    One word at least is left (Wei and Zou 2019). Negations and what they negate stay.
    """

    alpha: Number = setting(0.1, "Probability that a word is removed.", within=(0, 1))

    def sample(self, stream: Stream, text: Text) -> Edits | None:
        if len(text.all_words) < 2:
            return None
        removed = [word for word in text.words if stream.random() < self.alpha and word not in text.negated]
        if len(removed) == len(text.all_words):
            removed.pop(stream.integer(0, len(removed) - 1))
        edits = removals(text.string, [word.span for word in removed])
        return Edits(articles.repaired(text, edits)) if edits else None
