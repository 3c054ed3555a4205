"""Groups of settings as classes: what they declare, how they are read, and that they are values."""

from __future__ import annotations

import copy
import pickle
from typing import ClassVar, Literal

import pytest

from augcli.settings import Border, Limit, Number, Settings, setting
from augcli.settings.groups import Invalid
from augcli.settings.value_types import Wrong
from augcli.settings.values import Range


class Turn(Settings):
    """A group in which a setting is required, and two do not go together."""

    kinds: ClassVar[dict[str, int]] = {}
    degrees: Limit = setting(help="How far.", within=(-90, 90))
    way: Literal["both", "left"] = setting("both", "Where to.")
    border: Border = setting(Border(), "What is outside.")

    def _refuse_mismatches(self) -> None:
        if self.way == "left" and self.degrees.high > 45:
            raise Wrong("too far to the left", "write degrees: 45")


class SmallTurn(Turn):
    """One that is derived: what it declares anew keeps its place, and what is new stands behind."""

    degrees: Limit = setting(5, "How far.", within=(-90, 90))
    p: Number = setting(1, "How often.", within=(0, 1))


def faults_of(kind: type[Settings], **given: object) -> list[tuple[object, ...]]:
    with pytest.raises(Invalid) as refused:
        kind(**given)
    return [(".".join(fault.path), fault.kind, fault.what) for fault in refused.value.faults]


def test_values_and_defaults_are_read():
    turn = Turn(degrees=10, border={"mode": "edge"})
    assert (turn.degrees, turn.way, turn.border) == (Range(-10, 10), "both", Border(mode="edge"))
    assert turn.given == {"degrees", "border"}
    assert SmallTurn().degrees == Range(-5, 5)


def test_a_derived_group_has_the_settings_of_both_in_order():
    assert list(SmallTurn.fields) == ["degrees", "way", "border", "p"]
    assert (Turn.fields["degrees"].is_required(), SmallTurn.fields["degrees"].default) == (True, 5)


def test_all_faults_are_told_in_the_order_of_declarations_and_then_what_is_unknown():
    given = {"colour": 1, "border": {"fill": 300, "mood": "edge"}, "way": "right"}
    assert [(path, kind) for path, kind, _ in faults_of(Turn, **given)] == [
        ("degrees", "missing"),
        ("way", "value"),
        ("border.fill", "value"),
        ("border.mood", "unknown"),
        ("colour", "unknown"),
    ]
    assert faults_of(Turn, degrees=1, border=3) == [
        ("border", "no mapping", "expected a mapping of settings, got `3`"),
    ]
    assert faults_of(Turn, degrees=50, way="left") == [("", "value", "too far to the left")]


def test_a_default_that_cannot_be_read_is_a_fault_as_a_value_is():
    class Far(Settings):
        degrees: Limit = setting(500, "How far.", within=(-90, 90))

    assert faults_of(Far) == faults_of(Far, degrees=500)
    assert Far(degrees=5).degrees == Range(-5, 5)


def test_a_setting_without_a_type_is_refused():
    class Bare(Settings):
        degrees = setting(1, "How far.")

    with pytest.raises(TypeError, match="`degrees` has no type"):
        Bare()


@pytest.mark.parametrize("name", ["given", "fields", "with_values"])
def test_a_setting_takes_no_name_that_every_group_has(name):
    with pytest.raises(TypeError, match=f"`{name}` is a name that every group has"):
        type("Taken", (Settings,), {name: setting(1, "How far."), "__annotations__": {name: Number}})


def test_a_group_is_a_value():
    turn = Turn(degrees=10)
    again = Turn(degrees=[-10, 10], way="both")
    assert turn == again
    assert hash(turn) == hash(again)
    assert turn != Turn(degrees=11)
    assert Border() != SmallTurn()
    for same in (pickle.loads(pickle.dumps(turn)), copy.copy(turn), copy.deepcopy(turn)):
        assert (same, same.given) == (turn, turn.given)
    with pytest.raises(AttributeError, match="Turn is frozen"):
        turn.way = "left"
    changed = turn.with_values({"way": "left"})
    assert (changed.way, changed.degrees, turn.way) == ("left", turn.degrees, "both")
    assert changed.given == {"degrees", "way"}
