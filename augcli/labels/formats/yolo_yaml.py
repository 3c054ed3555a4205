"""The `data.yaml` of a YOLO data set, as it is written for OUT: the same text, but for where things are.

`about` has the source's `text`, and for each key of a split its `splits` in OUT, relative to the file. `path` and
`download` go: without a `path` what is named lies where the file lies, wherever a program is started.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from augcli.dataset.sources import LabelSet
from augcli.labels.annotation import Annotation
from augcli.labels.formats import Shown
from augcli.output.joining import Record, Template
from augcli.spec.sections import Labels

_OF_ANOTHER_PLACE = ("path", "download")
_SPLITS = ("train", "val", "validation", "test", "minival")
_PLAIN = re.compile(
    r"(?!(?:null|true|false|yes|no|on|off|y|n)$)(?:\.{1,2}/)*[A-Za-z_][\w./-]*", re.ASCII | re.IGNORECASE
)


class YoloYaml:
    """Writes the file; it says nothing of single images."""

    def read(self, said: Sequence[bytes], about: Mapping[str, Any], shown: Shown, settings: Labels) -> Annotation:
        return Annotation(shown.size)

    def records(
        self, annotation: Annotation, said: Sequence[bytes], about: Mapping[str, Any], shown: Shown, settings: Labels
    ) -> Record:
        return ()

    def template(self, given: LabelSet) -> Template:
        return Template(given.path, _rewritten(given.about["text"], given.about["splits"]), (), given.digest)


def _rewritten(text: str, splits: Mapping[str, Sequence[str]]) -> str:
    root = yaml.compose(text, yaml.SafeLoader)
    assert isinstance(root, yaml.MappingNode)  # as it was when IN was looked at
    newline = "\r\n" if "\r\n" in text else "\n"
    pieces, done = [], 0
    for key, value in root.value:
        name = key.value if isinstance(key, yaml.ScalarNode) else ""
        start, end = key.start_mark.index, _end(value)
        if name in splits:
            pieces += [text[done:start], f"{name}: {_value(splits[name])}"]
            done = end
        elif name in _OF_ANOTHER_PLACE or (name in _SPLITS and _says(value)):
            pieces.append(text[done:start])
            done = _next_line(text, end)
    rest = text[done:]
    given = {key.value for key, _ in root.value if isinstance(key, yaml.ScalarNode)}
    more = [f"{key}: {_value(places)}{newline}" for key, places in splits.items() if key not in given]
    if more and rest and not rest.endswith("\n"):
        rest += newline
    return "".join([*pieces, rest, *more])


def _says(node: yaml.Node) -> bool:
    """Tell whether a value is more than nothing."""
    return not (isinstance(node, yaml.ScalarNode) and node.tag.endswith(":null"))


def _end(node: yaml.Node) -> int:
    """Return where the last thing in a value ends; a block's own end is behind the comments that follow it."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.index)


def _next_line(text: str, at: int) -> int:
    """Return where the line after a place begins; the place itself where it is the beginning of one."""
    if at and text[at - 1] == "\n":
        return at
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1


def _value(places: Sequence[str]) -> str:
    cells = [place if _PLAIN.fullmatch(place) else json.dumps(place, ensure_ascii=False) for place in places]
    return cells[0] if len(cells) == 1 else f"[{', '.join(cells)}]"


FORMAT = YoloYaml()
