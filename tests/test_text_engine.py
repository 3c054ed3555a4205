"""What every step for texts promises, over texts of all kinds: nothing changes but what its edits say."""

from __future__ import annotations

import json
import random
from itertools import pairwise
from typing import Any

import pytest
import regex

from augcli.random_streams import Streams
from augcli.text import words
from augcli.text.edits import Edit, applied, moved
from augcli.text.negations import is_negation
from augcli.text.text import Text
from augcli.text.transforms import find, names

# Parted by blanks or, where these belong to them, by bars.
KEPT_AS_THEY_ARE = [
    *"https://example.com/a?b=c&d=(e)#f www.example.org/x ftp://a.b some.one+tag@mail.example.com".split(),
    *"o'neil@a.ie @some_name #MovieNight #日本 $AAPL <br> </b> &amp; &#8217; {name} ${HOME} %s %5.2f %(count)d".split(),
    *":smile: :-D 3.14 1,000 10:30 50% 3rd snake_case v1.2-rc1 U.S file.txt 2nd-hand camelCase2 ٣٤ १२ ½".split(),
    *'<a href="x y">|<!-- a b -->|`let x = y`|```\nfor all of them\n```|{{ user name }}'.split("|"),
]
PIECES = [
    *"the movie was good|I don’t like it|not a very good film|never|An apple|WELL-KNOWN|it's|a|(aside)|“quoted”".split(
        "|"
    ),
    *". , ! ... — ' - -- _ *bold* a. e.g., \\n < & % \0 \x1b[0m \ufeff \u0600 \u0301 \u200d x\u200d a🏽 \ud7ff".split(
        " "
    ),
    *"Ünïcödé Straße İstanbul ığdır naïve col·lecció ȡɏ Wör\u00adter L’été ﬁne ŉ Ǆ Vie\u0302\u0323t cafe\u0301".split(),
    *"a\u0331\u0308bc|हिन्दी में अच्छी फ़िल्म|क्\u200dष|ক্ষত্রিয়|മലയാളം|தமிழ்|\u0915\u094d|Привет мир|Ελλάδα".split("|"),
    *"مُحَمَّد كتاب|می\u200cخواهم|السلام عليكم|שָׁלוֹם עולם|צה״ל|\u202bعربي\u202c|한국어 영화|\u1112\u1161\u11ab".split("|"),
    *"这部电影很好看 我有3个苹果 日本語のテキスト コーヒー ｶﾞｷﾞ 葛\U000e0100城 iPhone手机".split(),
    *"ที่นี่ดีมาก ພາສາລາວ ភាសាខ្មែរ မြန်မာစာ".split(),
    *"👩‍👩‍👧‍👦 👍🏽 🇩🇪🇫🇷 ❤️ 1️⃣ 😀 a👍🏽b 🏴\U000e0067\U000e0062\U000e007f ©️".split(),
]
BETWEEN = (" ", " ", " ", " ", "  ", "\n", "\r\n", "\t", "", "\u00a0", "\u3000", ", ", ". ", " \u0301", "-", "/")

NAMES = [name for name in names() if not any(field.is_required() for field in find(name).fields.values())]
"""Others need a model, and are tried with one in `tests/oracles/test_text_models.py`."""


def text_of(chance: random.Random) -> tuple[str, list[str]]:
    """Return a text, and those of its pieces that no step may touch; blanks are around them."""
    parts: list[str] = []
    kept = []
    for _ in range(chance.randint(0, 12)):
        if chance.random() < 0.2:
            kept.append(chance.choice(KEPT_AS_THEY_ARE))
            parts += (chance.choice((" ", "\n", " (")), kept[-1], chance.choice((" ", "\r\n", " ")))
        else:
            parts += (chance.choice(PIECES), chance.choice(BETWEEN))
    return "".join(parts), kept


def kept_spans(chance: random.Random, string: str) -> list[tuple[int, int]]:
    """Return some spans between characters of a text, as labels have them, in order."""
    ends = [0, *(match.end() for match in regex.finditer(r"\X", string))]
    chosen = sorted(chance.sample(ends, min(len(ends), 2 * chance.randint(0, 2)) // 2 * 2))
    return list(zip(chosen[::2], chosen[1::2], strict=True))


def check_step(name: str, seed: int) -> bool:
    """Check all promises for a step and a text; tell whether it did anything."""
    chance = random.Random(seed)
    string, untouched = text_of(chance)
    spans = kept_spans(chance, string) if chance.random() < 0.5 else []
    text = Text(string, spans, copy=seed % 4)
    transform: Any = find(name)()
    draw = transform.sample(Streams(seed, b"", 0)(name), text)
    if draw is None:
        return False
    edits = [Edit(*edit) for edit in json.loads(json.dumps(draw.edits))]
    assert edits == list(draw.edits)
    assert edits
    expected, output = string, applied(string, edits)
    for edit in reversed(edits):
        expected = expected[: edit.start] + edit.after + expected[edit.end :]
    assert output == expected
    assert output != string or name in ("random_swap", "eda")  # which may swap `a` and `a`
    assert all(one.end <= other.start for one, other in pairwise(edits))
    assert any(map(str.isalnum, output)) or not any(map(str.isalnum, string))

    boundaries = {0, *(match.end() for match in regex.finditer(r"\X", string))}
    assert {end for edit in edits for end in edit[:2]} <= boundaries
    for start, end in (*spans, *text.found.protected):
        assert not any(edit.start < end and start < edit.end for edit in edits)
    assert [output[slice(*span)] for span in moved(spans, edits)] == [string[slice(*span)] for span in spans]
    if not spans:
        assert all(output.count(piece) >= untouched.count(piece) for piece in untouched)
    negations = [word for word in text.found.words if is_negation(word.text)]
    assert not any(edit.start < word.end and word.start < edit.end for word in negations for edit in edits)
    assert sum(is_negation(word.text) for word in words.find(output).words) <= len(negations)
    return True


@pytest.mark.parametrize("name", NAMES)
def test_a_step_changes_nothing_but_what_its_edits_say(name):
    assert sum(check_step(name, seed) for seed in range(300)) > 10


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_step_changes_nothing_but_what_its_edits_say_in_20_000_texts(name):
    for seed in range(300, 20_300):
        check_step(name, seed)


def found_in(string: str) -> tuple[str, str, str]:
    """Return what is found in a text, with bars between: words, dense runs, protected spans."""
    found = words.find(string)
    dense, whole = ("|".join(word.text for word in some) for some in (found.dense, found.words))
    return whole, dense, "|".join(string[slice(*span)] for span in found.protected)


@pytest.mark.parametrize(
    ("string", "whole", "dense", "protected"),
    [
        ("It's a well-known rock 'n' roll “fact”—isn’t it?", "It's|a|well-known|rock|n|roll|fact|isn’t|it", "", ""),
        ("Mail o'neil@ex-a.com or see https://a.b/c?d=e.", "Mail|or|see", "", "o'neil@ex-a.com|https://a.b/c?d=e."),
        ("great...then a--b, good.The end. Visit a.com/b", "great|then|a|b|end|Visit", "", "good.The|a.com/b"),
        ("3.5% of $AAPL, in 1999, at 10:30 a'b5 don't_x", "of|in|at|a|don", "", "3.5%|$AAPL|1999|10:30|b5|t_x"),
        (
            "<b>so</b>&amp;<!-- <i> -->`a b` {x} {{y}} %s 5 %",
            "so",
            "",
            "<b>|</b>|&amp;|<!-- <i> -->|`a b`|{x}|{{y}}|%s|5",
        ),
        ("<!-- <!-- a < b <3 you & me", "a|b|you|me", "", "3"),
        ("我有3个苹果。看http://a.com这里", "", "我有|个苹果|看|这里", "3|http://a.com"),
        ("コーヒー ｶﾞｷ iPhone手机 ที่นี่", "iPhone", "コーヒー|ｶﾞｷ|手机|ที่นี่", ""),
        ("צה״ל مُحَمَّد می\u200cخواهم क्\u200dष cafe\u0301", "צה״ל|مُحَمَّد|می\u200cخواهم|क्\u200dष|cafe\u0301", "", ""),
        ("\u0600محمد كتاب \u0600中国 人", "كتاب", "国|人", "\u0600محمد|\u0600"),
        ("so 👍🏽 👩‍👩‍👧 ok 1️⃣", "so|ok", "", "1️⃣"),
    ],
)
def test_words_dense_runs_and_what_is_protected_are_found(string, whole, dense, protected):
    assert found_in(string) == (whole, dense, protected)


def test_latin_texts_are_found_alike_by_either_pattern():
    """Behind U+0301, which is in no Latin text, nothing else is found than without it."""
    latin = [piece for piece in (*PIECES, *KEPT_AS_THEY_ARE) if words._NOT_LATIN.search(piece) is None]
    marks = [*"abZé5²_.,:;-+@#$%&<>{}`'’/\\ \n"]
    chance = random.Random(1)
    for _ in range(3000):
        string = "".join(chance.choice(chance.choice((latin, marks))) for _ in range(chance.randint(1, 12)))
        assert words.find(f"{string}\n\u0301") == words.find(string)


HOSTILE = (
    *(
        "a",
        "a-",
        "a--",
        "a'",
        "a+",
        "a.",
        "a@",
        "a_",
        "a:",
        "a/",
        "1,",
        "1.",
        "1-",
        "5",
        "_",
        "-",
        ".",
        "'",
        "@",
        "#",
        "a'b5",
    ),
    *(
        "<",
        "<a",
        "<a ",
        "</",
        "<!--",
        "<!-- ",
        "-->",
        "&",
        "&a",
        "&#",
        "&#1",
        "`",
        "``",
        "```",
        "```a",
        "`a\n",
        "{",
        "{{",
        "{a",
    ),
    *("${", "%", "%(", "%(a)", "%0", "%-", ":a", ":", "http:", "http://", "www.", "a@b", "a@b.", "a@-", "x" * 70 + "."),
    *(
        "\u0301",
        "\u200d",
        "\u0600",
        "\u0600a",
        "é",
        "а",
        "а-",
        "א״",
        "中",
        "中a",
        "中.",
        "中@",
        "\u0e33",
        "\u0915\u094d",
        "👩\u200d",
    ),
)


def check_hostile(length: int) -> None:
    """Find words of texts that patterns which go back would never be done with."""
    for unit in HOSTILE:
        for end in ("", " a\u0301@"):
            string = (unit * length)[:length] + end
            found = words.find(string)
            spans = sorted([*found.protected, *(word[:2] for word in (*found.words, *found.dense))])
            assert all(one[1] <= other[0] for one, other in pairwise(spans))


def test_long_hostile_texts_are_passed_once():
    check_hostile(20_000)


@pytest.mark.slow
def test_a_megabyte_of_hostile_text_is_passed_once():
    check_hostile(1_000_000)


@pytest.mark.parametrize(("name", "seed"), [("character_deletion", 7521), ("random_swap", 5684)])
def test_texts_that_failed_once(name, seed):
    check_step(name, seed)


def test_negations_are_known_with_any_apostrophe_and_in_compounds():
    for word in ("don't", "Don’t", "donʼt", "don´t", "nobody’s", "Nothing's", "maybe-not", "NEVER"):
        assert is_negation(word), word
        (found,) = words.find(f"a {word} b").words[1:2]
        assert found.text == word
    assert not any(map(is_negation, ("knot", "nothings", "note", "ant", "want", "non")))
