"""What a step for texts is: settings, and a draw whose edits are all that is done.

A transform holds nothing but its settings. `sample` looks at the spans of a text and returns a draw, a NamedTuple with
`edits` and perhaps more; it never returns a text. Whether a step happens at all is the step's affair.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar, Generic

from augcli.random_streams import Stream
from augcli.settings.transform import AnyTransform, Draw
from augcli.text.edits import Edit
from augcli.text.settings import TextSettings
from augcli.text.text import Text


class TextTransform(AnyTransform[Draw], Generic[Draw]):
    """One augmentation of a text."""

    data_kind = "text"
    needs_words: ClassVar[bool] = True
    """Whether it does nothing to scripts that are written without blanks between words."""

    @abstractmethod
    def sample(self, stream: Stream, text: Text) -> Draw | None:
        """Draw what is done to a text; None means that nothing is.

        The draw has `edits`, sorted, that do not overlap and reach into nothing that stays as it is. What is left of a
        text with a word has a word. Raises `Unusable` where a text cannot be used.
        """

    @classmethod
    def draw_from(cls, params: dict[str, Any]) -> Draw:
        """Return the draw that `params` recorded, from its JSON form."""
        return super().draw_from({**params, "edits": tuple(Edit(*edit) for edit in params["edits"])})

    def resources(self, settings: TextSettings) -> Iterator[tuple[str, str]]:
        """Return what it reads besides the text, each with a digest that changes when its draws may: models, tables.

        Raises `Refused` where something is not there.
        """
        return iter(())

    sample_text: ClassVar[str] = "The movie was absolutely fantastic, and the whole audience loved every minute of it."
    """What `augcli show` and the tests try it on."""
