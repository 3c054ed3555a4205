"""The `data.yaml` of a YOLO data set: its classes and keypoints, and where in IN the splits are that it names.

Nothing of it is trusted: its paths are of another machine as often as not, and it may be anybody's file.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from augcli.dataset.layouts.tree import Tree, join
from augcli.dataset.layouts.words import split_in
from augcli.problems import Problem, Refused

ROLE_OF_KEY = {"train": "train", "val": "val", "validation": "val", "test": "test", "minival": "val"}
_KEYS = (
    re.compile(r"^(?:names|nc)[ \t]*:", re.MULTILINE),
    re.compile(r"^(?:train|val|validation|test)[ \t]*:", re.MULTILINE),
)
_LARGEST, _DEEPEST = 256 << 10, 2
_MOST_SEEN, _MOST_READ = 50, 50
_MOST_SLOTS = 10_000


class Description(NamedTuple):
    """A `data.yaml`: its text, what it says of labels (see `labels.formats.yolo`), and its splits.

    `splits` has for each of its keys that names one the folders and lists of it that are in IN, relative to IN.
    """

    path: str
    text: str
    about: dict[str, Any]
    splits: dict[str, list[str]]


def descriptions(tree: Tree) -> list[Description]:
    """Return what describes a YOLO data set, the likeliest first.

    Raises `Refused` where two folders have classes of their own.
    """
    found = [_read(tree, path) for path in sorted(_candidates(tree), key=_likeness)[:_MOST_READ]]
    named = [one for one in found if "names" in one.about]
    for one in named[1:]:
        first = named[0]
        if one.about["names"] != first.about["names"] and posixpath.dirname(one.path) != posixpath.dirname(first.path):
            what = f"{tree.root}: `{first.path}` and `{one.path}` name different classes"
            raise Refused(Problem(what, "give the folder of one of them as IN, or move the other file out of IN"))
    return found


def _likeness(path: str) -> tuple[int, bool, str]:
    return path.count("/"), not path.rpartition("/")[2].startswith("data"), path


def _candidates(tree: Tree) -> Iterator[str]:
    left = _MOST_SEEN
    for folder, inside in tree.folders.items():
        if not folder or folder.count("/") < _DEEPEST:
            for name in inside.others:
                if left and name.lower().endswith((".yaml", ".yml")):
                    left -= 1
                    head = tree.head(join(folder, name), 1 << 16)
                    if all(key.search(head) for key in _KEYS):
                        yield join(folder, name)


def _read(tree: Tree, path: str) -> Description:
    import yaml  # only where there is one to be read

    data = tree.start(path, _LARGEST + 1)
    where = f"{tree.root.rstrip('/')}/{path}"
    if len(data) > _LARGEST:
        raise Refused(Problem(f"{where}: larger than {_LARGEST >> 10} KB", "shorten it, or move it out of IN"))
    try:
        text = data.decode("utf-8-sig")
        root = yaml.compose(text, yaml.SafeLoader)
        said = _plain(root, 4, {}) if isinstance(root, yaml.MappingNode) and not root.flow_style else None
    except UnicodeDecodeError:
        raise Refused(Problem(f"{where}: not UTF-8", "save it as UTF-8")) from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise Refused(Problem(f"{where}: no YAML, in line {line}", "mend the file, or move it out of IN")) from None
    except (yaml.YAMLError, RecursionError):
        raise Refused(Problem(f"{where}: no YAML that can be read", "mend the file, or move it out of IN")) from None
    if said is None:
        raise Refused(Problem(f"{where}: not a line for each key", "mend the file, or move it out of IN"))
    return Description(path, text, _about(said, where), _splits(tree, path.rpartition("/")[0], said))


def _plain(node: Any, depth: int, known: dict[tuple[int, int], Any]) -> Any:
    """Return a node as dicts, lists and the text of scalars, as far as anything here looks.

    What is `known` is not looked through again: a few aliases can stand for more than a machine holds.
    """
    import yaml

    if isinstance(node, yaml.ScalarNode):
        return None if node.tag.endswith(":null") else node.value
    if not depth or (id(node), depth) in known:
        return known.get((id(node), depth))
    found: Any
    if isinstance(node, yaml.SequenceNode):
        found = [_plain(one, depth - 1, known) for one in node.value]
    else:
        pairs = [(key.value, one) for key, one in node.value if isinstance(key, yaml.ScalarNode)]
        found = {key: _plain(one, depth - 1, known) for key, one in pairs}
    known[id(node), depth] = found
    return found


def _about(said: dict[str, Any], where: str) -> dict[str, Any]:
    about: dict[str, Any] = {}
    names = said.get("names")
    if isinstance(names, list):
        names = {str(number): name for number, name in enumerate(names)}
    if isinstance(names, dict) and names:
        about["names"] = {str(int(key)): name for key, name in names.items() if _is_whole(key) and _is_text(name)}
        about["classes"] = max([int(key) + 1 for key in about["names"]], default=0)
    elif _is_whole(said.get("nc")):
        about["classes"] = int(said["nc"])
    if said.get("kpt_shape") is not None:
        about |= _keypoints(said, where)
    return about


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_whole(text: Any) -> bool:
    return isinstance(text, str) and re.fullmatch(r"\s*\d{1,9}\s*", text, re.ASCII) is not None


def _keypoints(said: dict[str, Any], where: str) -> dict[str, Any]:
    """Return the shape of poses, which slots are left and right of each other (None if unknown), and their names."""
    shape, flips, names = (said.get(key) for key in ("kpt_shape", "flip_idx", "kpt_names"))
    if not isinstance(shape, list) or len(shape) != 2 or not all(map(_is_whole, shape)):
        raise Refused(Problem(f"{where}: `kpt_shape` is not [number of keypoints, 2 or 3]", "correct it"))
    slots, dimensions = map(int, shape)
    if not 0 < slots <= _MOST_SLOTS or dimensions not in (2, 3):
        raise Refused(Problem(f"{where}: `kpt_shape` is not [number of keypoints, 2 or 3]", "correct it"))
    about: dict[str, Any] = {"keypoints": [slots, dimensions], "pairs": None}
    if flips is not None:
        flips = [int(slot) for slot in flips if _is_whole(slot)] if isinstance(flips, list) else []
        if len(flips) != slots or any(other >= slots or flips[other] != one for one, other in enumerate(flips)):
            what = f"{where}: `flip_idx` does not pair its {slots} slots"
            raise Refused(Problem(what, "give each slot its other side, whose own is that slot, or itself"))
        about["pairs"] = [[one, other] for one, other in enumerate(flips) if one < other]
    if isinstance(names, dict):  # of each class
        names = next(iter(names.values()), None)
    if isinstance(names, list) and len(names) == slots and all(map(_is_text, names)):
        about["slots"] = names
    return about


def _splits(tree: Tree, here: str, said: dict[str, Any]) -> dict[str, list[str]]:
    base = said.get("path")
    base = "" if not isinstance(base, str) or base.startswith("/") else base
    found = {}
    for key in ROLE_OF_KEY:
        given = said.get(key)
        entries = [one for one in (given if isinstance(given, list) else [given]) if isinstance(one, str) and one]
        found[key] = [place for one in entries if (place := _place(tree, here, base, one)) is not None]
    return {key: [*dict.fromkeys(places)] for key, places in found.items() if places}


def _place(tree: Tree, here: str, base: str, given: str) -> str | None:
    """Return the folder or list in IN that a path means, or that it meant where the data set was made."""
    parts = [part for part in given.replace("\\", "/").split("/") if part not in ("", ".")]
    stripped = list(parts)
    while stripped[:1] == [".."]:
        del stripped[0]
    tries = [] if given.startswith("/") else [[here, base, *parts], [here, *parts], [base, *parts], parts]
    tries += [[here, *stripped], stripped]
    while len(stripped) > (2 if not stripped or split_in(stripped[-1]) is None else 1):
        del stripped[0]
        tries += [[here, *stripped], list(stripped)]
    for attempt in tries:
        place = posixpath.normpath("/".join(filter(None, attempt)) or ".")
        place = "" if place == "." else place
        folder, _, name = place.rpartition("/")
        if place in tree.folders or (folder in tree.folders and name in tree.folders[folder].others):
            return place
    return None
