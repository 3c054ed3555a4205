"""Reads a strict part of YAML into nodes that know their line and column, and writes it.

Plain data only: no tags, anchors, aliases or merge keys, one document, no duplicate keys, no scalar that
two YAML versions read differently (`no`, `010`, `1:30`, `1e3`), nothing nested deeply, 64 KB at most.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import yaml

from augcli.problems import Enough, Problem, Where

LARGEST = 64 * 1024
DEEPEST = 16

_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # of YAML 1.1
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_REAL = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")
_NUMBERLIKE = re.compile(
    r"[-+]?(\.?[0-9][0-9_]*(\.[0-9_]*)?([eE][-+]?[0-9]+)?|0[xob][0-9a-fA-F_]+|[0-9][0-9_]*(:[0-9]+)+(\.[0-9]*)?)"
)
# `on` and `off` are plain words here (`fusion: off`); a true-or-false setting refuses them by itself.
_DOUBTFUL = {"yes": "true", "no": "false"}


@dataclass(frozen=True)
class YamlNode:
    """A value and where it stands: a scalar, a list of nodes, or `Pairs`."""

    value: Any
    where: Where

    def plain(self) -> Any:
        """Return the value without places."""
        if isinstance(self.value, dict):
            return {key: value.plain() for key, (_, value) in self.value.items()}
        if isinstance(self.value, list):
            return [item.plain() for item in self.value]
        return self.value

    def walk(self) -> Iterator[YamlNode]:
        """Return this node and all below it."""
        yield self
        below = [v for _, v in self.value.values()] if isinstance(self.value, dict) else self.value
        for node in below if isinstance(below, list) else ():
            yield from node.walk()

    def find(self, path: tuple[Any, ...]) -> YamlNode:
        """Return the node at `path`, or the deepest one on the way to it that exists."""
        node = self
        for part in path:
            if isinstance(node.value, dict) and part in node.value:
                node = node.value[part][1]
            elif isinstance(node.value, list) and isinstance(part, int) and part < len(node.value):
                node = node.value[part]
            else:
                break
        return node


Pair: TypeAlias = tuple[YamlNode, YamlNode]
"""A key of a mapping and its value."""
Pairs: TypeAlias = dict[str, Pair]
"""What a mapping holds, under the text of each key, which is a word or a whole number."""


def located(data: Any, place: YamlNode) -> YamlNode:
    """Make a node of plain data, which stands where `place` does; nodes in it stay what they are."""
    if isinstance(data, YamlNode):
        return data
    if isinstance(data, dict):
        return YamlNode({key: (place, located(value, place)) for key, value in data.items()}, place.where)
    if isinstance(data, (list, tuple)):
        return YamlNode([located(value, place) for value in data], place.where)
    return YamlNode(data, place.where)


_Events: TypeAlias = Iterator[yaml.Event]


class _Stop(Exception):
    """The rest of the text cannot be read."""


class _Parser:
    def __init__(self, text: str, file: str, problems: list[Problem], deepest: int) -> None:
        lines = _BREAK.split(text)
        self.lines = lines[:-1] if len(lines) > 1 and not lines[-1] else lines
        self.file = file
        self.problems = problems
        self.deepest = deepest

    def where(self, mark: Any) -> Where:
        line = min(mark.line if mark else 0, len(self.lines) - 1)
        return Where(self.file, line + 1, (mark.column if mark else 0) + 1, self.lines[line].replace("\t", " "))

    def complain(self, mark: Any, what: str, help: str | None = None) -> None:
        self.complain_at(self.where(mark), what, help)

    def complain_at(self, where: Where, what: str, help: str | None = None) -> None:
        self.problems.append(Problem(what, help, where))
        if len(self.problems) >= Enough.MOST:
            raise _Stop

    def node(self, event: Any, events: _Events, depth: int = 0) -> YamlNode:
        mark = event.start_mark
        if depth > self.deepest:
            self.complain(mark, f"nested deeper than {self.deepest} levels")
            raise _Stop
        if isinstance(event, yaml.AliasEvent):
            self.complain(mark, f"aliases (`*{event.anchor}`) are not read", "write the value out")
            return YamlNode(None, self.where(mark))
        if getattr(event, "anchor", None):
            self.complain(mark, f"anchors (`&{event.anchor}`) are not read", "leave it out")
        if getattr(event, "tag", None):
            self.complain(mark, f"tags (`{event.tag}`) are not read", "leave it out")
        if isinstance(event, yaml.SequenceStartEvent):
            items = []
            while not isinstance(inner := next(events), yaml.SequenceEndEvent):
                items.append(self.node(inner, events, depth + 1))
            return YamlNode(items, self.where(mark))
        if isinstance(event, yaml.MappingStartEvent):
            return YamlNode(self.mapping(events, depth), self.where(mark))
        assert isinstance(event, yaml.ScalarEvent)
        return YamlNode(self.scalar(event) if event.style is None else self.quoted(event), self.where(mark))

    def mapping(self, events: _Events, depth: int) -> dict[str, tuple[YamlNode, YamlNode]]:
        entries: dict[str, tuple[YamlNode, YamlNode]] = {}
        in_tuple = False
        while not isinstance(inner := next(events), yaml.MappingEndEvent):
            key = self.node(inner, events, depth + 1)
            event = next(events)
            value = self.node(event, events, depth + 1)
            if in_tuple:  # the rest of a tuple that is complained of
                in_tuple = not str(key.value).endswith(")")
                continue
            is_plain = isinstance(event, yaml.ScalarEvent) and event.style is None
            if is_plain and isinstance(value.value, str) and value.value.startswith("("):
                what = f"`{value.value}{'' if value.value.endswith(')') else ', ...'}` is no list in YAML"
                self.complain_at(value.where, what, "write [a, b] for a tuple (a, b)")
                in_tuple = not value.value.endswith(")")
            if key.value == "<<":
                self.complain_at(key.where, "merge keys (`<<`) are not read", "write the settings out")
            elif not isinstance(key.value, str | int) or isinstance(key.value, bool):
                self.complain_at(key.where, "a key must be a word")
            elif (name := str(key.value)) in entries:
                first = entries[name][0].where.line
                self.complain_at(key.where, f"`{name}` stands twice", f"line {first} has it already")
            else:
                entries[name] = (key, value)
        return entries

    def quoted(self, event: yaml.ScalarEvent) -> str:
        """Return text that was in quotes; the two halves of an emoji, as JSON escapes it, become one character."""
        try:
            return str(event.value).encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            what = "an escape such as `\\ud800` stands for half of a character"
            self.complain(event.start_mark, what, "write the character itself")
            return ""

    def scalar(self, event: yaml.ScalarEvent) -> Any:
        text = event.value
        if text in ("true", "false"):
            return text == "true"
        if text in ("", "~", "null"):
            return None
        if _INTEGER.fullmatch(text):
            if len(text) < 20:
                return int(text)
            self.complain(event.start_mark, f"`{text}` is too large a number")
            return 0
        if _REAL.fullmatch(text):
            if math.isfinite(float(text)):
                return float(text)
            self.complain(event.start_mark, f"`{text}` is too large a number")
        elif text.lower() in _DOUBTFUL:
            meaning = _DOUBTFUL[text.lower()]
            help = f'write {meaning}, or "{text}" for the word'
            self.complain(event.start_mark, f"`{text}` is a word to some YAML readers and {meaning} to others", help)
        elif text.lower().lstrip("+-") in (".nan", ".inf"):
            self.complain(event.start_mark, f"`{text}` is not a number that can be used")
        elif _NUMBERLIKE.fullmatch(text):
            self.complain(
                event.start_mark,
                f"`{text}` is different numbers to different YAML readers",
                f'write a plain decimal number such as 1000 or 0.5, or "{text}" in quotes',
            )
        return text


def read(
    data: bytes, file: str, largest: int = LARGEST, deepest: int = DEEPEST
) -> tuple[YamlNode | None, list[Problem]]:
    """Read YAML text into a node; the node is None where the text could not be read to its end."""
    problems: list[Problem] = []
    if len(data) > largest:
        return None, [Problem(f"{file}: too long; a spec has at most {largest} bytes")]
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return None, [Problem(f"{file}: not UTF-8 text (line {line})", "save it as UTF-8")]
    reader = _Parser(text, file, problems, deepest)
    root = None
    try:
        loader = yaml.SafeLoader(text)
        events: _Events = iter(loader.get_event, None)
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    reader.complain(event.start_mark, "a second document starts here", "keep one spec per file")
                    break
                root = reader.node(next(events), events)
    except _Stop:
        return None, problems
    except yaml.MarkedYAMLError as error:
        what = (error.problem or "not YAML").replace("'", "`")
        help = "indent with spaces, not with tabs" if "\\t" in what else None
        if "unknown escape" in what:
            help = "put it between single quotes, where a backslash stands for itself"
        where = reader.where(error.problem_mark or error.context_mark)
        return None, [*problems, Problem(f"not YAML: {what}", help, where)]
    except yaml.reader.ReaderError as error:
        line = _BREAK.sub("\n", text[: error.position]).count("\n")
        start = max(map(text.rfind, "\n\r", (0, 0), (error.position, error.position))) + 1
        shown = reader.lines[min(line, len(reader.lines) - 1)].replace("\t", " ")
        where = Where(file, line + 1, error.position - start + 1, shown)
        return None, [*problems, Problem("not YAML: a control character stands here", "leave it out", where)]
    except (ValueError, OverflowError):  # of chr(), in the scanner; from Python 3.13 on the first alone
        what = "not YAML: an escape such as `\\U00110000` stands for no character"
        return None, [*problems, Problem(what, "write the character itself", reader.where(loader.get_mark()))]
    return root, problems


class _Dumper(yaml.SafeDumper):
    """Writes plain data as `read` reads it."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def is_plain(text: str) -> bool:
    """Tell whether text reads as itself without quotes, to every YAML reader."""
    words = text.replace(".", "_").isidentifier() and not text.startswith(".")
    return words and text.lower() not in (*_DOUBTFUL, "true", "false", "null", "on", "off")


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = None if text.isidentifier() and is_plain(text) else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def write(data: Any) -> str:
    """Return plain data as YAML text that `read` reads back as the same data."""
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, default_flow_style=None, allow_unicode=True, width=100)
