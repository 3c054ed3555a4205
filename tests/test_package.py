"""What a package needs besides its modules: versions for reports, completion for shells, what is tried and built."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from augcli import __version__

ROOT = Path(__file__).parents[1]
AUGCLI = [sys.executable, "-m", "augcli"]


def said(*arguments, **environment):
    done = subprocess.run(
        [*AUGCLI, *arguments], capture_output=True, text=True, env={**os.environ, **environment}, check=True
    )
    return done.stdout


def test_versions_are_those_that_a_report_of_a_bug_needs():
    first, python, kernels, *libraries = said("--version").splitlines()
    assert first == f"augcli {__version__}"
    assert python.startswith("CPython 3.")
    assert kernels.startswith("kernels ")
    names = [line.split()[0] for line in libraries]
    assert {"numpy", "opencv-python-headless", "pillow", "click"} <= {*names}


def test_versions_say_whether_the_kernels_are_compiled(tmp_path):
    shutil.copytree(ROOT / "augcli", tmp_path / "augcli", ignore=shutil.ignore_patterns("*.so", "__pycache__"))
    done = subprocess.run([*AUGCLI, "--version"], capture_output=True, text=True, cwd=tmp_path, check=True)
    assert "kernels not compiled: the same bytes, more slowly" in done.stdout


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("augcli pre", ["preview"]),
        ("augcli run --fro", ["--frozen"]),
        ("augcli init --preset me", ["medium"]),
        ("augcli show gaussian", ["gaussian_blur"]),
        ("augcli show torchvision.RandomRot", ["torchvision.RandomRotation"]),
    ],
)
def test_a_shell_completes_what_is_typed(typed, offered):
    words = {"COMP_WORDS": typed, "COMP_CWORD": str(len(typed.split()) - 1), "_AUGCLI_COMPLETE": "bash_complete"}
    assert said(**words).split() == [f"plain,{word}" for word in offered]


@pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")
def test_bash_reads_the_script_of_completion_and_completes_with_it(tmp_path):
    (tmp_path / "augcli").write_text(f'#!/bin/sh\nexec {sys.executable} -m augcli "$@"\n', encoding="utf-8")
    (tmp_path / "augcli").chmod(0o755)
    (tmp_path / "completion").write_text(said("completion", "bash"), encoding="utf-8")
    asked = ". ./completion; COMP_WORDS=(augcli sch); COMP_CWORD=1; _augcli_completion augcli; echo ${COMPREPLY[@]}"
    there = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(["bash", "-c", asked], capture_output=True, text=True, cwd=tmp_path, env=there)
    assert (done.stdout, done.stderr) == ("schema\n", "")


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_get_a_script_too(shell):
    assert "_AUGCLI_COMPLETE" in said("completion", shell)


def test_workflows_and_templates_are_yaml_and_call_what_is_there():
    for path in (ROOT / ".github").rglob("*.yml"):
        read = yaml.safe_load(path.read_text(encoding="utf-8"))
        for job in read.get("jobs", {}).values():
            for step in job["steps"]:
                called = step.get("run", "").split(" ")[0]
                assert not called.startswith(".ci/") or os.access(ROOT / called, os.X_OK), called
