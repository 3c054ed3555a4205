"""A folder as rules about its images see it: headers and thumbnails, each found once for all rules, and if one asks."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from augcli.dataset.listing import Listing, Source
from augcli.problems import Unusable
from augcli.spec.model import Spec

if TYPE_CHECKING:
    from augcli.engine.chunks import Done
    from augcli.image.near_duplicates import Thumbnail
    from augcli.image.pictures import Header


@dataclass
class Images:
    """The images of IN, and the spec that they are for. What cannot be opened is for one rule alone."""

    spec: Spec
    root: Path
    listing: Listing

    @cached_property
    def headers(self) -> dict[str, Header]:
        """What the headers of all sources say, by path."""
        return {path: header for path, header in self._peeked.items() if not isinstance(header, Unusable)}

    @property
    def unusable(self) -> dict[str, str]:
        """Why sources fail whose headers say so, by path."""
        return {path: str(reason) for path, reason in self._peeked.items() if isinstance(reason, Unusable)}

    @cached_property
    def _peeked(self) -> dict[str, Header | Unusable]:
        from augcli.image.pictures import peek

        found: dict[str, Header | Unusable] = {}
        for source in self.listing.sources:
            try:
                found[source.path] = peek(os.path.join(self.root, source.path), self.spec.max_megapixels)
            except Unusable as unusable:
                found[source.path] = unusable
        return found

    def of(self, role: str) -> list[Source]:
        """Return the sources of a role whose headers can be read."""
        return [source for source in self.listing.sources if source.role == role and source.path in self.headers]

    @cached_property
    def thumbnails(self) -> dict[str, Thumbnail]:
        """What all sources look like, by path; workers see them, as a file may be what ends a process."""
        from augcli.engine import runner
        from augcli.engine.chunks import Chunk
        from augcli.engine.progress import Report
        from augcli.engine.tasks.trial import look_at_chunk
        from augcli.engine.worker import Setup
        from augcli.plan.output_names import Item

        items = [Item(source, "", "", "") for source in self.listing.sources if source.path in self.headers]
        found: dict[str, Thumbnail] = {}
        if not items:
            return found
        report = Report(len(items), quiet=False, fail_fast=False)

        def take(done: Done) -> None:
            report.count(done)
            found.update(done.thumbnails)

        like = Chunk(0, self.spec, str(self.root), "", "", [], {}, careful=False)
        jobs, few = runner.cpus(), len(items) <= runner.FEW
        with report:
            chunks = runner.Chunks(like, items, iter(()), jobs)
            runner.run(look_at_chunk, chunks, Setup(self.spec, str(self.root), []), jobs, few, take, report.crash)
        return found
