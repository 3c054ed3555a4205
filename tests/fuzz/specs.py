"""Says what must hold when any bytes are loaded as a spec."""

from __future__ import annotations

import re
import time
from pathlib import Path

from augcli.problems import Enough, Problem, Refused
from augcli.spec.loading import load, restored
from augcli.spec.outline import expanded, outline
from augcli.spec.spec import Spec
from augcli.spec.strict_yaml import DEEPEST, LARGEST

SLOW = 5.0
"""Seconds of CPU. A spec should take less than one; a machine that is busy or slow may be blamed for some more."""
LONGEST_LINE = 500
"""Characters of a printed line: the longest list of known words has 400, and what is quoted is shown in part."""

_PYTHON = re.compile(
    r"\b(None|True|False|NoneType|nan|inf|Range|PerAxis|Where|YamlNode)\b"
    r"|(?<!`)\b(float|int|str|dict)\b"  # a `dtype` may be `float`
    r"|Traceback|<class|\bobject at\b|\b0x[0-9a-f]{6,}|Error\b|\{'|\['"
)
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # of YAML 1.1


def check(data: bytes, folder: Path) -> Spec | Refused:
    """Load bytes as a spec and return what comes of it. Raises AssertionError where that is not what must hold."""
    path = folder / "spec.yaml"
    path.write_bytes(data)
    started = time.process_time()
    found = _loaded(path)
    assert time.process_time() - started < SLOW, "too slow"
    if isinstance(found, Refused):
        assert found.exit_code == 2
        assert 0 < len(found.problems) <= Enough.MOST + 1
        for problem in found.problems:
            _check_problem(problem, data.decode("utf-8-sig", "replace"), str(path))
        return found
    again = restored(found.resolved(), "resolved")
    assert again.resolved() == found.resolved(), "written out, it says something else"
    assert again.key == found.key
    assert outline(again) == outline(found)
    path.write_text(expanded(found), encoding="utf-8")
    expansion = _loaded(path)
    if isinstance(expansion, Refused):  # all spelled out, it may be longer or deeper than a text may be
        said = [problem.what for problem in expansion.problems]
        assert said == [f"nested deeper than {DEEPEST} levels"] or path.stat().st_size > LARGEST, said
    else:
        assert expansion.resolved() == found.resolved()
    return found


def _loaded(path: Path) -> Spec | Refused:
    try:
        return load(path)
    except Refused as refused:
        return refused


def _check_problem(problem: Problem, text: str, path: str) -> None:
    said = str(problem).removeprefix(path)
    for line in said.splitlines():
        assert line.isprintable(), f"unprintable: {line!r}"
        assert len(line) <= LONGEST_LINE, f"too long: {line}"
    for words in (problem.what.removeprefix(path), problem.help or ""):
        for found in _PYTHON.finditer(words):
            assert found[0] in text, f"speaks Python, `{found[0]}`: {words}"  # what is quoted may
    if problem.where is not None:
        lines = _BREAK.split(text)
        line, column = problem.where.line, problem.where.column
        assert 1 <= line <= len(lines), f"line {line} of {len(lines)}: {problem}"
        assert problem.where.text == lines[line - 1].replace("\t", " ")
        assert 1 <= column <= len(lines[line - 1]) + 1, f"column {column}: {problem}"
