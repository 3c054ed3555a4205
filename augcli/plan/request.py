"""What a spec and an image folder ask for: the sources, and what becomes of each."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from augcli.dataset.layouts.words import ROLE_OF_FOLDER
from augcli.dataset.listing import Listing, scan
from augcli.dataset.sources import Hints, LabelSet
from augcli.output.joining import Template
from augcli.output.paths import MANIFEST, RUN_RECORD
from augcli.plan import output_names
from augcli.plan.copies import copies_of
from augcli.plan.joined_files import joined_files
from augcli.plan.output_names import Item
from augcli.plan.splitting import split_up
from augcli.problems import Problem, Refused
from augcli.spec.spec import Spec
from augcli.storage import files, places
from augcli.storage.names import folded

if TYPE_CHECKING:
    from augcli.plan.packs import Packs


@dataclass(frozen=True)
class Options:
    """What the command line says besides the spec and the folders."""

    jobs: int | None = None
    overwrite: bool = False
    fail_fast: bool = False
    follow_links: bool = False
    allow_augmented_input: bool = False
    shard: str | None = None
    summary_json: Path | None = None
    quiet: bool = False
    verbose: bool = False
    profile: bool = False
    cluster: str | None = None
    """The address of a Dask scheduler whose workers make the files, instead of processes of this machine."""
    wait_for_workers: float = 60.0
    """Seconds without any such worker after which the command ends."""
    digests: bool = False
    """Whether the summary names the plan and its result, which means to read the manifest."""

    def placed(self, folder: Path) -> Path:
        """Return a folder as all machines that work on it call it."""
        return folder if self.cluster is None else places.absolute(folder)


@dataclass(frozen=True)
class Request:
    """A spec, its input, and every source with what becomes of it, in the order of their paths' bytes."""

    spec: Spec
    root: Path
    listing: Listing
    items: Sequence[Item]

    @cached_property
    def templates(self) -> list[Template]:
        """The files of OUT that are about many images; in containers each image has what is said of it beside it."""
        return joined_files(self.spec, self.root, self.listing) if self.packs is None else []

    @cached_property
    def packs(self) -> Packs | None:
        """The containers of OUT, None where it holds loose files."""
        if not self.spec.in_containers:
            return None
        from augcli.plan.packs import Packs  # which loads what loose files do not need, here and below

        return Packs(self.spec, self.root, self.items)

    @property
    def joined_sets(self) -> list[LabelSet]:
        """The files of labels that many images share, but for those that are copied whole."""
        whole = {template.copy_of for template in self.templates} - {""}
        return [one for one in self.listing.sets if one.path not in whole]

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes, whose places are their numbers in containers."""
        from augcli.plan.packs import classes_of

        return tuple(classes_of(self.listing, self.spec))

    def names(self) -> Iterator[tuple[str, list[str]]]:
        """Return the planned files of each source, afresh at each call; none of one that is known to fail.

        Files that are about many images come first: they are of no source.
        """
        if self.packs is not None:
            from augcli.plan.packs import names_of

            yield from names_of(self.packs, self.spec)
            return
        if self.templates:
            yield "", [template.path for template in self.templates]
        for item in self.items:
            yield item.source.path, [] if item.error else [o.file_name for o in output_names.outputs(item, self.spec)]

    def refuse_changed_tables(self) -> None:
        """Raise `Refused` with code 3 where a table is no longer the one that was listed: its blocks lie elsewhere."""
        for path, stamp in self.listing.stamps.items():
            if files.stamp(str(self.root / path)) != stamp:
                what = f"{self.root / path}: was changed while it was read"
                raise Refused(Problem(what, "rerun when nobody writes to it"), exit_code=3)

    @property
    def must_see(self) -> list[str]:
        """What each machine that works on it must see: IN, and the first file in it."""
        first = [source.block.table if source.block else source.path for source in self.listing.sources[:1]]
        return [str(self.root), *(str(self.root / path.partition("#")[0]) for path in first)]

    def roles(self) -> dict[str, int]:
        """Count the sources of each role."""
        counts: Counter[str] = Counter()
        for source in self.listing.sources:
            counts[source.role] += 1 if source.block is None else source.block.records
        return dict(counts)


def request_of(spec: Spec, root: Path, out: Path | None, options: Options) -> Request:
    """List IN, after making sure that IN and OUT are what they should be. Raises `Refused`."""
    listing = look_into(spec, root, out, options)
    for branch in spec.branches:
        if branch.lower() in ROLE_OF_FOLDER:
            what = f"the pipeline `{branch}` has the name of a split, for which its folder would be taken"
            raise Refused(Problem(what, "call it otherwise, such as `weak` or `strong`"))
    for top in {source.name.partition("/")[0] for source in listing.sources}:
        if folded(top) in (MANIFEST, RUN_RECORD):
            raise Refused(Problem(f"{root / top}: OUT has a file of that name", "rename the folder"))
    if spec.mixes and len(listing.sources) > (most := _most_to_mix()):
        what = f"{root}: {len(listing.sources)} sources; at most {most} can be mixed with one another"
        raise Refused(Problem(what, "divide them, or leave out the steps that mix"))
    try:
        items = output_names.items(spec, root, listing.sources, copies_of(spec, root, listing))
    except OSError as error:
        raise Refused(Problem(f"{root}: {error.strerror}", "fix it, then rerun")) from None
    request = Request(spec, root, listing, items)
    if spec.in_containers:
        _ = request.classes  # what cannot stand in a list of them is refused before anything is written
    return request


def _most_to_mix() -> int:
    from augcli.plan.partners import MOST_SOURCES  # loads codecs, which texts do not need

    return MOST_SOURCES


def hints_of(spec: Spec) -> Hints:
    """Return where the spec says that labels are."""
    return Hints(spec.labels.images, spec.labels.annotations)


def look_into(spec: Spec, root: Path, out: Path | None, options: Options) -> Listing:
    """List the sources of IN, after making sure that IN and OUT are what they should be. Raises `Refused`."""
    if sys.getfilesystemencoding() != "utf-8":
        raise Refused(Problem("file names are not read as UTF-8 here", "set PYTHONUTF8=1"))
    if out is not None:
        _refuse_each_other(root, out)
    if places.is_file(root / RUN_RECORD) and not options.allow_augmented_input:
        raise Refused(
            Problem(
                f"{root}: this is itself an output of augcli; all of it would be augmented twice",
                "give the originals, or --allow-augmented-input if it is on purpose",
            )
        )
    if spec.kind == "text":
        from augcli.dataset.text_listing import scan_texts  # each kind loads much that the other does not need
        from augcli.plan.text_sources import wanted

        return split_up(spec, root, scan_texts(root, spec.layout, wanted(spec), options.follow_links, out))
    listing = scan(root, spec.layout, options.follow_links, out, hints_of(spec))
    if listing.seen:
        from augcli.plan.label_refusals import refuse_spoilt_labels  # as above

        refuse_spoilt_labels(spec, root, listing)
    return split_up(spec, root, listing)


def _refuse_each_other(root: Path, out: Path) -> None:
    inside, outside = Path(places.real(root)), Path(places.real(out))
    if inside == outside:
        raise Refused(Problem(f"{out}: IN and OUT are the same folder", "choose another OUT"))
    if inside in outside.parents:
        raise Refused(Problem(f"{out}: OUT lies inside IN ({root})", "choose an OUT beside it"))
    if outside in inside.parents:
        raise Refused(Problem(f"{root}: IN lies inside OUT ({out})", "choose another OUT"))
