"""The output folder while a run works on it: what it holds already, the parts, and the finish.

`opening.opened` locks it; `paths` says what stands in it.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from augcli.output import inventory, joining, manifest, paths, removal, run_record
from augcli.output.inventory import Existing
from augcli.output.joining import Template
from augcli.output.manifest import Row
from augcli.output.paths import EXISTING_FILES, MANIFEST, PLANNED_FILES, RUN_RECORD, SHARD_RECORD, UNFINISHED_RUN
from augcli.output.previous_run import changed_freely, refuse_foreign, refuse_links, validity_of
from augcli.output.removal import ExistingFiles, Obsolete, Planned, remove, remove_state, remove_temporaries
from augcli.output.shards import Shard
from augcli.problems import Problem, Refused
from augcli.spec.loading import restored
from augcli.spec.spec import Spec
from augcli.storage import files, places
from augcli.storage.addresses import in_bucket, place
from augcli.storage.files import whole_text
from augcli.storage.locks import Lock
from augcli.storage.names import folded
from augcli.storage.places import Statuses


class Found(NamedTuple):
    """What a run finds in OUT when it has locked it."""

    former: dict[str, Any] | None
    """The record of what made OUT, None where it is empty."""
    is_joined: bool
    """Whether other shards of the same run have made OUT ready."""
    abandoned_shards: int
    """How many shards were begun here of which this run is none."""
    was_interrupted: bool


class Folder:
    """An output folder that this process has locked."""

    def __init__(
        self,
        out: Path,
        record: dict[str, Any],
        planned: Planned,
        found: Found,
        lock: Lock,
        overwrite: bool,
        shard: Shard | None,
    ) -> None:
        """Take over a folder that was opened and locked; with `overwrite` it may lose many files."""
        self.out, self.state = out, out / paths.STATE_FOLDER
        self.own = self.state if shard is None else shard.folder(self.state)
        """Where the parts of this run stand."""
        self.planned, self.found, self.shard = planned, found, shard
        self.validity = validity_of(found.former, record)
        former_spec = self.validity.former_spec
        self.record = record if former_spec is None else {**record, "former": former_spec}
        self._lock, self._overwrite = lock, overwrite
        self._obsolete = Obsolete({}, set(), set(), set())

    def part(self, number: int) -> str:
        """Return the path of a part by its number. Raises `Refused` with code 3 where OUT is no longer ours."""
        self._lock.ensure_held()
        return os.fspath(paths.part(self.own, number))

    def prepare(self, templates: Sequence[Template] = (), sources: Iterable[str] = ()) -> list[str]:
        """Note what is there and what is planned, and remove what is ours and no longer planned.

        `templates` are the files that are joined at the end, `sources` are the paths of all that IN has.

        Returns the names that were removed. Raises `Refused` where a file that is not ours is in the way, or too much
        would be removed. A shard removes nothing, and makes ready for all of them if it is the first.
        """
        removed = [] if self.found.is_joined else self._make_ready(templates, sources)
        if self.shard is not None:
            self._lock.say("")
            self._lock.share()
            self._note_existing_of_shard()
            return []
        return removed + [name for name in self._obsolete.others if remove(self.out, name)]

    def _make_ready(self, templates: Sequence[Template], sources: Iterable[str]) -> list[str]:
        """Note what is there and planned; return the names that were removed because they are spelled otherwise now."""
        with whole_text(self.state / EXISTING_FILES) as file:
            entries = map(self.validity.limit, inventory.existing(self.out))
            file.writelines(inventory.existing_line(*entry) for entry in entries)
            file.flush()
            existing = partial(inventory.read_existing, place(file.name))
            status = places.statuses(self.out)
            refuse_foreign(self.out, existing(), status)
            self._obsolete = removal.find_obsolete(existing, self.planned)
            self._refuse_files_in_the_way(existing, status)
            self._refuse_great_loss(existing, templates, sources, status)
        # From here on former.jsonl holds all that is there: the old manifest and parts go before the new record
        # stands, or a kill in between would make them look like the new run's.
        places.remove(self.out / MANIFEST)
        for folder in paths.run_folders(self.state):
            places.remove(folder / SHARD_RECORD)  # first of all: a shard without its parts is not done
        for name in places.names(self.state):
            if name.startswith(paths.DRIVER):
                places.remove(self.state / name)  # workers of a dead run write nothing more
        for folder in paths.run_folders(self.state):
            if folder not in (self.state, self.own):
                places.remove_with_all(folder)
                continue
            others = [folder / EXISTING_FILES] if folder != self.state else []
            places.remove_all([*paths.parts(folder), *paths.additions(folder), *others])
        # On a disk that takes both spellings for one name, a new file would be called as the old one is.
        removed = [name for name in self._obsolete.spelling_variants if remove(self.out, name)]
        files.write_json(self.state / UNFINISHED_RUN, self.record)
        places.remove(self.out / RUN_RECORD)
        joining.write_templates(self.state, templates)
        with whole_text(self.state / PLANNED_FILES) as file:
            file.writelines(inventory.existing_line(source, names) for source, names in self.planned())
        if self.found.was_interrupted:
            remove_temporaries(self.out)
        if run_record.is_packed(self.record):
            from augcli.output.containers.numbering import renumber

            renumber(self.out, self._obsolete.others, self.planned())
        return removed

    def _refuse_great_loss(
        self, existing: ExistingFiles, templates: Sequence[Template], sources: Iterable[str], status: Statuses
    ) -> None:
        if not self._overwrite:
            former = self.found.former
            if former is not None and run_record.is_packed(former):
                if (loss := removal.great_loss_of_containers(self.out, existing, sources)) is not None:
                    raise Refused(loss)
                return
            changed = [] if former is None else changed_freely(former["spec"], self.record["spec"])
            loss = removal.great_loss(self.out, existing, self.planned, self._obsolete, changed, status)
            loss = loss or removal.great_loss_of_records(self.out, existing, joining.records_of(templates))
            if loss is not None:
                raise Refused(loss)

    def _note_existing_of_shard(self) -> None:
        """Join what this shard wrote before to what all of them know; others may be at work."""
        places.remove(self.own / SHARD_RECORD)
        written = inventory.written_in(self.own, self.record)
        with whole_text(self.own / EXISTING_FILES) as file:
            entries = inventory.merged([inventory.read_existing(self.state / EXISTING_FILES), *written])
            file.writelines(inventory.existing_line(*entry) for entry in entries)
        files.write_json(self.own / UNFINISHED_RUN, self.record)
        places.remove_all(paths.parts(self.own) + paths.additions(self.own))

    @property
    def former_spec(self) -> Spec | None:
        """The spec that some of what is there was made by."""
        former = self.record.get("former")
        return None if former is None else restored(former, str(self.out / RUN_RECORD))

    def existing(self) -> Iterator[Existing]:
        """Return what OUT held before this run, in the order of the sources."""
        return inventory.read_existing(self.own / EXISTING_FILES)

    def finish(self, extra: dict[str, Any], rows: int, root: Path) -> None:
        """Join the parts to the manifest, write the record, and remove the state folder; a shard says that it is done.

        `extra` goes into the record; files of IN, `root`, that stay as they are are copied, of shards by the first.
        Raises `Refused` with code 3 where the parts hold other than as many `rows`.
        """
        if run_record.is_packed(self.record):
            self._finish_containers(extra, rows)
            return
        self._lock.ensure_held()
        staged, parts = self.state / MANIFEST, paths.parts(self.own)
        templates = joining.read_templates(self.state)
        if self.shard is None or self.shard.number == 1:  # two at once would write over each other
            joining.copy_whole(root, self.out, templates)
        joined: list[Row] = []
        if self.shard is None:
            joined = joining.join(self.out, self.state, templates, joining.read_additions(self.own))
        has_records = any(template.status == joining.TABLE for template in templates)
        if self.shard is not None:
            counts = manifest.counts_of(parts)
        else:
            counts = manifest.join_parts(staged, parts, joined, has_records)
        self._refuse_lost_rows(sum(counts.values()), rows)
        if self.shard is not None:
            files.write_json(self.own / SHARD_RECORD, {**self.record, **extra, "rows": rows})
            return
        record = {key: value for key, value in self.record.items() if key != "former"}
        self.commit(
            staged,
            {**record, **extra, "counts": dict(sorted((counts + Counter(row.status for row in joined)).items()))},
        )

    def _finish_containers(self, extra: dict[str, Any], rows: int) -> None:
        """Gather the rows of all containers; a shard says that it is done."""
        self._lock.ensure_held()
        if self.shard is not None:
            files.write_json(self.own / SHARD_RECORD, {**self.record, **extra, "rows": rows})
            return
        record = {key: value for key, value in self.record.items() if key != "former"}
        staged = self.state / MANIFEST
        from augcli.output.containers import gathering

        counts = gathering.gather(staged, self.out, self.record, self.planned)
        self._refuse_lost_rows(gathering.of_samples(counts), rows)
        self.commit(staged, {**record, **extra, "counts": dict(sorted(counts.items()))})

    def _refuse_lost_rows(self, there: int, rows: int) -> None:
        if there != rows:
            what = f"{self.own}: {there} of the {rows} rows that were written are there"
            raise Refused(Problem(what, "rerun to resume"), exit_code=3)

    def commit(self, staged: Path, record: dict[str, Any]) -> None:
        """Give the manifest its name, which says that OUT is complete."""
        self._lock.ensure_held()
        files.write_json(self.out / RUN_RECORD, record)
        places.rename(staged, self.out / MANIFEST)
        remove_state(self.state)

    def leave(self) -> None:
        """Leave a finished OUT, in which nothing was begun that a run would go on with."""
        remove_temporaries(self.out)
        remove_state(self.state)

    def _refuse_files_in_the_way(self, existing: ExistingFiles, status: Statuses) -> None:
        """Refuse where a planned name is taken by a file that is not ours, or leads out of OUT through a link."""
        if self.found.former is None and places.names(self.out) == [paths.STATE_FOLDER]:
            return  # OUT is new
        is_there: dict[str, bool] = {}  # by folder
        strange: dict[str, None] = {}
        for names, ours in inventory.with_existing(self.planned(), existing()):
            for name in names:
                folder = name.rpartition("/")[0]
                if folder not in is_there:
                    is_there[folder] = in_bucket(self.out) or places.anything(self.out / folder)
                    refuse_links(self.out, folder)
                if is_there[folder] and name not in ours and status(name):
                    strange[name] = None
        if strange:  # the name may have been another source's
            for entry in existing():
                for name in entry.names:
                    strange.pop(name, None)
        variants = {folded(name): self.out / name for name in self._obsolete.spelling_variants} if strange else {}
        for name in strange:
            if places.same_file(variants.get(folded(name), ""), self.out / name):
                continue  # the disk takes both spellings for one
            help = "move it away, or choose another OUT"
            raise Refused(Problem(f"{self.out / name}: in the way, and not made by augcli", help))
