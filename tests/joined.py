"""A shared label file put together in memory, as a run's end does it from parts."""

from __future__ import annotations

import re
from collections.abc import Iterable

from augcli.output.joining import Record, Template


def joined(template: Template, records: Iterable[Record]) -> str:
    """Return the text of a file from what is said of each image."""
    lines: list[list[str]] = [[] for _ in template.sections]
    for record in records:
        first = [len(section) + 1 for section in lines]
        for at, said in enumerate(record):
            for line in said:
                own = len(lines[at]) + 1
                lines[at].append(re.sub("\0(\\d+)\0", lambda n: str(own if int(n[1]) == at else first[int(n[1])]), line))
    parts = [section.separator.join(said) + section.after for section, said in zip(template.sections, lines, strict=True)]
    return template.head + "".join(parts)
