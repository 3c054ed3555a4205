"""English words that carry grammar and little meaning: steps that look for synonyms pass over them."""

from __future__ import annotations

STOP_WORDS = frozenset(
    (
        "a an the this that these those such same other others another each every either both all any some few more"
        " most many much several own enough less least next last first"
        " i me my mine myself we us our ours ourselves you your yours yourself yourselves he him his himself she her"
        " hers herself it its itself they them their theirs themselves who whom whose which what one ones"
        " anybody anyone anything everybody everyone everything somebody someone something whoever whatever whichever"
        " am is are was were be been being do does did doing done have has had having can could may might must shall"
        " should will would ought let"
        " and but or nor so yet if because as until till while although though since unless whether than however thus"
        " of at by for with about against between into through during before after above below to from up down in out"
        " on off over under across along among around behind beside besides beyond despite except inside like near"
        " onto outside per toward towards upon via within without"
        " again further then once here there when where why how also just only very too even still already always ever"
        " never almost quite rather perhaps maybe instead else away back"
        " not no none nobody nothing neither yes"
        " i'm i've i'd i'll you're you've you'd you'll he's he'd he'll she's she'd she'll it's it'd it'll we're we've"
        " we'd we'll they're they've they'd they'll that's that'd that'll there's there'd there'll who's who'd who'll"
        " what's what'd what'll let's here's where's when's why's how's"
    ).split()
)


_WRITTEN = STOP_WORDS | {word.replace("'", "’") for word in STOP_WORDS}


def is_stop_word(word: str) -> bool:
    """Tell whether an English word carries little meaning by itself, whatever its case."""
    return word.lower() in _WRITTEN
