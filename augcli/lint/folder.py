"""A folder as rules about its images see it: headers, thumbnails, objects, each found once for all, and if one asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from augcli.dataset.listing import Listing
from augcli.dataset.sources import Source
from augcli.problems import Unusable
from augcli.spec.spec import Spec

if TYPE_CHECKING:
    from augcli.engine.jobs import Done
    from augcli.image.near_duplicates import Thumbnail
    from augcli.image.pictures import Header
    from augcli.modality.objects import Objects
    from augcli.plan.copies import CopiesOf
    from augcli.plan.output_names import Item

TRIED = 400
"""Copies that are tried at least, of all sources together, as far as there are so many."""


@dataclass
class Images:
    """The images of IN, and the spec that they are for. What cannot be opened is for one rule alone."""

    spec: Spec
    root: Path
    listing: Listing
    known_copies: CopiesOf | None = None
    """What tells how many copies each source gets, where that is known already."""

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
        from augcli.plan.image_formats import header_of

        found: dict[str, Header | Unusable] = {}
        for source in self.listing.sources:
            try:
                found[source.path] = header_of(str(self.root), source, self.spec.max_megapixels)
            except Unusable as unusable:
                found[source.path] = unusable
        return found

    def of(self, role: str) -> list[Source]:
        """Return the sources of a role whose headers can be read."""
        return [source for source in self.listing.sources if source.role == role and source.path in self.headers]

    @cached_property
    def copies_of(self) -> CopiesOf:
        """What tells how many copies each source gets. Raises `Refused`."""
        from augcli.plan.copies import copies_of

        return self.known_copies or copies_of(self.spec, self.root, self.listing)

    @property
    def has_labels(self) -> bool:
        """Whether what is to be known of the images stands in files of labels."""
        return any(source.labels for source in self.listing.sources)

    def splits_of(self, role: str) -> set[str]:
        """Return the names of the splits of a role."""
        return {source.split for source in self.listing.sources if source.role == role}

    @cached_property
    def objects(self) -> Objects:
        """What the labels of all sources say, and what copies would have of it."""
        return self.objects_of(self.listing.sources)

    def objects_of(self, sources: Sequence[Source]) -> Objects:
        """Count what the labels of some sources say, and what copies would have of it; workers read them."""
        from augcli.engine.tasks.count import Count
        from augcli.modality.objects import Objects
        from augcli.plan.output_names import items as output_items

        labelled = [source for source in sources if source.labels]
        found = Objects()
        if labelled:
            copies = max(1, min(self.spec.usual_copies, TRIED // len(labelled)))
            items = list(output_items(self.spec, self.root, labelled, self.copies_of))
            self._run(Count(copies), items, lambda done: found.add(done.result), lambda result: result.sources)
        return found

    @property
    def thumbnails(self) -> dict[str, Thumbnail]:
        """What all sources look like, by path; none of those that cannot be decoded."""
        return self._looked[0]

    @property
    def undecodable(self) -> dict[str, str]:
        """Why sources fail whose headers say nothing of it, by path; a spec may accept files that are cut off."""
        return {} if self.spec.input.truncated == "accept" else self._looked[1]

    @cached_property
    def _looked(self) -> tuple[dict[str, Thumbnail], dict[str, str]]:
        """Return what sources look like, and which cannot be decoded; workers see them: a file may end a process."""
        from augcli.engine.tasks.look import Look
        from augcli.plan.output_names import Item

        items = [Item(source, "", "", "") for source in self.listing.sources if source.path in self.headers]
        thumbnails: dict[str, Thumbnail] = {}
        failed: dict[str, str] = {}

        def take(done: Done[Any]) -> None:
            thumbnails.update(done.result.thumbnails)
            failed.update(done.result.failed)

        if items:
            self._run(Look(), items, take, lambda seen: seen.sources)
        return thumbnails, failed

    def _run(
        self, task: Any, items: list[Item], take: Callable[[Done[Any]], object], sources: Callable[[Any], int]
    ) -> None:
        """Let workers do something with items; `sources` tells of how many a result is."""
        from augcli.engine import runner
        from augcli.engine.chunks import Chunks
        from augcli.engine.executors import ThisMachine
        from augcli.engine.jobs import Job
        from augcli.engine.progress import Progress
        from augcli.modality.images import IMAGES

        progress = Progress(len(items), quiet=False)

        def taken(done: Done[Any]) -> None:
            progress.advance(sources(done.result))
            take(done)

        job, machine = Job(task, IMAGES, self.spec, str(self.root), sets=self.listing.sets), ThisMachine(None)
        with progress:
            chunks = Chunks(items, self.spec.usual_copies, machine.jobs)
            runner.run(job, chunks, machine, len(items), taken, progress.tell)
