"""Which words a masked language model expects in a place of a text, and how likely each is there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any, Literal, NamedTuple

from augcli.text.models.folders import MASKED, find
from augcli.text.models.loading import loaded

_REACH = 240
"""Characters on either side of a place that a model is shown, cut at a blank: some forty words."""


class Guess(NamedTuple):
    """A word in the place of a mask, and its logit: the larger, the likelier."""

    word: str
    logit: float


class MaskedModel:
    """A masked language model."""

    def __init__(self, name: str) -> None:
        """Load a model. Raises `Unusable` where it cannot be loaded."""
        self._tokenizer, self._model = loaded(find(name, MASKED), "AutoModelForMaskedLM")
        config = self._model.config
        self._most = min(self._tokenizer.model_max_length, getattr(config, "max_position_embeddings", 512) - 2, 512)
        self._marks = _marks_of(self._tokenizer)
        self._asked = lru_cache(maxsize=4096)(self._ask)

    def guesses(self, before: str, after: str, most: int) -> list[Guess]:
        """Return what may stand between two parts of a text, of the `most` likeliest tokens those that are whole words.

        The likeliest come first; none where the model cannot take the text.
        """
        return self._asked(before[-_REACH - 1 :], after[: _REACH + 1], most)

    def _ask(self, before: str, after: str, most: int) -> list[Guess]:
        import torch

        ids = self._with_mask(before, after, is_cut_before=len(before) > _REACH, is_cut_after=len(after) > _REACH)
        if ids is None:
            return []
        at = ids[0].tolist().index(self._tokenizer.mask_token_id)
        with torch.inference_mode():
            logits = self._model(input_ids=ids, attention_mask=torch.ones_like(ids)).logits[0, at].float()
        logits, tokens = torch.topk(logits, min(most, len(logits)))
        ordered = sorted(zip(tokens.tolist(), logits.tolist(), strict=True), key=lambda one: (-one[1], one[0]))
        follows_blank, starts = before[-1:].isspace(), not before
        return [*self._words(ordered, follows_blank=follows_blank, starts=starts)]

    def _with_mask(self, before: str, after: str, *, is_cut_before: bool, is_cut_after: bool) -> Any:
        """Return the tokens of a text with a mask, of as much of it as the model can take."""
        mask = self._tokenizer.mask_token
        before, after = before.replace(mask, " "), after.replace(mask, " ")
        while True:
            if is_cut_before:
                before = before.partition(" ")[2]
            if is_cut_after:
                after = after.rpartition(" ")[0]
            ids = self._tokenizer(f"{before}{mask}{after}", return_tensors="pt")["input_ids"]
            if ids.shape[1] <= self._most:
                return ids if (ids == self._tokenizer.mask_token_id).sum() == 1 else None
            if not before and not after:
                return None
            is_cut_before, is_cut_after = bool(before), bool(after)
            before, after = before[(len(before) + 1) // 2 :], after[: len(after) // 2]

    def _words(self, ordered: list[tuple[int, float]], *, follows_blank: bool, starts: bool) -> Iterator[Guess]:
        special = {*self._tokenizer.all_special_ids}
        for number, logit in ordered:
            token = self._tokenizer.convert_ids_to_tokens(number)
            if number in special or not isinstance(token, str):
                continue
            if self._marks == "##":
                is_whole = not token.startswith("##")
            else:  # a mark before each word that a blank stands before
                is_whole = token.startswith(self._marks) == (follows_blank or (starts and self._marks == "▁"))
            if is_whole:
                yield Guess(self._tokenizer.convert_tokens_to_string([token]).strip(), logit)


def _marks_of(tokenizer: Any) -> Literal["##", "▁", "Ġ"]:
    """Return how a tokenizer tells parts of words from words: `##` marks what goes on, the others what begins."""
    counted = Counter(token[:1] for token in tokenizer.get_vocab())
    counted["##"] = sum(token.startswith("##") for token in tokenizer.get_vocab())
    return max(("##", "▁", "Ġ"), key=lambda mark: counted[mark])


@cache
def load(name: str) -> MaskedModel:
    """Return a masked language model, which is loaded once in a process."""
    return MaskedModel(name)
