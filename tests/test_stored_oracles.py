"""Every transform against what other libraries made of small photos; see tests/oracles/store.py."""

from __future__ import annotations

import pytest

from augcli.image import transforms
from tests.oracles import cases
from tests.oracles.store import load


@pytest.fixture(scope="module")
def kept():
    return load()


def test_every_transform_has_a_stored_result():
    assert {case.name for case, _ in cases.stored()} == set(transforms.names())


def test_the_stored_results_are_those_of_the_cases(kept):
    assert {key for key in kept if not key.startswith("photo-")} == {cases.stored_key(*one) for one in cases.stored()}


@pytest.mark.parametrize(
    ("case", "photo"), [pytest.param(case, photo, id=cases.stored_key(case, photo)) for case, photo in cases.stored()]
)
def test_equals_the_stored_result(case: cases.Case, photo: str, kept):
    _, wrong = case.difference(kept[f"photo-{photo}"], kept[cases.stored_key(case, photo)])
    assert not wrong, case.tolerance
