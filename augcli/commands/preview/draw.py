"""`augcli preview`: a contact sheet of some sources and their copies, or of each step by itself."""

from __future__ import annotations

from pathlib import Path

from augcli.commands.preview import copies, steps
from augcli.commands.preview.choice import augmented, refuse_to_replace, said_of_copies, save
from augcli.plan.request import Options, look_into
from augcli.problems import Problem, Refused, printable, say
from augcli.spec.spec import Spec


def draw(
    spec: Spec, root: Path, grid: Path, rows: int, by_steps: bool, follow_links: bool, with_labels: bool = True
) -> int:
    """Draw the contact sheet of a spec and an image folder into the PNG file `grid`, and say how large it is."""
    if grid.suffix.lower() != ".png":
        raise Refused(Problem(f"{grid}: a preview of images is a PNG", f"write {grid.with_suffix('.png')}"))
    refuse_to_replace(grid, copies.is_ours)
    options = Options(follow_links=follow_links, allow_augmented_input=True)
    listing = look_into(spec, root, grid, options)
    sources = augmented(spec, root, listing)
    drawn = (
        steps.sheet(spec, root, sources, listing.sets)
        if by_steps
        else copies.sheet(spec, root, sources, listing, rows, with_labels)
    )
    save(copies.as_png(drawn), grid)
    more = "" if by_steps else said_of_copies(spec)
    say(printable(f"{grid}: {drawn.width}x{drawn.height}{', ' if more else ''}{more}"))
    return 0
