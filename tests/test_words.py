"""What the command line says and takes: options in full, commands in their order, one habit for IN."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from augcli.cli import augcli
from augcli.commands.group import ORDER
from augcli.problems import Refused
from augcli.spec.loading import load

SAMPLES = Path(__file__).parents[1] / "sample_data"


def said(*arguments: str) -> str:
    return CliRunner().invoke(augcli, arguments).output


def test_commands_stand_in_the_order_of_work_and_no_summary_is_cut():
    listed = said("--help").partition("Commands:\n")[2]
    assert re.findall(r"^  (\w+)", listed, re.MULTILINE) == [*ORDER]
    assert {*ORDER} == {*augcli.commands}
    assert "..." not in listed


def test_help_and_version_are_commands_too():
    assert said("version") == said("--version")
    assert said("help") == said("--help").replace("Usage: augcli help", "Usage: augcli")
    assert said("help", "run").splitlines()[1:] == said("run", "--help").splitlines()[1:]


@pytest.mark.parametrize(
    ("option", "value", "bounds"),
    [
        ("--copies", "1000000000", "1 to 100000"),
        ("--copies", "0", "1 to 100000"),
        ("--seed", "9223372036854775808", "0 to 9223372036854775807"),
        ("--seed", "-1", "0 to 9223372036854775807"),
    ],
)
def test_an_option_out_of_bounds_is_named_with_its_number_in_full(option, value, bounds):
    text = said("run", "spec.yaml", "in", "out", option, value)
    assert f"Invalid value for '{option}': {value} is out of bounds; {bounds} is allowed" in text


def test_a_number_of_copies_in_a_spec_is_told_in_full(tmp_path):
    path = tmp_path / "spec.yaml"
    path.write_text("copies: 1000000000\npipeline: [rotate]\n", encoding="utf-8")
    with pytest.raises(Refused, match="`1000000000` is out of bounds; 1 to 100000 is allowed"):
        load(path)


@pytest.mark.parametrize("name", ["medium", "medium.yaml"])
def test_a_preset_where_a_file_is_expected_says_how_to_get_one(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Refused, match=r"no such file\n  = help: augcli init --preset medium > medium\.yaml"):
        load(Path(name))


def test_no_problems_is_not_all_that_is_said_above_warnings(tmp_path):
    path = tmp_path / "spec.yaml"
    path.write_text("copies: 1\npipeline: [{rotate: {degrees: 0.1}}, {hue: {p: 0}}]\n", encoding="utf-8")
    first, second, *_ = said("check", str(path)).splitlines()
    assert first == f"{path}: no problems, 2 warnings"
    assert second.startswith("seed 0, 1 copy, ")


def test_replay_takes_the_originals_as_run_does(tmp_path):
    shutil.copytree(SAMPLES / "train", tmp_path / "in")
    (tmp_path / "spec.yaml").write_text("pipeline: [horizontal_flip]\n", encoding="utf-8")

    def augcli_of(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "augcli", *arguments]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)

    assert augcli_of("run", "spec.yaml", "in", "out", "-q").returncode == 0
    lost = min((tmp_path / "out").rglob("*.jpg"))
    before = lost.read_bytes()
    for arguments in (["out", "in"], ["out", "--source", "in"], ["out", "in", str(lost.relative_to(tmp_path))]):
        lost.unlink()
        assert augcli_of("replay", *arguments).returncode == 0
        assert lost.read_bytes() == before
    done = augcli_of("replay", "out")
    assert done.returncode == 2
    assert "augcli replay OUT IN [FILE]..." in done.stderr
