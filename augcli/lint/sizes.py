"""Pitfalls of the sizes that images come out in: training code stacks images into batches, which must be of one size.

What a pipeline makes of a size is asked of the pipeline: recipes are drawn as a run draws them, and no pixel is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, product

from augcli.dataset.sources import Source
from augcli.image.arrays import Size
from augcli.lint.folder import Images
from augcli.problems import Problem, Unusable

TRIED = 400
"""Recipes: some two tenths of a second."""


def different_sizes(images: Images) -> Iterator[Problem]:
    """Images of different sizes cannot be stacked into a batch: loaders fail, or need a resize of their own."""
    spec = images.spec
    # The loaders of sets with boxes or masks have one, which brings the labels along.
    if images.has_labels or len(_sizes(images, "train")) < 2:
        return
    what = f"{images.root}: images of `train` come out in different sizes ({_some(_sizes(images, 'train'))})"
    help = "put `- random_resized_crop: {size: 224}` into the pipeline, as augcli init --size 224 has it"
    treatment = spec.treatment("train")
    if treatment == "augment" and spec.include_originals and len(_made(images, "train")) == 1:
        help = "write include_originals: false"
    elif treatment != "augment":
        help = _fitted("train", Size(224, 224))
    yield Problem(f"{what}; what stacks them into batches fails", help)


def unlike_training(images: Images) -> Iterator[Problem]:
    """A model that is trained at one size is measured at another, or its loader fails."""
    trained = {} if images.has_labels else _sizes(images, "train")
    if len(trained) != 1:
        return
    (size,) = trained
    for role in ("val", "test"):
        found = _sizes(images, role)
        if found and found != trained:
            way = "is copied in its own sizes" if images.spec.treatment(role) == "copy" else "comes out otherwise"
            what = f"`train` ends at {_shown(size)}, but `{role}` {way} ({_some(found)})"
            yield Problem(f"{images.root}: {what}", _fitted(role, size))


def _fitted(role: str, size: Size) -> str:
    """Write steps that bring images of any size to this one."""
    width, height = size
    whole = f"{width}" if width == height else f"[{height}, {width}]"
    steps = f"{{resize: {{size: {round(max(size) * 8 / 7)}}}}}, {{center_crop: {{size: {whole}}}}}"
    return f"write splits: {{{role}: [{steps}]}}"


def _sizes(images: Images, role: str) -> dict[Size, None]:
    """Return the sizes of all files that a role's sources become, in the order in which they are met."""
    treatment = images.spec.treatment(role)
    if treatment == "skip":
        return {}
    found = {} if treatment == "copy" else _made(images, role)
    if treatment == "copy" or (treatment == "augment" and images.spec.include_originals):
        for source in images.of(role):
            header = images.headers[source.path]
            # Copied bytes keep an orientation that loaders do not apply.
            turned = header.orientation >= 5 and header.format != "tiff"
            found[Size(*header.size[::-1]) if turned else header.size] = None
    return found


def _made(images: Images, role: str) -> dict[Size, None]:
    """Return the sizes that a role's pipeline makes, tried with sources of as many sizes as there are."""
    from augcli.image.ops import size_after
    from augcli.plan.recipes import recipe

    spec = images.spec
    first: dict[Size, Source] = {}
    for source in images.of(role):
        first.setdefault(images.headers[source.path].size, source)
    sources = list(dict.fromkeys([*first.values(), *images.of(role)]))
    is_augmented = spec.treatment(role) == "augment"
    copies = range(spec.usual_copies) if is_augmented else (None,)
    branches = spec.branches if is_augmented else ("",)
    found: dict[Size, None] = {}
    for copy, source, branch in islice(product(copies, sources, branches), TRIED):
        size = images.headers[source.path].size
        try:
            for op in recipe(spec, source, copy, size, branch=branch).ops:
                size = size_after(op, size)
        except Unusable:
            continue
        found[size] = None
    return found


def _some(sizes: dict[Size, None]) -> str:
    shown = ", ".join(map(_shown, islice(sizes, 3)))
    return f"{shown} and {len(sizes) - 3} more" if len(sizes) > 3 else shown


def _shown(size: Size) -> str:
    return f"{size.width}x{size.height}"


SIZE_RULES = (different_sizes, unlike_training)
