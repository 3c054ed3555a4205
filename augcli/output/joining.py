"""Files that are about many images: joined, when a run ends, from records that stand beside the rows of its parts.

A file has sections one after another, each a list of lines. A record has the lines that one image adds to each.
Nothing here grows with the number of images, however many there are. A byte that is no UTF-8 passes through.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple, TextIO, TypeAlias

from augcli.output import paths
from augcli.output.manifest import Row
from augcli.problems import Problem, Refused
from augcli.storage import files, hashes, places
from augcli.storage.addresses import place

Record: TypeAlias = tuple[tuple[str, ...], ...]
"""For each section of a file, the lines of one image. `number(k)` in a line stands for the number of a line of
section k, counted from 1: of the line itself where k is its own section, of the last line of the same record in an
earlier one."""


TABLE = "table"
"""The status of a table, whose records have rows of their own."""


class Section(NamedTuple):
    """Lines with `separator` between them, and `after` behind the last."""

    separator: str
    after: str


class Template(NamedTuple):
    """A file of OUT without its lines: `head` stands before the first section.

    `digest` is that of what it was made from. With `copy_of` it is that file of IN, byte for byte, and has no lines.
    """

    path: str
    head: str
    sections: tuple[Section, ...] = ()
    digest: str = ""
    copy_of: str = ""
    status: str = "labels"
    """That of its row."""
    records: int = 0
    """How many records of IN it is made from, where it is a table."""


class Addition(NamedTuple):
    """What a source adds to a joined file, by the file's path."""

    source: str
    path: str
    record: Record


def number(section: int, back: int = 0) -> str:
    """Return what stands in a line for the number of the last line of a section, or of one so many lines `back`."""
    return f"{_MARK}{section}-{back}{_MARK}"


_MARK = "\udc00"
"""A surrogate that no bytes are decoded to, whatever a file holds: those that pass through are from U+DC80 on."""
_NUMBER = re.compile(f"{_MARK}([0-9]+)-([0-9]+){_MARK}")


def records_of(templates: Iterable[Template]) -> dict[str, int]:
    """Return how many records of IN the tables are made from."""
    return {template.path: template.records for template in templates if template.records}


def write_additions(part: str, additions: Iterable[Addition]) -> None:
    """Write beside a part what its sources add to joined files, whole."""
    with files.whole_text(paths.additions_of(place(part))) as file:
        file.writelines(json.dumps(addition) + "\n" for addition in additions)


def read_additions(folder: Path) -> Iterator[Addition]:
    """Read what a run's sources add, in the order of its parts. Raises `Refused` with code 3 where some is lost."""
    written, there = list(map(paths.additions_of, paths.parts(folder))), set(paths.additions(folder))
    if path := next((path for path in written if path not in there), None):
        raise Refused(Problem(f"{path}: was written, and is not there", "rerun to resume"), exit_code=3)
    for path, file in zip(written, files.texts(written), strict=True):
        try:
            for line in file:
                source, target, record = json.loads(line)
                yield Addition(source, target, tuple(map(tuple, record)))
        except (TypeError, ValueError):
            raise Refused(Problem(f"{path}: not what augcli wrote", "remove it, or choose another OUT")) from None


def join(out: Path, state: Path, templates: Iterable[Template], additions: Iterator[Addition]) -> list[Row]:
    """Write the joined files of OUT, each whole; return their rows. `state` is the folder for what is not whole yet."""
    templates = list(templates)
    made = [template for template in templates if not template.copy_of]
    with files.scratch(state) as folder, ExitStack() as stack:
        begun = {template.path: _Joined(stack, folder, at, template) for at, template in enumerate(made)}
        for addition in additions if any(template.sections for template in made) else ():
            if addition.path in begun:
                begun[addition.path].add(addition.record)
        for joined in begun.values():
            joined.finish(out)
    return [row_of(out, template) for template in templates]


def copy_whole(root: Path, out: Path, templates: Iterable[Template]) -> None:
    """Copy the files of IN that stay as they are to OUT."""
    for template in templates:
        if template.copy_of:
            target = out / template.path
            places.make_folder(target.parent)
            files.copy_whole(root / template.copy_of, target)


def row_of(out: Path, template: Template) -> Row:
    """Return the manifest's row of a joined file."""
    path = out / template.path
    about = {"file_name": template.path, "status": template.status, "source_sha256": template.digest}
    told = {"bytes": str(places.size(path)), "sha256": hashes.sha256_of(path)}
    return Row(**{**dict.fromkeys(Row._fields, ""), **about, **told})


class _Joined:
    """A file that is being joined: each section grows in a file of its own."""

    def __init__(self, stack: ExitStack, folder: Path, at: int, template: Template) -> None:
        self._template = template
        self._counts = [0] * len(template.sections)
        self._paths = [folder / f"section-{at}-{number}" for number in range(len(template.sections))]
        self._files: list[TextIO] = [stack.enter_context(files.new_text(path)) for path in self._paths]

    def add(self, record: Record) -> None:
        """Add the lines of an image, with their numbers."""
        for at, lines in enumerate(record):
            for line in lines:
                if self._counts[at]:
                    self._files[at].write(self._template.sections[at].separator)
                self._counts[at] += 1
                self._files[at].write(_NUMBER.sub(self._number, line))

    def _number(self, found: re.Match[str]) -> str:
        return str(self._counts[int(found[1])] - int(found[2]))

    def finish(self, out: Path) -> None:
        """Put head and sections together under the file's name."""
        target = out / self._template.path
        places.make_folder(target.parent)
        for file in self._files:
            file.close()
        with files.whole_bytes(target) as whole:
            from augcli.dataset.tables import packing  # tables are texts'

            packing.write(self._template.path, self._whole(), whole)
        for path in self._paths:
            places.remove(path)

    def _whole(self) -> Iterator[bytes]:
        """Return the whole file, part by part."""
        yield self._template.head.encode("utf-8", "surrogateescape")
        for section, path in zip(self._template.sections, self._paths, strict=True):
            yield from files.parts(path)
            yield section.after.encode()


def write_templates(state: Path, templates: Iterable[Template]) -> None:
    """Note which files are to be joined, for whoever ends the run."""
    with files.whole_text(state / paths.TEMPLATES) as file:
        json.dump(list(templates), file)


def read_templates(state: Path) -> list[Template]:
    """Return the files that are to be joined."""
    if not places.is_file(state / paths.TEMPLATES):
        return []
    found = files.read_json(state / paths.TEMPLATES)
    return [
        Template(path, head, tuple(Section(*one) for one in sections), *rest) for path, head, sections, *rest in found
    ]
