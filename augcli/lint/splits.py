"""Pitfalls of splits that the spec asks for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from augcli.dataset.listing import Listing
from augcli.plan.splitting import groups
from augcli.problems import Problem, counted, such_as
from augcli.spec.spec import Spec


def ungrouped(spec: Spec, root: Path, listing: Listing) -> Iterator[Problem]:
    """What nothing groups is a group by itself, and its siblings may lie on the other side."""
    if not spec.split.is_on or spec.split.group_by is None:
        return
    group_of = groups(spec.split, root)
    number, some = 0, ""
    groups_of: dict[str, set[str]] = defaultdict(set)
    for source in listing.sources:
        group = group_of(source)
        if group is None:
            number, some = number + 1, some or source.path
        else:
            groups_of[source.label].add(group)
    if number:
        what = f"{root}: `group_by` finds no group of {counted(number, spec.kind)}{such_as(number, some)}"
        yield Problem(f"{what}; each is a group by itself", "correct `group_by`, or leave it out")
    if len(groups_of) > 1 and not number and all(len(own) == 1 for own in groups_of.values()):
        what = f"{root}: `group_by` keeps each class together as a whole"
        yield Problem(what, "group by what is smaller than a class, such as a deeper folder")


def empty_split(spec: Spec, root: Path, listing: Listing) -> Iterator[Problem]:
    """Of few groups none may fall into a small share."""
    if not spec.split.is_on:
        return
    roles = {source.role for source in listing.sources}
    for role, share in (("val", spec.split.val), ("test", spec.split.test)):
        if share and role not in roles:
            help = "write a larger share, another `seed` in `split`, or stratify: true"
            if spec.split.stratify:
                help = "get more of them: each split takes a group, and one is left to train on"
            yield Problem(f"{root}: none of the {counted(len(listing.sources), spec.kind)} falls into `{role}`", help)
