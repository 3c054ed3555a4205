from __future__ import annotations

from itertools import islice

from augcli.random_streams import Stream
from augcli.settings import Count, setting
from augcli.text.characters import shuffled
from augcli.text.edits import Edit, Edits
from augcli.text.text import Text
from augcli.text.transform import TextTransform

_MARKS = ".,!?;:"


class PunctuationInsertion(TextTransform[Edits]):
    """Insert punctuation marks before words, as AEDA does.

    A random number of them from 1 to a third of the words and one more, each one of `. , ! ? ; :`, before as many
    different words (Karimi, Rossi and Prati 2021). None stands between a negation and what it negates.
    """

    words_per_mark: Count = setting(3, "At most one mark for so many words, and one more.", within=(1, 1_000_000))

    def sample(self, stream: Stream, text: Text) -> Edits | None:
        string = text.string
        places = [
            word.start
            for word in text.words
            if (word.start == 0 or string[word.start - 1].isspace()) and word not in text.negated
        ]
        wanted = min(len(places), stream.integer(1, len(text.all_words) // self.words_per_mark + 1))
        drawn = sorted(islice(shuffled(stream, len(places)), wanted))
        edits = (Edit(places[at], places[at], "", f"{_MARKS[stream.integer(0, len(_MARKS) - 1)]} ") for at in drawn)
        return Edits(tuple(edits)) if drawn else None
