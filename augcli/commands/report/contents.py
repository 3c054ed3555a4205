"""All that the template of a page is given, by the names that it has there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from augcli.commands.report import told
from augcli.commands.report.choice import Class
from augcli.commands.report.counting import DATA, MOST_FAILURES, Tally
from augcli.commands.report.objects import Objects
from augcli.commands.report.sheets import Shown
from augcli.problems import Problem, counted, flow, printable
from augcli.spec.outline import expanded
from augcli.spec.spec import Spec

_FEW_FAILURES = 10
"""Those are seen at a glance, without a count of their reasons."""

_SAID = {
    "augmented": "augmented",
    "view": "views",
    "original": "originals beside them",
    "copied": "copied as they are",
    "transformed": "transformed",
}


def contents(
    out: Path,
    source: Path | None,
    spec: Spec,
    record: Mapping[str, Any],
    tally: Tally,
    sheets: Mapping[Class, Sequence[Shown]],
    objects: Objects | None,
    doubts: Sequence[Problem],
) -> dict[str, Any]:
    """Return what the page says."""
    thing = "text" if spec.kind == "text" else "image"
    lacks_originals = any(one.lacks_original for found in sheets.values() for one in found)
    return {
        "title": printable(out.name or str(out)),
        "thing": thing,
        "lead": _lead(tally, thing),
        "tiles": _tiles(tally, thing),
        "warnings": [
            {"rule": one.rule or "", "what": printable(one.what), "help": printable(one.help or "")} for one in doubts
        ],
        "sheets": [
            {
                "split": printable(split),
                "label": printable(label),
                "before": tally.before[split, label],
                "after": tally.after[split, label],
                "sources": found,
            }
            for (split, label), found in sheets.items()
        ],
        "all_classes": tally.choice.classes,
        "looked_at_for_warnings": _looked_at(source, f"{thing}s"),
        "how_to_see_originals": f"augcli report {printable(str(out))} --source IN" if lacks_originals else "",
        "classes": told.splits_of(tally.before, tally.after, tally.failed_of),
        "objects": told.splits_of(*objects, Counter()) if objects is not None else [],
        "looked_at": len(tally.labelled.images) if tally.labelled.every > 1 else 0,
        "at_once": told.AT_ONCE,
        "steps": told.steps_of(tally),
        "sizes": told.words_of(tally.sizes, most=8),
        "spreads": [
            one
            for one in (
                told.spread("width, pixels", tally.widths),
                told.spread("height, pixels", tally.heights),
                told.spread(
                    f"bytes of {'a text' if thing == 'text' else 'an image'}", tally.lengths, told.size_in_words
                ),
            )
            if one is not None
        ],
        "failures": [(printable(one.source), printable(one.reason)) for one in tally.failures],
        "more_failures": max(0, tally.statuses["failed"] - MOST_FAILURES),
        "tables": [
            (title, about, *told.words_of(counts))
            for title, about, counts in (
                ("Reasons of failures", "sources of which nothing was made", tally.reasons),
                ("Converted when read", f"what reading an {thing} changed", tally.converted),
                ("Dropped labels", "objects that are not in a copy any more, by reason", tally.dropped),
                ("Notes", f"what the manifest notes of {thing}s", tally.notes),
            )
            if counts and (counts is not tally.reasons or tally.statuses["failed"] > _FEW_FAILURES)
        ],
        "spec": expanded(spec),
        "facts": _facts(record, spec),
    }


def _lead(tally: Tally, thing: str) -> str:
    """Say in a sentence what it is."""
    sources = tally.before.total()
    kinds = [f"{tally.statuses[one]:,} {_SAID[one]}" for one in DATA if tally.statuses[one]]
    parts = [f"{counted(tally.data, thing)}", f" of {counted(sources, 'source')}"]
    return f"{''.join(parts)}: {', '.join(kinds)}." if kinds else f"Nothing was made of {counted(sources, 'source')}."


def _looked_at(source: Path | None, things: str) -> str:
    """Say where warnings were looked for, and where not."""
    if source is None:
        seen = "Looked at: the spec, the names of classes and the manifest. Not looked at: the sources."
        return f"{seen} --source IN looks at their names, augcli check SPEC IN opens them."
    seen = "Looked at: the spec, the names of the sources and the manifest."
    return f"{seen} Not looked at: what the {things} of IN show. augcli check SPEC IN opens them."


def _tiles(tally: Tally, thing: str) -> list[tuple[str, str]]:
    """Return the numbers on top, each with what it counts."""
    classes = {label for _, label in tally.before if label}
    failed = tally.statuses["failed"]
    tiles = [
        (f"{tally.before.total():,}", "source" if tally.before.total() == 1 else "sources"),
        (f"{tally.data:,}", thing if tally.data == 1 else f"{thing}s"),
        (f"{len(classes):,}", "class" if len(classes) == 1 else "classes"),
        (f"{tally.objects:,}", "objects in copies"),
        (told.size_in_words(tally.bytes), "in all files"),
        (f"{failed:,}", "failed"),
    ]
    return [tile for tile in tiles if tile[1] not in _IF_ANY or tile[0] != "0"]


_IF_ANY = ("classes", "objects in copies")


def _facts(record: Mapping[str, Any], spec: Spec) -> list[tuple[str, str]]:
    """Return what the record of the run says, by name."""
    sources = ", ".join(f"{number:,} {role}" for role, number in record.get("sources", {}).items())
    counts = ", ".join(f"{number:,} {status}" for status, number in record.get("counts", {}).items())
    facts = {
        "hash of the spec": str(record["spec_key"]),
        "seed": str(spec.seed),
        "copies": flow(record["spec"].get("copies")),
        "sources": sources,
        "rows": counts,
        "augcli": str(record.get("augcli", "")),
        **{name: str(value) for name, value in record["versions"].items() if name not in ("bytes", "cpu")},
        "version of the bytes": str(record["versions"].get("bytes", "")),
        "processor": str(record["versions"].get("cpu", "")).replace("*", ""),
        "format of the output": str(record.get("format", "")),
    }
    return [(name, printable(value)) for name, value in facts.items() if value]
