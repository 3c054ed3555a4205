"""A job: all that each worker of a run must know, sent once when it starts; chunks follow one by one."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from augcli.dataset.sources import LabelSet, Source
from augcli.engine.chunks import Chunk
from augcli.modality import Maker, Modality
from augcli.plan.request import Request
from augcli.spec.spec import Spec
from augcli.storage import places

R_co = TypeVar("R_co", covariant=True)


class Task(Protocol[R_co]):
    """What is done with each chunk of a job: a frozen value that knows its own options.

    A task returns what came of the chunk. It never prints, and raises for no source that cannot be used, but OSError
    where IN or OUT itself fails.
    """

    def __call__(self, job: Job[Any], maker: Maker, chunk: Chunk) -> R_co: ...


@dataclass(frozen=True)
class Job(Generic[R_co]):
    """A task, the spec, and IN, whose sources are of some kind of data.

    Sources of `mixable` may be mixed with one another; `sets` are the files of labels that many share. Those whose
    paths are `crashing` are known to end the process that opens them, and are no partners; the file `under_way`, if
    one is named, gets the path of the partner that is being opened, so that it can be blamed. With `adds` sources add
    to files that are joined in the end. With `profile` workers tell how long each stage of the work takes.
    """

    task: Task[R_co]
    modality: Modality
    spec: Spec
    root: str
    mixable: Sequence[Source] = ()
    sets: Sequence[LabelSet] = ()
    adds: bool = False
    profile: bool = False
    crashing: frozenset[str] = frozenset()
    under_way: str = ""
    fence: str = ""
    """A file that is there as long as the run is under way: workers that outlive its driver write nothing more."""

    def refuse_if_over(self) -> None:
        """Raise OSError where the run is over, or another has taken its OUT."""
        if self.fence and not places.anything(self.fence):
            raise OSError(errno.ESTALE, "its run is over", self.fence)

    def maker(self) -> Maker:
        """Return what makes the outputs of this job in one process."""
        return self.modality.maker(self.spec, self.root, self.mixable, self.sets, self.crashing, self.under_way)


class Done(NamedTuple, Generic[R_co]):
    """A chunk that is done: what its task returned, and what it took.

    `peak` is the most memory that its process has had so far, in bytes; `stages` has seconds, for a profile.
    """

    number: int
    result: R_co
    seconds: float
    peak: int
    stages: dict[str, float]


def job_of(task: Task[R_co], modality: Modality, request: Request, profile: bool = False) -> Job[R_co]:
    """Return the job of doing something with all that is asked for."""
    spec = request.spec
    listing = request.listing
    sets, adds = request.joined_sets, any(template.sections for template in request.templates)
    mixed: Sequence[Source] = ()
    if spec.mixes:
        from augcli.plan.partners import mixable  # loads codecs, which texts do not need

        mixed = mixable(spec, listing.sources)
    return Job(task, modality, spec, str(request.root), mixed, sets, adds, profile)
