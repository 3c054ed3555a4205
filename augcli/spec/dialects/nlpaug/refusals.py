"""Names of nlpaug that are not offered: why not, and what to write instead."""

from __future__ import annotations

from augcli.spec.dialects.entry import refuse

_SENTENCES = "makes sentences of its own, which may not keep the label"
_BACK = "write nlpaug.BackTranslationAug"
_CONTEXT = "write nlpaug.ContextualWordEmbsAug, or synonym_replacement"
ENTRIES = refuse(
    {
        "AntonymAug": ("turns the meaning around, and the label with it", "write nlpaug.SynonymAug"),
        "ReservedAug": ("swaps words of lists of your own, which a spec does not hold", "write synonym_replacement"),
        "WordEmbsAug": ("needs vectors of words, which are not read; near ones are often opposites", _CONTEXT),
        "TfIdfAug": ("needs a model that was fitted to your texts", _CONTEXT),
        "AbstSummAug": ("makes a summary, which leaves most of the text out", _BACK),
        "ContextualWordEmbsForSentenceAug": (_SENTENCES, "write nlpaug.ContextualWordEmbsAug: {action: insert}"),
        "LambadaAug": (_SENTENCES, "write nlpaug.ContextualWordEmbsAug"),
        "RandomSentAug": ("moves whole sentences", "write nlpaug.RandomWordAug: {action: swap}"),
    }
)
