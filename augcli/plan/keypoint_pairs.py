"""Left and right keypoints, which a mirrored picture exchanges: a run does not guess which they are."""

from __future__ import annotations

from pathlib import Path

from augcli.dataset.listing import Listing
from augcli.labels.doubts import unknown_pairs
from augcli.problems import Problem, Refused, named
from augcli.spec.pipeline import happening
from augcli.spec.spec import Spec

MIRRORING = ("horizontal_flip", "vertical_flip")


def refuse_unknown_pairs(spec: Spec, root: Path, listing: Listing) -> None:
    """Raise `Refused` where a step mirrors keypoints and it is not known which are left and right of each other."""
    roles = {source.role for source in listing.sources if source.labels}
    steps = [step for role in sorted(roles) for step in happening(spec.steps_of(role))]
    mirroring = next((s for s in steps if s.transform.name() in MIRRORING), None)
    if mirroring is not None and (classes := unknown_pairs(listing.sets, spec.labels)):
        what = f"`{mirroring.name}` exchanges left and right keypoints of {named(classes)}, which nothing tells apart"
        help = f"write labels: {{flip_pairs: [[1, 2], ...]}}, `[]` if there are none, or leave `{mirroring.name}` out"
        raise Refused(Problem(f"{root}: {what}", help))
