from __future__ import annotations

from collections.abc import Iterator

from augcli.random_streams import Stream
from augcli.settings import Number, setting
from augcli.text import articles, wordnet
from augcli.text.edits import Edit, Edits
from augcli.text.settings import TextSettings
from augcli.text.synonyms import finder_of
from augcli.text.text import Text
from augcli.text.transform import TextTransform


class RandomInsertion(TextTransform[Edits]):
    """Insert synonyms of the text's own words in random places.

    As many as `alpha` times the words of the text, at least one, of words that are no stop words, as EDA does (Wei and
    Zou 2019). Each is put behind a word and before a blank, or at the end, never behind a negation.
    """

    alpha: Number = setting(0.1, "How many are inserted, as a share of the words.", within=(0, 1))
    phrases: bool = setting(False, "Take synonyms of several words too, as `motion picture`.")

    def sample(self, stream: Stream, text: Text) -> Edits | None:
        places, finder = text.places, finder_of(text, phrases=self.phrases)
        left = list(finder.words)
        number = max(1, int(self.alpha * len(text.all_words)))
        inserted: dict[int, str] = {}
        while places and left and number:
            at = stream.integer(0, len(left) - 1)
            synonyms = finder.synonyms(left[at])
            if synonyms.words:
                place = places[stream.integer(0, len(places) - 1)]
                inserted[place] = f"{inserted.get(place, '')} {synonyms.words[stream.index(synonyms.weights)]}"
                number -= 1
            else:
                left[at] = left[-1]
                left.pop()
        edits = [Edit(place, place, "", words) for place, words in sorted(inserted.items())]
        return Edits(articles.repaired(text, edits)) if edits else None

    def resources(self, settings: TextSettings) -> Iterator[tuple[str, str]]:
        return wordnet.resources(settings)
