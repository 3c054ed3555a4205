"""Everything that fuzzing found stays mended, and a few inputs of each kind, the same ones each time, find nothing."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings

from augcli.problems import Refused
from tests.fuzz import damage, pictures, samples, specs, texts

CORPUS = Path(__file__).parent / "corpus"
NAMED = {"ids": lambda path: path.name}


@pytest.mark.parametrize("file", sorted((CORPUS / "specs").iterdir()), **NAMED)
def test_a_spec_that_was_found_is_now_loaded_or_refused_as_it_should(file, tmp_path):
    specs.check(file.read_bytes(), tmp_path)


def test_pictures_that_were_found_are_now_read_or_refused_as_they_should():
    assert pictures.faults(sorted((CORPUS / "pictures").iterdir())) == {}


@settings(
    max_examples=250,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],  # one folder serves all
)
@given(data=texts.small)
def test_any_bytes_are_a_spec_or_are_refused(data, tmp_path):
    specs.check(data, tmp_path)


def test_an_emoji_is_one_character_as_json_escapes_it_too(tmp_path):
    found = specs.check(rb'{"pipeline": [{"rotate": {"name": "\ud83d\ude00"}}]}', tmp_path)
    assert found.pipeline[0].name == "\N{GRINNING FACE}"


LARGE = 16 * 1024


def filled(start: str, unit: str, end: str = "") -> bytes:
    """Repeat a unit, in which `#` is a number that counts up, to a quarter of the largest text that is read."""
    text = start
    for number in range(LARGE):
        if len(text) + len(unit) > LARGE:
            break
        text += unit.replace("#", str(number))
    return (text + end).encode()


# What is slow, or told at length, by its amount alone.
REPEATED = {
    "names that are nearly known": filled("pipeline:\n", "- rotat#\n"),
    "settings that are unknown": filled("pipeline: [{rotate: {", "a#: 1, ", "}}]"),
    "parameters that are unknown": filled("pipeline: [{albumentations.Affine: {", "a#: 1, ", "}}]"),
    "keys that are doubtful": filled("", "no#: no\n"),
    "one long name": filled("pipeline: [", "a", "]"),
    "one long name of a library": filled("pipeline: [torchvision", ".a", "]"),
    "one long key": filled('pipeline: [{rotate: {"', "a", '": 1}}]'),
    "digits that are no number": filled('pipeline: [{rotate: {degrees: "', "1", 'x"}}]'),
    "digits of a fraction": filled('pipeline: [{rotate: {degrees: "1/', "1", 'x"}}]'),
    "spaces that are no number": filled('pipeline: [{rotate: {degrees: "', " ", 'x"}}]'),
    "a list that is too long": filled("pipeline: [{rotate: {degrees: [", "1, ", "]}}]"),
    "a step of many names": filled("pipeline: [{", "a#: 1, ", "}]"),
    "text for settings": filled("pipeline: [{rotate: ", "a", "}]"),
    "numbers between bytes": filled("output: {format: npy}\npipeline:\n", "- normalize: {p: 0.5}\n- rotate: {p: 2}\n"),
    "one mistake in every call": filled("pipeline: [", "{albumentations.Affine: {rotate: 5000}}, ", "]"),
    "characters that are escaped": filled('pipeline: ["', "\u202e", '"]'),
}


@pytest.mark.parametrize("data", REPEATED.values(), ids=REPEATED.keys())
def test_a_large_spec_is_refused_soon_and_briefly(data, tmp_path):
    assert isinstance(specs.check(data, tmp_path), Refused)


def test_whole_pictures_are_read(tmp_path):
    deep = [data for data in samples.whole() if not pictures.check(data)]
    assert len(deep) == 3  # a PNG, a TIFF and a PNM file of 16 bits


def test_damaged_pictures_are_read_or_refused(tmp_path):
    files = [tmp_path / f"{number:03}" for number in range(400)]
    for file in files:
        file.write_bytes(damage.damaged(Random(file.name)))
    assert pictures.faults(files) == {}
