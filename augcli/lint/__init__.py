"""The pitfalls of augmentation as checks: specs that are valid and yet hardly what their author wants.

A rule is a function that yields a problem for each pitfall it finds; its name, with hyphens, is the rule's, and its
docstring says why it matters. Nothing here stops a run.

May import `engine`, `modality`, `plan`, `labels`, `output`, `spec`, `dataset`, `text`, `image`, `settings`, `storage`,
`problems`.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from pathlib import Path

from augcli.dataset.listing import Listing
from augcli.lint.naming import called, found_by
from augcli.lint.outputs import OUTPUT_RULES, Outputs, emptied, failed_class
from augcli.problems import Problem
from augcli.spec.spec import Spec


def warnings(spec: Spec, root: Path | None = None, listing: Listing | None = None) -> list[Problem]:
    """Return what is doubtful about a spec; with a folder and its listing, about the two together.

    Of a folder every image or text is read.
    """
    if root is None or listing is None:
        return quick_warnings(spec, None, None)
    if spec.kind == "text":  # the rules of each kind load much that the other does not need
        from augcli.lint.of_texts import warnings_of_texts
        from augcli.lint.text_folder import Texts

        return warnings_of_texts(Texts(spec, root, listing))
    from augcli.lint.folder import Images
    from augcli.lint.of_images import warnings_of_images

    return warnings_of_images(Images(spec, root, listing))


def quick_warnings(spec: Spec, root: Path | None, listing: Listing | None) -> list[Problem]:
    """Return what is doubtful as far as it is seen without opening an image, or reading a text."""
    if spec.kind == "text":
        from augcli.lint import of_texts

        return of_texts.quick_warnings(spec, root, listing)
    from augcli.lint import quick

    return quick.quick_warnings(spec, root, listing)


def output_warnings(outputs: Outputs) -> list[Problem]:
    """Return what is doubtful about what a run has made."""
    return list(found_by(OUTPUT_RULES, outputs))


def shard_warnings(out: Path, failed: Mapping[tuple[str, str], int], made: Set[tuple[str, str]]) -> list[Problem]:
    """Return what only the shards together show to be doubtful."""
    return [called(failed_class, found) for found in emptied(out, failed, made)]
