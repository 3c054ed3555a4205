"""Labels on their way through the ops that the pixels go through, once, and what is left of them at the end."""

from __future__ import annotations

from collections.abc import Sequence

from augcli.image.ops import Op
from augcli.labels.annotation import Annotation
from augcli.spec.spec import Labels


class Tracks:
    """The labels of a picture on their way: whole shapes, and what is still to be seen of them."""

    def __init__(self, annotation: Annotation) -> None:
        self.annotation = annotation

    def through(self, ops: Sequence[Op], others: Sequence[Tracks] = (), weights: Sequence[float] = ()) -> Tracks:
        """Return them behind ops; `others` are those of the pictures that a Blend among them mixes in, in their order.

        `weights` are the shares of the picture and of the others in the mix.
        """
        raise NotImplementedError

    def kept(self, settings: Labels) -> Annotation:
        """Return what is left, in the coordinates of the picture that has come of it."""
        raise NotImplementedError
