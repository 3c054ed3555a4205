"""What a spec asks of a set with labels that would spoil them: it is refused before anything is written."""

from __future__ import annotations

from pathlib import Path

from augcli.dataset.listing import Listing
from augcli.labels.doubts import unknown_pairs
from augcli.problems import Problem, Refused, named
from augcli.spec.pipeline import happening, leaves
from augcli.spec.spec import Spec

MIRRORING = ("horizontal_flip", "vertical_flip")


def refuse_spoilt_labels(spec: Spec, root: Path, listing: Listing) -> None:
    """Raise `Refused` where a run would guess at labels, or leave out what is on the pictures."""
    refuse_unknown_pairs(spec, root, listing)
    for source in listing.sources if spec.mixes else ():
        several = next((label.path for label in source.labels if "#" in label.slot and not label.is_shared), None)
        if several and spec.treatment(source.role) == "augment":
            mixing = next(step.name for step in leaves(spec.pipeline) if step.transform.mixes)
            what = f"`{mixing}` brings in objects of other images, and masks with a file for each object, such as"
            help = f"leave `{mixing}` out"
            raise Refused(Problem(f"{root}: {what} `{several}`, have no place for them", help))


def refuse_unknown_pairs(spec: Spec, root: Path, listing: Listing) -> None:
    """Raise `Refused` where a step mirrors keypoints and it is not known which are left and right of each other."""
    roles = {source.role for source in listing.sources if source.labels}
    steps = [step for role in sorted(roles) for step in happening(spec.steps_of(role))]
    mirroring = next((s for s in steps if s.transform.name() in MIRRORING), None)
    if mirroring is not None and (classes := unknown_pairs(listing.sets, spec.labels)):
        what = f"`{mirroring.name}` exchanges left and right keypoints of {named(classes)}, which nothing tells apart"
        help = f"write labels: {{flip_pairs: [[1, 2], ...]}}, `[]` if there are none, or leave `{mirroring.name}` out"
        raise Refused(Problem(f"{root}: {what}", help))
