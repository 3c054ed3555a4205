"""A sentence in another language, in several wordings: by a model of transformers, or one converted for CTranslate2.

By beam search: the wordings are the likeliest, the best first, and nothing is drawn. What a model would cut is not
translated: a sentence of too many tokens, and a wording that does not come to its end.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any, Protocol

from augcli.problems import Unusable
from augcli.text.models.folders import TRANSLATION, Folder, find
from augcli.text.models.loading import loaded

_MOST_TOKENS = 512
"""Of a sentence; models are trained on far shorter ones."""
_LONGEST = 4 * _MOST_TOKENS
"""Characters of a sentence that is handed to a tokenizer."""


class _Model(Protocol):
    def translations(self, sentence: str, count: int) -> list[str]: ...


class _Transformers:
    """A model of the library transformers."""

    def __init__(self, folder: Folder) -> None:
        self._tokenizer, self._model = loaded(folder, "AutoModelForSeq2SeqLM")
        most = getattr(self._model.config, "max_position_embeddings", _MOST_TOKENS)
        self._most = min(self._tokenizer.model_max_length, most, _MOST_TOKENS)

    def translations(self, sentence: str, count: int) -> list[str]:
        import torch

        tokens = self._tokenizer(sentence, return_tensors="pt")
        length = tokens["input_ids"].shape[1]
        if length > self._most:
            return []
        room = min(_room(length), self._most - 1)
        with torch.inference_mode():
            made = self._model.generate(
                input_ids=tokens["input_ids"],
                attention_mask=tokens["attention_mask"],
                num_beams=count,
                num_return_sequences=count,
                do_sample=False,
                max_new_tokens=room,
            ).tolist()
        pad, unknown = self._tokenizer.pad_token_id, self._tokenizer.unk_token_id
        return [
            self._tokenizer.decode(ids, skip_special_tokens=True)
            for ids in made
            if unknown not in ids and sum(one != pad for one in ids[1:]) < room
        ]


class _Converted:
    """A model for CTranslate2, with SentencePiece's own files."""

    def __init__(self, folder: Folder) -> None:
        import ctranslate2
        import sentencepiece

        try:
            self._model = ctranslate2.Translator(
                str(folder.path), device="cpu", compute_type="default", inter_threads=1, intra_threads=1
            )
            self._source, self._target = (
                sentencepiece.SentencePieceProcessor(model_file=str(folder.path / f"{side}.spm"))
                for side in ("source", "target")
            )
        except (RuntimeError, OSError, ValueError):
            raise Unusable(f"the model {folder.name} cannot be loaded: its files are damaged") from None
        self._end = [] if folder.config.get("add_source_eos") else ["</s>"]

    def translations(self, sentence: str, count: int) -> list[str]:
        tokens = self._source.encode(sentence, out_type=str) + self._end
        if len(tokens) > _MOST_TOKENS:
            return []
        room = _room(len(tokens))
        try:
            (made,) = self._model.translate_batch(
                [tokens], beam_size=count, num_hypotheses=count, max_decoding_length=room, max_input_length=0
            )
        except RuntimeError:  # more tokens than it has places for
            return []
        return [
            self._target.decode_pieces(pieces)
            for pieces in made.hypotheses
            if "<unk>" not in pieces and len(pieces) < room
        ]


def _room(length: int) -> int:
    """Return how many tokens a translation may have; none that is usable has more."""
    return min(2 * length + 10, _MOST_TOKENS - 1)


class Translator:
    """A translation model."""

    def __init__(self, name: str) -> None:
        """Load a model. Raises `Unusable` where it cannot be loaded."""
        folder = find(name, TRANSLATION)
        self._model: _Model = _Converted(folder) if folder.is_converted else _Transformers(folder)
        self._asked = lru_cache(maxsize=1024)(self._ask)

    def wordings(self, sentence: str, count: int) -> tuple[str, ...]:
        """Return at most `count` translations of a sentence, the likeliest first; none of what is too long."""
        plain = " ".join(sentence.split())
        return self._asked(plain, count) if 0 < len(plain) <= _LONGEST else ()

    def _ask(self, sentence: str, count: int) -> tuple[str, ...]:
        made: Any = (" ".join(one.split()) for one in self._model.translations(sentence, count))
        return tuple(dict.fromkeys(one for one in made if one))


@cache
def load(name: str) -> Translator:
    """Return a translation model, which is loaded once in a process."""
    return Translator(name)
