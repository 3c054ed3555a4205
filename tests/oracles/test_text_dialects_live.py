"""Names of nlpaug against the library itself: the same parameters with the same defaults, read from its source.

Importing it needs what no one else here needs.
"""

from __future__ import annotations

import ast
from importlib.util import find_spec
from pathlib import Path

import pytest

from augcli.spec import dialects

pytestmark = [pytest.mark.oracle, pytest.mark.filterwarnings("ignore:invalid escape sequence")]

NAMED = {"Action.DELETE": "delete", "Action.SUBSTITUTE": "substitute"}
"""What its source says otherwise, in words."""
REQUIRED = {("Sequential", "flow"), ("Sometimes", "flow")}
"""What may be left out there, and then does nothing."""


def classes() -> dict[str, dict[str, str]]:
    """Return the parameters of all classes that change texts, with their defaults as they are written."""
    found = find_spec("nlpaug")
    assert found is not None
    assert found.submodule_search_locations is not None
    root = Path(found.submodule_search_locations[0])
    parameters = {}
    for path in (*root.glob("augmenter/[cw]*/*.py"), *root.glob("augmenter/sentence/*.py"), *root.glob("flow/*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            for method in node.body if isinstance(node, ast.ClassDef) else ():
                if isinstance(node, ast.ClassDef) and isinstance(method, ast.FunctionDef) and method.name == "__init__":
                    names = [one.arg for one in method.args.args][1:]
                    defaults = [ast.unparse(one) for one in method.args.defaults]
                    defaults = ["required"] * (len(names) - len(defaults)) + defaults
                    parameters[node.name] = dict(zip(names, defaults, strict=True))
    return parameters


def test_every_parameter_of_an_augmenter_is_known_with_its_default():
    there = classes()
    for name in dialects.offered("nlpaug"):
        ours = dialects.find(f"nlpaug.{name}").parameters
        assert {*ours} == {*there[name]} - {"name"}, name
        for key, parameter in ours.items():
            default = NAMED.get(there[name][key], there[name][key])
            if (name, key) not in REQUIRED:
                assert str(parameter.default) == default.strip("'"), f"{name}: {key}"


def test_every_augmenter_is_offered_or_refused():
    bases = {"WordAugmenter", "CharAugmenter", "SentenceAugmenter", "Pipeline"}
    assert {*classes()} - bases == {*dialects.entries("nlpaug")}
