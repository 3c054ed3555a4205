from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from augcli.random_streams import Stream
from augcli.settings import Number, setting
from augcli.text import wordnet
from augcli.text.edits import Edits
from augcli.text.settings import TextSettings
from augcli.text.text import Text
from augcli.text.transform import TextTransform
from augcli.text.transforms.random_deletion import RandomDeletion
from augcli.text.transforms.random_insertion import RandomInsertion
from augcli.text.transforms.random_swap import RandomSwap
from augcli.text.transforms.synonym_replacement import SynonymReplacement


class Eda(TextTransform[Edits]):
    """Easy data augmentation: replace, insert, swap or remove words, one of these for each copy in turn.

    The four operations of Wei and Zou (2019) under the names of their parameters: copy 0 gets synonyms, copy 1
    insertions, copy 2 swaps, copy 3 deletions, copy 4 synonyms again. The paper advises 16 copies and 0.05 for 500
    texts, 8 and 0.05 for 2,000, 4 and 0.1 for 5,000 and more. Where one has nothing to do, as in a text without any
    synonyms, the next takes its place.
    """

    alpha_sr: Number = setting(0.1, "Share of the words that are replaced by synonyms.", within=(0, 1))
    alpha_ri: Number = setting(0.1, "How many synonyms are inserted, as a share of the words.", within=(0, 1))
    alpha_rs: Number = setting(0.1, "How often words are swapped, as a share of the words.", within=(0, 1))
    p_rd: Number = setting(0.1, "Probability that a word is removed.", within=(0, 1))

    def sample(self, stream: Stream, text: Text) -> Edits | None:
        operations = (
            (SynonymReplacement, self.alpha_sr),
            (RandomInsertion, self.alpha_ri),
            (RandomSwap, self.alpha_rs),
            (RandomDeletion, self.p_rd),
        )
        for turn in range(text.copy, text.copy + len(operations)):
            edits = _operation(*operations[turn % len(operations)]).sample(stream, text)
            if edits is not None:
                return edits
        return None

    def resources(self, settings: TextSettings) -> Iterator[tuple[str, str]]:
        return wordnet.resources(settings)


@lru_cache
def _operation(kind: type[TextTransform[Edits]], alpha: float) -> TextTransform[Edits]:
    return kind(alpha=alpha)
