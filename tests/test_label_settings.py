"""The settings of labels: how each is written, what is wrong with it, and that it survives to the record of a run."""

from __future__ import annotations

import json
from textwrap import dedent

import pytest

from augcli.output import run_record
from augcli.problems import Refused
from augcli.spec import descriptions, json_schema
from augcli.spec.loading import parse, restored
from augcli.spec.outline import expanded
from augcli.spec.sections import Labels
from augcli.spec.spec import Spec


def labels_of(text: str) -> Labels:
    return parse(f"pipeline: [horizontal_flip]\nlabels: {text}\n".encode(), "spec.yaml").labels


@pytest.mark.parametrize(
    ("text", "setting", "meant"),
    [
        ("{outside: 255}", "outside", 255),
        ("{outside: null}", "outside", None),
        ("{swap: {14: 15, 16: 17}}", "swap", ((14, 15), (16, 17))),
        ("{swap: [[14, 15]]}", "swap", ((14, 15),)),
        ("{flip_pairs: [[1, 2], [3, 4]]}", "flip_pairs", ((1, 2), (3, 4))),
        ("{flip_pairs: {left_eye: right_eye}}", "flip_pairs", (("left_eye", "right_eye"),)),
        ("{flip_pairs: {1: 2}}", "flip_pairs", ((1, 2),)),
        ("{flip_pairs: []}", "flip_pairs", ()),
        ("{flip_pairs: null}", "flip_pairs", None),
        ("{voc_origin: 0}", "voc_origin", 0),
        ("{voc_origin: auto}", "voc_origin", "auto"),
        ("{images: photos/all/}", "images", "photos/all"),
        ("{annotations: ./labels/a.json}", "annotations", "labels/a.json"),
    ],
)
def test_a_setting_is_read_as_it_is_meant_and_survives_the_record_of_a_run(text, setting, meant):
    spec = parse(f"pipeline: [horizontal_flip]\nlabels: {text}\n".encode(), "spec.yaml")
    assert getattr(spec.labels, setting) == meant
    assert type(getattr(spec.labels, setting)) is type(meant)
    again = restored(json.loads(json.dumps(spec.resolved())), "augcli.json")
    assert (again.resolved(), again.key, again.labels) == (spec.resolved(), spec.key, spec.labels)
    assert parse(expanded(spec).encode(), "spec.yaml").labels == spec.labels


MISTAKES = {
    "{outside: -1}": ("`outside`: `-1` is out of bounds; 0 to 65535 is allowed", None),
    "{outside: none}": ('`outside`: expected a whole number, got `"none"`', None),
    "{swap: 14}": ("`swap`: expected pairs of values {14: 15}, got `14`", None),
    "{swap: [14, 15]}": ("`swap`: expected pairs of values {14: 15}, got `[14, 15]`", "write [[14, 15]]"),
    "{swap: {14: 15, 15: 16}}": ("`swap`: `15` stands in more than one place of the pairs", None),
    "{swap: {14: 14}}": ("`swap`: `14` stands in more than one place of the pairs", None),
    "{swap: {14: left}}": ('`swap`: expected a whole number, got `"left"`', None),
    '{swap: [["14", 15]]}': ('`swap`: expected a whole number, got `"14"`', "write [[14, 15]]"),
    "{flip_pairs: [0, 2, 1, 4, 3]}": (
        "`flip_pairs`: expected pairs of keypoints [[1, 2], ...] or {left_eye: right_eye}, got `[0, 2, 1, 4, 3]`",
        "write [[1, 2], [3, 4]]",
    ),
    "{flip_pairs: [[1, 2, 3]]}": (
        "`flip_pairs`: expected pairs of keypoints [[1, 2], ...] or {left_eye: right_eye}, got `[[1, 2, 3]]`",
        None,
    ),
    "{flip_pairs: [[1, 1.5]]}": ("`flip_pairs`: expected a whole number or a name, got `1.5`", None),
    "{voc_origin: 2}": ("`voc_origin`: expected `auto`, 0 or 1, got `2`", None),
    '{voc_origin: "1"}': ('`voc_origin`: expected `auto`, 0 or 1, got `"1"`', "write 1"),
    "{voc_origin: true}": ("`voc_origin`: expected `auto`, 0 or 1, got `true`", None),
    "{images: /data/photos}": (
        '`images`: expected a path that is relative to IN and lies in it, got `"/data/photos"`',
        None,
    ),
    "{annotations: a/../../b.json}": (
        '`annotations`: expected a path that is relative to IN and lies in it, got `"a/../../b.json"`',
        None,
    ),
    "{annotations: 'labels\\a.json'}": (
        '`annotations`: expected a path that is relative to IN, with `/` between folders, got `"labels\\a.json"`',
        'write "labels/a.json"',
    ),
    "{on_empty: drop}": ("`on_empty`: expected `keep` or `skip`, got `drop`", None),
    "{min_visble: 0.2}": ("unknown setting `min_visble`", "did you mean `min_visible`?"),
}


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_is_told_with_its_place_and_a_remedy(text):
    with pytest.raises(Refused) as refused:
        labels_of(text)
    (problem,) = refused.value.problems
    assert problem.where.line == 2
    assert (problem.what, problem.help) == MISTAKES[text]


def test_a_mistake_is_shown_where_it_stands():
    assert dedent("""\
          |
        4 |   outside: 70000
          |            ^""") in str(refusal("pipeline: [hue]\nlabels:\n  swap: {14: 15}\n  outside: 70000\n"))


def test_numbers_may_be_keys_and_no_others():
    assert "unknown transform `5`" in str(refusal("pipeline: [{5: {degrees: 3}}]\n"))
    assert "a key must be a word" in str(refusal("pipeline: [hue]\nlabels: {swap: {1.5: 2}}\n"))
    assert "a key must be a word" in str(refusal("pipeline: [hue]\nlabels: {swap: {true: 2}}\n"))
    assert "`1` stands twice" in str(refusal('pipeline: [hue]\nlabels: {swap: {1: 2, "1": 3}}\n'))


def test_a_key_of_many_digits_is_no_number():
    assert "expected a whole number" in str(
        refusal(f'pipeline: [hue]\nlabels:\n  swap:\n    ? "{"9" * 6000}"\n    : 3\n')
    )


def refusal(text: str) -> Refused:
    with pytest.raises(Refused) as refused:
        parse(text.encode(), "spec.yaml")
    return refused.value


def test_a_record_from_before_there_were_labels_goes_on_with_their_defaults(tmp_path):
    spec = parse(b"pipeline: [horizontal_flip]\ncopies: 2\n", "spec.yaml")
    record = run_record.record_of(spec, {"opencv": "5"})
    old = {**record, "spec": {k: v for k, v in record["spec"].items() if k != "labels"}, "spec_key": "of then"}
    (tmp_path / "augcli.json").write_text(json.dumps(old), encoding="utf-8")
    read = run_record.read_record(tmp_path / "augcli.json")
    assert read is not None
    assert (read["spec"], read["spec_key"]) == (spec.resolved(), spec.key)
    assert run_record.differences(read["spec"], spec.resolved()) == []


def test_another_rule_for_labels_is_another_spec():
    plain = parse(b"pipeline: [horizontal_flip]\n", "spec.yaml")
    other = parse(b"pipeline: [horizontal_flip]\nlabels: {min_visible: 0.2, swap: {1: 2}}\n", "spec.yaml")
    assert plain.key != other.key
    assert run_record.differences(plain.resolved(), other.resolved()) == [
        "labels.min_visible 0.1 -> 0.2",
        "labels.swap [] -> [[1, 2]]",
    ]


def test_show_and_the_schema_know_every_setting():
    shown = descriptions.description("labels")
    schema = json_schema.schema()["properties"]["labels"]
    for name in Labels.fields:
        assert f"\n  {name}  " in shown
        assert name in schema["properties"]
    assert schema["properties"]["voc_origin"]["enum"] == ["auto", 0, 1]
    assert schema["properties"]["flip_pairs"]["default"] is None
    assert schema["properties"]["swap"]["default"] == []


def test_every_layout_of_a_labelled_set_may_be_named():
    for layout in ("coco", "yolo", "voc", "masks", "cityscapes", "labelme", "dota", "csv"):
        assert parse(f"pipeline: [hue]\nlayout: {layout}\n".encode(), "spec.yaml").layout == layout
    assert "did you mean `coco`?" in str(refusal("pipeline: [hue]\nlayout: cocoo\n"))
    assert Spec(pipeline=(), splits={}).layout == "auto"
