"""`augcli preview`: a contact sheet of some sources and their copies, or of each step by itself."""

from __future__ import annotations

from pathlib import Path

from augcli.commands.preview import copies, steps
from augcli.commands.preview.copies import MOST_COPIES, refuse_to_replace, save
from augcli.plan.request import Options, look_into
from augcli.problems import Problem, Refused, printable, say
from augcli.spec.spec import Spec


def draw(
    spec: Spec, root: Path, grid: Path, rows: int, by_steps: bool, follow_links: bool, with_labels: bool = True
) -> int:
    """Draw the contact sheet of a spec and an image folder into the PNG file `grid`, and say how large it is."""
    if grid.suffix.lower() != ".png":
        raise Refused(Problem(f"{grid}: a preview is a PNG", f"write {grid.with_suffix('.png')}"))
    refuse_to_replace(grid)
    options = Options(follow_links=follow_links, allow_augmented_input=True)
    listing = look_into(spec, root, grid, options)
    sources = [source for source in listing.sources if spec.treatment(source.role) == "augment"]
    if not sources:
        raise Refused(Problem(f"{root}: no split of it is augmented", "set `splits: {train: augment}`"))
    drawn = (
        steps.sheet(spec, root, sources, listing.sets)
        if by_steps
        else copies.sheet(spec, root, sources, listing.sets, rows, with_labels)
    )
    save(drawn, grid)
    cut = not by_steps and spec.copies > MOST_COPIES
    more = f", the first {MOST_COPIES} of {spec.copies} copies of each source" if cut else ""
    say(printable(f"{grid}: {drawn.width}x{drawn.height}{more}"))
    return 0
