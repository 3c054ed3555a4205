"""The laws of the steps that change words character by character, insert marks, split and misspell."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest
from scipy.stats import binomtest, chisquare

from augcli.random_streams import Streams
from augcli.text.edits import Edit, applied
from augcli.text.misspellings import MISSPELLINGS
from augcli.text.negations import is_negation
from augcli.text.settings import TextSettings
from augcli.text.text import Text
from augcli.text.transforms import find
from augcli.text.transforms.keyboard_typos import _NEIGHBOURS

DRAWS = 2000
BY_CHARACTER = (
    *("keyboard_typos", "ocr_errors"),
    *("character_insertion", "character_deletion", "character_substitution", "character_swap"),
)


def edits_of(name: str, string: str, at: int, text: Text | None = None, **settings: Any) -> list[Edit]:
    draw = find(name)(**settings).sample(Streams(at, b"text", 0)(name), text or Text(string))
    return [] if draw is None else list(draw.edits)


def is_even(counts: Counter[Any], kinds: int) -> bool:
    """Tell whether all of so many kinds came up alike often."""
    assert len(counts) == kinds
    return kinds == 1 or bool(chisquare([*counts.values()]).pvalue > 1e-4)


@pytest.mark.parametrize("name", BY_CHARACTER)
@pytest.mark.parametrize(
    ("settings", "words", "characters"),
    [
        ({}, 6, 3),  # int(0.3 * 20) of the words, int(0.3 * 10) of the characters
        ({"word_share": 0.01, "char_share": 0.01}, 1, 1),
        ({"word_share": 0.99, "char_share": 0.25, "most_words": None}, 19, 2),
        ({"word_share": 1, "most_chars": 2}, 10, 2),
        ({"word_share": 1, "most_words": 3, "char_share": 0.49}, 3, 4),
    ],
)
def test_as_many_words_and_characters_are_changed_as_the_shares_say(name, settings, words, characters):
    string = " ".join(["bcdelmohas"] * 20)
    for at in range(20):
        edits = edits_of(name, string, at, **settings)
        touched = Counter(edit.start // 11 for edit in edits)
        assert len(touched) == words
        # pairs that are swapped or misread as one take the room of others
        assert set(touched.values()) <= ({characters - 1, characters} if characters > 2 else {characters})


@pytest.mark.parametrize("name", BY_CHARACTER)
def test_all_words_and_all_places_are_changed_alike_often(name):
    string, settings = "abab baba abab baba abab", {"word_share": 0.2, "char_share": 0.25}
    edits = [edit for at in range(DRAWS) for edit in edits_of(name, string, at, **settings)]
    assert len(edits) == DRAWS
    assert is_even(Counter(edit.start // 5 for edit in edits), 5)
    assert is_even(Counter(edit.start % 5 for edit in edits), 3 if name == "character_swap" else 4)


@pytest.mark.parametrize("name", BY_CHARACTER)
def test_short_words_stay(name):
    settings = {"min_chars": 4, "word_share": 1, "most_words": None}
    for at in range(100):
        assert {edit.start // 5 for edit in edits_of(name, "moc. moca moc. moca", at, **settings)} == {1, 3}
    assert edits_of(name, "e\u0301\u0308a\u0302b the", 0, **settings) == []


@pytest.mark.parametrize("name", ["character_deletion", "keyboard_typos", "split_words"])
def test_no_word_becomes_a_negation_or_nothing(name):
    least = {"min_chars": 2 if name == "split_words" else 1}
    for string in ("knot", "note", "bot", "nor th", "noon", "notice", "not ab", "a"):
        for at in range(100):
            edits = edits_of(name, string, at, word_share=1, **least)
            after = applied(string, edits)
            assert after.strip()
            assert sum(map(is_negation, after.split())) == sum(map(is_negation, string.split()))
    loose = Text("note", settings=TextSettings(protect_negations=False))
    assert "not" in {applied("note", edits_of("character_deletion", "", at, loose)) for at in range(100)}


def test_a_typo_is_a_key_that_touches_the_right_one_in_the_same_case():
    assert [sorted(_NEIGHBOURS[key]) for key in "aghpqz"] == [
        [*letters] for letters in ("qswz", "bfhtvy", "bgjnuy", "lo", "aw", "asx")
    ]
    assert all(key in _NEIGHBOURS[other] for key, around in _NEIGHBOURS.items() for other in around)
    hit = [edit for at in range(DRAWS) for edit in edits_of("keyboard_typos", "GGGG", at, char_share=0.25)]
    assert is_even(Counter(edit.after for edit in hit), 6)
    assert {edit.after for edit in hit} == {*"BFHTVY"}
    assert {edits_of("keyboard_typos", "пппп", at, char_share=0.25)[0].after for at in range(99)} <= {*"ароенсмит"}
    assert edits_of("keyboard_typos", "这家餐厅的菜很好吃 ẞßẞß", 1) == []


@pytest.mark.parametrize(
    ("string", "letters"),
    [
        ("ABAB", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        ("жжжж", "абвгдежзийклмнопрстуфхцчшщъыьэюя"),
        ("काकाकाका", "कखगघचछजझटठडढणतथदधनपफबभमयरलवशषसह"),
        ("这家餐厅", "这家餐厅"),
        ("한국영화", "한국영화"),
    ],
)
def test_a_random_letter_is_of_the_alphabet_and_case_or_else_of_the_word(string, letters):
    for name in ("character_substitution", "character_insertion"):
        seen = {e.after for at in range(DRAWS) for e in edits_of(name, string, at, char_share=0.25)}
        assert seen == {*letters} - ({"क", "ж"} & {string[0]})
    for at in range(100):
        (edit,) = edits_of("character_substitution", string, at, char_share=0.25)
        assert edit.after != edit.before


def test_letters_are_drawn_alike():
    drawn = [edits_of("character_substitution", "aaaa", at, char_share=0.25)[0].after for at in range(DRAWS)]
    assert is_even(Counter(drawn), 25)


def test_a_swap_leaves_the_capital_letter_in_its_place_and_equal_letters_alone():
    seen = {applied("Filmm", edits_of("character_swap", "Filmm", at, char_share=0.2)) for at in range(100)}
    assert seen == {"Iflmm", "Flimm", "Fimlm"}
    assert edits_of("character_swap", "aaaa mmmm", 1) == []
    for at in range(100):
        string = "क्षत्रिय這家餐廳ábcd"
        after = applied(string, edits_of("character_swap", string, at))
        assert sorted(after) == sorted(string)


def test_a_misreading_looks_alike_and_may_take_two_letters():
    seen = {edits_of("ocr_errors", "rn", at, char_share=0.5)[0] for at in range(200)}
    assert Edit(0, 2, "rn", "m") in seen
    assert {edit[2:] for edit in seen} == {("rn", "m"), ("r", "n"), ("r", "t"), ("n", "r"), ("n", "u"), ("n", "ri")}


def test_as_many_words_are_split_as_the_share_says_and_all_places_alike():
    string = " ".join(["abcde"] * 20)
    for share, most, count in ((0.3, 10, 6), (1, 10, 10), (1, None, 20), (0.01, 10, 1)):
        edits = edits_of("split_words", string, 1, word_share=share, most_words=most)
        assert len({edit.start // 6 for edit in edits}) == len(edits) == count
    places = Counter(edits_of("split_words", "abcde", at)[0] for at in range(DRAWS))
    assert is_even(places, 4)
    assert {*places} == {Edit(at, at, "", " ") for at in (1, 2, 3, 4)}
    assert {edits_of("split_words", "it's-me", at)[0].start for at in range(99)} == {1, 6}


def test_a_misspelling_is_one_of_the_table_in_the_case_of_the_word():
    for string, wrong in (("definitely", ("definately", "definitly")), ("DEFINITELY", ("DEFINATELY", "DEFINITLY"))):
        seen = Counter(applied(string, edits_of("spelling_errors", string, at)) for at in range(DRAWS))
        assert is_even(seen, 2)
        assert {*seen} == {*wrong}
    assert {applied("Which", edits_of("spelling_errors", "Which", at)) for at in range(99)} == {"Wich", "Whcih"}
    string = " ".join(["which xyz"] * 10)
    for share, most, count in ((0.3, 10, 6), (1, None, 10), (1, 4, 4), (0.01, 10, 1)):
        edits = edits_of("spelling_errors", string, 1, word_share=share, most_words=most)
        assert len({edit.start for edit in edits if edit.start % 10 == 0}) == len(edits) == count
    german = Text("which", settings=TextSettings(language=("de",)))
    assert edits_of("spelling_errors", "", 1, german) == []


def test_the_table_of_misspellings_is_sound():
    for right, wrong in MISSPELLINGS.items():
        assert wrong, right
        assert right not in wrong
        assert len({*wrong}) == len(wrong), right
        assert not any(is_negation(word) for word in (right, *wrong)), right


def aeda(sentence: str, chance: random.Random) -> str:
    """Insert punctuation as section 3 of Karimi, Rossi and Prati (2021) says, words being what blanks part."""
    words = sentence.split(" ")
    places = chance.sample(range(len(words)), chance.randint(1, int(len(words) / 3) + 1))
    return " ".join(f"{chance.choice('.,!?;:')} {word}" if at in places else word for at, word in enumerate(words))


@pytest.mark.parametrize("length", [1, 2, 3, 5, 9, 20])
def test_as_many_marks_are_inserted_as_aeda_says(length):
    sentence = " ".join(["word"] * length)
    marks: Counter[str] = Counter()
    counts: Counter[int] = Counter()
    places: Counter[int] = Counter()
    for at in range(DRAWS):
        edits = edits_of("punctuation_insertion", sentence, at)
        counts[len(edits)] += 1
        marks.update(edit.after for edit in edits)
        places.update(edit.start // 5 for edit in edits)
    assert {*counts} == {*range(1, int(length / 3) + 2)}
    assert is_even(counts, int(length / 3) + 1)
    assert is_even(marks, 6)
    assert is_even(places, length)
    assert {*marks} == {". ", ", ", "! ", "? ", "; ", ": "}
    if length < 4:  # the same texts, as often
        chance = random.Random(1)
        theirs = Counter(aeda(sentence, chance) for _ in range(DRAWS))
        ours = Counter(applied(sentence, edits_of("punctuation_insertion", sentence, at)) for at in range(DRAWS))
        assert {*ours} <= {*theirs} or length > 2
        one = sum(text.count(" ") == length for text in ours.elements())
        assert binomtest(one, DRAWS, sum(text.count(" ") == length for text in theirs.elements()) / DRAWS).pvalue > 1e-4


def test_no_mark_stands_between_a_negation_and_what_it_negates_or_within_a_word():
    string = "It was not a very good film, “never (boring)” and well-known; don't go."
    seen = {applied(string, edits_of("punctuation_insertion", string, at, words_per_mark=1)) for at in range(300)}
    for whole in ("not a very good", "“never", "(boring)", "well-known;", "don't go."):
        assert all(whole in text for text in seen)
