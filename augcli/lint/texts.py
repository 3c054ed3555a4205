"""Pitfalls of texts: what a spec, its steps, and a data set of texts have that is hardly meant."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

from augcli.dataset.listing import Listing, counts
from augcli.dataset.tables.columns import ADDED
from augcli.dataset.tables.conll import Conll
from augcli.lint.languages import NAMES, said
from augcli.lint.sets import SET_RULES_OF_ALL
from augcli.lint.spec import SPEC_RULES_OF_ALL
from augcli.lint.text_folder import Texts
from augcli.problems import Problem, Refused, counted, named, such_as
from augcli.spec.pipeline import Step, happening
from augcli.spec.spec import ROLES, Spec
from augcli.text.settings import TextSettings

TextSpecRule: TypeAlias = Callable[[Spec], Iterator[Problem]]
TextStepRule: TypeAlias = Callable[[Step], Iterator[Problem]]
TextSetRule: TypeAlias = Callable[[Spec, Path, Listing], Iterator[Problem]]
TextRule: TypeAlias = Callable[[Texts], Iterator[Problem]]

SHARES = ("share", "alpha")
"""What settings are called that say how much of a text is changed."""
RARE = 0.3
MANY = 0.2
"""The share of texts from which on something is told that steps cannot change."""
NAMED = 0.5
"""The share of a class's texts that name their class, from which on they give it away."""
FEWEST = 5
"""Texts of a class, or of a language, below which nothing is told of it."""

MOVING = ("random_swap", "eda")
"""Steps that give a word the place of another."""

EDA_TABLE = ((500, 0.05, 16), (2000, 0.05, 8), (5000, 0.1, 4))
"""Texts that are trained on, the share of words and the copies that the paper of EDA advises for so many."""

_SENTIMENTS = (
    {"pos", "neg"},
    {"positive", "negative"},
    {"good", "bad"},
    {"happy", "sad"},
    {"joy", "anger"},
    {"recommended", "not recommended"},
    {"1 star", "5 stars"},
)
_PAIR = re.compile(r"(?:^|[-_/])([a-z]{2,3})[-_]([a-z]{2,3})$")
"""How models for translation end that name their two languages: `opus-mt-en-de`."""
_ENGLISH_MODELS = re.compile(
    r"(distil|al)?bert-(base|large)(-v\d)?(-(un)?cased)?|(distil)?roberta-(base|large)|electra-\w+-generator"
)


def p_for_share(step: Step) -> Iterator[Problem]:
    """The `p` of a step says how many texts it happens to, not how many of their words."""
    share = next((key for key in SHARES if key in type(step.transform).fields), None)
    if share is not None and 0 < step.p <= RARE and share not in step.transform.given:
        value = getattr(step.transform, share)
        what = f"`{step.name}` happens to {step.p:.0%} of the copies, and then to the usual share of words, {value:g}"
        help = f"write {step.kind}: {{{share}: {step.p:g}}} for that share of the words, or both p and {share}"
        yield Problem(what, help)


def missing_model(spec: Spec) -> Iterator[Problem]:
    """A run is refused where a step has not the model or the table that it needs."""
    for role in ROLES:
        for step in happening(spec.steps_of(role)):
            try:
                list(step.transform.resources(spec.text))
            except Refused as refused:
                yield from refused.problems


def translation_pair(spec: Spec) -> Iterator[Problem]:
    """What goes there and back must come back from where it went."""
    for role in ROLES:
        for step in happening(spec.steps_of(role)):
            if step.kind == "back_translation":
                there, back = (_PAIR.search(_last(getattr(step.transform, key))) for key in ("to", "back"))
                if there and back and (there[1], there[2]) != (back[2], back[1]):
                    what = f"`{step.name}` goes from `{there[1]}` to `{there[2]}`"
                    what += f", and back from `{back[1]}` to `{back[2]}`"
                    yield Problem(what, f"give a model for `back` that goes from `{there[2]}` to `{there[1]}`")


def _last(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2].lower()


def eda_strength(spec: Spec, root: Path, listing: Listing) -> Iterator[Problem]:
    """The fewer texts there are, the more copies help, and the less each may be changed."""
    number = sum(sum(labels.values()) for labels in counts(s for s in listing.sources if s.role == "train").values())
    _, alpha, copies = next((row for row in EDA_TABLE if number <= row[0]), EDA_TABLE[-1])
    for step in happening(spec.steps_of("train")) if number else ():
        if step.kind != "eda":
            continue
        alphas = {key: getattr(step.transform, key) for key in ("alpha_sr", "alpha_ri", "alpha_rs", "p_rd")}
        if max(alphas.values()) <= 1.5 * alpha and copies / 2 <= spec.usual_copies <= 2 * copies:
            continue
        made = "one copy" if spec.usual_copies == 1 else f"{spec.usual_copies} copies"
        what = f"{root}: of {counted(number, 'text')} `{step.name}` makes {made} each, with up to"
        what += f" {max(alphas.values()):g} of the words changed; its paper advises {copies} copies and {alpha:g}"
        settings = ", ".join(f"{key}: {alpha:g}" for key in alphas)
        yield Problem(what, f"write copies: {copies}, and eda: {{{settings}}}")


def unusable_texts(texts: Texts) -> Iterator[Problem]:
    """A run leaves out what it cannot read, and says so only then."""
    _ = texts.seen  # all are read
    if texts.first_unusable is not None:
        place, reason = texts.first_unusable
        are = "is 1 text that cannot" if texts.unusable == 1 else f"are {texts.unusable} texts that cannot"
        yield Problem(
            f"{texts.root}: there {are} be used{such_as(texts.unusable, place)}: {reason}", "mend or remove them"
        )


def columns_of_splits(texts: Texts) -> Iterator[Problem]:
    """Loaders that read all splits as one set refuse those whose tables have other columns."""
    spec, sources = texts.spec, texts.listing.sources
    if not spec.text.origin:
        return
    tables = {source.block.table: spec.treatment(source.role) for source in sources if source.block}
    copied = sorted(table for table, treatment in tables.items() if treatment == "copy")
    made = sorted(table for table, treatment in tables.items() if treatment == "augment")
    if copied and made:
        what = f"{texts.root}: `{made[0]}` gets the columns {named(ADDED)}, `{copied[0]}` is copied without them"
        yield Problem(f"{what}; Hugging Face `datasets` refuses such splits", "write text: {origin: false}")


def columns_of_moved_words(texts: Texts) -> Iterator[Problem]:
    """The columns beside a tagged word tell of the word that stood there before."""
    names = [step.name for step in texts.steps if step.kind in MOVING]
    for path, table in texts.listing.tables.items():
        if names and isinstance(table, Conll) and table.parted.width > 2:
            what = f"{texts.root}: `{names[0]}` puts words into other lines of `{path}`, whose other columns stay"
            yield Problem(what, "do not train on these columns, or leave the step out")
            return


def texts_in_two_splits(texts: Texts) -> Iterator[Problem]:
    """What was trained on says nothing when it is tested on."""
    for (one, other), number in sorted(texts.seen.in_two_splits.items()):
        places = "` and `".join(texts.seen.examples[f"{one} {other}"])
        what = (
            f"{texts.root}: {counted(number, 'text')} of `{other}` {'stand' if number > 1 else 'stands'} in `{one}` too"
        )
        yield Problem(f"{what}{such_as(number, places)}", f"remove them from `{other}`")


def texts_with_two_labels(texts: Texts) -> Iterator[Problem]:
    """Of two equal texts in different classes one at least is labelled wrong, and each copy repeats it."""
    if number := texts.seen.with_two_labels:
        places = "` and `".join(texts.seen.examples["labels"])
        what = f"{texts.root}: {counted(number, 'text')} {'have' if number > 1 else 'has'} a like of another class"
        yield Problem(f"{what}{such_as(number, places)}", "correct the labels, or remove these texts")


def label_in_text(texts: Texts) -> Iterator[Problem]:
    """A text that names its class teaches to read that name, and nothing else."""
    for label, found in sorted(texts.seen.labels.items()):
        if min(found.own, found.others) < FEWEST or not re.search(r"[^\W\d]", label):
            continue
        share, elsewhere = found.own_named / found.own, found.others_named / found.others
        if share >= NAMED and elsewhere <= share / 5:
            what = f"{texts.root}: {found.own_named} of {found.own} texts of `{label}` name their class"
            what += f", and {found.others_named} of {found.others} others do"
            yield Problem(what, "take the labels out of the texts, if they were not meant to stand there")


def unprotected_negations(texts: Texts) -> Iterator[Problem]:
    """Without its `not` a complaint is praise, under the label of a complaint."""
    if texts.spec.text.protect_negations or not texts.steps:
        return
    labels = {label.lower() for label in texts.seen.labels}
    names = f"`{min(labels)}` and `{max(labels)}`" if len(labels) > 1 else "sentiment"
    column = str(texts.spec.text.label or "").lower()
    if "sentiment" in column or any(pair <= labels for pair in _SENTIMENTS):
        what = f"{texts.root}: negations are not protected, and the classes are of sentiment ({names})"
        yield Problem(what, "write text: {protect_negations: true}")


def other_language(texts: Texts) -> Iterator[Problem]:
    """Words of another language are noise among those of the texts."""
    found = texts.seen.languages
    if not found:
        return
    language, number = found.most_common(1)[0]
    if number < FEWEST or 2 * number < found.total():
        return
    for step in texts.steps:
        for taken, help in _languages(step, texts.spec.text):
            if taken != language:
                what = f"`{step.name}` is for {said(taken)} texts, most of these seem to be {said(language)}"
                code = language if language in NAMES else "CODE"
                yield Problem(f"{texts.root}: {what}", help.format(language=code))


def _languages(step: Step, settings: TextSettings) -> Iterator[tuple[str, str]]:
    """Return the language that a step takes texts to be in, with what to do where they are not."""
    if step.kind in ("synonym_replacement", "random_insertion", "eda") and settings.wordnet is None:
        yield "en", "write text: {{language: {language}, wordnet: PATH}}, or leave the step out"
    elif step.kind == "spelling_errors":
        yield "en", "leave it out"
    elif step.kind == "back_translation" and (pair := _PAIR.search(_last(step.transform.to))):
        yield pair[1], "give models for the language of the texts"
    elif step.kind.startswith("contextual_") and _ENGLISH_MODELS.fullmatch(_last(step.transform.model)):
        yield "en", "give a model for the language of the texts"


def unsegmented_texts(texts: Texts) -> Iterator[Problem]:
    """Nobody can tell words apart in Chinese or Thai without a dictionary, and steps for words do nothing there."""
    seen, steps = texts.seen, texts.steps
    if steps and all(step.transform.needs_words for step in steps) and seen.unsegmented > MANY * seen.augmented:
        what = f"{seen.unsegmented} of {counted(seen.augmented, 'text')} are written without blanks between words"
        what += "; all steps are for words, and leave them as they are"
        yield Problem(f"{texts.root}: {what}", "add a step for characters, such as character_swap")


def short_texts(texts: Texts) -> Iterator[Problem]:
    """Copies of what is too short for a step are no new texts."""
    total = texts.seen.words.total()
    for step in texts.steps:
        fewest = getattr(step.transform, "min_words", 2 if step.kind in ("random_swap", "random_deletion") else 1)
        short = sum(number for words, number in texts.seen.words.items() if words < fewest)
        if short > MANY * total:
            what = f"{short} of {counted(total, 'text')} have fewer than {counted(fewest, 'word')}"
            setting = "min_words" in type(step.transform).fields
            help = "write min_words: 2, or take another step" if setting and fewest > 2 else "take another step"
            yield Problem(f"{texts.root}: {what}; `{step.name}` leaves them as they are", help)


TEXT_SPEC_RULES: tuple[TextSpecRule, ...] = (*SPEC_RULES_OF_ALL, missing_model, translation_pair)
TEXT_STEP_RULES: tuple[TextStepRule, ...] = (p_for_share,)
TEXT_SET_RULES: tuple[TextSetRule, ...] = (*SET_RULES_OF_ALL, eda_strength)
"""Those that names and numbers show; no text is read."""
TEXT_RULES: tuple[TextRule, ...] = (
    *(
        unusable_texts,
        columns_of_splits,
        columns_of_moved_words,
        texts_in_two_splits,
        texts_with_two_labels,
        label_in_text,
        unprotected_negations,
    ),
    *(other_language, unsegmented_texts, short_texts),
)
"""Those for which every text is read."""
