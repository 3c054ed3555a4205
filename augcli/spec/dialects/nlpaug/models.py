"""Augmenters with a model of a language: masked words, and translation there and back."""

from __future__ import annotations

from typing import Any

from augcli.problems import spelled
from augcli.spec.dialects.entry import Entries, Parameter, Steps, Untranslatable, register_into
from augcli.spec.dialects.nlpaug.declaration import COUNTS, OF_MODELS, count_or_none, share_and_most, words_changed
from augcli.spec.dialects.parameters.numbers import whole
from augcli.spec.dialects.parameters.words import choice, ignored

ENTRIES: Entries = {}
entry = register_into(ENTRIES, OF_MODELS)
entry_of_translation = register_into(ENTRIES, {"verbose": ignored(0)})


def _model(default: str) -> Parameter:
    def read(value: Any) -> str:
        if not isinstance(value, str) or not value:
            raise Untranslatable(f"expected a folder, or the name of a model, got {spelled(value)}")
        return value

    return Parameter(read, default, words="a folder, or the name of a model in your cache")


_OF_THE_MACHINE = {"batch_size": ignored(32), "device": ignored("cpu"), "force_reload": ignored(False)}


@entry(
    "ContextualWordEmbsAug",
    model_path=_model("bert-base-uncased"),
    model_type=ignored(""),
    action=choice("substitute", "insert", default="substitute"),
    top_k=count_or_none(100, "all"),
    **words_changed(),
    **_OF_THE_MACHINE,
    silence=ignored(True),
    use_custom_api=ignored(True),
)
def _contextual(call: Any) -> Steps:
    """Shares are rounded down here, and up there. Whole words alone are put in, none that is part of one."""
    if call.top_k is None:
        raise Untranslatable("all words of a model are not offered", "write top_k: 1000", "top_k")
    step = "contextual_insertion" if call.action == "insert" else "contextual_substitution"
    return [{step: {"model": call.model_path, **share_and_most(call, "share"), "top_k": call.top_k}}]


@entry_of_translation(
    "BackTranslationAug",
    from_model_name=_model("facebook/wmt19-en-de"),
    to_model_name=_model("facebook/wmt19-de-en"),
    **_OF_THE_MACHINE,
    max_length=whole(300, within=COUNTS),
)
def _back_translation(call: Any) -> Steps:
    """Copies of a text take different translations, where nlpaug has one."""
    return [{"back_translation": {"to": call.from_model_name, "back": call.to_model_name}}]
