from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, ClassVar

from augcli.random_streams import Stream
from augcli.settings import Count, CountOrNone, File, Number, setting
from augcli.text import articles
from augcli.text.case import copied
from augcli.text.characters import number, shuffled
from augcli.text.edits import Edit, Edits
from augcli.text.models import choice
from augcli.text.settings import TextSettings
from augcli.text.text import Text
from augcli.text.transform import TextTransform


class ContextualSubstitution(TextTransform[Edits]):
    """Replace words by others that a masked language model expects in their places.

    As many words as `share` times the words of the text, at least one (Kobayashi 2018). Each is masked in the text as
    it was, and its successor drawn from the `top_k` likeliest tokens, by their softmax at `temperature`: no part of a
    word, no mark, neither the word itself nor one beside it, no negation, and no opposite that WordNet knows; what a
    negation turns around stays. What fits a place may still change what a text says: look at the copies where labels
    are opinions.
    """

    example: ClassVar[Mapping[str, Any]] = {"model": "bert-base-uncased"}

    model: File = setting(help="The folder of a masked language model, or the name of one in your Hugging Face cache.")
    share: Number = setting(0.1, "Share of the words that are replaced, at least one.", within=(0, 1))
    top_k: Count = setting(100, "How many of the likeliest tokens are chosen from.", within=(1, 10_000))
    temperature: Number = setting(1, "Above 1 unlikely words are taken more often, below 1 less.", within=(0.01, 100))
    most_words: CountOrNone = setting(None, "The most words that are replaced.", within=(1, 1_000_000))

    def sample(self, stream: Stream, text: Text) -> Edits | None:
        words = [word for word in text.words if word not in text.negated]
        if not words:
            return None
        wanted = number(self.share, len(text.all_words), self.most_words)
        chooser = choice.Choice(text, self.model, self.top_k, self.temperature)
        edits: list[Edit] = []
        for at in islice(shuffled(stream, len(words)), 2 * wanted):
            word = words[at]
            if len(edits) < wanted and (found := chooser.instead_of(stream, word)) is not None:
                edits.append(Edit(*word, copied(word.text, found)))
        return Edits(articles.repaired(text, sorted(edits))) if edits else None

    def resources(self, settings: TextSettings) -> Iterator[tuple[str, str]]:
        return choice.resources(self.model, settings)
