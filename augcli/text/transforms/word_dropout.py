from __future__ import annotations

from augcli.random_streams import Stream
from augcli.settings import Count, Number, setting
from augcli.text import articles
from augcli.text.edits import Edits, removals
from augcli.text.text import Text
from augcli.text.transform import TextTransform


class WordDropout(TextTransform[Edits]):
    """Remove each word with a probability, as word dropout does.

    Texts of fewer than `min_words` words stay as they are, and one word at least is always left. Unlike a program that
    splits at blanks and joins again, all that is left stays as it was; but `an`
    becomes `a` where the word behind it asks for that.
    """

    share: Number = setting(0.1, "Probability that a word is removed.", within=(0, 1))
    min_words: Count = setting(4, "The fewest words that a text must have.", within=(1, 1_000_000))

    def sample(self, stream: Stream, text: Text) -> Edits | None:
        if len(text.all_words) < self.min_words:
            return None
        dropped = [word for word in text.words if stream.random() < self.share and word not in text.negated]
        if len(dropped) == len(text.all_words):
            dropped.pop(stream.integer(0, len(dropped) - 1))
        edits = removals(text.string, [word.span for word in dropped], text.fixed)
        return Edits(articles.repaired(text, edits)) if edits else None
