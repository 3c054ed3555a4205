"""Every transform against other libraries, here and now."""

from __future__ import annotations

import pytest

from augcli.image import transforms
from tests.oracles import cases
from tests.oracles.photos import photo

pytestmark = pytest.mark.oracle


def test_every_transform_has_a_case():
    assert {case.name for case in cases.CASES} == set(transforms.names())


@pytest.mark.parametrize(
    ("case", "name"), [pytest.param(case, name, id=f"{case.id}-{name}") for case in cases.CASES for name in case.photos]
)
def test_equals_the_other_library(case: cases.Case, name: str):
    image = photo(name)
    _, wrong = case.difference(image, case.reference(image))
    assert not wrong, case.tolerance
