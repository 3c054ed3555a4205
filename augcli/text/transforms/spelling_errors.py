from __future__ import annotations

from itertools import islice

from augcli.random_streams import Stream
from augcli.settings import CountOrNone, Number, setting
from augcli.text.case import copied
from augcli.text.characters import number, shuffled
from augcli.text.edits import Edit, Edits
from augcli.text.misspellings import MISSPELLINGS
from augcli.text.text import Text
from augcli.text.transform import TextTransform


class SpellingErrors(TextTransform[Edits]):
    """Misspell English words as people do.

    Words of a table of common misspellings (`definitely`: `definately`, `definitly`) get one of theirs, in the same
    case; other words stay. As nlpaug's `SpellingAug`, with a table of its own.
    """

    word_share: Number = setting(0.3, "Share of the words that are misspelt, at least one.", within=(0, 1))
    most_words: CountOrNone = setting(10, "The most words that are misspelt; null for no limit.", within=(1, 1_000_000))

    def sample(self, stream: Stream, text: Text) -> Edits | None:
        if not text.settings.is_english:
            return None
        words = [word for word in text.words if word.text.lower() in MISSPELLINGS]
        wanted = number(self.word_share, len(text.words), self.most_words)
        edits = []
        for at in islice(shuffled(stream, len(words)), wanted):
            word = words[at]
            wrong = MISSPELLINGS[word.text.lower()]
            after = copied(word.text, wrong[stream.integer(0, len(wrong) - 1)])
            edits.append(Edit(*word, after))
        return Edits(tuple(sorted(edits))) if edits else None
