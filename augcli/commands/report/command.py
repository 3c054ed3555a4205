"""`augcli report`: OUT as a page to look at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from augcli.commands.applied import role_in
from augcli.commands.interruption import stopped_by_errors
from augcli.commands.preview.choice import refuse_to_replace, save
from augcli.commands.report import told
from augcli.commands.report.choice import families
from augcli.commands.report.contents import contents
from augcli.commands.report.counting import Tally, rows_of, tally_of
from augcli.commands.report.objects import Objects, objects_of
from augcli.commands.report.page import is_ours, page
from augcli.commands.report.sheets import Folder, sheets
from augcli.dataset.listing import Listing
from augcli.dataset.sources import Source
from augcli.lint import quick_warnings, shard_warnings
from augcli.output.previous_run import finished_record
from augcli.output.run_record import is_packed
from augcli.plan.request import Options, look_into
from augcli.problems import Problem, Refused, printable, say
from augcli.spec.loading import restored
from augcli.spec.sections import Split
from augcli.spec.spec import Spec


def write(out: Path, target: Path, source: Path | None) -> int:
    """Write the page of a finished OUT to `target`; `source` holds the originals. Raises `Refused`."""
    if target.suffix.lower() not in (".html", ".htm"):
        raise Refused(Problem(f"{target}: a report is a page of HTML", f"write {target.with_suffix('.html')}"))
    record = finished_record(out)
    refuse_to_replace(target, is_ours, "a report")
    with stopped_by_errors(out):
        data = _page(out, record, source)
    save(data, target)
    say(printable(f"{target}: {told.size_in_words(len(data))}, open it in a browser"))
    return 0


def _page(out: Path, record: dict[str, Any], source: Path | None) -> bytes:
    spec = restored(record["spec"], str(out))
    originals = None if source is None else _listed(spec, source)
    tally = tally_of(record["spec"], rows_of(out, record))
    chosen = families(rows_of(out, record), tally.choice.made(tally.after))
    doubts = _warnings(spec, out, originals, tally)
    inside = Folder(spec, out, None)
    if chosen and (spec.kind == "text" or tally.has_labels) and not is_packed(record):
        try:
            inside = _listed(_of_out(spec), out)
        except Refused as refusal:
            doubts.append(Problem(f"what lies in OUT is not shown: {refusal.problems[0].what}"))
    shown = sheets(spec, record, inside, originals, chosen)
    objects = _objects(inside, originals, tally) if tally.has_labels else None
    return page(contents(out, source, spec, record, tally, shown, objects, doubts))


def _objects(out: Folder, source: Folder | None, tally: Tally) -> Objects | None:
    """Count the objects of each class; None where labels tell of none."""
    from augcli.commands.report.stored import Loose

    found = objects_of(tally.labelled.images, Loose(*out), None if source is None else Loose(*source))
    return found if found.after else None


def _of_out(spec: Spec) -> Spec:
    """Return what OUT is read by: its tables have the columns already that augcli adds, and it has its splits."""
    layout = "auto" if spec.layout == "classes" and spec.split.is_on else spec.layout
    text = spec.text.with_values({"origin": False})
    return spec.with_values({"text": text, "split": Split(), "layout": layout})


def _listed(spec: Spec, root: Path) -> Folder:
    options = Options(follow_links=True, allow_augmented_input=True)
    return Folder(spec, root, look_into(spec, root, None, options))


def _warnings(spec: Spec, out: Path, source: Folder | None, tally: Tally) -> list[Problem]:
    """Return what is doubtful about the spec with its classes or its IN, and about what came of it."""
    if source is not None:
        found = quick_warnings(*source)
    else:
        classes = [Source("", split, role_in(split), label) for split, label in tally.before]
        found = quick_warnings(spec, None, Listing(classes, seen="labels" if tally.has_labels else ""))
    if not tally.has_labels:
        made = {one for one, number in tally.after.items() if number}
        found += shard_warnings(out, tally.failed_of, made)
    return [*found, *told.never_applied(tally, spec.kind)]
