"""Pitfalls of a step and the classes that it meets, as far as their names tell what they show."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple, TypeAlias

from augcli.problems import Problem, flow, named
from augcli.settings.values import Range
from augcli.spec.class_patterns import plainly
from augcli.spec.pipeline import Pipeline, Step

ClassRule: TypeAlias = Callable[[Step, Sequence[str]], Iterator[Problem]]
"""Takes a step that happens and the names of the classes whose images go through it."""

Direction: TypeAlias = Literal["mirror", "upend", "turn"]


class Motion(NamedTuple):
    """What a step does to the directions in an image; `help` is empty where nothing but leaving it out helps."""

    kind: Direction
    verb: str
    help: str = ""


FAR_TURNED = 45
"""Degrees: beyond it a side has become another one."""

_TURNING = ("rotate", "affine", "shift_scale_rotate")


def motion(step: Step) -> Motion | None:
    """Return what a step does to the directions in an image; None for nothing that matters."""
    name = step.transform.name()
    if name == "horizontal_flip":
        return Motion("mirror", "mirrors")
    if name == "vertical_flip":
        return Motion("upend", "turns upside down")
    if name == "rotate90" and _farthest(step, "times"):
        return Motion("turn", "turns by quarters")
    if name in _TURNING and _farthest(step, "degrees") > FAR_TURNED:
        return Motion("turn", f"turns by up to {_farthest(step, 'degrees'):g} degrees", "write degrees: 15")
    return None


def meetings(pipeline: Pipeline, labels: Sequence[str]) -> Iterator[tuple[Step, list[str]]]:
    """Return the steps that happen, each with those of the classes that it is for."""
    for node in pipeline:
        met = [label for label in labels if node.classes.fit(label)]
        if node.p == 0 or node.weight == 0 or (labels and not met):
            continue
        if isinstance(node, Step):
            yield node, met
        elif node.n[1]:
            yield from meetings(node.steps, met)


def without(step: Step, harmed: Sequence[str], labels: Sequence[str]) -> str:
    """Say how a step goes past the classes that it harms: it is for the others, or, if there are none, left out."""
    if len(harmed) == len(labels):
        return f"leave `{step.name}` out"
    if step.classes.only:
        return f"write only: {flow([plainly(label) for label in labels if label not in harmed])}"
    return f"write except: {flow([*step.classes.but, *map(plainly, harmed)])}"


def _farthest(step: Step, setting: str) -> float:
    reach: Range = getattr(step.transform, setting)
    return max(abs(reach.low), abs(reach.high))


NUMBER_WORDS = dict(
    zip(("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"), "0123456789", strict=True)
)
ABOUT_CHARACTERS = "digits?|num(ber)?|letter|char(acter)?|glyph|capital|upper(case)?|lower(case)?|small"
SURVIVES: Mapping[Direction, str] = {"mirror": "AHIMOTUVWXYilovwx08", "upend": "BCDEHIKOXclox038", "turn": "Oo0"}
"""Characters that are the same after a motion, in most typefaces."""

TEXT_WORDS = "texts?|words?|documents?|receipts?|invoices?|handwriting|captchas?"
FACE_WORDS = "faces?|portraits?|selfies?"


def words(name: str) -> list[str]:
    """Split a class name: `turn_left`, `turnLeft` and `turn-left2` begin with the words turn and left."""
    return re.findall(r"\d+|[^\W\d_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name))


def character(name: str) -> str | None:
    """Return the digit or letter that a class is named for: `7`, `digit_7`, `seven`, `letter-b`, `upper_B`."""
    telling = [word for word in words(name) if not re.fullmatch(ABOUT_CHARACTERS, word.lower())]
    if len(telling) != 1:
        return None
    found = NUMBER_WORDS.get(telling[0].lower(), telling[0])
    return found if len(found) == 1 else None


def mirrored_text(step: Step, labels: Sequence[str]) -> Iterator[Problem]:
    """A mirrored or turned character is another one, or none."""
    moved = motion(step)
    if moved is None:
        return
    # Where a class is called 10, the names are most likely running numbers.
    numbered = any(label.isdigit() and len(label) > 1 for label in labels)
    known = {label: character(label) for label in labels if not (numbered and label.isdigit())}
    harmed = [label for label, shown in known.items() if shown is not None and shown not in SURVIVES[moved.kind]]
    if harmed:
        what = f"`{step.name}` {moved.verb} what classes are named for: {named(harmed)}; it becomes another character"
        yield Problem(f"{what}, or none", moved.help or without(step, harmed, labels))
    text = _with_a_word_of(TEXT_WORDS, labels)
    if text:
        help = moved.help or without(step, text, labels)
        yield Problem(f"`{step.name}` {moved.verb} text, which nobody writes like that: {named(text)}", help)


def upended_faces(step: Step, labels: Sequence[str]) -> Iterator[Problem]:
    """Faces stand upright in photos; a network that learns them upside down has less room for those."""
    moved = motion(step)
    faces = _with_a_word_of(FACE_WORDS, labels)
    if moved is not None and moved.kind != "mirror" and faces:
        help = moved.help or without(step, faces, labels)
        yield Problem(f"`{step.name}` {moved.verb} faces, which stand upright in photos: {named(faces)}", help)


def _with_a_word_of(known: str, labels: Sequence[str]) -> list[str]:
    return [label for label in labels if any(re.fullmatch(known, word.lower()) for word in words(label))]


_SIDEWAYS: tuple[Direction, ...] = ("mirror", "turn")
_UPRIGHT: tuple[Direction, ...] = ("upend", "turn")
OPPOSITES: tuple[tuple[str, str, tuple[Direction, ...]], ...] = (
    ("left", "right", _SIDEWAYS),
    ("links", "rechts", _SIDEWAYS),
    ("gauche", "droite", _SIDEWAYS),
    ("izquierda", "derecha", _SIDEWAYS),
    ("sinistra", "destra", _SIDEWAYS),
    ("west", "east", _SIDEWAYS),
    ("up", "down", _UPRIGHT),
    ("top", "bottom", _UPRIGHT),
    ("north", "south", _UPRIGHT),
    ("clockwise", "counterclockwise", ("mirror", "upend")),
    ("clockwise", "anticlockwise", ("mirror", "upend")),
)


def swapped_sides(step: Step, labels: Sequence[str]) -> Iterator[Problem]:
    """A mirrored left is a right under the label left."""
    moved = motion(step)
    if moved is None:
        return
    spelled = {label: tuple(word.lower() for word in words(label)) for label in labels}
    known = set(spelled.values())
    swapped = []
    for label, own in spelled.items():
        for one, other, kinds in OPPOSITES:
            exchanged = tuple({one: other, other: one}.get(word, word) for word in own)
            # A right whale has no left one, but `turn_left` says enough by itself.
            alone = one == "left" and own and own[-1] in (one, other)
            if moved.kind in kinds and exchanged != own and (exchanged in known or alone) and label not in swapped:
                swapped.append(label)
    if swapped:
        what = (
            f"`{step.name}` {moved.verb} classes that are named for a side: {named(swapped)}; their copies show another"
        )
        yield Problem(what, moved.help or without(step, swapped, labels))


HUES = "red|green|blue|yellow|purple|pink|brown|cyan|magenta|turquoise|beige"
HUES_AND_SHADES = f"{HUES}|black|white|gr[ae]y"
THINGS = "orange|violet|gold|golden"
"""Names of things, too: they count only beside another colour."""

HUE_APART = 0.04
"""Turns: half the way from red to orange."""

COLOUR_CHANGES: Mapping[str, tuple[str | None, str, str]] = {
    "hue": ("turns", HUES, f"write turns: {HUE_APART:g}"),
    "color_jitter": ("hue", HUES, "write hue: 0"),
    "hue_saturation_value": ("hue", HUES, "write hue: 0"),
    "channel_shuffle": (None, HUES, ""),
    "grayscale": (None, HUES, ""),
    "invert": (None, HUES_AND_SHADES, ""),
    "solarize": (None, HUES_AND_SHADES, ""),
    "auto_augment": (None, HUES_AND_SHADES, ""),
    "rand_augment": (None, HUES_AND_SHADES, ""),
    "trivial_augment_wide": (None, HUES_AND_SHADES, ""),
    "augmix": (None, HUES_AND_SHADES, ""),
}
"""The setting that says how far hues turn, if one does; the names that are belied; the remedy."""


def hue_of_colour_names(step: Step, labels: Sequence[str]) -> Iterator[Problem]:
    """A red apple whose hue is turned is a green one under the label red."""
    if step.transform.name() not in COLOUR_CHANGES:
        return
    setting, colours, help = COLOUR_CHANGES[step.transform.name()]
    if setting is not None and _farthest(step, setting) <= HUE_APART:
        return
    coloured = _with_a_word_of(f"{colours}|{THINGS}", labels)
    if _with_a_word_of(colours, coloured):
        what = f"`{step.name}` changes the colours that classes are named for: {named(coloured)}"
        yield Problem(what, help or without(step, coloured, labels))


CLASS_RULES: tuple[ClassRule, ...] = (mirrored_text, upended_faces, swapped_sides, hue_of_colour_names)
