"""Lists of images, a line for each: `train.txt` of Pascal VOC, YOLO, Darknet, SegNet.

`about` says what a line is, and all lines of a list are of one kind:

    line        stem: `000012`; path: `images/a.jpg`; relative: a path that is written anew, as `./images/a.jpg`;
                pair: the paths of image and mask; class: `000012 -1`, whether the image shows a class;
                object: `000012 2`, a stem and the number of one of its objects
    class       of `class`: its name
    newline     what ends a line
    ends        whether the last line ends so as well
    head        what stands before the first line: a byte order mark
    text        instead of all that: a file that is kept as it is, such as the names of the classes

A list says nothing of what an image shows. Its records are made from what the image's own label file still has.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Mapping, Sequence
from typing import Any

from augcli.dataset.sources import LabelSet
from augcli.labels.annotation import Annotation, Object
from augcli.labels.formats import Shown
from augcli.labels.formats.masks import FORMAT as MASKS
from augcli.output.joining import Record, Section, Template
from augcli.spec.sections import Labels

_LAST = re.compile(r"[^/\\]*$")
_SUFFIX = re.compile(r"^([^\s,;]*)\.[^\s,;.]*")


class Lists:
    """Reads and writes the lines of lists.

    A place is a line without what ends it, or empty where no more of it counts than that it is there. That of a pair is
    cut in three: behind the core of the image's name, and behind that of the mask's.
    """

    of_others = True

    def read(self, said: Sequence[bytes], about: Mapping[str, Any], shown: Shown, settings: Labels) -> Annotation:
        return Annotation(shown.size)

    def records(
        self, annotation: Annotation, said: Sequence[bytes], about: Mapping[str, Any], shown: Shown, settings: Labels
    ) -> Record:
        end = about["newline"] if about["ends"] else ""  # of each line: an empty list has none, not a blank one
        lines = _lines([os.fsdecode(line) for line in said], annotation, about, shown)
        return (tuple(line + end for line in lines),)

    def leads_back(self, about: Mapping[str, Any]) -> bool:
        return about.get("line") == "relative"

    def template(self, given: LabelSet) -> Template:
        about = given.about
        if "text" in about:
            return Template(given.path, about["text"], (), given.digest)
        section = Section("" if about["ends"] else about["newline"], "")
        return Template(given.path, about.get("head", ""), (section,), given.digest)


def _lines(lines: Sequence[str], annotation: Annotation, about: Mapping[str, Any], shown: Shown) -> list[str]:
    """Return what a list says of an image, for what it says of its source."""
    kind = about["line"]
    name = shown.path.rpartition("/")[2]
    stem = os.path.splitext(name)[0]
    if kind == "pair":
        return [_pair(*cut, name) for cut in zip(lines[::3], lines[1::3], lines[2::3], strict=True)]
    if kind == "class":
        return [f"{stem} {_class_value(annotation.objects, about['class']):2}"] * len(lines)
    if kind == "object":  # what has lost objects, or got others, numbers them anew
        objects = annotation.objects
        is_whole = objects and not annotation.dropped and not any(one.origin for one in objects)
        return [stem + line[len(line.split()[0]) :] for line in lines] if is_whole else []
    if kind == "relative":
        return [f"./{posixpath.relpath(shown.path, posixpath.dirname(shown.label_path) or '.')}"] * len(lines)
    return [_named(line, stem if kind == "stem" else name) for line in lines]


def _named(line: str, name: str) -> str:
    """Return a line with another last name in its path."""
    return _LAST.sub(lambda _: name, line.rstrip(), count=1)


def _class_value(objects: Sequence[Object], name: str) -> int:
    """Return 1 for an image that shows a class, 0 if all that it shows of it is difficult, -1 without."""
    found = [one.stays for one in objects if one.name == name]
    return -1 if not found else 0 if all(found) else 1


def _pair(image: str, mask: str, rest: str, name: str) -> str:
    """Write a line of two paths: what a copy's name got behind its core, its mask's name gets as well."""
    known = _LAST.search(image)
    start, after = known.start() if known else 0, re.split(r"[\s,;]", mask, maxsplit=1)[0]
    end = len(os.path.splitext(name)[0]) - len(os.path.splitext(f"_{after}")[0]) + 1
    tag = name[len(image) - start : end]
    if tag:
        rest = _SUFFIX.sub(lambda found: found[1] + MASKS.suffix(found[0]), rest)
    return image[:start] + name + mask[len(after) :] + tag + rest


FORMAT = Lists()
