from __future__ import annotations

from collections.abc import Iterator

from augcli.random_streams import Stream
from augcli.settings import CountOrNone, Number, setting
from augcli.text import articles, wordnet
from augcli.text.edits import Edit, Edits
from augcli.text.settings import TextSettings
from augcli.text.synonyms import as_edit, drawn, finder_of
from augcli.text.text import Text
from augcli.text.transform import TextTransform


class SynonymReplacement(TextTransform[Edits]):
    """Replace words by synonyms from WordNet, in the same number, tense and case.

    As many words as `alpha` times the words of the text, at least one, none of them a stop word, as EDA does (Wei and
    Zou 2019); fewer where fewer have synonyms. A synonym is of the most frequent part of speech of the word that its
    place allows, of its first two senses, and the likelier the more frequent it is; opposites are never taken.
    """

    alpha: Number = setting(0.1, "Share of the words that are replaced.", within=(0, 1))
    most_words: CountOrNone = setting(None, "The most words that are replaced.", within=(1, 1_000_000))
    phrases: bool = setting(False, "Take synonyms of several words too, as `motion picture`.")

    def sample(self, stream: Stream, text: Text) -> Edits | None:
        finder = finder_of(text, phrases=self.phrases)
        words = list(finder.words)
        number = max(1, int(self.alpha * len(text.all_words)))
        number = min(number, self.most_words or number)
        edits: list[Edit] = []
        while words and len(edits) < number:
            word = drawn(stream, words)
            synonyms = finder.synonyms(word)
            if synonyms.words:
                edits.append(as_edit(word, synonyms.words[stream.index(synonyms.weights)]))
        return Edits(articles.repaired(text, sorted(edits))) if edits else None

    def resources(self, settings: TextSettings) -> Iterator[tuple[str, str]]:
        return wordnet.resources(settings)
