"""A folder as rules about its images see it: headers and thumbnails, each found once for all rules, and if one asks."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from augcli.dataset.listing import Listing
from augcli.dataset.sources import Source
from augcli.problems import Unusable
from augcli.spec.spec import Spec

if TYPE_CHECKING:
    from augcli.engine.jobs import Done
    from augcli.engine.tasks.look import Seen
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
        from augcli.engine.chunks import Chunks
        from augcli.engine.jobs import Job
        from augcli.engine.progress import Progress
        from augcli.engine.tasks.look import Look
        from augcli.modality.images import IMAGES
        from augcli.plan.output_names import Item

        items = [Item(source, "", "", "") for source in self.listing.sources if source.path in self.headers]
        found: dict[str, Thumbnail] = {}
        if not items:
            return found
        progress = Progress(len(items), quiet=False)

        def take(done: Done[Seen]) -> None:
            progress.advance(done.result.sources)
            found.update(done.result.thumbnails)

        job, jobs = Job(Look(), IMAGES, self.spec, str(self.root)), runner.cpus()
        with progress:
            chunks = Chunks(items, self.spec.copies, jobs)
            runner.run(job, chunks, runner.workers_for(len(items), jobs), take, progress.tell)
        return found
